"""Plan files of the shapes in which districts keep them, with invented words, and hostile ones."""

import io
import zipfile

import docx
import openpyxl

from milestones.importing.dates import PlanTime
from milestones.importing.reading import read_file
from milestones.importing.understand import read_plan

NO_PLAN = PlanTime(first_month=7)


def understand(data, name="plan.csv", time=NO_PLAN, **options):
    """The reading of a file given as text or bytes."""
    return read_plan(read_file(name, data.encode() if isinstance(data, str) else data), time, **options)


def rows_of(data, name="plan.csv", time=NO_PLAN, **options):
    return understand(data, name, time, **options).rows


def brief(row):
    """What most tests look at."""
    return row.step, row.owners, [day.isoformat() for day in row.due], row.kind, row.state


def workbook(*sheets, prepare=None):
    """Bytes of a workbook; a sheet is (title, rows)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if prepare:
        prepare(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def document(*parts, prepare=None):
    """Bytes of a Word document; a part is a paragraph or a table as a list of rows."""
    made = docx.Document()
    for part in parts:
        if isinstance(part, str):
            made.add_paragraph(part)
            continue
        table = made.add_table(rows=len(part), cols=max(map(len, part)))
        for row, values in enumerate(part):
            for column, value in enumerate(values):
                table.cell(row, column).text = value
    if prepare:
        prepare(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def repacked(data, **parts):
    """The same archive with parts replaced or added; a key "xl/a.xml" is written `xl__a_xml`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        given = {
            key.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"): value
            for key, value in parts.items()
        }
        for entry in old.infolist():
            if entry.filename not in given:
                new.writestr(entry, old.read(entry))
        for name, value in given.items():
            new.writestr(name, value)
    return out.getvalue()
