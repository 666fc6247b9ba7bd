from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from stakeholders.editing import Versioned, lock
from stakeholders.models.person import Person
from stakeholders.scoping import DistrictQuerySet, DistrictRow


class DayKind(models.TextChoices):
    """What the school calendar says of some days. The value names the mark in the style sheet."""

    BREAK = "break", _("Break")
    DAY_OFF = "day-off", _("Day off")
    TESTING = "testing", _("Testing")
    STAFF = "staff", _("Staff day")
    OTHER = "other", _("Another day to know of")


# On these nobody is asked how things go, so a check-in does not grow older.
OFF = (DayKind.BREAK, DayKind.DAY_OFF)


class CalendarImport(DistrictRow):
    """A calendar file, or pasted lines, that was read: which days stand in it, and whether they were taken over.

    `events` holds what was read: first and last day, title, and the kind that the title suggests ("" for none). Nothing
    else of a file is kept: no descriptions, places or guests.
    """

    file_name = models.CharField(_("file"), max_length=200)
    events = models.JSONField(default=list, editable=False)
    left_out = models.JSONField(default=dict, editable=False)  # how many were not even offered, by reason
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True, editable=False)
    applied_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True) | models.Q(applied_at__isnull=False),
                name="calendar_import_undone_was_applied",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def claim(self, fact: str, *, by: Person, now: datetime) -> bool:
        """Mark as "applied" or "undone", once: of two who press the button at the same moment one gets True."""
        rows = CalendarImport.objects.in_district(self.district_id).filter(
            pk=self.pk, **{f"{fact}_at__isnull": True}
        )
        return rows.update(**{f"{fact}_at": now, f"{fact}_by": by}) == 1


class CalendarQuerySet(DistrictQuerySet):
    def live(self) -> Self:
        """Leave out what was removed."""
        return self.filter(archived_on__isnull=True)

    def of_days(self, first: date, last: date) -> Self:
        """Keep entries with a day from `first` to `last`."""
        return self.filter(first_day__lte=last, last_day__gte=first)


class CalendarEntry(Versioned, DistrictRow):
    """Some days of the school calendar, the first and the last included: a break, a testing week, a day off."""

    kind = models.CharField(_("kind"), max_length=10, choices=DayKind)
    title = models.CharField(_("title"), max_length=200)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    came_with = models.ForeignKey(
        CalendarImport, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="made"
    )
    archived_on = models.DateField(null=True, blank=True, editable=False)

    history = HistoricalRecords()
    objects = CalendarQuerySet.as_manager()

    class Meta:
        ordering = ["first_day", "last_day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=DayKind.values), name="calendar_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="calendar_days_are_in_order"
            ),
            models.UniqueConstraint(
                "district",
                "first_day",
                "last_day",
                Lower("title"),
                condition=models.Q(archived_on__isnull=True),
                name="calendar_entry_once",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @transaction.atomic
    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        DayOff.write(self.district_id)

    @transaction.atomic
    def archive(self, *, by: Person, today: date) -> None:
        """Remove it from the calendar; it can be brought back."""
        if self.archived_on is None:
            self._put_away(today, by=by)

    @transaction.atomic
    def bring_back(self, *, by: Person) -> bool:
        """Put it back; False when the calendar has the same days under the same title again."""
        lock(self.district)
        if self.twins().exists():
            return False
        if self.archived_on is not None:
            self._put_away(None, by=by)
        return True

    def _put_away(self, on: date | None, *, by: Person) -> None:
        self.archived_on = on
        self._history_user = by
        self.save(update_fields=["archived_on"])

    def twins(self) -> models.QuerySet:
        """Return other live entries of the same days under the same title."""
        same = CalendarEntry.objects.in_district(self.district_id).live().exclude(pk=self.pk)
        return same.filter(first_day=self.first_day, last_day=self.last_day, title__iexact=self.title)

    @property
    def days(self) -> Iterable[date]:
        """The days, one after the other."""
        for n in range((self.last_day - self.first_day).days + 1):
            yield self.first_day + timedelta(days=n)


class DayOff(DistrictRow):
    """A day on which nobody is asked: the index of the calendar by day, however many entries cover it.

    Written anew, in the same transaction, whenever an entry changes. The database counts these rows, where counting the
    days of entries that overlap would take a page too long.
    """

    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint("district", "day", name="day_off_once")]

    def __str__(self) -> str:
        return f"{self.day}"

    @classmethod
    def write(cls, district_id: int) -> None:
        """Make the rows of a district say what its calendar says. Called inside the transaction of the change."""
        from stakeholders.models.district import District

        lock(District(pk=district_id))
        entries = CalendarEntry.objects.in_district(district_id).live().filter(kind__in=OFF)
        wanted = {day for entry in entries for day in entry.days}
        rows = cls.objects.in_district(district_id)
        there = set(rows.values_list("day", flat=True))
        if gone := there - wanted:
            rows.filter(day__in=gone).delete()
        cls.objects.bulk_create(cls(district_id=district_id, day=day) for day in sorted(wanted - there))
