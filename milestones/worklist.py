"""Which milestones ask their owner for a word today, and in which order: the rule behind "My updates".

First those that slipped, then those due within 60 days or with a date that moved or is asked to move, soonest first.
Left for later: what is on hold, and what was confirmed within a week, since a check is weekly at the most. A slipped
milestone is left for later only while a leader has yet to answer its owner's request for a new date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, Count, Exists, IntegerField, Min, OuterRef, Q, QuerySet, Value, When

from milestones.models import ActionStep, CheckIn, DateMove, Milestone, StepOwner
from milestones.slip import slipped_q
from milestones.status import MOVES_WINDOW_DAYS
from stakeholders.models import District, Person, Role

CARDS_FIRST = 5
SOON_DAYS = 60
CHECK_AGAIN_DAYS = 7
SLIPPED, SOON, LATER = range(3)


@dataclass(frozen=True)
class Hat:
    """A role that the visitor holds, and how many checks it asks for now."""

    role: Role
    leads: bool
    checks: int


@dataclass(frozen=True)
class Counts:
    """How much there is to do: checks asked for now, all open milestones, and the day on which more will ask."""

    checks: int
    all: int
    next_check: date | None


def owed(roles: Iterable[Role], *, today: date) -> QuerySet[Milestone]:
    """Return the open milestones that `roles` lead or help with, in order of need, with their word and `need`."""
    moves = DateMove.objects.filter(milestone=OuterRef("pk"))
    lately = today - timedelta(days=MOVES_WINDOW_DAYS)
    return (
        Milestone.objects.live()
        .open()
        .owned_by(roles)
        .with_word(today=today)
        .annotate(
            asked=Exists(moves.asked()),
            moved=Exists(moves.agreed().filter(decided_on__gt=lately)),
        )
        .annotate(need=_need(today))
        .select_related("step")
        .order_by("need", "due", "pk")
    )


def _need(today: date) -> Case:
    fresh = Q(confirmed_on__isnull=False, confirmed_on__gt=today - timedelta(days=CHECK_AGAIN_DAYS))
    return Case(
        When(paused_until__gte=today, then=Value(LATER)),
        When(slipped_q(today) & ~Q(fresh, asked=True), then=Value(SLIPPED)),
        When(fresh, then=Value(LATER)),
        When(_comes_up(today), then=Value(SOON)),
        default=Value(LATER),
        output_field=IntegerField(),
    )


def _comes_up(today: date) -> Q:
    """Each part says that a column is filled, so that the whole can be negated: NULL would swallow it."""
    expected_late = Q(late_by__isnull=False, late_by__gt=0)
    return Q(due__lte=today + timedelta(days=SOON_DAYS)) | Q(asked=True) | Q(moved=True) | expected_late


def count(milestones: QuerySet[Milestone], *, today: date) -> Counts:
    """Count the milestones of `owed`. The next check is when a date comes within reach or a week is over."""
    waits = Q(need=LATER) & (Q(paused_until__isnull=True) | Q(paused_until__lt=today))
    found = milestones.order_by().aggregate(
        checks=Count("pk", filter=~Q(need=LATER)),
        all=Count("pk"),
        first_due=Min("due", filter=waits & ~_comes_up(today)),
        first_word=Min("confirmed_on", filter=waits & _comes_up(today)),
    )
    days = []
    if found["first_due"]:
        days.append(found["first_due"] - timedelta(days=SOON_DAYS))
    if found["first_word"]:
        days.append(found["first_word"] + timedelta(days=CHECK_AGAIN_DAYS))
    return Counts(found["checks"], found["all"], min(days, default=None))


def hats(roles: Iterable[Role], milestones: QuerySet[Milestone]) -> list[Hat]:
    """Return each of `roles` that owns work, with the checks it asks for; `milestones` are those of `owed`."""
    asking = milestones.order_by().exclude(need=LATER).values("pk")
    rows = (
        StepOwner.objects.filter(role__in=roles, step__archived_on__isnull=True)
        .order_by()
        .values("role")
        .annotate(checks=Count("step__milestones", filter=Q(step__milestones__in=asking)))
        .annotate(leads=Count("pk", filter=Q(part=StepOwner.Part.LEAD)))
    )
    by_role = {role.pk: role for role in roles}
    found = [Hat(by_role[r["role"]], bool(r["leads"]), r["checks"]) for r in rows]
    return sorted(found, key=lambda hat: (not hat.leads, hat.role.title))


def said_today(district: District, person: Person, *, today: date) -> QuerySet[CheckIn]:
    """Return what `person` has said today and not undone, latest first."""
    return (
        CheckIn.objects.in_district(district)
        .standing()
        .filter(by=person, on=today, milestone__archived_on__isnull=True)
        .select_related("move")
        .order_by("-pk")
    )


def ongoing(roles: Iterable[Role]) -> QuerySet[ActionStep]:
    """Return the steps without an end that `roles` own, those with the nearest review first."""
    return (
        ActionStep.objects.live()
        .owned_by(roles)
        .filter(kind=ActionStep.Kind.ONGOING)
        .select_related("initiative")
        .order_by(Case(When(review_on__isnull=True, then=Value(1)), default=Value(0)), "review_on", "pk")
    )
