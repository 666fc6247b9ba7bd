"""What an initiative shows of its milestones: counts by word, the worst live word, and when it will be finished.

Nothing is averaged. The dates are those of its last milestone of one-time work: what comes back every year has no end.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber

from milestones.models import ActionStep, DateMove, Milestone
from milestones.models.milestone import MilestoneQuerySet
from milestones.models.queries import same_line
from milestones.prepared import Prepared
from milestones.status import CLOSED, NEEDS_ATTENTION, WORST_FIRST, Word, disagree_q
from stakeholders.models import Building
from vision.models import Plan

SOON = 60  # days ahead that the dashboard's timeline shows


def worst_word(words: Iterable[str]) -> Word | None:
    """Return the worst live word; Complete when everything live is done; None when there is nothing to say."""
    shown = set(words)
    return next((word for word in [*WORST_FIRST, Word.COMPLETE, Word.DROPPED] if word in shown), None)


@dataclass
class RollUp:
    """The milestones of one initiative in numbers. Dates are of the district's calendar."""

    counts: Counter = field(default_factory=Counter)
    first_on: date | None = None
    expected_on: date | None = None
    confirmed_on: date | None = None
    due_soon: int = 0
    confirmed_in_time: int = 0
    disagreeing: int = 0

    @property
    def word(self) -> Word | None:
        return worst_word(self.counts)

    @property
    def total(self) -> int:
        """Every milestone that was not dropped."""
        return self.counts.total() - self.counts[Word.DROPPED]

    @property
    def done(self) -> int:
        return self.counts[Word.COMPLETE]

    @property
    def open(self) -> int:
        return sum(n for word, n in self.counts.items() if word not in CLOSED)

    @property
    def needs_attention(self) -> bool:
        return self.word in NEEDS_ATTENTION

    @property
    def days_after_first(self) -> int | None:
        """Days from the first date to the date now expected; negative when early."""
        return (self.expected_on - self.first_on).days if self.first_on and self.expected_on else None

    @property
    def in_words(self) -> list[tuple[Word, int]]:
        """Words with their counts, in the order in which a reader wants them: done first, then worst first."""
        return [(word, self.counts[word]) for word in [Word.COMPLETE, *WORST_FIRST] if self.counts[word]]


def roll_up(plan: Plan, *, today: date) -> dict[int, RollUp]:
    """Return the roll-up of each initiative of `plan` that has milestones, by its id: one query for any number of them."""
    return _folded(_groups_of_plan(plan=plan.pk, today=today))


def roll_up_by(parent: str, milestones: MilestoneQuerySet, *, today: date) -> dict[int, RollUp]:
    """Return the roll-up of `milestones` for each id that `parent` leads to ("step", "step__initiative"): one query."""
    return _folded(_groups(parent, milestones, today=today))


def next_in(plan: Plan, *, today: date) -> dict[int, Milestone]:
    """Return the open milestone of each initiative of `plan` that is due next, from `today` on: one query."""
    return {row["step__initiative"]: milestone_of(row) for row in _next_of_plan(plan=plan.pk, today=today)}


def next_by(parent: str, milestones: MilestoneQuerySet, *, today: date) -> dict[int, Milestone]:
    """Return the open milestone that is due next, from `today` on, for each id that `parent` leads to: one query."""
    return {
        one.belongs_to: one
        for one in _coming(parent, milestones, today=today).select_related("step", "building")
    }


def times_moved(milestones: list[int]) -> dict[int, int]:
    """Return how often the date of each was moved since the plan was adopted."""
    moves = DateMove.objects.agreed().filter(milestone__in=milestones).order_by()
    return dict(moves.values_list("milestone").annotate(n=Count("pk")))


def milestone_of(row: dict[str, Any]) -> Milestone:
    """Return the milestone that a row of `.values(*SHOWN)` tells of, with its step; what is more becomes attributes."""
    own = {name: row[name] for name in SHOWN if "__" not in name}
    milestone = Milestone(**own, step_id=row["step__pk"])
    milestone.step = ActionStep(
        pk=row["step__pk"], title=row["step__title"], initiative_id=row["step__initiative"]
    )
    if row["building__pk"]:
        milestone.building = Building(pk=row["building__pk"], name=row["building__name"])
    for name in row.keys() - set(SHOWN):
        setattr(milestone, name, row[name])
    return milestone


# What a line about a milestone shows, and what `reasons.why` needs.
SHOWN = [
    "pk", "title", "first_due", "due", "expected", "added_after_adoption", "says", "how_sure", "confirmed_on",
    "done_on", "dropped_on", "drop_reason", "paused_until", "pause_reason", "step__pk", "step__title",
    "step__initiative", "building__pk", "building__name",
]  # fmt: skip


def _groups(parent: str, milestones: MilestoneQuerySet, *, today: date) -> QuerySet:
    still_open = Q(done_on__isnull=True, dropped_on__isnull=True)
    one_time = Q(step__kind=ActionStep.Kind.ONE_TIME, dropped_on__isnull=True)
    in_time = Q(twice_quiet_days__lte=F("step__check_in_days") * 3)
    return (
        milestones.with_word(today=today)
        .order_by()
        .values("word", parent=F(parent))
        .annotate(
            n=Count("pk"),
            first_on=Max("first_due", filter=one_time),
            expected_on=Max(Coalesce("done_on", "expected", "due"), filter=one_time),
            last_confirmed=Max(Coalesce("done_on", "confirmed_on")),
            due_soon=Count("pk", filter=still_open & Q(due__range=(today, today + timedelta(days=SOON)))),
            confirmed_in_time=Count("pk", filter=still_open & in_time),
            disagreeing=Count("pk", filter=disagree_q(today)),
        )
    )


def _folded(groups: Iterable[dict]) -> dict[int, RollUp]:
    found: dict[int, RollUp] = {}
    for group in groups:
        one = found.setdefault(group["parent"], RollUp())
        one.counts[group["word"]] += group["n"]
        one.due_soon += group["due_soon"]
        one.confirmed_in_time += group["confirmed_in_time"]
        one.disagreeing += group["disagreeing"]
        one.first_on = _later(one.first_on, group["first_on"])
        one.expected_on = _later(one.expected_on, group["expected_on"])
        one.confirmed_on = _later(one.confirmed_on, group["last_confirmed"])
    return found


def _coming(parent: str, milestones: MilestoneQuerySet, *, today: date) -> QuerySet:
    rank = Window(RowNumber(), partition_by=F(parent), order_by=[F("due"), F("pk")])
    size = Window(Count("pk"), partition_by=[F(parent), F("due"), *same_line()])
    coming = milestones.open().filter(due__gte=today)
    coming = coming.annotate(belongs_to=F(parent), rank=rank, line_size=size)
    return coming.filter(rank=1).order_by()


@Prepared
def _groups_of_plan(*, plan: int, today: date) -> QuerySet:
    return _groups("step__initiative", Milestone.objects.live().in_plan(plan), today=today)


@Prepared
def _next_of_plan(*, plan: int, today: date) -> QuerySet:
    milestones = Milestone.objects.live().in_plan(plan)
    return _coming("step__initiative", milestones, today=today).values(*SHOWN, "line_size")


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day), default=None)
