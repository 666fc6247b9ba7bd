"""OneRoster 1.1 and 1.2, bulk: orgs are buildings, users with a staff role are people. Of students and families a number
is kept and nothing else: whether somebody is staff is asked before any other column of the row is looked at.
"""

import re
from datetime import date

from stakeholders.files.shapes import Refused
from stakeholders.importing import found, words
from stakeholders.importing.found import FoundBuilding, FoundPerson, FoundSet

ORG_COLUMNS = ("sourcedId", "status", "name", "type", "identifier", "parentSourcedId")
ROLE_COLUMNS = ("status", "userSourcedId", "role", "beginDate", "endDate", "orgSourcedId")
USER_COLUMNS = (
    "sourcedId", "status", "enabledUser", "role", "orgSourcedIds", "primaryOrgSourcedId", "givenName", "familyName",
    "preferredGivenName", "preferredFamilyName", "email",
)  # fmt: skip
ABOVE = {
    "district",
    "local",
    "state",
    "national",
}  # the district itself, and what is above it: never a building
MANY = 200  # rows that cannot be told apart; with more than these the file is not what it says
FEW = 5
MAX_STAFF = 30_000
_ROLE_WORD = re.compile(r"(ext:)?[A-Za-z][A-Za-z _-]{0,40}", re.ASCII)


def read_set(source, *, today, further=()):
    """The staff and buildings of an opened set. `today`: roles that have ended by then, or not begun, do not count.
    `further`: words that somebody says are staff roles, too."""
    staff = {**words.STAFF, **{words.plain(word): word for word in further}}
    outside = sorted(word for word in staff if words.is_outside(word))
    if outside:
        raise Refused(f"“{staff[outside[0]]}” is not a staff role. Students and families do not come in.")
    told = _manifest(source)
    by_column = "role" in source.heading("users.csv") if "users.csv" in source else False
    has_roles = "roles.csv" in source and any(True for _ in _rows(source, "roles.csv", ROLE_COLUMNS))
    kind = found.ONEROSTER_1_1 if by_column and not has_roles else found.ONEROSTER_1_2
    out = FoundSet(kind)
    _check_files(source, told, out, by_column=by_column)
    orgs = _Orgs(out)
    if "orgs.csv" in source:
        orgs.read(source)
    roles = _Roles(staff, today, out)
    if kind == found.ONEROSTER_1_2 and "roles.csv" in source:
        roles.read(source)
    if "users.csv" in source:
        _Users(out, orgs, roles, by_column=kind == found.ONEROSTER_1_1).read(source)
    return out


def _manifest(source):
    """{property: value}. A set without a manifest is read as a whole one."""
    told = {}
    if "manifest.csv" in source:
        for row in source.rows("manifest.csv", {"propertyname": "propertyName", "value": "value"}):
            told[row.cells.get("propertyname", "").strip().lower()] = (
                row.cells.get("value", "").strip().lower()
            )
    return told


def _check_files(source, told, out, *, by_column):
    for name in ("orgs", "users", "roles"):
        if told.get(f"file.{name}") == "delta":
            raise Refused(
                f"{name}.csv holds only what has changed (“delta”). Export the whole set (“bulk”) and bring that in."
            )
    version = told.get("oneroster.version", "")
    if version and not version.startswith(("1.1", "1.2")):
        raise Refused("This is OneRoster of another version than 1.1 and 1.2.")
    if "users.csv" not in source:
        out.notes.append("There is no users.csv, or nothing in it: only buildings can come in.")
    elif not by_column and "roles.csv" not in source:
        raise Refused(
            "roles.csv is missing, and users.csv has no column “role”: nobody can tell who is staff."
        )
    if "orgs.csv" not in source:
        out.notes.append("There is no orgs.csv, or nothing in it: people come in without buildings.")
    if not told:
        out.notes.append("There is no manifest.csv. The set was read as a whole one.")


def _rows(source, name, columns, *, needed=()):
    """Rows with the columns by their own names."""
    wanted = {column.lower(): column for column in columns}
    lacking = [column for column in needed if column.lower() not in source.heading(name)]
    if lacking:
        raise Refused(f"{name} has no column “{lacking[0]}”.")
    for row in source.rows(name, wanted):
        row.cells = {wanted[key]: value for key, value in row.cells.items()}
        yield row


def _is_gone(cells):
    return words.plain(cells.get("status", "")) in ("tobedeleted", "inactive")


def _split(ids):
    """The ids in one cell: "a,b" with or without blanks and quotes."""
    return [one.strip().strip("'\"").strip() for one in re.split(r"[,;|]", ids) if one.strip(" '\"")]


class _Orgs:
    """orgs.csv: which building an id stands for. The district itself, and what is above it, is no building."""

    def __init__(self, out):
        self.out = out
        self.places = {}  # id → place in out.buildings, or None

    def read(self, source):
        rows = {}
        for row in _rows(source, "orgs.csv", ORG_COLUMNS, needed=("sourcedId", "name", "type")):
            if row.problem:
                self.out.buildings.append(
                    FoundBuilding(
                        _place("orgs.csv", row), "", problem=f"This row cannot be told apart: {row.problem}."
                    )
                )
                continue
            if _is_gone(row.cells):
                self.places[row.cells["sourcedId"].strip()] = None
                self.out.skip("closed building")
                continue
            rows.setdefault(row.cells["sourcedId"].strip(), row)
        self._refuse_two_districts(rows)
        self._build(rows)

    def _build(self, rows):
        names, unknown = {}, 0
        for org, row in rows.items():
            kind = words.plain(row.cells["type"])
            parent = rows.get(row.cells.get("parentSourcedId", "").strip())
            in_school = parent is not None and words.plain(parent.cells["type"]) == "school"
            if kind in ABOVE:
                self.places[org] = None
            elif kind == "school" or (kind == "department" and not in_school):
                self.places[org] = len(self.out.buildings)
                self.out.buildings.append(_building(org, row, names, is_office=kind == "department"))
            elif kind != "department":
                unknown += 1
                self.places[org] = None
        for org, row in rows.items():  # a department of a school is at that school
            if org not in self.places:
                self.places[org] = self.places.get(row.cells.get("parentSourcedId", "").strip())
        if unknown:
            self.out.notes.append(
                f"{unknown} rows of orgs.csv are neither school, department nor district; they were left out."
            )

    def _refuse_two_districts(self, rows):
        """A service agency's export of all its members: people of one district must not come into another."""
        tops = set()
        for row in rows.values():
            if words.plain(row.cells["type"]) == "school":
                tops.add(_district_of(row, rows))
        if len(tops - {None}) > 1:
            raise Refused(
                f"The set holds the schools of {len(tops - {None})} districts. Export one district at a time."
            )

    def of(self, ids):
        """(places of the buildings, whether one of the ids stands nowhere)."""
        places, lost = [], False
        for org in ids:
            place = self.places.get(org)
            if place is None:
                lost = lost or (org not in self.places and bool(self.places))
            elif self.out.buildings[place].problem:
                lost = True
            elif place not in places:
                places.append(place)
        return places, lost


def _building(org, row, names, *, is_office):
    name = words.one_line(row.cells["name"])[:200]
    number = row.cells.get("identifier", "").strip()
    made = FoundBuilding(
        _place("orgs.csv", row), name, org, number if re.fullmatch(r"[0-9]{12}", number) else "", is_office
    )
    if not name:
        made.problem = "There is no name."
    elif not org or len(org) > words.LONGEST_ID:
        made.problem = "There is no sourcedId." if not org else "The sourcedId is too long."
    elif name.casefold() in names:
        made.problem = f"{names[name.casefold()]} has the same name. Each building of a district has its own."
    else:
        names[name.casefold()] = made.source
    return made


def _district_of(row, rows):
    """The id of the district above a school, or None."""
    for _step in range(10):
        org = row.cells.get("parentSourcedId", "").strip()
        row = rows.get(org)
        if row is None:
            return None
        if words.plain(row.cells["type"]) == "district":
            return org
    return None


class _Roles:
    """Who is staff. Of everybody else only a number of each id is kept while reading, so that they can be counted."""

    def __init__(self, staff, today, out):
        self.staff, self.today, self.out = staff, today, out
        self.held = {}  # id of a user → {role: [ids of orgs]}
        self.students, self.family, self.others = set(), set(), set()
        self.unknown = {}  # role word → how many rows

    def read(self, source):
        odd_dates = broken = 0
        for row in _rows(source, "roles.csv", ROLE_COLUMNS, needed=("userSourcedId", "role")):
            if row.problem:
                broken += 1
                continue
            runs, odd = self._runs(row.cells)
            odd_dates += odd
            if not runs or _is_gone(row.cells):
                continue
            self.take(
                row.cells["userSourcedId"].strip(), row.cells["role"], row.cells.get("orgSourcedId", "")
            )
        if odd_dates:
            self.out.notes.append(
                f"{odd_dates} rows of roles.csv have dates that cannot be read; they count as running."
            )
        if broken:
            self.out.notes.append(f"{broken} rows of roles.csv cannot be told apart; they were left out.")

    def take(self, user, role, org):
        plain = words.plain(role)
        if plain in words.STUDENTS:
            self.students.add(hash(user))
        elif plain in self.staff:
            self.held.setdefault(user, {}).setdefault(self.staff[plain], []).extend(_split(org))
        elif plain in words.FAMILY:
            self.family.add(hash(user))
        elif plain:
            self.others.add(hash(user))
            self.word(role)

    def _runs(self, cells):
        """(whether the role runs today, whether a date of it cannot be read)."""
        begins, odd_one = _day(cells.get("beginDate", ""))
        ends, odd_two = _day(cells.get("endDate", ""))
        runs = not (begins and begins > self.today) and not (ends and ends < self.today)
        return runs, odd_one or odd_two

    def word(self, role):
        """Count a role that is not known, to say which it is: but only what looks like a role and not like a name."""
        role = words.one_line(role)
        if _ROLE_WORD.fullmatch(role):
            self.unknown[role] = self.unknown.get(role, 0) + 1

    def say_unknown(self):
        told = [
            f"“{role}” ({n})"
            for role, n in self.unknown.items()
            if role.lower().startswith("ext:") or n >= FEW
        ]
        if told:
            self.out.notes.append(
                f"Roles that are not known to be staff: {', '.join(sorted(told)[:10])}. Whoever has no other role was left "
                "out. Name the ones that are staff when you choose the file."
            )


def _day(text):
    """(the day or None, whether something else stands there)."""
    text = text.strip()
    if not text:
        return None, False
    try:
        return date.fromisoformat(text[:10]), False
    except ValueError:
        return None, True


class _Users:
    def __init__(self, out, orgs, roles, *, by_column):
        self.out, self.orgs, self.roles, self.by_column = out, orgs, roles, by_column
        self.by_address, self.by_id, self.broken = {}, {}, 0

    def read(self, source):
        needed = ("sourcedId", "givenName", "familyName", "email")
        for row in _rows(source, "users.csv", USER_COLUMNS, needed=needed):
            groups, orgs = self._staff_roles(row)
            if not groups:
                continue
            if row.problem:
                self._tell_broken(row)
            elif _is_gone(row.cells) or words.plain(row.cells.get("enabledUser", "")) in (
                "false",
                "no",
                "0",
                "f",
                "n",
            ):
                self.out.skip(words.GONE)
            else:
                self._person(row, groups, orgs)
                if len(self.out.people) > MAX_STAFF:
                    raise Refused(
                        f"The set holds more than {MAX_STAFF:,} staff. That is more than can be brought in."
                    )
        self.roles.say_unknown()

    def _staff_roles(self, row):
        """The staff roles of the row's user and the orgs where they are held. Nobody else gets beyond this line."""
        user = row.cells["sourcedId"].strip()
        if row.problem and self._is_outsider(row, user):
            return {}, []
        if self.by_column:
            return self._by_column(row)
        held = self.roles.held.get(user)
        if hash(user) in self.roles.students:
            self.out.skip(words.STUDENT)
        elif held:
            return list(held), [org for orgs in held.values() for org in orgs]
        elif row.problem:
            return {"?": []}, []
        elif hash(user) in self.roles.family:
            self.out.skip(words.RELATIVE)
        else:
            self.out.skip(words.OTHER_ROLE if hash(user) in self.roles.others else words.NO_ROLE)
        return [], []

    def _by_column(self, row):
        said = _split(row.cells.get("role", ""))
        plain = [words.plain(role) for role in said]
        staff = [self.roles.staff[role] for role in plain if role in self.roles.staff]
        if set(plain) & words.STUDENTS:
            self.out.skip(words.STUDENT)
            return [], []
        if staff:
            return list(dict.fromkeys(staff)), _split(row.cells.get("orgSourcedIds", ""))
        if row.problem:
            return ["?"], []
        if set(plain) & words.FAMILY:
            self.out.skip(words.RELATIVE)
        elif said:
            self.out.skip(words.OTHER_ROLE)
            for role in said:
                self.roles.word(role)
        else:
            self.out.skip(words.NO_ROLE)
        return [], []

    def _is_outsider(self, row, user):
        """A row whose cells have slipped is a student's or a relative's if any of its words says so."""
        plain = {words.plain(cell) for cell in row.words}
        student = bool(plain & words.STUDENTS) or hash(user) in self.roles.students
        relative = bool(plain & words.FAMILY) or (
            hash(user) in self.roles.family and user not in self.roles.held
        )
        if student or relative:
            self.out.skip(words.STUDENT if student else words.RELATIVE)
        return student or relative

    def _tell_broken(self, row):
        """Say where the row stands, and nothing that stands in it: no cell is where its heading says."""
        self.broken += 1
        if self.broken > MANY:
            raise Refused(
                f"More than {MANY} rows of users.csv cannot be told apart, {_place('', row)} the last of them."
            )
        self.out.people.append(
            FoundPerson(_place("users.csv", row), problem=f"This row cannot be told apart: {row.problem}.")
        )

    def _person(self, row, groups, orgs):
        cells, place = row.cells, _place("users.csv", row)
        given = cells.get("preferredGivenName", "").strip() or cells["givenName"]
        family = cells.get("preferredFamilyName", "").strip() or cells["familyName"]
        name = words.one_line(f"{given} {family}")
        one = FoundPerson(
            place, name[: words.LONGEST_NAME], words.address(cells["email"]), cells["sourcedId"].strip()
        )
        one.groups = groups
        main = cells.get("primaryOrgSourcedId", "").strip()
        one.buildings, lost = self.orgs.of([*([main] if main else []), *orgs])
        if lost:
            one.missing.append("It names a building that is not in orgs.csv, or that cannot come in.")
        if len(one.source_id) > words.LONGEST_ID:
            one.source_id, one.problem = "", "The sourcedId is too long."
        elif not one.source_id:
            one.missing.append("There is no sourcedId: next time this person is known by the address.")
        elif (first := self.by_id.setdefault(one.source_id, place)) != place:
            one.source_id, one.problem = "", f"{first} has the same sourcedId."
        if not found.is_known_by_address(one, self.by_address):
            self.out.people.append(one)


def _place(name, row):
    lines = f"line {row.line}" if row.line == row.last_line else f"lines {row.line} to {row.last_line}"
    return f"{name} {lines}".strip()
