"""Each row's verdict: understood, understood in part with what is missing, or not understood with the reason.

Understood means: a step, an owner, and a date or "ongoing". Nothing is guessed, and what was made of the
words (a code, a twin, a spreadsheet number) is said in the row's reason.
"""

from dataclasses import dataclass, field
from datetime import date

from milestones.importing import cards, prose, tables, twins
from milestones.importing import columns as c
from milestones.importing import legend as legends
from milestones.importing.dates import ALWAYS, ONE_TIME, RECURRING, PlanTime, When, read_when
from milestones.importing.found import Context, join
from milestones.importing.owners import Owners, key_of, read_exact, read_owners, read_sentence, shorten

UNDERSTOOD, PARTLY, NOT = "understood", "partly", "not understood"
STATES = (UNDERSTOOD, PARTLY, NOT)
PARTS = ("step", "owner", "date", "plan dates")


@dataclass(slots=True)
class Row:
    """A row of the file with everything that was understood of it; `written_…` are its own words."""

    source: str
    goal: str = ""
    objective: str = ""
    step: str = ""
    owners: list[str] = field(default_factory=list)
    support: list[str] = field(default_factory=list)  # owners that the file itself calls supporting
    when: str = ""
    kind: str = ONE_TIME
    due: list[date] = field(default_factory=list)
    review: date | None = None
    cost: str = ""
    evidence: str = ""
    status: str = ""
    state: str = NOT
    missing: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    written_who: str = ""

    @property
    def reason(self):
        return " ".join(
            sentence if sentence.endswith((".", "”")) else f"{sentence}." for sentence in self._sentences()
        )

    def _sentences(self):
        yield from self.reasons
        for note in self.notes:
            yield f"With it stands: “{shorten(note, 300)}”"

    def as_json(self):
        return {
            "source": self.source,
            "goal": self.goal,
            "objective": self.objective,
            "step": self.step,
            "owners": self.owners,
            "when": self.when,
            "kind": self.kind,
            "due": [day.isoformat() for day in self.due],
            "cost": self.cost,
            "evidence": self.evidence,
            "status": self.status,
            "state": self.state,
            "missing": self.missing,
            "reason": self.reason,
        }


@dataclass(slots=True)
class Reading:
    """A whole file, understood: its tables with their columns, its rows, the codes and the twins."""

    tables: list = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    legend: dict[str, str] = field(default_factory=dict)
    twins: list = field(default_factory=list)
    titles: dict[str, str] = field(
        default_factory=dict
    )  # titles in the file, and the role that each is taken for
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
    reading.rows = [_understood(one, time, reading.legend, known) for one in found]
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
    reading.legend = _legend(blocks, reading.tables)
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
                made, left = tables.rows_of(part, context, reading.legend)
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
    from milestones.importing.labels import kind_of

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
    from milestones.importing.shapes import Cell, Line

    cell = next((cell for cell in line.cells if cell.text), Cell())
    level = (
        next((column for column, one in enumerate(line.cells) if one.text), None)
        if len(line.cells) > 1
        else line.level
    )
    return Line(line.source, [cell], level)


def _no_heading(table, has_tables, legend):
    """A grid without a heading row: beside real tables its lines are notes, alone they are rows that nobody can read."""
    from milestones.importing.found import Found

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
    from milestones.importing.found import Found

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


def _is_key(block):
    """A sheet that is called "Legend" or "Codes"."""
    return block.sheet and legends.is_heading(block.name)


def _legend(blocks, found_tables):
    """What the file says of its owner codes, wherever it says so."""
    codes, cells = {}, []
    for table in found_tables:
        owner_columns = [column for column, name in table.fields.items() if name == c.OWNER]
        for column in owner_columns:
            inside = table.headings.get(column, "").partition("(")[2].rstrip(") ")
            codes.update(legends.entries_of(inside) if inside else {})
        for line in table.lines:
            for column in owner_columns:
                if column < len(line.cells):
                    cells.append(line.cells[column].text)
                    codes.update(legends.inline(line.cells[column].text))
    used = set(legends.useful(codes, cells))
    for block in blocks:
        for run in _legend_runs(block):
            # one code of a list that stands in an owner cell shows that the list explains owners
            useful = legends.useful(run, cells)
            used.update(run if useful else ())
            for code, title in run.items():
                codes.setdefault(code, title)
    return {code: title for code, title in codes.items() if code in used}


def _legend_runs(block):
    """{code: title} of each run of lines that explain codes: below "Key:", on a sheet called so, or on their own."""
    run, in_list = {}, _is_key(block)
    for line in block.lines:
        texts = [text for text in line.texts() if text]
        pair = legends.pair_of(texts)
        said = dict([pair]) if pair else {}
        for text in texts:
            said.update(legends.entries_of(text, loose=in_list))
        if not said and (len(texts) == 1 or not block.grid):
            said = legends.inline(" ".join(texts))
        heading = legends.is_pair_heading(texts) or (len(texts) == 1 and legends.is_heading(texts[0]))
        if not said and run:
            yield run
            run = {}
        run.update({code: title for code, title in said.items() if code not in run})
        in_list = bool(said) or heading or _is_key(block)
    if run:
        yield run


# One row


def _understood(found, time, legend, known):
    row = Row(
        source=found.source,
        goal=_line(found.goal),
        objective=_line(found.objective),
        step=_line(found.step),
        cost=_line(found.cost),
        evidence=_line(found.evidence),
        status=_line(found.status),
        notes=[_line(note) for note in dict.fromkeys(found.notes)],
        written_who=_line(found.exact_who or found.who),
    )
    owners = _owners(found, legend, known)
    when, row.when = _when(found, time)
    row.owners, row.support = _in_order(owners)
    row.kind, row.due, row.review = when.kind, when.due, when.review
    if found.problem:
        row.reasons = [found.problem]
        row.missing = []
        return row
    row.missing = [name for name, lacks in (("step", not row.step), ("owner", not row.owners)) if lacks]
    if when.missing:
        row.missing.append(when.missing)
    row.reasons = [*_missing_words(row, owners, when), *owners.notes, *when.notes, *found.reasons]
    row.reasons.extend(found.year_words)
    if not row.missing:
        row.state = UNDERSTOOD
    elif row.step or row.owners or row.due or row.kind == ALWAYS:
        row.state = PARTLY
    else:
        row.reasons.insert(0, "No step, no owner and no date were recognised in this row")
    return row


def _line(text):
    return " ".join(text.split())


def _owners(found, legend, known):
    if found.exact_who:
        return read_exact(found.exact_who)
    if found.who:
        return read_owners(found.who, step=found.step, legend=legend, known=known)
    if found.has_owner_column:
        return Owners()
    from milestones.importing.labels import without_number

    sentence = without_number(found.step)
    owners = read_sentence(_after_time(sentence), known)
    if owners.titles:
        resolved = [read_owners(title, legend=legend, known=known) for title in owners.titles]
        owners.titles = list(dict.fromkeys(title for one in resolved for title in one.titles))
    return owners


def _after_time(sentence):
    """ "By June 2025, the Technology Coordinator will ..." begins with a time; the sentence proper comes after it."""
    head, comma, rest = sentence.partition(",")
    if (
        comma
        and head.lower().startswith(("by ", "in ", "during ", "each ", "every ", "before ", "annually"))
        and prose.find_when(head)
    ):
        return rest.strip()
    return sentence


def _in_order(owners):
    """The role that leads first; who supports is told apart only where the file does."""
    titles = list(owners.titles)
    if owners.lead in titles:
        titles.remove(owners.lead)
        titles.insert(0, owners.lead)
    helping = [title for title in titles if title in owners.support]
    return [title for title in titles if title not in helping] + helping, helping


def _when(found, time):
    """What is due, and the words that said so."""
    options = {"day_first": found.day_first, "epoch_1904": found.epoch_1904}
    written = found.when
    if found.years and not found.due:
        written = join(found.when, ", ".join(found.years), "; ")
        when = _marked(found, time, options)
    elif found.due:
        if not found.when:
            written = join(found.start, found.due, " – ") if found.start else found.due
        when = read_when(found.due, time, **options)
        if when.missing and found.when:
            when = read_when(found.when, time, **options)
    elif found.when or not found.has_when_column:
        written = found.when or prose.find_when(found.step)
        when = read_when(written, time, **options)
    else:
        written = found.start
        when = When(
            missing="date",
            notes=[f"“{found.start}” says when it starts, not when it is due"] if found.start else [],
        )
        if found.start and read_when(found.start, time, **options).kind != ONE_TIME:
            when = read_when(found.start, time, **options)
    return _told_kind(found, when, time), _line(written)


def _marked(found, time, options):
    """One milestone for each year column that is marked."""
    answers = [read_when(year, time, **options) for year in found.years]
    due = sorted({day for answer in answers for day in answer.due})
    missing = next((answer.missing for answer in answers if answer.missing), "")
    kind = RECURRING if len(found.years) > 1 else ONE_TIME
    said = read_when(found.when, time, **options) if found.when else None
    words = [read_when(text.partition(": ")[2], time) for text in found.year_words]
    if (said and said.kind == ALWAYS) or any(word.kind == ALWAYS for word in words):
        return When(kind=ALWAYS, review=max(due, default=None))
    return When(kind, due, missing, [note for answer in answers for note in answer.notes])


def _told_kind(found, when, time):
    """A column that says the kind itself, as our own export has it."""
    told = found.kind.strip().lower()
    if told == "ongoing":
        return When(kind=ALWAYS, review=when.review or max(when.due, default=None))
    if told in ("recurring", "every year") and when.kind == ONE_TIME:
        when.kind = RECURRING
    if told in ("one-time", "one time", "once"):
        when.kind = ONE_TIME
    return when


def _missing_words(row, owners, when):
    if "step" in row.missing:
        yield "The row says no action step"
    if "owner" in row.missing and not owners.notes:
        yield (
            "No owner is named"
            if not row.written_who
            else f"“{shorten(row.written_who)}” is not read as an owner"
        )
    if when.missing == "plan dates":
        yield f"“{shorten(row.when)}” needs the plan's first and last day"
    elif when.missing and not row.when:
        yield "No date is named"
    elif when.missing and not when.notes:
        yield f"“{shorten(row.when)}” is no date"


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
