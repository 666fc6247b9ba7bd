"""OneRoster sets made from the specification, with invented people, and the ways in which real sets deviate.

Every word of a student or a relative, and every password, is a canary: it may stand nowhere after an import.
"""

import csv
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date

from stakeholders.importing import archive, oneroster

TODAY = date(2026, 11, 17)
CANARY = "Zanzibar"  # begins every cell of a student, a parent and a password
ORGS = [
    "sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId",
]  # fmt: skip
USERS_1_1 = [
    "sourcedId", "status", "dateLastModified", "enabledUser", "orgSourcedIds", "role", "username", "userIds",
    "givenName", "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds",
    "grades", "password",
]  # fmt: skip
USERS_1_2 = [
    "sourcedId", "status", "dateLastModified", "enabledUser", "username", "userIds", "givenName",
    "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades",
    "password", "userMasterIdentifier", "resourceSourcedIds", "preferredGivenName", "preferredMiddleName",
    "preferredFamilyName", "primaryOrgSourcedId", "pronouns",
]  # fmt: skip
ROLES = [
    "sourcedId", "status", "dateLastModified", "userSourcedId", "roleType", "role", "beginDate", "endDate",
    "orgSourcedId", "userProfileSourcedId",
]  # fmt: skip
MANIFEST = {
    "manifest.version": "1.0",
    "oneroster.version": "1.2",
    "file.orgs": "bulk",
    "file.users": "bulk",
    "file.roles": "bulk",
    "file.enrollments": "bulk",
    "file.demographics": "bulk",
    "source.systemName": "Invented",
}


@dataclass
class User:
    id: str
    name: str
    roles: tuple[str, ...]
    orgs: tuple[str, ...] = ("s1",)
    email: str | None = None
    more: dict[str, str] = field(default_factory=dict)

    @property
    def is_staff(self) -> bool:
        return "student" not in self.roles and bool(set(self.roles) - {"guardian", "parent", "relative"})


STAFF = [
    User("u1", "Ana Rivera", ("principal",), ("s1",)),
    User("u2", "Tom Okafor", ("teacher",), ("s1", "s2")),
    User("u3", "Mei Lindqvist", ("aide",), ("s2",)),
    User("u4", "Lou Haddad", ("districtAdministrator",), ("d1",)),
]
OUTSIDERS = [
    User("k1", f"{CANARY}kid One", ("student",)),
    User("k2", f"{CANARY}kid Two", ("student",), ("s2",)),
    User("p1", f"{CANARY}mum Three", ("guardian",)),
]
ORG_ROWS = [
    {"sourcedId": "d1", "name": "Cedar District", "type": "district"},
    {
        "sourcedId": "s1",
        "name": "Lincoln School",
        "type": "school",
        "identifier": "080234500123",
        "parentSourcedId": "d1",
    },
    {"sourcedId": "s2", "name": "Ridge School", "type": "school", "parentSourcedId": "d1"},
]


def text_of(columns: list[str], rows: list[dict[str, str]], *, line_end: str = "\r\n") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator=line_end)
    writer.writeheader()
    writer.writerows([{column: row.get(column, "") for column in columns} for row in rows])
    return out.getvalue()


def user_row(user: User) -> dict[str, str]:
    given, _space, family = user.name.partition(" ")
    email = f"{given}.{family}@example.org".lower() if user.email is None else user.email
    row = {
        "sourcedId": user.id,
        "enabledUser": "true",
        "username": f"{CANARY}login",
        "givenName": given,
        "familyName": family,
        "email": email,
        "password": f"{CANARY}secret-{user.id}",
        "orgSourcedIds": ",".join(user.orgs),
        "role": user.roles[0],
    }
    if not user.is_staff:
        row |= {
            name: f"{CANARY}{name}"
            for name in ("identifier", "sms", "phone", "grades", "pronouns", "middleName")
        }
        row["familyName"] = f"{CANARY}{family}"
    return row | user.more


def role_rows(users: list[User]) -> list[dict[str, str]]:
    return [
        {
            "sourcedId": f"r-{user.id}-{role}-{org}",
            "userSourcedId": user.id,
            "roleType": "primary",
            "role": role,
            "orgSourcedId": org,
        }
        for user in users
        for role in user.roles
        for org in user.orgs
    ]


def roster_1_2(
    users: list[User] | None = None, /, *, orgs=None, manifest=None, **files: str | bytes | None
) -> dict:
    """{file name: text} of a 1.2 set. `files`: a file by its name without .csv, instead of the one made; None: left out."""
    users = [*STAFF, *OUTSIDERS] if users is None else users
    told = {**MANIFEST, **(manifest or {})}
    made = {
        "manifest.csv": "propertyName,value\n" + "".join(f"{name},{value}\n" for name, value in told.items()),
        "orgs.csv": text_of(ORGS, ORG_ROWS if orgs is None else orgs),
        "users.csv": text_of(USERS_1_2, [user_row(user) for user in users]),
        "roles.csv": text_of(ROLES, role_rows(users)),
        "demographics.csv": f"sourcedId,birthDate\nk1,{CANARY}birthday\n",
        "enrollments.csv": f"sourcedId,userSourcedId\n1,{CANARY}kid\n",
    }
    return _with(made, files)


def roster_1_1(users: list[User] | None = None, /, *, orgs=None, **files: str | bytes | None) -> dict:
    users = [*STAFF, *OUTSIDERS] if users is None else users
    spoken = {"districtAdministrator": "administrator", "principal": "administrator"}
    rows = [user_row(user) for user in users]
    for row in rows:
        row["role"] = spoken.get(row["role"], row["role"])
    made = {
        "orgs.csv": text_of(ORGS, ORG_ROWS if orgs is None else orgs),
        "users.csv": text_of(USERS_1_1, rows),
        "demographics.csv": f"sourcedId,birthdate\nk1,{CANARY}birthday\n",
    }
    return _with(made, files)


def _with(made: dict, files: dict) -> dict:
    made = {**made, **{f"{name}.csv": text for name, text in files.items()}}
    return {name: text for name, text in made.items() if text is not None}


def zipped(files: dict[str, str | bytes], *, folder: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            package.writestr(folder + name, text)
    return out.getvalue()


def read(files: dict | bytes, *, today: date = TODAY, further=(), folder: str = ""):
    """What the reader finds in a set."""
    data = files if isinstance(files, bytes) else zipped(files, folder=folder)
    source = archive.open_zip(io.BytesIO(data), most=10**9)
    return oneroster.read_set(source, today=today, further=further)


def people_of(found) -> list[tuple[str, str, list[str], list[str]]]:
    """(name, address, roles, buildings) of everybody who can come in."""
    return [
        (one.name, one.email, one.groups, [found.buildings[place].name for place in one.buildings])
        for one in found.people
        if not one.problem
    ]
