"""A plan out again, with the columns that the import reads back."""

import csv
import io
import re
from collections.abc import Iterator

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from milestones.models import ActionStep, Milestone, StepOwner
from vision.models import Plan

HEADINGS = [
    "Goal", "Objective", "Action step", "Roles responsible", "When", "Kind", "Due dates", "Cost",
    "Evidence of completion", "Status", "Notes",
]  # fmt: skip
WIDTHS = [32, 32, 48, 28, 20, 12, 24, 24, 32, 16, 32]
# What a spreadsheet may take for a formula. The apostrophe in front comes off again when the file is read.
DANGEROUS = re.compile(r"^'*\s*[=+\-@\t\r\n|%＝＋－＠]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def guard(text: str) -> str:
    """Text that no spreadsheet runs: an apostrophe in front of what looks like a formula."""
    text = CONTROL.sub("", text)
    return f"'{text}" if DANGEROUS.match(text) else text


def rows_of(plan: Plan) -> Iterator[list[str]]:
    """A row a step, in the order of the plan."""
    steps = (
        ActionStep.objects.live()
        .in_plan(plan)
        .filter(initiative__archived_on__isnull=True, initiative__goal__archived_on__isnull=True)
        .select_related("initiative__goal")
        .prefetch_related("owner_rows__role", "milestones__building")
        .order_by(
            "initiative__goal__position",
            "initiative__goal",
            "initiative__position",
            "initiative",
            "position",
            "pk",
        )
    )
    for step in steps:
        initiative, goal = step.initiative, step.initiative.goal
        yield [
            goal.title,
            initiative.title,  # never blank: a blank cell would be filled from the row above
            step.title,
            _roles(step),
            step.written_when,
            step.kind,
            "; ".join(_days(step)),
            step.written_cost,
            step.written_evidence,
            step.written_status,
            "\n".join(filter(None, [step.notes, _in_buildings(step)])),
        ]


def _roles(step: ActionStep) -> str:
    """The role that leads first; when only supporting ones are known, each says so."""
    owners = sorted(step.owner_rows.all(), key=lambda owner: owner.part != StepOwner.Part.LEAD)
    leads = any(owner.part == StepOwner.Part.LEAD for owner in owners)
    titles = (owner.role.title.replace(";", ",") for owner in owners)
    return "; ".join(title if leads else f"{title} (supports)" for title in titles)


def _days(step: ActionStep) -> list[str]:
    if step.kind == ActionStep.Kind.ONGOING:
        return [step.review_on.isoformat()] if step.review_on else []
    live: list[Milestone] = [
        one for one in step.milestones.all() if one.archived_on is None and one.dropped_on is None
    ]
    return [day.isoformat() for day in sorted({one.due for one in live})]


def _in_buildings(step: ActionStep) -> str:
    """What many buildings reach, a line a building: an import has no column for it and keeps it among the notes."""
    rows = [one for one in step.milestones.all() if one.building_id and one.archived_on is None]
    lines = [
        f"{one.building}: {one.done_on or one.due:%Y-%m-%d}{_ended(one)}{f' ({one.title})' if one.title else ''}"
        for one in sorted(rows, key=lambda one: (one.title, str(one.building), one.due))
    ]
    return "\n".join(["Buildings:", *lines]) if lines else ""


def _ended(milestone: Milestone) -> str:
    if milestone.done_on:
        return " done"
    return " dropped" if milestone.dropped_on else ""


def as_csv(plan: Plan) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows([guard(text) for text in row] for row in rows_of(plan))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(plan: Plan) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "Plan"
    sheet.freeze_panes = "A2"
    for column, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True), start=1):
        cell = sheet.cell(row=1, column=column, value=heading)
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    for number, row in enumerate(rows_of(plan), start=2):
        for column, text in enumerate(row, start=1):
            if text:
                cell = sheet.cell(row=number, column=column, value=guard(text))
                cell.data_type = "s"  # never a formula, whatever it begins with
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


FORMATS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
