"""What the dashboard says: facts gathered in a fixed number of queries, however large the plan is.

Every number here can be opened as a list. Nothing is averaged, and the plan as a whole has no colour.
"""

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

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
from django.db.models.functions import Coalesce, DenseRank, RowNumber
from django.urls import reverse

from milestones.models import ActionStep, CheckIn, DateMove, Milestone, Slip, StepOwner
from milestones.models.checkin import Reason, Says
from milestones.models.queries import same_line
from milestones.prepared import Prepared
from milestones.rollup import SHOWN, RollUp, milestone_of, roll_up
from milestones.status import NEEDS_ATTENTION, WORST_FIRST
from reports.charts import Event, Stretch, Timeline, timeline
from stakeholders.calendar.school_days import SchoolCalendar
from stakeholders.models import Appointment, District, Person, Role, Visit
from stakeholders.models.school_calendar import OFF
from vision.models import Initiative, Plan

PAGE = "dashboard"
DAYS_AHEAD = 60
ON_TIMELINE = 18
ATTENTION_SHOWN = 6
SAID = ["last_words", "last_words_on", "last_words_by", "waits_for", "vacant_lead"]


@dataclass
class Row:
    """One initiative of the table."""

    initiative: dict[str, Any]  # pk, title, summary, moved
    roll_up: RollUp
    next: Milestone | None
    today: date

    @property
    def quiet_for(self) -> int | None:
        """Days from today to the last check-in, negative as `distance_words` wants them; None when there was none."""
        return (self.roll_up.confirmed_on - self.today).days if self.roll_up.confirmed_on else None


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
    vacant: list[dict[str, Any]]  # pk, title
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


def gather(
    plan: Plan, *, district: District, today: date, last_look: date | None, calendar: SchoolCalendar
) -> Dashboard:
    """Gather the dashboard of one plan for somebody who last looked on `last_look`: eight queries at most."""
    rolled = roll_up(plan, today=today)
    upcoming = [_line(row, district.slug) for row in _upcoming(plan=plan.pk, today=today)]
    by_initiative = {m.step.initiative_id: m for m in upcoming if m.next_rank == 1}
    ahead = [m for m in upcoming if m.due_rank <= ON_TIMELINE and m.due <= today + timedelta(days=DAYS_AHEAD)]
    lines = _initiatives(plan=plan.pk, today=today)
    return Dashboard(
        plan=plan,
        today=today,
        rows=[Row(i, rolled.get(i["pk"]) or RollUp(), by_initiative.get(i["pk"]), today) for i in lines],
        attention=_attention(plan.pk, today=today),
        ahead=ahead,
        vacant=_vacant(plan=plan.pk, district=district.pk, today=today),
        since=Since(day=last_look, **_since(plan=plan.pk, today=last_look)[0]) if last_look else None,
        timeline=_timeline(ahead, today=today, calendar=calendar),
    )


@Prepared
def _initiatives(*, plan: int, today: date) -> QuerySet:
    """Initiatives in the plan's order, with how often agreed dates of theirs moved."""
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
        .annotate(moved=Coalesce(Subquery(moves), 0))
        .order_by("goal__position", "goal_id", "position", "pk")
        .values("pk", "title", "summary", "moved")
    )


@Prepared
def _upcoming(*, plan: int, today: date) -> QuerySet:
    """The next open milestone of each initiative, and the first ones due in the days ahead of all.

    What many buildings reach on one day comes once, with how many of them there are.
    """
    order = [F("due").asc(), F("pk").asc()]
    together = [F("due"), *same_line()]
    due = (
        Milestone.objects.live()
        .in_plan(plan)
        .open()
        .filter(due__gte=today)
        .annotate(
            next_rank=Window(RowNumber(), partition_by=F("step__initiative_id"), order_by=order),
            due_rank=Window(DenseRank(), order_by=together),
            line_rank=Window(RowNumber(), partition_by=together, order_by=F("pk").asc()),
            line_size=Window(Count("pk"), partition_by=together),
            initiative_title=F("step__initiative__title"),
        )
    )
    first = due.filter(Q(next_rank=1) | Q(due_rank__lte=ON_TIMELINE), line_rank=1).order_by("due", "pk")
    return first.values(*SHOWN, "next_rank", "due_rank", "line_size", "line_rank", "initiative_title")


def _attention(plan: int, *, today: date) -> list[Milestone]:
    """Return the milestones that need attention, worst first, with what their owner said last: two queries.

    Those of one step and title in several buildings come once, the worst one, with how many of them there are.
    """
    lines: dict[tuple, list[int]] = {}
    for row in _in_trouble(plan=plan, today=today):
        key = (row["step"], row["title"]) if row["building"] else (row["pk"],)
        lines.setdefault(key, []).append(row["pk"])
    sizes = {pks[0]: len(pks) for pks in list(lines.values())[:ATTENTION_SHOWN]}
    if not sizes:
        return []
    nobody = [0] * (ATTENTION_SHOWN - len(sizes))
    ids = {f"m{n}": pk for n, pk in enumerate([*sizes, *nobody])}
    found = {row["pk"]: _with_label(milestone_of(row)) for row in _with_last_words(today=today, **ids)}
    for pk, milestone in found.items():
        milestone.line_size = sizes[pk]
    return [found[pk] for pk in sizes]


@Prepared
def _in_trouble(*, plan: int, today: date) -> QuerySet:
    """Which milestones need attention, worst first."""
    severity = Case(
        *[When(word=word, then=Value(n)) for n, word in enumerate(WORST_FIRST)], output_field=IntegerField()
    )
    rows = Milestone.objects.live().in_plan(plan).open().with_word(today=today)
    rows = rows.filter(word__in=NEEDS_ATTENTION).order_by(severity, "due", "pk")
    return rows.values("pk", "step", "title", "building")


@Prepared
def _with_last_words(*, today: date, **ids: int) -> QuerySet:
    """These milestones, with what their owner said last."""
    last = CheckIn.objects.standing().filter(milestone=OuterRef("pk")).exclude(words="").order_by("-pk")
    vacant_lead = StepOwner.objects.filter(step=OuterRef("step"), part=StepOwner.Part.LEAD).exclude(
        role__in=Appointment.objects.holding(today).values("role")
    )
    return (
        Milestone.objects.with_word(today=today)
        .filter(pk__in=list(ids.values()))
        .annotate(
            last_words=Subquery(last.values("words")[:1]),
            last_words_on=Subquery(last.values("on")[:1]),
            last_words_by=Subquery(last.values("role__title")[:1]),
            waits_for=Subquery(last.exclude(reason="").values("reason")[:1]),
            vacant_lead=Subquery(vacant_lead.values("role__title")[:1]),
        )
        .values(*SHOWN, *SAID, "word", "late_by", "moved_lately", "stopped", "slowed", "told_on")
    )


@Prepared
def _vacant(*, plan: int, district: int, today: date) -> QuerySet:
    """Roles that own work of this plan and that nobody holds."""
    at_work = ActionStep.objects.live().in_plan(plan).values("owner_rows__role")
    return Role.objects.in_district(district).vacant(today=today).filter(pk__in=at_work).values("pk", "title")


def _line(row: dict[str, Any], slug: str) -> Milestone:
    milestone = milestone_of(row)
    milestone.opens = _opens(milestone, slug)
    return milestone


def _with_label(milestone: Milestone) -> Milestone:
    milestone.waits_for_words = Reason(milestone.waits_for).label if milestone.waits_for else ""
    return milestone


def _timeline(ahead: Sequence[Milestone], *, today: date, calendar: SchoolCalendar) -> Timeline:
    events = [Event(m.due, m.line_name, url=m.opens) for m in ahead]
    closed = calendar.within(today, today + timedelta(days=DAYS_AHEAD))
    breaks = [Stretch(e.first_day, e.last_day, e.title) for e in closed if e.kind in OFF]
    return timeline(events, today=today, days=DAYS_AHEAD, breaks=breaks)


def _opens(milestone: Milestone, slug: str) -> str:
    if milestone.line_size == 1:
        return reverse("milestone", args=[slug, milestone.pk])
    return f"{reverse('step_buildings', args=[slug, milestone.step_id])}?of={milestone.pk}&sort=due"


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


def happened(plan: Plan | int, day: date) -> dict[str, QuerySet]:
    """Return what finished, slipped and moved in `plan` from `day` on: the rows that the counts count.

    Whole days: better a thing twice than a thing missed.
    """
    there = {"milestone__step__initiative__goal__plan": plan, "milestone__archived_on__isnull": True}
    return {
        "finished": CheckIn.objects.standing().filter(says=Says.DONE, on__gte=day, **there),
        "slipped": Slip.objects.filter(slipped_on__gte=day, **there),
        "moved": DateMove.objects.agreed().filter(decided_on__gte=day, **there),
    }


@Prepared
def _since(*, plan: int, today: date) -> QuerySet:
    """How much of each kind happened from the day on that is called `today` here."""
    counts = {kind: _count(rows) for kind, rows in happened(plan, today).items()}
    return Plan.objects.filter(pk=plan).values(**counts)


def _count(rows: QuerySet) -> Coalesce:
    grouped = rows.order_by().values("district").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(grouped), 0)
