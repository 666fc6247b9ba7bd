"""Find the tables of a plan file, their heading rows, and the rows with what stands above and between them."""

import re
from dataclasses import dataclass, field

from milestones.importing import columns as c
from milestones.importing import labels, legend
from milestones.importing.found import Context, Found, join
from milestones.importing.owners import shorten
from milestones.importing.shapes import Cell, Line

LOOK_AHEAD = 400  # rows that are looked at to tell what a column holds


@dataclass(slots=True)
class Table:
    """One table: which column says what, the lines above it, and its rows."""

    name: str
    headings: dict[int, str] = field(default_factory=dict)
    fields: dict[int, str] = field(default_factory=dict)
    above: list = field(default_factory=list)
    lines: list = field(default_factory=list)
    epoch_1904: bool = False
    sheet: bool = False
    told: str = ""  # what was made of headings that nobody knows

    def samples(self):
        found = {}
        for line in self.lines[:LOOK_AHEAD]:
            for column, cell in enumerate(line.cells):
                if cell.text and not cell.formula:
                    found.setdefault(column, []).append(cell.text)
        return found

    def width(self):
        return max((len(line.cells) for line in self.lines), default=len(self.headings))


def find_tables(block):
    """(tables, lines before the first of them) of a grid."""
    tables, before, position = [], [], 0
    while position < len(block.lines):
        heading = _heading_at(block.lines, position, tables[-1] if tables else None)
        if heading is None:
            (tables[-1].lines if tables else before).append(block.lines[position])
            position += 1
            continue
        depth, texts, fields = heading
        if tables and texts == tables[-1].headings:
            position += depth  # the heading row repeated at the top of a page
            continue
        above = _titles_at_the_end(tables[-1]) if tables else before
        tables.append(Table(block.name, texts, fields, above, [], block.epoch_1904, block.sheet))
        before = [] if not tables[:-1] else before
        position += depth
    for table in tables:
        table.fields = c.assign(table.headings, table.samples(), table.fields)
        _years_of_money(table)
    return tables, ([] if tables else before)


def _years_of_money(table):
    samples = table.samples()
    for column, found in table.fields.items():
        if found == c.YEAR and c.mostly(samples.get(column, []), is_money, 0.6):
            table.fields[column] = c.COST


def is_money(text):
    bare = text.replace(",", "").replace("$", "").replace("k", "").replace("K", "").strip()
    return "$" in text or (bare.replace(".", "").isdigit() and len(bare) > 3)


def _heading_at(lines, position, current):
    """(rows that it takes, {column: heading}, {column: field}) when a heading row begins here."""
    one = _texts(lines[position])
    if not _may_be_heading(one):
        return None
    best = None
    if _is_heading(_fields(one), one, current):
        best = (1, one, _fields(one))
    if position + 1 < len(lines):
        under = _texts(lines[position + 1], skip_down=True)
        both = _combined(lines[position], one, under)
        if both and _is_heading(both[1], both[0], current) and _adds(best, both[1]):
            best = (2, *both)
    return best


def _texts(line, *, skip_down=False):
    return {
        column: cell.text
        for column, cell in enumerate(line.cells)
        if cell.text and not cell.formula and not (skip_down and cell.down)
    }


def _may_be_heading(texts):
    return bool(texts) and all(len(text) <= 120 for text in texts.values())


def _fields(texts):
    found = {column: c.field_of(text) for column, text in texts.items()}
    return {column: name for column, name in found.items() if name}


def _strong(fields):
    return {name for name in fields.values() if name not in (c.OTHER, c.NUMBER)}


def _is_heading(fields, texts, current):
    strong = _strong(fields)
    known = len(fields) / len(texts)
    if not ((len(strong) >= 2 and known >= 0.6) or (len(strong) >= 3 and known >= 0.5)):
        return False
    plain = {c.STEP, c.OBJECTIVE, c.GOAL}
    has_step = bool(strong & plain) or any(c.depth(text) == 1 for text in texts.values() if c.field_of(text))
    if not has_step and not {c.OWNER, c.WHEN} <= strong:
        return False
    if current is not None and texts != current.headings:
        same = sum(text in current.headings.values() for text in texts.values())
        return (
            same >= 2 or (len(strong) >= 3 and len(fields) >= 0.8 * len(texts)) or len(fields) == len(texts)
        )
    return True


def _adds(best, fields):
    return best is None or len(_strong(fields)) > len(_strong(best[2])) or len(fields) > len(best[2])


def _combined(line, top, under):
    """Headings two rows deep: "Timeline" over "2023-24", "2024-25"; "Responsible" over "Lead", "Support"."""
    lower = {column: c.field_of(text) for column, text in under.items()}
    known = [column for column, text in top.items() if c.field_of(text)]
    if not under or not any(lower.values()) or not all(map(c.is_heading_like, under.values())):
        return None
    if len(top) < 2 or 2 * len(known) < len(top):
        return None
    lower_alone = {column: name for column, name in lower.items() if name}
    if len(known) < len(top) and _is_heading(lower_alone, under, None):
        return None  # a row of the plan above a heading row that repeats
    groups = _groups(line, top, under)
    texts, fields = {}, {}
    for column in sorted(set(top) | set(under)):
        over, below = groups.get(column, ""), under.get(column, "")
        over_field, below_field = c.field_of(over), lower.get(column)
        texts[column] = join(over, below, " ") if over != below else over
        if not below:
            fields[column] = over_field
        elif below_field == c.YEAR:
            fields[column] = c.COST if over_field == c.COST else c.YEAR
        elif below_field is None or (
            over_field in (c.OWNER, c.COST, c.EVIDENCE)
            and below_field not in (c.WHEN, c.START, c.DUE, c.STATUS)
        ):
            fields[column] = over_field
        else:
            fields[column] = below_field or over_field
    fields = {column: name for column, name in fields.items() if name}
    return texts, fields


def _groups(line, top, under):
    """The upper heading of each column: merged cells reach as far as they are wide; in a file that cannot merge,
    an upper heading reaches over the empty cells to its right, as long as something stands below them."""
    groups, last, reach = {}, "", 0
    for column in range(max([*top, *under]) + 1):
        if column in top:
            last = top[column]
            span = line.cells[column].span if column < len(line.cells) else 1
            reach = column + span - 1 if span > 1 else -1
        elif column not in under or (reach >= 0 and column > reach):
            last = ""
        if last:
            groups[column] = last
    return groups


def _titles_at_the_end(table):
    """Lines at the end of a table that really stand above the next one: they are taken off it."""
    cut = len(table.lines)
    while cut and len({cell.text for cell in table.lines[cut - 1].cells if cell.text}) <= 2:
        text = line_text(table.lines[cut - 1])
        filled = [column for column, cell in enumerate(table.lines[cut - 1].cells) if cell.text]
        if labels.kind_of(text) not in ("goal", "objective", "title") or (
            len(filled) > 1 and not labels.is_bare(table.lines[cut - 1].cells[filled[0]].text)
        ):
            break
        cut -= 1
    above, table.lines = table.lines[cut:], table.lines[:cut]
    return above


def line_text(line):
    """The cells of a line that stands alone, as one text; a label and its text may lie in two cells."""
    seen = list(dict.fromkeys(cell.text for cell in line.cells if cell.text))
    return " ".join(" ".join(text.split()) for text in seen)


def explains(line, known):
    """Does this line only say what the codes in `known` stand for?"""
    texts = [cell.text for cell in line.cells if cell.text]
    if any(cell.formula for cell in line.cells) or not texts or not known:
        return False
    if legend.is_pair_heading(texts) or (len(texts) == 1 and legend.is_heading(texts[0])):
        return True
    pair = legend.pair_of(texts)
    if pair and known.get(pair[0]) == pair[1]:
        return True
    return all(legend.is_explained(text, known) for text in texts)


def without_heading(block):
    """A grid in which no heading row is beyond doubt: its columns are told from what they hold, where that is certain."""
    table = Table(block.name, {}, {}, [], list(block.lines), block.epoch_1904, block.sheet)
    for position, line in enumerate(block.lines[:8]):
        texts = _texts(line)
        if legend.is_pair_heading(list(texts.values())):
            break
        if len(texts) > 1 and _strong(_fields(texts)) - {c.YEAR} and all(map(_is_short, texts.values())):
            rest = Table(
                block.name,
                texts,
                {},
                list(block.lines[:position]),
                list(block.lines[position + 1 :]),
                block.epoch_1904,
                block.sheet,
            )
            fields = c.assign(texts, rest.samples(), _fields(texts))
            if c.STEP in fields.values() and {c.OWNER, c.WHEN, c.DUE} & set(fields.values()):
                rest.fields = fields
                unknown = [
                    f"“{texts[column]}”"
                    for column in fields
                    if fields[column] != c.OTHER and c.field_of(texts[column]) is None
                ]
                rest.told = (
                    f"{', '.join(unknown)} is no heading that is known; what the column holds said what it is"
                    if unknown
                    else ""
                )
                return rest
    table.headings = dict.fromkeys(range(table.width()), "")
    table.fields = c.by_content(table.samples())
    table.told = "No heading row: what the columns hold said which is which" if table.fields else ""
    return table


def _is_short(text):
    return len(text.split()) <= 6 and not text.endswith(".")


# Rows


def rows_of(table, context, known_legend):
    """The rows of a table in order, with goal, objective and notes from the lines around them."""
    reader = _Rows(table, context, known_legend)
    for line in table.above:
        reader.above(line)
    reader.start()
    for line in table.lines:
        reader.line(line)
    return reader.finish()


class _Rows:
    def __init__(self, table, context, known_legend):
        self.table, self.context, self.legend = table, context, known_legend
        self.found, self.waiting, self.titles = [], [], []
        self.fills = {c.GOAL: "", c.OBJECTIVE: ""}
        fields = table.fields
        self.by_field = {}
        for column in sorted(fields):
            self.by_field.setdefault(fields[column], []).append(column)
        self.has = {name: name in self.by_field for name in (*c.CHOICES, c.EXACT_OWNERS)}
        whole = [line for line in table.lines if sum(bool(cell.text) for cell in line.cells) > 1]
        steps = [text for line in whole for text in self._values(line, c.STEP)]
        self.verbal = bool(steps) and sum(map(labels.begins_with_verb, steps)) >= 0.6 * len(steps)
        self.numbered = bool(steps) and sum(map(labels.is_numbered, steps)) >= 0.6 * len(steps)
        whens = [
            text
            for column in self.by_field.get(c.WHEN, []) + self.by_field.get(c.DUE, [])
            for text in table.samples().get(column, [])
        ]
        self.day_first = _day_first(whens)

    # Lines that stand alone

    def above(self, line):
        text = line_text(line)
        if not text or self._is_legend(line, text):
            return
        kind = labels.kind_of(text)
        if self.context.wants_text and kind in ("title", ""):
            self.context.complete(text)
        elif kind == "goal":
            self.context.set_goal(text)
        elif kind == "objective":
            self.context.set_objective(text)
        elif kind == "note" or labels.is_plan_title(text) or len(text.split()) > 20:
            self.waiting.append(text)
        else:
            self.titles.append(text)

    def start(self):
        """The title next to the table is its goal when no line and no column says one."""
        for column, heading in self.table.headings.items():
            says = self.table.fields.get(column, c.OTHER) == c.OTHER and not labels.is_bare(heading)
            kind = labels.kind_of(heading) if says else ""
            if kind == "goal":
                self.context.set_goal(heading)
            elif kind == "objective":
                self.context.set_objective(heading)
        if (self.titles and not self.has[c.GOAL] and not self.context.goal) or (
            self.titles and not self.has[c.GOAL] and self.context.section
        ):
            self.context.set_goal(self.titles.pop(), section=True)
        if (
            not self.context.goal
            and not self.has[c.GOAL]
            and self.table.sheet
            and labels.is_bare(self.table.name)
        ):
            self.context.goal = self.table.name  # a sheet called "Goal 2"
        self.waiting.extend(self.titles)

    def _is_legend(self, line, text):
        return explains(line, self.legend)

    def line(self, line):
        filled = [column for column, cell in enumerate(line.cells) if cell.text]
        if not filled or self._is_legend(line, line_text(line)):
            return
        formula = [column for column in filled if line.cells[column].formula]
        alone = len({line.cells[column].text for column in filled if not line.cells[column].down}) == 1
        label_pair = (
            len(filled) == 2 and labels.is_bare(line.cells[filled[0]].text) and filled[1] == filled[0] + 1
        )
        if formula:
            written = ", ".join(
                f"{_place(line, column)} ({shorten(line.cells[column].text)})" for column in formula
            )
            self._row(
                _values_only(line), problem=f"A formula stands in {written}; only written values are read"
            )
        elif (alone or label_pair) and self._stands_alone(line, filled, label_pair):
            return
        else:
            self._row(line)

    def _stands_alone(self, line, filled, label_pair):
        """Take a line with one text as a goal, an objective, a heading or a note. False: it is a row."""
        column, text = filled[0], line_text(line)
        first = next((line.cells[one] for one in filled if not line.cells[one].down), line.cells[column])
        field_name = self.table.fields.get(line.cells.index(first) if first in line.cells else column)
        width = max(self.table.width(), len(self.table.headings))
        wide = first.span >= max(2, width - 1) or (
            first.span > 1 and len(filled) == 1 and first.span * 2 >= width
        )
        kind = labels.kind_of(text)
        explained = legend.inline(text)
        if (
            explained and set(explained) <= set(self.legend) and not labels.begins_with_verb(text)
        ) or legend.entries_of(text):
            kind = "note"
        if self.context.wants_text and kind in ("title", ""):
            self.context.complete(text)
        elif kind == "goal" and not (field_name == c.STEP and self._is_step_word(text)):
            self._new_goal(text)
        elif kind == "objective" and not (field_name == c.STEP and self._is_step_word(text)):
            self._new_objective(text)
        elif kind == "note" and not (wide and labels.is_plan_title(text)):
            self._note(text)
        elif wide and kind == "title":
            self._section(text)
        elif field_name == c.GOAL:
            self._new_goal(text)
        elif field_name == c.OBJECTIVE:
            self._new_objective(text)
        elif field_name == c.STEP and not wide:
            return self._lone_step(text, kind)
        elif field_name in (c.STEP, None, c.NUMBER, c.OTHER) or wide:
            if kind == "title" or (wide and len(text.split()) <= 20 and not labels.is_numbered(text)):
                self._section(text)
            elif wide and (labels.is_numbered(text) or labels.begins_with_verb(text)):
                return False
            else:
                self._note(text)
        elif field_name in (c.OWNER, c.WHEN, c.DUE, c.EXACT_OWNERS):
            return False
        else:
            self._note(text)
        return True

    def _is_step_word(self, text):
        """The step column's own heading is "Goals" or "Objectives": then what begins with that word is a step."""
        word = labels.first_word(text).rstrip("s")
        headings = (c.normal(self.table.headings.get(column, "")) for column in self.by_field.get(c.STEP, []))
        return any(re.search(rf"\b{re.escape(word)}", heading) for heading in headings)

    def _lone_step(self, text, kind):
        """Only the step column is filled: a step without owner and date, unless it reads as a heading."""
        if ((text.isupper() and len(text) > 4) or text.endswith(":")) and not labels.is_numbered(text):
            self._section(text)
            return True
        if (self.numbered or self.verbal) and kind == "title" and len(text.split()) <= 8:
            self._section(text)
            return True
        return False

    def _new_goal(self, text):
        self.context.set_goal(text)
        self.fills = {c.GOAL: "", c.OBJECTIVE: ""}

    def _new_objective(self, text):
        self.context.set_objective(text)
        self.fills[c.OBJECTIVE] = ""

    def _section(self, text):
        if self.has[c.OBJECTIVE] and self.context.goal and not self.context.section:
            self.waiting.append(text)
            return
        if (self.context.goal and not self.context.section) or self.fills[c.GOAL]:
            self._new_objective(text)
        else:
            self.context.set_goal(text, section=True)

    def _note(self, text):
        if self.found:
            self.found[-1].notes.append(text)
        else:
            self.waiting.append(text)

    # Rows

    def _values(self, line, name):
        return [
            line.cells[column].text
            for column in self.by_field.get(name, [])
            if column < len(line.cells) and line.cells[column].text
        ]

    def _text(self, line, name, separator="; "):
        return separator.join(
            " ".join(value.split()) if name != c.OWNER else value for value in self._values(line, name)
        )

    def _row(self, line, problem=""):
        table = self.table
        row = Found(
            source=line.source,
            goal=self._filled(line, c.GOAL) or self.context.goal,
            objective="",
            step=self._text(line, c.STEP, " "),
            who=self._text(line, c.OWNER, "\n"),
            exact_who=self._text(line, c.EXACT_OWNERS),
            when=self._text(line, c.WHEN),
            start=self._text(line, c.START),
            due=self._text(line, c.DUE),
            evidence=self._text(line, c.EVIDENCE),
            status=self._text(line, c.STATUS),
            kind=self._text(line, c.KIND),
            problem=problem,
            reasons=[table.told] if table.told else [],
            has_owner_column=self.has[c.OWNER] or self.has[c.EXACT_OWNERS],
            has_when_column=self.has[c.WHEN] or self.has[c.DUE] or self.has[c.YEAR] or self.has[c.START],
            day_first=self.day_first,
            epoch_1904=table.epoch_1904,
            cells=[cell.text for cell in line.cells],
        )
        row.objective = self._filled(line, c.OBJECTIVE) or self.context.objective
        row.cost = self._costs(line)
        self._years(line, row)
        for column in self.by_field.get(c.OTHER, []):
            if column < len(line.cells) and line.cells[column].text:
                row.notes.append(join(self.table.headings.get(column, ""), line.cells[column].text, ": "))
        strays = [
            cell.text for column, cell in enumerate(line.cells) if cell.text and column not in table.fields
        ]
        row.notes.extend(strays)
        if not row.step and not problem and self._continues(line, row):
            return
        row.notes[:0] = self.waiting
        self.waiting = []
        self.context.come_under(row)
        self.found.append(row)

    def _continues(self, line, row):
        """Cells under a row without step, owner and date go on with what the row above says."""
        says = row.who or row.exact_who or row.when or row.due or row.years
        if says or not self.found:
            return False
        if goal := self._text(line, c.GOAL):
            self._new_goal(goal)
        if objective := self._text(line, c.OBJECTIVE):
            self._new_objective(objective)
        rest = [text for text in (row.cost, row.evidence, row.status, *row.notes) if text]
        if rest:
            self.found[-1].notes.append("; ".join(rest))
        return True

    def _filled(self, line, name):
        """A goal or objective stands in the first row of its group only; the rows below belong to it."""
        value = self._text(line, name)
        if value and value != self.fills[name]:
            self.fills[name] = value
            if name == c.GOAL:
                self.fills[c.OBJECTIVE] = ""
        return self.fills[name]

    def _costs(self, line):
        parts = []
        for column in self.by_field.get(c.COST, []):
            if column < len(line.cells) and line.cells[column].text:
                heading, value = (
                    self.table.headings.get(column, ""),
                    " ".join(line.cells[column].text.split()),
                )
                year = heading.split(" ", 1)[-1] if c.field_of(heading) != c.YEAR else heading
                parts.append(f"{year}: {value}" if c.field_of(year) == c.YEAR else value)
        return "; ".join(parts)

    def _years(self, line, row):
        """Year columns: a mark means due in that year, money is a cost, other words are kept beside the mark."""
        for column in self.by_field.get(c.YEAR, []):
            value = line.cells[column].text if column < len(line.cells) else ""
            heading = self.table.headings[column]
            year = heading if c.field_of(heading) == c.YEAR else _year_part(heading)
            if not value or value.lower() in ("no", "n", "-", "–", "n/a", "0"):
                continue
            if is_money(value):
                row.cost = join(row.cost, f"{year}: {value}", "; ")
                continue
            row.years.append(year)
            if value.lower().strip(" .()") not in labels.MARKS:
                row.year_words.append(f"{year}: {value}")

    def finish(self):
        """What waits for a row that never came stands with the last one."""
        if self.waiting and self.found:
            self.found[-1].notes.extend(self.waiting)
            self.waiting = []
        return self.found, self.waiting


def _values_only(line):
    return Line(line.source, [Cell() if cell.formula else cell for cell in line.cells])


def _year_part(heading):
    words = heading.split()
    for start in range(len(words)):
        if c.field_of(" ".join(words[start:])) == c.YEAR:
            return " ".join(words[start:])
    return heading


def _place(line, column):
    sheet, _, number = line.source.rpartition("!")
    letters = (
        chr(ord("A") + column)
        if column < 26
        else chr(ord("A") + column // 26 - 1) + chr(ord("A") + column % 26)
    )
    return f"{letters}{number}" if sheet else f"{letters} in {line.source}"


def _day_first(texts):
    """Other dates in the column show that the day stands first, so "03/04/2012" is not certain."""
    pairs = [
        tuple(map(int, pair))
        for text in texts
        for pair in re.findall(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d\d)\b", text)
    ]
    return any(one > 12 >= two for one, two in pairs) and not any(two > 12 for _, two in pairs)


__all__ = ["Context", "Table", "find_tables", "line_text", "rows_of", "without_heading"]
