"""A plan at a glance: its goals, their initiatives, and how each stands; a handful of queries for a plan of any size."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.core.paginator import Page, Paginator

from milestones.models import Milestone
from milestones.rollup import RollUp, next_in, roll_up
from vision.models import Goal, Initiative, Plan

UNFOLDED = 60  # initiatives that the page shows at once; with more of them one goal is open at a time


@dataclass
class Line:
    """An initiative in the table of its goal."""

    initiative: Initiative
    roll_up: RollUp
    next: Milestone | None

    @property
    def late(self) -> bool:
        return (self.roll_up.days_after_first or 0) > 0


@dataclass
class Fold:
    """A goal with its initiatives; `page` is set when it has more of them than the page shows at once."""

    goal: Goal
    roll_up: RollUp
    count: int
    opened: bool
    lines: list[Line] = field(default_factory=list)
    page: Page | None = None

    @property
    def query(self) -> str:
        return f"goal={self.goal.pk}"


@dataclass
class Glance:
    folds: list[Fold]
    roll_up: RollUp
    one_at_a_time: bool

    @property
    def initiatives(self) -> int:
        return sum(fold.count for fold in self.folds)


def glance(plan: Plan, *, today: date, opened: str = "", page: str = "") -> Glance:
    """Return the plan at a glance. `opened` (the id of a goal) and `page` matter only when the plan is too large to
    show all of it.
    """
    goals = list(Goal.objects.live().filter(plan=plan))
    ids = defaultdict(list)
    rows = Initiative.objects.live().filter(goal__in=goals)
    for goal, initiative in rows.order_by("position", "pk").values_list("goal", "pk"):
        ids[goal].append(initiative)
    rolled = roll_up(plan, today=today)
    one_at_a_time = sum(map(len, ids.values())) > UNFOLDED
    chosen = next((g for g in goals if str(g.pk) == opened), goals[0] if goals else None)
    folds = []
    for goal in goals:
        own = [rolled[pk] for pk in ids[goal.pk] if pk in rolled]
        fold = Fold(goal, _together(own), len(ids[goal.pk]), opened=not one_at_a_time or goal == chosen)
        if one_at_a_time and fold.opened:
            fold.page = Paginator(ids[goal.pk], UNFOLDED).get_page(page)
        folds.append(fold)
    _fill(plan, folds, ids, rolled, today=today)
    return Glance(folds, _together([fold.roll_up for fold in folds]), one_at_a_time)


def _fill(plan: Plan, folds: list[Fold], ids: dict, rolled: dict[int, RollUp], *, today: date) -> None:
    """Fetch the initiatives that are shown, with what comes next in each."""
    shown = {fold.goal.pk: list(fold.page or ids[fold.goal.pk]) for fold in folds if fold.opened}
    wanted = [pk for some in shown.values() for pk in some]
    initiatives = Initiative.objects.in_bulk(wanted)
    coming = next_in(plan, today=today)
    for fold in folds:
        fold.lines = [
            Line(initiatives[pk], rolled.get(pk) or RollUp(), coming.get(pk))
            for pk in shown.get(fold.goal.pk, ())
            if pk in initiatives
        ]


def _together(parts: list[RollUp]) -> RollUp:
    return RollUp(counts=sum((part.counts for part in parts), Counter()))
