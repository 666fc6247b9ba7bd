"""The slip rule, in the one place where it is decided.

    A milestone has slipped on a day when that day is after its due date and it is not done, dropped or
    paused (paused: up to and including `paused_until`).

It is written twice, side by side: for one milestone in hand, and as a query. A table-driven test and a property
test prove that the two agree.
"""

from datetime import date, timedelta

from django.db.models import DateField, Func, Q


def has_slipped(
    today: date, *, due: date, done_on: date | None, dropped_on: date | None, paused_until: date | None
) -> bool:
    """Whether a milestone with these facts has slipped on the day `today`, a date of its district's calendar."""
    return (
        today > due
        and done_on is None
        and dropped_on is None
        and (paused_until is None or today > paused_until)
    )


def slipped_q(today: date, prefix: str = "") -> Q:
    """Return the same rule as a query; `prefix` leads to the milestone, as in "milestone__"."""
    return Q(
        Q(**{f"{prefix}paused_until__isnull": True}) | Q(**{f"{prefix}paused_until__lt": today}),
        **{
            f"{prefix}due__lt": today,
            f"{prefix}done_on__isnull": True,
            f"{prefix}dropped_on__isnull": True,
        },
    )


def slipped_on(due: date) -> date:
    """Return a slip's day: the day after the date that was missed, whenever anybody noticed."""
    return due + timedelta(days=1)


class DayAfter(Func):
    """The same as a query: the day after a date, on SQLite (which keeps dates as text) and on PostgreSQL."""

    output_field = DateField()
    arity = 1

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="date(%(expressions)s, '+1 day')", **context)

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="(%(expressions)s + 1)", **context)
