"""The rows of a table, with the goals, objectives, titles and notes that stand above and between them."""

import re

from milestones.importing import columns as c
from milestones.importing import labels, legend
from milestones.importing.found import Found, join
from milestones.importing.owners import shorten
from milestones.importing.tables import explains, is_money, line_text
from stakeholders.files.shapes import Cell, Line


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
