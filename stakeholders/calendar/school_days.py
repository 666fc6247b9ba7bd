"""Which days are school days here, in hand and as a query.

Days off (breaks and days off, weekends apart) do not age a check-in: whoever is away cannot be asked. They move no due date.
A property test holds `days_off` and its query twin together.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Self

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from stakeholders.models import District
from stakeholders.models.school_calendar import OFF, CalendarEntry, DayOff


class SchoolCalendar:
    """The calendar of one district, fetched in one query."""

    def __init__(self, entries: Iterable[CalendarEntry] = ()):
        self.entries = sorted(entries, key=lambda e: (e.first_day, e.last_day))
        self._off = sorted({day for e in self.entries if e.kind in OFF for day in e.days})

    @classmethod
    def of(cls, district: District) -> Self:
        return cls(CalendarEntry.objects.in_district(district).live())

    def days_off(self, after: date, until: date) -> int:
        """Return how many days off there are after the day `after`, up to and including `until`."""
        return max(0, bisect_right(self._off, until) - bisect_right(self._off, after))

    def days_counted(self, after: date, until: date) -> int:
        """Return the days from `after` to `until`, days off left out: the age of what was said on `after`."""
        return (until - after).days - self.days_off(after, until)

    def day_of_age(self, after: date, age: int) -> date:
        """Return the first day on which what was said on `after` is `age` days old."""
        day = after + timedelta(days=age)
        while self.days_counted(after, day) < age:
            day += timedelta(days=age - self.days_counted(after, day))
        return day

    def on(self, day: date) -> list[CalendarEntry]:
        """Return the entries that cover `day`."""
        return [e for e in self.entries if e.first_day <= day <= e.last_day]

    def within(self, first: date, last: date) -> list[CalendarEntry]:
        """Return the entries with a day from `first` to `last`."""
        return [e for e in self.entries if e.first_day <= last and e.last_day >= first]


def days_off_since(column: str, *, today: date) -> Coalesce:
    """Return, as a query, the days off after the day in `column` of a district's row, up to and including `today`."""
    rows = DayOff.objects.filter(district=OuterRef("district_id"), day__gt=OuterRef(column), day__lte=today)
    counted = rows.order_by().values("district").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
