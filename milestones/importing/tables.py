"""Find the tables of a plan file, their heading rows, and the rows with what stands above and between them."""

from dataclasses import dataclass, field

from milestones.importing import columns as c
from milestones.importing import labels, legend
from milestones.importing.found import join

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
