"""What the dashboard says: facts gathered in a fixed number of queries, however large the plan is.

Every number here can be opened as a list. Nothing is averaged, and the plan as a whole has no colour.
"""

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse

from milestones.models import ActionStep, CheckIn, DateMove, Milestone, Slip
from milestones.models.checkin import Reason, Says
from milestones.rollup import RollUp, roll_up
from milestones.status import NEEDS_ATTENTION, WORST_FIRST
from reports.charts import Event, Timeline, timeline
from stakeholders.models import District, Person, Role, Visit
from vision.models import Initiative, Plan

PAGE = "dashboard"
DAYS_AHEAD = 60
ON_TIMELINE = 18
ATTENTION_SHOWN = 6


@dataclass
class Row:
    """One initiative of the table."""

    initiative: Initiative
    roll_up: RollUp
    next: Milestone | None
    today: date

    @property
    def quiet_for(self) -> int | None:
        """Days from today to the last check-in, negative as `distance_words` wants them; None when there was none."""
        return (self.roll_up.confirmed_on - self.today).days if self.roll_up.confirmed_on else None

    @property
    def moved(self) -> int:
        return self.initiative.times_moved


@dataclass
class Since:
    """What happened since the visitor last looked on an earlier day; counts that open their lists."""

    day: date
    finished: int
    slipped: int
    moved: int

    @property
    def nothing(self) -> bool:
        return not (self.finished or self.slipped or self.moved)


@dataclass
class Dashboard:
    plan: Plan
    today: date
    rows: list[Row]
    attention: list[Milestone]
    ahead: list[Milestone]
    vacant: list[Role]
    timeline: Timeline
    since: Since | None = None

    def _total(self, name: str) -> int:
        return sum(getattr(row.roll_up, name) for row in self.rows)

    @property
    def done(self) -> int:
        return self._total("done")

    @property
    def total(self) -> int:
        return self._total("total")

    @property
    def open(self) -> int:
        return self._total("open")

    @property
    def confirmed(self) -> int:
        return self._total("confirmed_in_time")

    @property
    def disagreeing(self) -> int:
        return self._total("disagreeing")

    @property
    def due_soon(self) -> int:
        return self._total("due_soon")

    @property
    def in_trouble(self) -> int:
        """Initiatives that need attention."""
        return sum(row.roll_up.needs_attention for row in self.rows)

    @property
    def needing_attention(self) -> int:
        """Milestones that need attention."""
        return sum(row.roll_up.counts[word] for row in self.rows for word in NEEDS_ATTENTION)


def gather(plan: Plan, *, district: District, today: date, last_look: date | None) -> Dashboard:
    """Gather the dashboard of one plan for somebody who last looked on `last_look`: six queries at most."""
    rolled = roll_up(plan, today=today)
    upcoming = list(_upcoming(plan, today=today))
    by_initiative = {m.step.initiative_id: m for m in upcoming if m.next_rank == 1}
    ahead = sorted(
        (m for m in upcoming if m.due_rank <= ON_TIMELINE and _soon(m, today)), key=lambda m: (m.due, m.pk)
    )
    rows = [Row(i, rolled.get(i.pk) or RollUp(), by_initiative.get(i.pk), today) for i in _initiatives(plan)]
    attention = list(_attention(plan, today=today))
    for milestone in attention:
        milestone.waits_for_words = Reason(milestone.waits_for).label if milestone.waits_for else ""
    return Dashboard(
        plan=plan,
        today=today,
        rows=rows,
        attention=attention,
        ahead=ahead,
        vacant=list(_vacant(plan, today=today)),
        since=since(plan, last_look) if last_look else None,
        timeline=_timeline(ahead, slug=district.slug, today=today),
    )


def _initiatives(plan: Plan):
    moves = (
        DateMove.objects.agreed()
        .filter(milestone__step__initiative=OuterRef("pk"), milestone__archived_on__isnull=True)
        .order_by()
        .values("milestone__step__initiative")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return (
        Initiative.objects.live()
        .filter(goal__plan=plan, goal__archived_on__isnull=True)
        .annotate(times_moved=Coalesce(Subquery(moves), 0))
        .order_by("goal__position", "goal_id", "position", "pk")
    )


def _upcoming(plan: Plan, *, today: date):
    """The next open milestone of each initiative, and the first ones due in the days ahead of all."""
    due = (
        Milestone.objects.live()
        .in_plan(plan)
        .open()
        .filter(due__gte=today)
        .annotate(
            next_rank=Window(
                RowNumber(), partition_by=F("step__initiative_id"), order_by=[F("due"), F("pk")]
            ),
            due_rank=Window(RowNumber(), order_by=[F("due"), F("pk")]),
        )
    )
    return (
        due.filter(Q(next_rank=1) | Q(due_rank__lte=ON_TIMELINE))
        .select_related("step__initiative")
        .order_by("due", "pk")
    )


def _soon(milestone: Milestone, today: date) -> bool:
    return milestone.due <= today + timedelta(days=DAYS_AHEAD)


def _attention(plan: Plan, *, today: date):
    severity = Case(
        *[When(word=word, then=Value(n)) for n, word in enumerate(WORST_FIRST)], output_field=IntegerField()
    )
    last = CheckIn.objects.standing().filter(milestone=OuterRef("pk")).exclude(words="").order_by("-pk")
    return (
        Milestone.objects.live()
        .in_plan(plan)
        .open()
        .with_word(today=today)
        .filter(word__in=NEEDS_ATTENTION)
        .annotate(
            last_words=Subquery(last.values("words")[:1]),
            last_words_on=Subquery(last.values("on")[:1]),
            last_words_by=Subquery(last.values("role__title")[:1]),
            waits_for=Subquery(last.exclude(reason="").values("reason")[:1]),
        )
        .select_related("step__initiative")
        .order_by(severity, "due", "pk")[:ATTENTION_SHOWN]
    )


def _vacant(plan: Plan, *, today: date):
    """Roles that lead work of this plan and that nobody holds."""
    return (
        Role.objects.in_district(plan.district_id)
        .vacant(today=today)
        .filter(pk__in=ActionStep.objects.live().in_plan(plan).values("owner_rows__role"))
    )


def _timeline(ahead: Sequence[Milestone], *, slug: str, today: date) -> Timeline:
    events = [Event(m.due, m.name, url=reverse("milestone", args=[slug, m.pk])) for m in ahead]
    return timeline(events, today=today, days=DAYS_AHEAD)


def current_plan(district: District, person: Person, *, today: date) -> Plan | None:
    """Return the plan to open with, annotated with `looked_at`: when this person last looked before today."""
    day_began = datetime.combine(today, time.min, tzinfo=zoneinfo.ZoneInfo(district.time_zone))
    looked = (
        Visit.objects.in_district(district)
        .filter(person=person, page=PAGE, at__lt=day_began)
        .order_by("-at")
        .values("at")[:1]
    )
    return Plan.objects.in_district(district).annotate(looked_at=Subquery(looked)).current(today=today)


def since(plan: Plan, day: date) -> Since:
    """Count what happened in `plan` from `day` on: whole days, better a thing twice than a thing missed. One query."""
    counts = {kind: _count(rows) for kind, rows in happened(plan, day).items()}
    found = Plan.objects.filter(pk=plan.pk).values(**counts).get()
    return Since(day=day, **found)


def happened(plan: Plan, day: date) -> dict[str, QuerySet]:
    """Return what finished, slipped and moved in `plan` from `day` on: the same rows that the counts count."""
    there = {"milestone__step__initiative__goal__plan": plan, "milestone__archived_on__isnull": True}
    return {
        "finished": CheckIn.objects.standing().filter(says=Says.DONE, on__gte=day, **there),
        "slipped": Slip.objects.filter(slipped_on__gte=day, **there),
        "moved": DateMove.objects.agreed().filter(decided_on__gte=day, **there),
    }


def _count(rows: QuerySet) -> Coalesce:
    grouped = rows.order_by().values("district").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(grouped), 0)
