"""A list of people as districts keep it: a row a person, with columns under the names that are in use."""

import re

from openpyxl.utils import get_column_letter

from stakeholders.files.separated import best_table, decode, grid
from stakeholders.files.shapes import MAX_COLUMNS, Refused, tidy
from stakeholders.importing import found, words
from stakeholders.importing.found import FoundBuilding, FoundPerson, FoundSet

EMAIL, NAME, FIRST, LAST, LEVEL, TITLE, BUILDING = (
    "email",
    "name",
    "first",
    "last",
    "level",
    "title",
    "building",
)
HEADINGS = {
    EMAIL: (
        "email", "e mail", "email address", "e mail address", "mail", "work email", "school email", "staff email",
        "district email", "employee email", "primary email", "work email address", "work e mail", "email work",
    ),
    NAME: (
        "name", "full name", "staff name", "employee name", "employee", "staff member", "person", "last first",
        "last name first name", "name last first", "display name", "first and last name", "contact name", "who",
    ),
    FIRST: ("first name", "first", "given name", "firstname", "givenname", "preferred first name", "forename"),
    LAST: ("last name", "last", "family name", "surname", "lastname", "familyname"),
    LEVEL: ("level", "access", "access level", "permission", "permissions", "rights"),
    TITLE: (
        "role", "roles", "title", "titles", "role s", "job title", "position", "position title", "job", "assignment",
        "job description", "role title", "roles held", "committee role",
    ),
    BUILDING: (
        "building", "buildings", "school", "schools", "site", "sites", "location", "locations", "campus", "work site",
        "worksite", "work location", "school name", "building name", "site name", "school site", "school building",
        "home school", "location name",
    ),
}  # fmt: skip
FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings}
# A list that has one of these is a list of students, whatever else is in it.
NOT_STAFF = re.compile(r"\b(student|pupil|guardian|birth|dob|homeroom|enrollment)\b")
LEVELS = ("viewer", "committee", "editor", "leader")
LEVEL_WORDS = {**{level: level for level in LEVELS}, **{f"{level}s": level for level in LEVELS}}
SEARCHED = 20  # rows in which the headings are looked for
LONGEST_TITLE = 200
LONGEST_HEADING = 40
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def read_list(blocks):
    """The people of a list's sheets. Refused, with the reason, when no row of headings is found or a column lacks."""
    out, buildings, read = FoundSet(found.LIST), {}, 0
    for block in blocks:
        at = _heading_row(block)
        if at is None:
            continue
        read += 1
        columns = _columns(block.lines[at])
        _check_columns(columns, block.lines[at].source)
        reader = _Reader(out, buildings, columns, [cell.text for cell in block.lines[at].cells], block.sheet)
        for line in block.lines[at + 1 :]:
            reader.take(line)
    if not read:
        raise Refused(
            "No row of headings was found. The list needs a first row that says “E-mail” and “Name” "
            "(or “First name” and “Last name”)."
        )
    if read < len(blocks):
        out.notes.append(f"{len(blocks) - read} sheets without such headings were not read.")
    return out


def blocks_of_csv(data):
    return [grid("CSV", best_table(decode(data), _score))]


def _score(records):
    fields = (_fields([tidy(value) for value in values[:MAX_COLUMNS]]) for _, values in records[:SEARCHED])
    return max((len(set(found.values())) for found in fields), default=0)


def _heading(text):
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def _fields(texts):
    """{column: field} of what a row of headings says. "Role 2" is a role, too."""
    fields = {}
    for column, text in enumerate(texts):
        heading = _heading(text)
        field = FIELD_OF.get(heading) or FIELD_OF.get(re.sub(r" ?\d+$", "", heading))
        if field:
            fields[column] = field
    return fields


def _heading_row(block):
    best, best_score = None, 1
    for number, line in enumerate(block.lines[:SEARCHED]):
        _refuse_students([cell.text for cell in line.cells])
        fields = set(_fields([cell.text for cell in line.cells]).values())
        if len(fields) > best_score:
            best, best_score = number, len(fields)
    return best


def _refuse_students(texts):
    headings = [_heading(text) for text in texts]
    if "sourcedid" in [heading.replace(" ", "") for heading in headings]:
        raise Refused("This is one file of a OneRoster set. Bring in the whole set, as a zip archive.")
    if len(set(_fields(texts).values())) < 2:
        return  # not a row of headings
    for heading in headings:
        if NOT_STAFF.search(heading) and len(heading) < LONGEST_HEADING:
            raise Refused(
                f"This looks like a list of students: it has a column “{heading}”. Students do not come in."
            )


def _columns(line):
    """{column: field}. A heading that is merged over two columns heads both: "Name" over first and last."""
    fields = _fields([cell.text for cell in line.cells])
    for column, cell in enumerate(line.cells):
        if column in fields:
            for beside in range(column + 1, column + cell.span):
                fields.setdefault(beside, fields[column])
    return fields


def _check_columns(columns, where):
    fields = set(columns.values())
    if EMAIL not in fields:
        raise Refused(f"{where}: no column is headed “E-mail”. Without an address nobody can come in.")
    if NAME not in fields and not {FIRST, LAST} <= fields:
        raise Refused(f"{where}: no column is headed “Name”, nor “First name” and “Last name”.")


class _Reader:
    def __init__(self, out, buildings, columns, headings, is_sheet):
        self.out, self.buildings, self.columns, self.headings = out, buildings, columns, headings
        self.is_sheet = is_sheet
        self.by_address = {one.email: one for one in out.people if one.email and not one.problem}

    def take(self, line):
        cells = {column: line.cells[column] for column in self.columns if column < len(line.cells)}
        titles = self._several(cells, TITLE)
        if any(map(words.is_outside, titles)):
            self.out.skip(words.STUDENT if words.plain(titles[0]) in words.STUDENTS else words.RELATIVE)
            return
        if not any(cell.text for cell in cells.values()):
            return
        one = FoundPerson(line.source, self._name(cells), groups=[title[:LONGEST_TITLE] for title in titles])
        self._read_address(one, cells)
        formula = [column for column, cell in cells.items() if cell.formula]
        if formula:
            one.name, one.email, one.groups = "", "", []
            one.problem = f"A formula stands in {self._column(formula[0])}; only written values are read."
        elif len(line.cells) > len(self.headings):
            one.name, one.email, one.groups = "", "", []
            one.problem = f"The row has {len(line.cells)} cells under {len(self.headings)} headings."
        if not one.problem:
            self._read_level(one, cells)
            one.buildings = [self._building(name, line.source) for name in self._several(cells, BUILDING)]
        if not found.is_known_by_address(one, self.by_address):
            self.out.people.append(one)

    def _name(self, cells):
        whole = words.in_order(" ".join(self._texts(cells, NAME)))
        parts = " ".join([*self._texts(cells, FIRST), *self._texts(cells, LAST)])
        return words.one_line(parts or whole)[: words.LONGEST_NAME]

    def _texts(self, cells, field):
        """What the columns of a field say, each thing once."""
        return list(
            dict.fromkeys(c.text for column, c in cells.items() if self.columns[column] == field and c.text)
        )

    def _several(self, cells, field):
        said = [one for text in self._texts(cells, field) for one in re.split(r"[;\n]", text)]
        return list(dict.fromkeys(one.strip() for one in said if one.strip()))

    def _read_address(self, one, cells):
        said = [words.address(text) for text in self._texts(cells, EMAIL)]
        if len(set(said)) > 1 or any(len(_ADDRESS.findall(text)) > 1 for text in said):
            one.problem = f"{self._columns_of(EMAIL)}: more than one address."
        else:
            one.email = said[0] if said else ""

    def _read_level(self, one, cells):
        said = self._texts(cells, LEVEL)
        levels = {LEVEL_WORDS.get(text.strip().lower()) for text in said}
        if len(levels) > 1 or None in levels:
            one.missing.append(f"{self._columns_of(LEVEL)}: “{said[0][:40]}” is none of {', '.join(LEVELS)}.")
        elif levels:
            one.level = levels.pop()

    def _building(self, name, source):
        name = words.one_line(name)[:200]
        key = name.casefold()
        if key not in self.buildings:
            self.buildings[key] = len(self.out.buildings)
            self.out.buildings.append(FoundBuilding(source, name))
        return self.buildings[key]

    def _column(self, column):
        place = get_column_letter(column + 1) if self.is_sheet else column + 1
        heading = self.headings[column] if column < len(self.headings) else ""
        return f"column {place} (“{heading}”)" if heading else f"column {place}"

    def _columns_of(self, field):
        said = " and ".join(self._column(column) for column, name in self.columns.items() if name == field)
        return said[:1].upper() + said[1:]
