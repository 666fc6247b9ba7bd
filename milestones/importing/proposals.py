"""What a file that was read would become in a district: which plan, which roles, which rows are new."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from milestones.importing.dates import PlanTime
from milestones.importing.labels import TERM, is_plan_title
from milestones.importing.owners import key_of
from milestones.importing.tables import line_text
from milestones.importing.understand import Reading, read_plan
from milestones.models import ActionStep, PlanImport
from stakeholders.files import shapes
from stakeholders.models import District, Person, Role
from vision.models import Plan

TITLE, STEP_TITLE = 500, 1000  # characters that a goal or initiative, and a step, can hold


def keep_reading(
    district: District, blocks: list, *, file_name: str, data: bytes, by: Person | None, now: datetime
) -> PlanImport:
    """Keep what was read of a file, for the steps that follow."""
    return PlanImport.objects.create(
        district=district,
        file_name=file_name[-200:],
        fingerprint=hashlib.sha256(data).hexdigest(),
        blocks=shapes.to_json(blocks),
        made_by=by,
        made_at=now,
    )


def plan_time(district: District, *, plan: Plan | None, starts: date | None, ends: date | None) -> PlanTime:
    """The dates that "each year" counts by: those of the plan, or those that were given for a new one."""
    if plan is not None:
        starts, ends = plan.starts_on, plan.ends_on
    return PlanTime(district.fiscal_year_starts, starts, ends)


def role_titles(district: District) -> list[str]:
    return list(Role.objects.in_district(district).values_list("title", flat=True))


def read_import(plan_import: PlanImport) -> Reading:
    """Understand a kept file with the corrections that were made so far."""
    district = plan_import.district
    time = plan_time(
        district, plan=plan_import.plan, starts=plan_import.plan_starts_on, ends=plan_import.plan_ends_on
    )
    columns = [{int(column): name for column, name in table.items()} for table in plan_import.columns]
    return read_plan(
        shapes.from_json(plan_import.blocks),
        time,
        roles=role_titles(district),
        columns=columns,
        choices=plan_import.choices,
    )


@dataclass
class RoleProposal:
    """A title in the file that is not, word for word, a role of the district: what it is taken for, and what else
    could be meant."""

    title: str
    taken_for: str  # empty: nobody
    rows: int
    is_new: bool  # the role would be made
    alike: list[str] = field(default_factory=list)


def role_proposals(plan_import: PlanImport, reading: Reading) -> list[RoleProposal]:
    """What would become of each title, for a person to confirm or correct."""
    there = {title.casefold() for title in role_titles(plan_import.district)}
    counts: dict[str, int] = {}
    for row in reading.rows:
        for title in row.owners:
            counts[title] = counts.get(title, 0) + 1
    proposals = []
    for title, taken_for in reading.titles.items():
        if title.casefold() in there and taken_for == title:
            continue
        new = bool(taken_for) and taken_for.casefold() not in there
        alike = [
            other
            for twin in reading.twins
            if title in (twin.title, *twin.others)
            for other in (twin.title, *twin.others)
            if other != title
        ]
        proposals.append(
            RoleProposal(title, taken_for, counts.get(taken_for, 0), new, list(dict.fromkeys(alike)))
        )
    return proposals


def suggested_term(reading: Reading, district: District) -> tuple[date, date] | None:
    """The first and last day of the years that a title in the file names, "2024-2027", for a person to confirm."""
    for text in _title_lines(reading):
        found = TERM.search(text)
        if not found:
            continue
        first, last = int(found[1]), int(found[2]) if len(found[2]) == 4 else int(found[1][:2] + found[2])
        if first < last <= first + 15:
            return _fiscal_span(district, first, last)
    return None


def suggested_title(reading: Reading, file_name: str) -> str:
    """What the file calls the plan, else the file's own name, for a person to confirm."""
    titles = (text for text in _title_lines(reading) if is_plan_title(text) and "plan" in text.lower())
    return next(titles, Path(file_name).stem.replace("-", " ").replace("_", " "))[:200]


def _title_lines(reading: Reading) -> list[str]:
    lines = [line_text(line) for table in reading.tables for line in table.above]
    return lines + [note for row in reading.rows[:3] for note in row.notes] + reading.loose


def _fiscal_span(district: District, first: int, last: int) -> tuple[date, date]:
    time = PlanTime(district.fiscal_year_starts)
    starts = date(first, district.fiscal_year_starts, 1)
    return starts, time.year_end(last)


def covering_term(reading: Reading, district: District, *, today: date) -> tuple[date, date]:
    """The fiscal years in which the file's dates lie; without dates, the one that runs today."""
    days = [day for row in reading.rows for day in row.due] or [today]
    first, last = district.fiscal_year(min(days)), district.fiscal_year(max(days))
    starts = 1 if district.fiscal_year_starts == 1 else 0
    return date(first - 1 + starts, district.fiscal_year_starts, 1), district.fiscal_year_end(last)


def fit(text: str, limit: int) -> str:
    """Text that fits a field; what is cut off stays in the row that the import keeps."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def identity(goal: str, objective: str, step: str) -> tuple[str, str, str]:
    """What makes two rows the same: goal, objective and step, whatever the case."""
    return (
        fit(goal, TITLE).casefold(),
        fit(objective, TITLE).casefold(),
        fit(step, STEP_TITLE).casefold(),
    )


def place_of(row, plan_title: str) -> tuple[str, str]:
    """The goal and initiative under which a row comes. A plan needs both: without a goal the plan's own title stands
    for it, without an objective the goal does."""
    goal = row.goal or plan_title
    return fit(goal, TITLE), fit(row.objective or goal, TITLE)


def steps_there(plan: Plan | None) -> dict[tuple[str, str, str], list[ActionStep]]:
    """The live steps of a plan by their identity; two that read alike are two."""
    found: dict[tuple[str, str, str], list[ActionStep]] = {}
    if plan is None:
        return found
    steps = ActionStep.objects.live().in_plan(plan).select_related("initiative__goal")
    for step in steps.filter(
        initiative__archived_on__isnull=True, initiative__goal__archived_on__isnull=True
    ):
        key = identity(step.initiative.goal.title, step.initiative.title, step.title)
        found.setdefault(key, []).append(step)
    return found


def merge_titles(titles: list[str]) -> dict[str, str]:
    """The first title of each key, so that "teachers" and "Teachers" become one role."""
    first: dict[str, str] = {}
    return {title: first.setdefault(key_of(title) or title.casefold(), title) for title in titles}
