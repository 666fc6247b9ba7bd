"""The word that a milestone shows: the first line of the table below that holds.

Complete              done
Dropped / Paused      withdrawn / paused with a review date still to come
Slipped               the slip rule (slip.py)
Blocked               an open blocking factor stops it
Off track             its owner says so, or expects it more than 28 days after due
At risk               its owner says so; or expected after due; or a factor slows it; or moved twice in 90 days;
                      or due in 30 days and the owner is not sure
No recent update      nobody has confirmed it for 1.5 x its check-in interval, its owner was told so (a sent notice),
                      and the days of grace are over; covers On track only.
                      Days off in the school calendar do not count
On track              confirmed by an owner, nothing above
Not started           its step starts later
Awaiting first check-in   started, not confirmed yet, nobody asked yet

The table stands here twice, for one milestone in hand (`word_for`) and as a query (`word_case`); a property test
holds the two together. Words are computed, never stored. Source of the numbers: the design's section 5.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.db.models import Case, DateField, F, Func, IntegerField, Q, Value, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

from milestones.models.checkin import HowSure, Says
from milestones.slip import has_slipped, slipped_q
from stakeholders.calendar.school_days import days_off_since

OFF_TRACK_DAYS = 28  # expected this many days after due is more than "at risk"
MOVES_WINDOW_DAYS = 90
MOVES_MANY = 2
SOON_DAYS = 30
GRACE_DAYS = 7


class Word(models.TextChoices):
    """Every word that a milestone can show, with its label. The value names the pill's class in the style sheet."""

    COMPLETE = "complete", _("Complete")
    DROPPED = "dropped", _("Dropped")
    PAUSED = "paused", _("Paused")
    SLIPPED = "slipped", _("Slipped")
    BLOCKED = "blocked", _("Blocked")
    OFF_TRACK = "off-track", _("Off track")
    AT_RISK = "at-risk", _("At risk")
    NO_RECENT_UPDATE = "no-recent-update", _("No recent update")
    ON_TRACK = "on-track", _("On track")
    NOT_STARTED = "not-started", _("Not started")
    AWAITING = "awaiting", _("Awaiting first check-in")


# Worst first: an initiative shows its worst live word.
WORST_FIRST = [
    Word.SLIPPED,
    Word.BLOCKED,
    Word.OFF_TRACK,
    Word.AT_RISK,
    Word.NO_RECENT_UPDATE,
    Word.AWAITING,
    Word.ON_TRACK,
    Word.NOT_STARTED,
    Word.PAUSED,
]
NEEDS_ATTENTION = frozenset({Word.SLIPPED, Word.BLOCKED, Word.OFF_TRACK, Word.AT_RISK})
CLOSED = frozenset({Word.COMPLETE, Word.DROPPED})
MEANING = {
    Word.COMPLETE: _("Done, with the day and the evidence."),
    Word.DROPPED: _("Taken out of the plan, with the reason."),
    Word.PAUSED: _("On hold until a day on which it is looked at again."),
    Word.SLIPPED: _("The day after its due date has come, and it is not done."),
    Word.BLOCKED: _("Something in the system stops it."),
    Word.OFF_TRACK: _("Its owner says so, or expects it more than four weeks after its due date."),
    Word.AT_RISK: _("Its owner says so, expects it late or is not sure; or its date moved twice in 90 days."),
    Word.NO_RECENT_UPDATE: _("Its owner was asked and has not said anything for a while."),
    Word.ON_TRACK: _("Its owner has confirmed it, and nothing speaks against it."),
    Word.NOT_STARTED: _("Its work starts later."),
    Word.AWAITING: _("It has started, and nobody has said yet how it goes."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the word of a milestone depends on. Dates are of the district's calendar."""

    due: date
    done_on: date | None = None
    dropped_on: date | None = None
    paused_until: date | None = None
    expected: date | None = None
    says: str = ""
    how_sure: str = ""
    confirmed_on: date | None = None
    starts_on: date | None = None
    check_in_days: int = 28
    moved_lately: bool = False  # its agreed date moved twice in 90 days
    stopped: bool = False  # an open blocking factor stops it
    slowed: bool = False  # an open blocking factor slows it
    told_on: date | None = None  # when its owner was told that nobody has confirmed it
    days_off: int = 0  # in the school calendar, since it was confirmed
    days_off_since_told: int = 0


# Those facts that the milestone's own row holds, under the same names.
OF_THE_ROW = (
    "due",
    "done_on",
    "dropped_on",
    "paused_until",
    "expected",
    "says",
    "how_sure",
    "confirmed_on",
)


def word_for(facts: Facts, *, today: date) -> Word:
    """Return the word for one milestone on the day `today`."""
    f = facts
    if f.done_on is not None:
        return Word.COMPLETE
    if f.dropped_on is not None:
        return Word.DROPPED
    if f.paused_until is not None and f.paused_until >= today:
        return Word.PAUSED
    if has_slipped(today, due=f.due, done_on=f.done_on, dropped_on=f.dropped_on, paused_until=f.paused_until):
        return Word.SLIPPED
    if f.stopped:
        return Word.BLOCKED
    late_by = (f.expected - f.due).days if f.expected else 0
    if f.says == Says.OFF_TRACK or late_by > OFF_TRACK_DAYS:
        return Word.OFF_TRACK
    unsure = f.how_sure == HowSure.NOT and (f.due - today).days <= SOON_DAYS
    if f.says == Says.AT_RISK or late_by > 0 or f.slowed or f.moved_lately or unsure:
        return Word.AT_RISK
    if f.confirmed_on is not None:
        return Word.NO_RECENT_UPDATE if _gone_quiet(f, f.confirmed_on, today) else Word.ON_TRACK
    if f.starts_on is not None and f.starts_on > today:
        return Word.NOT_STARTED
    return Word.AWAITING


def _gone_quiet(f: Facts, confirmed_on: date, today: date) -> bool:
    return (
        2 * ((today - confirmed_on).days - f.days_off) > 3 * f.check_in_days
        and f.told_on is not None
        and f.told_on > confirmed_on
        and (today - f.told_on).days - f.days_off_since_told > GRACE_DAYS
    )


class DaysBetween(Func):
    """Whole days from the second date to the first, on SQLite (which keeps dates as text) and on PostgreSQL."""

    output_field = IntegerField()
    arity = 2

    def as_sqlite(self, compiler, connection, **context):
        template = "CAST(julianday(%(expressions)s) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **context)

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" - ", **context)


def age_of(column: str, today: date) -> CombinedExpression:
    """Return, as a query, the days since the day in `column`, days off in the school calendar left out."""
    return DaysBetween(Cast(Value(today), DateField()), F(column)) - days_off_since(column, today=today)


def _grace_is_over(today: date) -> GreaterThan:
    return GreaterThan(age_of("told_on", today), GRACE_DAYS)


def word_case(today: date) -> Case:
    """Return the table as a query over the names that `MilestoneQuerySet.with_facts` gives."""
    return Case(
        When(done_on__isnull=False, then=Value(Word.COMPLETE)),
        When(dropped_on__isnull=False, then=Value(Word.DROPPED)),
        When(paused_until__gte=today, then=Value(Word.PAUSED)),
        When(slipped_q(today), then=Value(Word.SLIPPED)),
        When(stopped=True, then=Value(Word.BLOCKED)),
        When(Q(says=Says.OFF_TRACK) | Q(late_by__gt=OFF_TRACK_DAYS), then=Value(Word.OFF_TRACK)),
        When(
            Q(says=Says.AT_RISK)
            | Q(late_by__gt=0)
            | Q(slowed=True)
            | Q(moved_lately=True)
            | Q(how_sure=HowSure.NOT, due__lte=today + timedelta(days=SOON_DAYS)),
            then=Value(Word.AT_RISK),
        ),
        When(
            Q(
                _grace_is_over(today),
                confirmed_on__isnull=False,
                told_on__gt=F("confirmed_on"),
                told_on__lt=today - timedelta(days=GRACE_DAYS),
                twice_quiet_days__gt=F("step__check_in_days") * 3,
            ),
            then=Value(Word.NO_RECENT_UPDATE),
        ),
        When(confirmed_on__isnull=False, then=Value(Word.ON_TRACK)),
        When(step__starts_on__gt=today, then=Value(Word.NOT_STARTED)),
        default=Value(Word.AWAITING),
        output_field=models.CharField(),
    )


def disagree_q(today: date) -> Q:
    """Milestones whose owner says "on track" while the dates say otherwise: shown as both, never as one.

    Needs the annotations of `with_facts`; in words, `reasons.disagreement`.
    """
    still_open = Q(done_on__isnull=True, dropped_on__isnull=True)
    return still_open & (slipped_q(today) | Q(moved_lately=True)) & Q(says=Says.ON_TRACK)
