"""A whole file, understood: its tables, lists and forms in their order, its codes and twins, and every row's verdict."""

from dataclasses import dataclass, field

from milestones.importing import cards, prose, tables, twins
from milestones.importing import legend as legends
from milestones.importing import rows as table_rows
from milestones.importing.dates import PlanTime
from milestones.importing.found import Context, Found
from milestones.importing.labels import kind_of
from milestones.importing.owners import key_of
from milestones.importing.verdict import NOT, PARTLY, UNDERSTOOD, Row, judge
from stakeholders.files.shapes import Cell, Line


@dataclass(slots=True)
class Reading:
    """A whole file, understood: its tables with their columns, its rows, the codes and the twins."""

    tables: list = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    legend: dict[str, str] = field(default_factory=dict)
    twins: list = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)  # those in the file, and the role each is taken for
    loose: list[str] = field(default_factory=list)  # lines of a file in which no row was found to stand with

    def counts(self):
        states = [row.state for row in self.rows]
        return {
            "understood": states.count(UNDERSTOOD),
            "partly": states.count(PARTLY),
            "not_understood": states.count(NOT),
        }

    def as_json(self):
        return {"rows": [row.as_json() for row in self.rows], "counts": self.counts()}


def read_plan(blocks, time=None, *, roles=(), columns=None, choices=None):
    """Understand a whole file.

    `time` is the district's year and the plan's dates (PlanTime), `roles` the titles that the district has,
    `columns` the columns as a person corrected them ([{column: field}] in the order of the tables), `choices`
    the titles as a person chose them ({title in the file: title}).
    """
    time = time or PlanTime()
    known = {key_of(title) for title in roles}
    reading = Reading()
    found = _rows(blocks, reading, columns or [])
    reading.rows = [judge(one, time, reading.legend, known) for one in found]
    reading.twins = twins.find([title for row in reading.rows for title in row.owners], roles)
    for row in reading.rows:
        _resolve(row, reading, choices or {})
    return reading


def _rows(blocks, reading, corrected):
    """All rows of all blocks, in order. Lines around them go to the next row, or to the last one."""
    parts = _parts(blocks, reading)
    if corrected:
        for table, fields in zip(reading.tables, corrected, strict=False):
            table.fields = dict(fields)
    reading.legend = legends.find(blocks, reading.tables)
    has_tables = any(table.fields for table in reading.tables) or any(
        isinstance(part, cards.Cards) for part in parts
    )
    rows, waiting, context, sheet = [], [], Context(), ""
    for part in parts:
        if isinstance(part, cards.Cards):
            made, left = part.under(context), []
        elif isinstance(part, tables.Table):
            if part.sheet and part.name != sheet:
                waiting.extend(context.leave())
                context, sheet = Context(), part.name
            if part.fields:
                made, left = table_rows.rows_of(part, context, reading.legend)
            else:
                made, left = _no_heading(part, has_tables, reading.legend)
        else:
            made, left = prose.rows_of(part, context, reading.legend, alone=not has_tables)
        if made and waiting:
            made[0].notes[:0] = waiting
            waiting = []
        rows.extend(made)
        waiting.extend(left)
    waiting.extend(context.leave())
    if waiting and rows:
        rows[-1].notes.extend(waiting)
    else:
        reading.loose = waiting
    return rows or _loose_rows(parts, reading)


def _parts(blocks, reading):
    """Tables and runs of text, in the file's order. Text right above a table in a document is its title."""
    parts, text = [], []
    for position, block in enumerate(blocks):
        if not block.grid or _is_list(block):
            following = blocks[position + 1] if position + 1 < len(blocks) else None
            lines = [_as_line(line) for line in block.lines]
            text.append((lines, following is not None and following.grid and not following.sheet))
            parts.append(lines)
            continue
        made = cards.rows_of(block)
        if made:
            parts.append(cards.Cards(made))
            continue
        found, before = tables.find_tables(block)
        if found:
            if parts and isinstance(parts[-1], list) and text and text[-1][1]:
                found[0].above[:0] = _titles_below(parts[-1])
        else:
            found = [tables.without_heading(block)] if before else []
        reading.tables.extend(found)
        parts.extend(found)
    return parts


def _titles_below(lines):
    """The short lines that end a run of text in front of a table: its titles. They leave the text."""
    cut = len(lines)
    while cut and kind_of(lines[cut - 1].cells[0].text) in ("title", "goal", "objective", "note"):
        cut -= 1
    titles = lines[cut:]
    del lines[cut:]
    return titles


def _is_list(block):
    """A sheet or file with one column is a list, not a table."""
    return all(sum(bool(cell.text) for cell in line.cells) <= 1 for line in block.lines) and not any(
        cell.formula for line in block.lines for cell in line.cells
    )


def _as_line(line):
    cell = next((cell for cell in line.cells if cell.text), Cell())
    level = (
        next((column for column, one in enumerate(line.cells) if one.text), None)
        if len(line.cells) > 1
        else line.level
    )
    return Line(line.source, [cell], level)


def _no_heading(table, has_tables, legend):
    """A grid without a heading row: beside real tables its lines are notes, alone they are rows that nobody can read."""

    lines = [line for line in table.lines if not tables.explains(line, legend)]
    if has_tables:
        return [], [tables.line_text(line) for line in lines]
    reason = "No heading row was found; say which column holds what"
    return [
        Found(
            source=line.source,
            step=tables.line_text(line),
            problem=reason,
            has_owner_column=True,
            has_when_column=True,
        )
        for line in lines
    ], []


def _loose_rows(parts, reading):
    """A file in which no step was found: every line is shown, none is lost."""

    lines = [
        line for part in parts for line in (part if isinstance(part, list) else [*part.above, *part.lines])
    ]
    reading.loose = []
    reason = "No action step was recognised in this line"
    return [
        Found(
            source=line.source,
            step=tables.line_text(line),
            problem=reason,
            has_owner_column=True,
            has_when_column=True,
        )
        for line in lines
    ]


def _resolve(row, reading, choices):
    """Titles after twins are merged, or as a person chose them. An empty choice means: no role."""
    out = []
    for title in row.owners:
        chosen = choices.get(title)
        if chosen is None:
            chosen = next((twin.title for twin in reading.twins if twin.sure and title in twin.others), title)
            if chosen != title:
                row.reasons.append(f"“{title}” is taken for {chosen}")
        reading.titles[title] = chosen
        if chosen and chosen not in out:
            out.append(chosen)
        if title in row.support:
            row.support = [chosen if one == title else one for one in row.support]
    row.owners = out
    if not out and "owner" not in row.missing and row.state == UNDERSTOOD:
        row.state, row.missing = PARTLY, ["owner", *row.missing]
