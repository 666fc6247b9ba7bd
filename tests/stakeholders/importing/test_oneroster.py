"""OneRoster 1.1 and 1.2 as the specification says, and as real systems write it."""

import codecs
import json

import pytest

from stakeholders.files.shapes import Refused
from tests.stakeholders.importing.rosters import (
    CANARY,
    ORG_ROWS,
    ORGS,
    OUTSIDERS,
    ROLES,
    STAFF,
    USERS_1_1,
    USERS_1_2,
    User,
    people_of,
    read,
    role_rows,
    roster_1_1,
    roster_1_2,
    text_of,
    user_row,
    zipped,
)

ALL = [
    ("Ana Rivera", "ana.rivera@example.org", ["principal"], ["Lincoln School"]),
    ("Tom Okafor", "tom.okafor@example.org", ["teacher"], ["Lincoln School", "Ridge School"]),
    ("Mei Lindqvist", "mei.lindqvist@example.org", ["aide"], ["Ridge School"]),
    ("Lou Haddad", "lou.haddad@example.org", ["districtAdministrator"], []),
]


def names(found):
    return [one[0] for one in people_of(found)]


def test_a_1_2_set_gives_staff_and_schools():
    found = read(roster_1_2())

    assert found.kind == "oneroster-1.2"
    assert people_of(found) == ALL
    assert [(one.name, one.source_id, one.nces_id) for one in found.buildings] == [
        ("Lincoln School", "s1", "080234500123"),
        ("Ridge School", "s2", ""),
    ]
    assert found.skipped == {"student": 2, "family": 1}
    assert found.notes == []


def test_a_1_1_set_gives_the_same_with_its_own_words():
    found = read(roster_1_1())

    assert found.kind == "oneroster-1.1"
    assert [(name, at) for name, _mail, _role, at in people_of(found)] == [
        (name, at) for name, _mail, _role, at in ALL
    ]
    assert [role for _n, _m, role, _at in people_of(found)] == [
        ["administrator"],
        ["teacher"],
        ["aide"],
        ["administrator"],
    ]
    assert found.skipped == {"student": 2, "family": 1}


@pytest.mark.parametrize("roster", [roster_1_1, roster_1_2])
def test_of_students_relatives_and_passwords_nothing_comes_out(roster):
    said = json.dumps(read(roster()).to_json())

    assert CANARY.lower() not in said.lower()


def reordered(files):
    rows = [user_row(user) for user in [*STAFF, *OUTSIDERS]]
    return {**files, "users.csv": text_of(sorted(USERS_1_2, reverse=True), rows)}


def with_extensions(files):
    rows = [{**user_row(user), "metadata.jobTitle": f"{CANARY}"} for user in [*STAFF, *OUTSIDERS]]
    return {**files, "users.csv": text_of([*USERS_1_2[:4], "metadata.jobTitle", *USERS_1_2[4:]], rows)}


def with_full_status(files):
    rows = [
        {**user_row(u), "status": "active", "dateLastModified": "2026-08-01T00:00:00.000Z"} for u in STAFF
    ]
    return {**files, "users.csv": text_of(USERS_1_2, rows + [user_row(user) for user in OUTSIDERS])}


def in_capitals(files):
    rows = [{**user_row(u), "enabledUser": "TRUE", "email": user_row(u)["email"].upper()} for u in STAFF]
    return {**files, "users.csv": text_of(USERS_1_2, rows + [user_row(user) for user in OUTSIDERS])}


DEVIATIONS = {
    "a mark at the beginning": lambda files: {n: codecs.BOM_UTF8 + t.encode() for n, t in files.items()},
    "UTF-16": lambda files: {n: t.encode("utf-16") for n, t in files.items()},
    "line ends of Unix": lambda files: {n: t.replace("\r\n", "\n") for n, t in files.items()},
    "old line ends": lambda files: {n: t.replace("\r\n", "\r") for n, t in files.items()},
    "mixed line ends": lambda files: {n: t.replace("\r\n", "\n", 1) for n, t in files.items()},
    "semicolons": lambda files: {n: t.replace(",", ";") for n, t in files.items()},
    "tabs": lambda files: {n: t.replace(",", "\t") for n, t in files.items()},
    "columns in another order": reordered,
    "extension columns": with_extensions,
    "a filled status": with_full_status,
    "capitals": in_capitals,
    "no manifest": lambda files: {n: t for n, t in files.items() if n != "manifest.csv"},
    "names of files in capitals": lambda files: {n.upper(): t for n, t in files.items()},
    "headings in small letters": lambda files: {
        n: t.split("\n", 1)[0].lower() + "\n" + t.split("\n", 1)[1] for n, t in files.items()
    },
    "what a Mac adds": lambda files: {**files, "__MACOSX/._users.csv": b"\x00\x05\x16\x07"},
    "empty lines": lambda files: {n: t + "\r\n\r\n" for n, t in files.items()},
    "header-only files beside": lambda files: {**files, "classes.csv": "sourcedId,status\r\n"},
    "no other files": lambda files: {
        n: t for n, t in files.items() if n not in ("demographics.csv", "enrollments.csv")
    },
}


@pytest.mark.parametrize("deviation", DEVIATIONS)
def test_what_real_sets_do_otherwise_is_taken(deviation):
    found = read(DEVIATIONS[deviation](roster_1_2()))

    assert people_of(found) == ALL
    assert found.skipped == {"student": 2, "family": 1}


def test_letters_of_windows_are_read():
    user = User("u9", "Zoë Núñez", ("teacher",), email="zoe@example.org")
    files = roster_1_2([user])

    found = read({**files, "users.csv": files["users.csv"].encode("cp1252")})

    assert names(found) == ["Zoë Núñez"]


@pytest.mark.parametrize("folder", ["export/", "2026/export/"])
def test_files_may_stand_in_a_folder_of_the_archive(folder):
    assert people_of(read(roster_1_2(), folder=folder)) == ALL


def test_no_district_row_and_schools_without_a_parent_are_taken():
    orgs = [{**row, "parentSourcedId": ""} for row in ORG_ROWS if row["type"] == "school"]

    found = read(roster_1_2(orgs=orgs))

    assert [one.name for one in found.buildings] == ["Lincoln School", "Ridge School"]
    assert names(found) == [one[0] for one in ALL]


def test_the_district_and_what_is_above_it_is_no_building_and_a_department_of_a_school_is_that_school():
    orgs = [
        *ORG_ROWS,
        {"sourcedId": "st", "name": "The state", "type": "state"},
        {"sourcedId": "m", "name": "Mathematics", "type": "department", "parentSourcedId": "s2"},
        {"sourcedId": "o", "name": "Technology office", "type": "department", "parentSourcedId": "d1"},
        {"sourcedId": "x", "name": "Bus garage", "type": "depot", "parentSourcedId": "d1"},
    ]
    users = [
        User("u1", "Ana Rivera", ("teacher",), ("m",)),
        User("u2", "Tom Okafor", ("aide",), ("o", "st")),
    ]

    found = read(roster_1_2(users, orgs=orgs))

    assert [one.name for one in found.buildings] == ["Lincoln School", "Ridge School", "Technology office"]
    assert [at for *_rest, at in people_of(found)] == [["Ridge School"], ["Technology office"]]
    assert "1 rows of orgs.csv are neither" in found.notes[0]


def test_a_set_of_several_districts_is_refused():
    orgs = [
        *ORG_ROWS,
        {"sourcedId": "d2", "name": "Dune", "type": "district"},
        {"sourcedId": "s9", "name": "Dune School", "type": "school", "parentSourcedId": "d2"},
    ]

    with pytest.raises(Refused, match="schools of 2 districts"):
        read(roster_1_2(orgs=orgs))


def test_who_is_gone_or_not_enabled_is_counted_and_closed_schools_are_left_out():
    users = [
        User("u1", "Ana Rivera", ("teacher",), more={"status": "tobedeleted"}),
        User("u2", "Tom Okafor", ("teacher",), more={"status": "inactive"}),
        User("u3", "Mei Lindqvist", ("teacher",), more={"enabledUser": "False"}),
        User("u4", "Lou Haddad", ("teacher",), ("s2",), more={"enabledUser": ""}),
    ]
    orgs = [*ORG_ROWS[:2], {**ORG_ROWS[2], "status": "tobedeleted"}]

    found = read(roster_1_2(users, orgs=orgs))

    assert names(found) == ["Lou Haddad"]
    assert found.skipped == {"gone": 3, "closed building": 1}
    assert [one.name for one in found.buildings] == ["Lincoln School"]


def test_who_is_student_and_staff_is_a_student_and_who_is_parent_and_staff_is_staff():
    users = [
        User("u1", f"{CANARY}kid Aide", ("aide", "student")),
        User("u2", "Tom Okafor", ("guardian", "teacher")),
    ]

    found = read(roster_1_2(users))

    assert names(found) == ["Tom Okafor"]
    assert found.skipped == {"student": 1}
    assert CANARY not in json.dumps(found.to_json())


def test_roles_that_have_ended_or_not_begun_do_not_count():
    roles = role_rows(STAFF)
    roles[0] |= {"endDate": "2026-11-16"}
    roles[1] |= {"endDate": "2026-11-17", "beginDate": "2020-07-01"}
    roles[3] |= {"beginDate": "2027-01-01"}
    roles[4] |= {"endDate": "someday"}

    found = read(roster_1_2(STAFF, roles=text_of(ROLES, roles)))

    assert names(found) == ["Tom Okafor", "Lou Haddad"]
    assert found.skipped == {"no role": 2}
    assert "dates that cannot be read" in found.notes[0]


def test_roles_that_are_not_known_stay_out_until_somebody_says_that_they_are_staff():
    users = [User("u1", "Ana Rivera", ("ext:librarian",)), User("u2", "Tom Okafor", ("teacher",))]

    assert names(read(roster_1_2(users))) == ["Tom Okafor"]
    assert "“ext:librarian” (1)" in read(roster_1_2(users)).notes[0]
    assert names(read(roster_1_2(users), further=["ext:librarian"])) == ["Ana Rivera", "Tom Okafor"]
    with pytest.raises(Refused, match="not a staff role"):
        read(roster_1_2(users), further=["Student"])


def test_a_word_in_the_role_column_that_could_be_a_name_is_not_repeated():
    odd = [User("k9", f"{CANARY} Kid", (f"{CANARY}",))]
    odd += [User(f"k{n}", f"{CANARY} Kid", (f"{CANARY}@example.org",)) for n in range(5)]
    librarians = [User(f"u{n}", "Ana Rivera", ("Librarian",)) for n in range(5)]

    found = read(roster_1_1([*odd, *librarians]))

    assert CANARY not in json.dumps(found.to_json())
    assert found.skipped == {"other role": 11}
    assert "“Librarian” (5)" in found.notes[1]


def test_without_an_address_somebody_is_named_and_cannot_come_in():
    [one] = read(roster_1_2([User("u1", "Ana Rivera", ("teacher",), email="")])).people

    assert (one.name, one.email) == ("Ana Rivera", "")


def test_one_person_with_two_rows_of_one_address_works_at_both_places():
    users = [
        User("u1", "Ana Rivera", ("teacher",), ("s1",), email="ana@example.org"),
        User("u2", "Ana Rivera", ("aide",), ("s2",), email="ANA@example.org"),
        User("u3", "Tom Okafor", ("aide",), ("s2",), email="ana@example.org"),
    ]

    found = read(roster_1_2(users))

    assert people_of(found) == [
        ("Ana Rivera", "ana@example.org", ["teacher", "aide"], ["Lincoln School", "Ridge School"])
    ]
    assert "users.csv line 2 has the same address and another name" in found.people[1].problem


def test_preferred_names_go_before_and_unknown_buildings_are_said():
    user = User("u1", "Anastasia Rivera", ("teacher",), ("s1", "nowhere"), more={"preferredGivenName": "Ana"})

    [one] = read(roster_1_2([user])).people

    assert one.name == "Ana Rivera"
    assert "not in orgs.csv" in one.missing[0]


def test_two_buildings_of_one_name_are_two_rows_and_one_building():
    found = read(roster_1_2(orgs=[*ORG_ROWS, {**ORG_ROWS[1], "sourcedId": "s8", "name": "LINCOLN school"}]))

    assert [bool(one.problem) for one in found.buildings] == [False, False, True]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (roster_1_2(manifest={"file.users": "delta"}), "only what has changed"),
        (roster_1_2(manifest={"file.roles": "delta"}), "only what has changed"),
        (roster_1_2(manifest={"oneroster.version": "2.0"}), "another version"),
        (roster_1_2(roles=None), "roles.csv is missing"),
        (roster_1_2(users="sourcedId,givenName,familyName\n1,a,b\n"), "no column “email”"),
        (
            roster_1_2(users="sourcedId,email,givenName,familyName,email\n"),
            "columns 2 and 5 have the same heading",
        ),
        (roster_1_2(orgs=[], users=None) | {"orgs.csv": "name\n"}, "no column “sourcedId”"),
        (roster_1_2(users="sourcedId,email\n\x00,b\n"), "characters that no text has"),
        ({"readme.txt": "hello"}, "no users.csv"),
        ({"a/users.csv": "x", "b/users.csv": "x"}, "2 sets"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(files, words):
    with pytest.raises(Refused, match=words):
        read(files)


def test_missing_and_empty_files_are_said():
    only_orgs = read(roster_1_2(users="", roles=None))
    assert [one.name for one in only_orgs.buildings] == ["Lincoln School", "Ridge School"]
    assert "only buildings" in only_orgs.notes[0]

    only_people = read(roster_1_2(orgs=None) | {"orgs.csv": ""})
    assert names(only_people) == [one[0] for one in ALL]
    assert "without buildings" in only_people.notes[0]

    header_only = read(roster_1_2(users=",".join(USERS_1_2)) | {"orgs.csv": text_of(ORGS, [])})
    assert (header_only.people, header_only.skipped) == ([], {})


def broken(files, line):
    """One more line at the end of users.csv."""
    return {**files, "users.csv": files["users.csv"] + line}


def test_a_row_whose_cells_have_slipped_is_told_by_its_place_alone():
    slipped = user_row(User("u9", f"{CANARY} Slip", ("teacher",)))
    cells = ",".join(slipped.get(column, "") for column in USERS_1_2) + ",,more,more"
    files = roster_1_2([*STAFF, User("u9", "x y", ("teacher",))])
    files["users.csv"] = roster_1_2(STAFF)["users.csv"] + cells + "\r\n"

    found = read(files)

    assert names(found) == [one[0] for one in ALL]
    assert found.people[-1].source == "users.csv line 6"
    assert "26 cells under 23 headings" in found.people[-1].problem
    assert CANARY not in json.dumps(found.to_json())


def test_a_students_row_whose_cells_have_slipped_is_a_students():
    row = user_row(User("k9", f"{CANARY} Kid", ("student",), ("s1", "s2")))
    cells = ",".join(row.get(column, "") for column in USERS_1_1)  # the list of orgs is not in quotes

    found = read(broken(roster_1_1(STAFF), cells + "\r\n"))

    assert found.skipped == {"student": 1}
    assert CANARY not in json.dumps(found.to_json())


def test_a_quote_that_is_never_closed_is_told_by_its_place():
    files = roster_1_2()
    before, after = files["users.csv"].split("u3,", 1)

    found = read({**files, "users.csv": f'{before}u3,"{after}'})

    assert found.people[-1].problem
    assert found.people[-1].source.startswith("users.csv lines 4 to")
    assert CANARY not in json.dumps(found.to_json())


def test_a_zip_with_hazards_is_refused_before_anything_is_read():
    with pytest.raises(Refused, match="unsafe names"):
        read(zipped({**roster_1_2(), "../../etc/x.csv": "x"}))
    with pytest.raises(Refused, match="unsafe names"):
        read(zipped({**roster_1_2(), "/abs.csv": "x"}))
    with pytest.raises(Refused, match="more than 100 times"):
        read(zipped({**roster_1_2(), "classes.csv": "x" * 30_000_000}))
    with pytest.raises(Refused, match="parts"):
        read(zipped({**roster_1_2(), **{f"x{n}.csv": "x" for n in range(250)}}))
    with pytest.raises(Refused, match="not a zip archive"):
        read(zipped(roster_1_2())[:-30])
    locked = bytearray(zipped(roster_1_2()))
    for at in range(len(locked) - 4):
        if locked[at : at + 4] == b"PK\x01\x02":
            locked[at + 8] |= 1
    with pytest.raises(Refused, match="encrypted"):
        read(bytes(locked))


def test_a_file_that_is_cut_off_inside_the_archive_is_refused():
    data = bytearray(zipped(roster_1_2()))
    at = data.index(b"users.csv") + 40
    data[at : at + 30] = b"\xff" * 30

    with pytest.raises(Refused, match="damaged"):
        read(bytes(data))
