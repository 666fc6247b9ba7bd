"""What many buildings reach one by one, shown as one line: "40 buildings: 31 complete, 5 on track, 4 slipped".

Each building has a milestone of its own, with dates, check-ins and slips like any other. A line gathers those of one step
and title; it opens as a table of the step's buildings.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F, Max, Min, Window
from django.db.models.functions import Coalesce, RowNumber

from milestones.models import ActionStep, Milestone
from milestones.models.milestone import MilestoneQuerySet
from milestones.models.queries import same_line
from milestones.rollup import RollUp
from milestones.status import Word

Key = tuple[int, str]  # a step's id and a title


@dataclass
class InBuildings:
    """The milestones of one step and title in several buildings, in numbers. Dates: the earliest and the latest one."""

    step: ActionStep
    title: str
    roll_up: RollUp = field(default_factory=RollUp)
    buildings: int = 0
    one: int = 0  # the id of the first of them, which names the line in addresses
    first: tuple[date | None, date | None] = (None, None)
    due: tuple[date | None, date | None] = (None, None)
    expected: tuple[date | None, date | None] = (None, None)

    @property
    def words(self) -> str:
        return self.title or self.step.title

    @property
    def word(self) -> Word | None:
        return self.roll_up.word

    @property
    def of(self) -> str:
        """What narrows the table of the step's buildings to this line."""
        return f"of={self.one}"


def lines_of(
    milestones: MilestoneQuerySet, steps: Iterable[ActionStep], *, today: date
) -> dict[Key, InBuildings]:
    """Return the lines among `milestones` of `steps`, earliest first: two queries for any number of them."""
    by_id = {step.pk: step for step in steps}
    rows = milestones.filter(step__in=by_id).in_several_buildings().order_by()
    expected = Coalesce("done_on", "expected", "due")
    sizes = rows.values("step", "title").annotate(
        buildings=Count("building", distinct=True),
        one=Min("pk"),
        first_min=Min("first_due"), first_max=Max("first_due"),
        due_min=Min("due"), due_max=Max("due"),
        expected_min=Min(expected), expected_max=Max(expected),
    )  # fmt: skip
    found = {
        (row["step"], row["title"]): InBuildings(
            by_id[row["step"]],
            row["title"],
            buildings=row["buildings"],
            one=row["one"],
            first=(row["first_min"], row["first_max"]),
            due=(row["due_min"], row["due_max"]),
            expected=(row["expected_min"], row["expected_max"]),
        )
        for row in sizes.order_by("due_min", "one")
    }
    if found:
        for key, counts in words_of(rows, today=today).items():
            found[key].roll_up = counts
    return found


def words_of(milestones: MilestoneQuerySet, *, today: date) -> dict[Key, RollUp]:
    """Return how many of `milestones` show which word, for each step and title: one query."""
    found: dict[Key, RollUp] = {}
    rows = milestones.with_word(today=today).order_by().values("step", "title", "word")
    for row in rows.annotate(n=Count("pk")):
        counts = found.setdefault((row["step"], row["title"]), RollUp()).counts
        counts[row["word"]] += row["n"]
    return found


def folded(milestones: MilestoneQuerySet) -> MilestoneQuerySet:
    """Keep one milestone for each line, the earliest, annotated with `line_size`: how many of `milestones` it stands for."""
    return milestones.annotate(
        line_size=Window(Count("pk"), partition_by=same_line()),
        line_rank=Window(RowNumber(), partition_by=same_line(), order_by=[F("due"), F("pk")]),
    ).filter(line_rank=1)


def line_through(milestone: Milestone | None, rows: MilestoneQuerySet) -> MilestoneQuerySet:
    """Keep those of `rows` that are of the same line as `milestone`; none when there is no such milestone."""
    if milestone is None:
        return rows.none()
    return rows.filter(step=milestone.step_id, title=milestone.title, building__isnull=False)
