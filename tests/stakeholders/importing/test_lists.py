"""Lists of people as districts keep them: headings, separators, encodings, and what is said of a row that cannot come in."""

import pytest

from stakeholders.files.shapes import Refused
from stakeholders.importing.reading import read_data, read_upload
from tests.milestones.importing.files import document, repacked, workbook
from tests.stakeholders.importing.rosters import CANARY, TODAY, zipped

HEAD = "Name,E-mail,Role,School,Level"
ROW = "Ana Rivera,ana@example.org,Principal,Lincoln,editor"


def read(data, suffix="csv"):
    return read_data(suffix, data if isinstance(data, bytes) else data.encode(), today=TODAY)


def brief(found):
    return [
        (
            one.name,
            one.email,
            one.groups,
            [found.buildings[place].name for place in one.buildings],
            one.level,
        )
        for one in found.people
    ]


ANA = ("Ana Rivera", "ana@example.org", ["Principal"], ["Lincoln"], "editor")


@pytest.mark.parametrize(
    "data",
    [
        f"{HEAD}\n{ROW}\n",
        f"\ufeff{HEAD}\r\n{ROW}\r\n",
        f"{HEAD}\r{ROW}\r",
        f"{HEAD}\r\n{ROW}\n\n",
        f"{HEAD}\n{ROW}\n".replace(",", ";"),
        f"{HEAD}\n{ROW}\n".replace(",", "\t"),
        "Staff of 2026,,,,\n,,,,\n" + f"{HEAD}\n{ROW}\n",
        "FIRST NAME,Last Name,E-Mail Address,Job Title,Campus,Access Level\n"
        "Ana,Rivera,ANA@Example.org,Principal,Lincoln,Editor\n",
        'Staff Name,Work Email,Position,Site,Level\n"Rivera, Ana",Ana Rivera <ana@example.org>,Principal,Lincoln,EDITOR\n',
        "Building,Level,Surname,Given name,Title,email,Password,Phone\n"
        f"Lincoln,editor,Rivera,Ana,Principal,mailto:ana@example.org,{CANARY},{CANARY}\n",
    ],
)
def test_a_list_is_read_however_it_was_saved(data):
    found = read(data)

    assert brief(found) == [ANA]
    assert CANARY not in str(found.to_json())


def test_letters_of_windows_are_read():
    [one] = read("Name;E-mail\nZoë Núñez;zoe@example.org\n".encode("cp1252")).people

    assert one.name == "Zoë Núñez"


def test_a_workbook_is_read_with_a_merged_heading_and_sheets_without_people_are_said():
    def merge(book):
        book["Staff"].merge_cells("A2:B2")

    data = workbook(
        (
            "Staff",
            [
                ["Staff of 2026"],
                ["Name", None, "E-mail", "School 1", "School 2"],
                ["Ana", "Rivera", "ana@example.org", "Lincoln", "Ridge"],
            ],
        ),
        ("Notes", [["Ask the office"]]),
        prepare=merge,
    )

    found = read(data, "xlsx")

    assert brief(found) == [("Ana Rivera", "ana@example.org", [], ["Lincoln", "Ridge"], "")]
    assert found.people[0].source == "Staff!3"
    assert "1 sheets without such headings" in found.notes[0]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Rivera, Ana", "Ana Rivera"),
        ("Ana Rivera, Ed.D.", "Ana Rivera, Ed.D."),
        ("Ana Rivera, PhD", "Ana Rivera, PhD"),
        ("Rivera, Ana, Ed.D.", "Rivera, Ana, Ed.D."),
        ("<b>Ana</b>", "<b>Ana</b>"),
        ("Ana\u202eRivera", "AnaRivera"),
        ("A" * 200, "A" * 150),
    ],
)
def test_names_are_put_in_order_and_kept_as_text(name, wanted):
    [one] = read(f'Name,E-mail\n"{name}",ana@example.org\n').people

    assert one.name == wanted


def test_titles_and_buildings_may_be_several_and_the_same_building_is_one():
    found = read(
        "Name,Email,Roles,Sites\nAna R,ana@example.org,Principal; Coach,Lincoln;LINCOLN\nTom O,tom@example.org,,lincoln\n"
    )

    assert [one.groups for one in found.people] == [["Principal", "Coach"], []]
    assert [one.name for one in found.buildings] == ["Lincoln"]


def test_each_row_says_what_is_wrong_with_it_and_where():
    found = read(
        f"{HEAD},Email\n"
        "Ana Rivera,ana@example.org,Principal,Lincoln,boss,\n"
        "Tom Okafor,tom@example.org,,,,other@example.org\n"
        "=cmd|' /C calc'!A0,mei@example.org,,,,\n"
        "Lou Haddad,a@example.org b@example.org,,,,\n"
        "Bo Winter,bo@example.org,,,viewer,,more\n"
        "Ana Rivera,ANA@example.org,Coach,Ridge,,\n"
        "Somebody Else,ana@example.org,,,,\n"
    )

    said = {one.source: one.problem or " ".join([*one.missing, *one.notes]) for one in found.people}
    assert said["line 2"].startswith(
        "Column 5 (“Level”): “boss” is none of viewer, committee, editor, leader."
    )
    assert "line 7 has the same name and address" in said["line 2"]
    assert said["line 3"] == "Column 2 (“E-mail”) and column 6 (“Email”): more than one address."
    assert said["line 4"].startswith("A formula stands in column 1 (“Name”)")
    assert said["line 5"].endswith(": more than one address.")
    assert said["line 6"] == "The row has 7 cells under 6 headings."
    assert said["line 8"].startswith("line 2 has the same address and another name")
    assert found.people[0].groups == ["Principal", "Coach"]


def test_students_and_parents_in_a_list_are_counted_and_forgotten():
    found = read(
        f"{HEAD}\n{ROW}\n{CANARY} Kid,{CANARY}@example.org,Student,Lincoln,\n{CANARY} Mum,m@example.org,parent,,\n"
    )

    assert brief(found) == [ANA]
    assert found.skipped == {"student": 1, "family": 1}
    assert CANARY.lower() not in str(found.to_json()).lower()


def test_a_staff_list_may_say_student_services():
    found = read("Name,E-mail,Role,School\nAna Rivera,ana@example.org,Student Services,School\n")

    assert brief(found) == [("Ana Rivera", "ana@example.org", ["Student Services"], ["School"], "")]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
GOOD = workbook(("Staff", [["Name", "E-mail"], ["Ana", "ana@example.org"]]))


@pytest.mark.parametrize(
    ("suffix", "data", "words"),
    [
        ("csv", b"", "empty"),
        ("csv", b"a," * 3_000_000, "5 MB"),
        ("csv", b"\n \n", "no text"),
        ("csv", b"MZ\x90\x00", "a program"),
        ("csv", b"<!DOCTYPE html><table>", "web page"),
        ("csv", b"a,b\x00,c", "characters that no text has"),
        ("csv", b"what,ever\n1,2\n", "No row of headings"),
        ("csv", b"Name,Role\nAna,Principal\n", "no column is headed “E-mail”"),
        ("csv", b"Email,Role\na@example.org,Principal\n", "no column is headed “Name”"),
        (
            "csv",
            b"sourcedId,givenName,familyName,email\n1,a,b,c@example.org\n",
            "one file of a OneRoster set",
        ),
        (
            "csv",
            b"Student_id,First_name,Last_name,Email\n1,a,b,c@example.org\n",
            "looks like a list of students",
        ),
        ("csv", b"Name,Email,Date of birth\na,c@example.org,1\n", "looks like a list of students"),
        ("csv", ("Name,Email\n" + "a,a@example.org\n" * 5_001).encode(), "5,000 rows"),
        ("csv", ",".join(["x"] * 60).encode(), "50"),
        ("xlsx", b"MZ\x90\x00", "a program"),
        ("xlsx", b"<html>", "not an Excel workbook"),
        ("xlsx", OLE, "password-protected"),
        ("xlsx", document("hello"), "not an Excel workbook"),
        ("xlsx", zipped({"a.csv": "x"}), "not an Excel workbook"),
        ("xlsx", repacked(GOOD, xl__a_xml=b"\x00" * 30_000_000), "100 times"),
        ("xlsx", repacked(GOOD, xl__vbaProject_bin=b"x"), "macros"),
        ("xlsx", repacked(GOOD, xl__a_xml='<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'), "entities"),
        ("xls", OLE, "Save it from Excel"),
        ("pdf", b"%PDF", "can be read from"),
        ("zip", GOOD, "no users.csv"),
        ("zip", b"x" * 26_500_000, "25 MB"),
        ("zip", b"%PDF", "not a zip archive"),
    ],
)
def test_a_file_that_is_no_list_of_people_is_refused_with_the_reason(suffix, data, words):
    with pytest.raises(Refused, match=words):
        read(data, suffix)


def test_a_formula_in_a_workbook_is_said_by_its_place():
    found = read(
        workbook(("Staff", [["Name", "E-mail"], ["Ana", "=A1"], ["Tom", "tom@example.org"]])), "xlsx"
    )

    assert [bool(one.problem) for one in found.people] == [True, False]
    assert "column B (“E-mail”)" in found.people[0].problem


def test_the_child_process_gives_the_same_answers():
    data = f"{HEAD}\n{ROW}\n".encode()

    assert read_upload("a.csv", data, today=TODAY) == read(data)
    with pytest.raises(Refused, match="no column is headed"):
        read_upload("a.csv", b"Name,Role\n", today=TODAY)
