"""Files that are refused whole, and files that only look dangerous."""

import io
import time
import zipfile

import pytest

from milestones.importing.reading import read_file, read_pasted, read_safely
from stakeholders.files.shapes import Refused
from tests.milestones.importing.files import document, repacked, rows_of, understand, workbook

TABLE = [["Task", "Owner", "When"], ["Wire", "Principal", "May 2025"]]
GOOD = workbook(("Plan", TABLE))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def zipped(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return out.getvalue()


def sheet_with(cells, extra=""):
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    xml = f"<worksheet {space}><sheetData>{cells}</sheetData>{extra}</worksheet>"
    return repacked(GOOD, xl__worksheets__sheet1_xml=xml)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.xlsx", b"", "empty"),
        ("a.csv", b"a," * 3_000_000, "5 MB"),
        ("a.xlsx", b"MZ\x90\x00", "a program"),
        ("a.csv", b"MZ\x90\x00", "a program"),
        ("a.xlsx", b"<html><table>", "not an Excel workbook"),
        ("a.csv", b"<!DOCTYPE html><table>", "web page"),
        ("a.xlsx", OLE, "password-protected or an old"),
        ("a.xls", OLE, ".xlsx"),
        ("a.doc", OLE, ".docx"),
        ("a.xlsm", GOOD, "Save it from Excel"),
        ("a.pdf", b"%PDF-1.7", "can be read from"),
        ("a.docx", b"%PDF-1.7", "a PDF"),
        ("a.csv", GOOD, "zip archive"),
        ("a.csv", b"a,b\x00,c", "characters that no text has"),
        ("a.xlsx", zipped(readme="hello"), "not an Excel workbook"),
        ("a.xlsx", document("hello"), "not an Excel workbook"),
        ("a.docx", GOOD, "not a Word document"),
        ("a.xlsx", GOOD[: len(GOOD) // 2], "cut off"),
        ("a.xlsx", GOOD[:-40], "cut off"),
        ("a.csv", b"\n\n  \n", "no text"),
        ("a.xlsx", repacked(GOOD, xl__vbaProject_bin=b"x"), "macros"),
        ("a.xlsx", repacked(GOOD, **{"..__..__evil_xml": "<a/>"}), "unsafe names"),
        ("a.xlsx", repacked(GOOD, xl__a_xml=b"\x00" * 30_000_000), "100 times"),
        ("a.xlsx", repacked(GOOD, xl__a_xml='<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'), "entities"),
        ("a.docx", repacked(document("x"), word__document_xml='<!DOCTYPE a [<!ENTITY b SYSTEM '
                                                              '"file:///etc/hosts">]><a>&b;</a>'), "entities"),
        ("a.xlsx", repacked(GOOD, xl__worksheets__sheet1_xml="<worksheet><oops"), "damaged"),
        ("a.docx", repacked(document("x"), word__document_xml="<w:document"), "cannot be read"),
        ("a.xlsx", zipped(**{f"xl/{n}.xml": "<a/>" for n in range(300)}), "parts"),
        ("a.xlsx", sheet_with('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "XFD1048576"),
        ("a.xlsx", sheet_with('<row r="1"><c r="AZ1"><v>1</v></c></row>'), "AZ1"),
        ("a.csv", "\n".join(["Task,Owner,When", *(["a,Principal,May 2025"] * 5_001)]).encode(), "5,000 rows"),
        ("a.csv", ",".join(["x"] * 60).encode(), "50"),
        ("a.csv", b"Task,Owner\n" + b"x" * 30_000 + b",Principal", "characters"),
    ],
)  # fmt: skip
def test_a_hazardous_file_is_refused_whole_and_says_why(name, data, words):
    start = time.perf_counter()

    with pytest.raises(Refused, match=words.replace(".", r"\.")):
        read_file(name, data)

    assert time.perf_counter() - start < 2


def test_a_child_process_gives_the_same_answers():
    assert read_safely("a.xlsx", GOOD) == read_file("a.xlsx", GOOD)
    with pytest.raises(Refused, match="macros"):
        read_safely("a.xlsx", repacked(GOOD, xl__vbaProject_bin=b"x"))


def test_a_child_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr("milestones.importing.reading.SECONDS", 0.01)

    with pytest.raises(Refused, match="too long"):
        read_safely("a.xlsx", GOOD)


def test_a_formula_makes_its_row_not_understood():
    data = workbook(
        (
            "Plan",
            [
                *TABLE,
                ['=WEBSERVICE("http://example.org")', "Principal", "May 2025"],
                ["Test", "Principal", "=A1"],
            ],
        )
    )

    rows = rows_of(data, "a.xlsx")

    assert [row.state for row in rows] == ["understood", "not understood", "not understood"]
    assert "A3" in rows[1].reason
    assert "C4" in rows[2].reason


@pytest.mark.parametrize(
    "cell", ["=1+1", "=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "@SUM(1+1)", "-cmd|'/c'!A1", "＝1+1"]
)
def test_a_formula_in_separated_text_counts_as_one(cell):
    (row,) = rows_of(f'Task,Owner,When\n"{cell}",Principal,May 2025\n')

    assert row.state == "not understood"


@pytest.mark.parametrize("cell", ["- Wire the gym", "+1 teacher", "-5", "@ the library"])
def test_signs_that_are_no_formula_are_text(cell):
    (row,) = rows_of(f'Task,Owner,When\n"{cell}",Principal,May 2025\n')

    assert row.state == "understood"


def test_pasted_text_has_the_same_limits():
    with pytest.raises(Refused, match="5 MB"):
        read_pasted("x" * (5 * 1024 * 1024 + 1))
    with pytest.raises(Refused, match="empty"):
        read_pasted("")
    with pytest.raises(Refused, match="pasted"):
        read_pasted(" \n ")


@pytest.mark.parametrize(
    "line",
    [
        "district " * 2_000, "by June " * 2_000, "(" * 15_000, "a" * 19_000, "Goal " * 3_000, "x, " * 5_000,
        "Principal and " * 1_200,
        "1." * 7_000, "–" * 9_000, "2011-" * 3_000, "TC = " * 3_000, "; ".join(["Tech Coordinator"] * 900),
    ],
)  # fmt: skip
def test_long_nonsense_is_read_in_time(line):
    text = "\n".join([line] * 40)
    start = time.perf_counter()

    understand(text, "a.txt")
    understand("Task;Owner;When\n" + "\n".join([";".join([line.replace(";", " ")] * 3)] * 20))

    assert time.perf_counter() - start < 8


def test_five_thousand_rows_are_read_in_time():
    lines = [f"Step {n},Tech. Coordinator {n} / Principal,Fall {2000 + n % 50}" for n in range(4_990)]
    start = time.perf_counter()

    reading = understand("Task,Owner,When\n" + "\n".join(lines))

    assert reading.counts()["understood"] == 4_990
    assert time.perf_counter() - start < 20
