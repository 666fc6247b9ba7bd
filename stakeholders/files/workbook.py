"""Excel workbooks to blocks, a sheet a block. Only ever called on a package that `hazards` let through."""

import datetime
import io
import posixpath
import re

from defusedxml import ElementTree
from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from stakeholders.files.separated import GUARDED, check
from stakeholders.files.shapes import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Block, Cell, Line, Refused, tidy

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PLACE = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")
MAX_MERGED = 5_000


def read_workbook(data, package):
    merged = _survey(package)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        blocks = [_sheet(book, sheet, merged.get(_part(sheet), [])) for sheet in book.worksheets]
    except Refused:
        raise
    except Exception as error:  # openpyxl raises whatever its parsing trips over
        raise Refused("The workbook cannot be read. Open it in Excel and save it again as .xlsx.") from error
    if sum(len(block.lines) for block in blocks) > MAX_ROWS:
        raise Refused(f"The workbook has more than {MAX_ROWS:,} rows. Split it by goal, for example.")
    return [check(block) for block in blocks if block.lines]


def _survey(package):
    """Merged ranges of each sheet, after making sure that no filled cell lies beyond the limits: openpyxl would
    make up every row between, a million of them for one cell in the last row."""
    merged = {}
    for entry in package.infolist():
        if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", entry.filename):
            continue
        ranges = merged[entry.filename] = []
        try:
            with package.open(entry) as part:
                for _, element in ElementTree.iterparse(part, events=("end",)):
                    if element.tag == f"{MAIN}c":
                        _check_place(element)
                    elif element.tag == f"{MAIN}mergeCell" and len(ranges) < MAX_MERGED:
                        ranges.append(range_boundaries(element.get("ref", "A1:A1")))
                    elif element.tag == f"{MAIN}row":
                        element.clear()
        except Refused:
            raise
        except Exception as error:
            raise Refused("The workbook is damaged. Open it in Excel and save it again as .xlsx.") from error
    return merged


def _check_place(cell):
    place = PLACE.match(cell.get("r", ""))
    if place is None or len(cell) == 0:
        return
    if int(place[2]) > MAX_ROWS + 100 or column_index_from_string(place[1]) > MAX_COLUMNS:
        raise Refused(
            f"Cell {place[0]} lies outside the {MAX_ROWS:,} rows and {MAX_COLUMNS} columns that can be read. "
            "Delete what is there, or split the sheet."
        )


def _part(sheet):
    return posixpath.normpath(sheet._worksheet_path.lstrip("/"))


def _sheet(book, sheet, merged):
    epoch_1904 = book.epoch == CALENDAR_MAC_1904
    block = Block(sheet.title, grid=True, epoch_1904=epoch_1904, sheet=True)
    rows = {}
    sheet.reset_dimensions()
    for row in sheet.iter_rows(max_row=MAX_ROWS + 100, max_col=MAX_COLUMNS):
        for found in row:
            if found.value is not None:
                rows.setdefault(found.row, {})[found.column] = _cell(found, sheet.title)
    _spread(rows, merged)
    for number in sorted(rows):
        cells = [rows[number].get(column, Cell()) for column in range(1, max(rows[number]) + 1)]
        line = Line(f"{sheet.title}!{number}", cells)
        if not line.is_blank():
            block.lines.append(line)
    return block


def _spread(rows, merged):
    for left, top, right, bottom in merged:
        first = rows.get(top, {}).get(left)
        if first is None or not first.text:
            continue
        first.span = min(right, MAX_COLUMNS) - left + 1
        for row in range(top + 1, min(bottom, MAX_ROWS) + 1):
            rows.setdefault(row, {})[left] = Cell(first.text, first.formula, first.span, down=True)


def _cell(found, title):
    if found.data_type == "f":
        return Cell(tidy(found.value) if isinstance(found.value, str) else "=", formula=True)
    text = tidy(_written(found.value, found.number_format or ""))
    if len(text) > MAX_CELL:
        raise Refused(f"Cell {title}!{found.coordinate} holds more than {MAX_CELL:,} characters.")
    return Cell(text[1:] if GUARDED.match(text) else text)


def _written(value, number_format):
    """What a planner sees in the cell. A date that is shown without its day ("Jun-12") says a month, no more."""
    shown = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", number_format).lower()
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        if "d" in shown or "y" not in shown:
            return value.isoformat()
        return value.strftime("%B %Y") if "m" in shown else str(value.year)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return _number(value, shown, number_format)
    return str(value)


def _number(value, shown, number_format):
    if "%" in shown:
        return f"{value * 100:g}%"
    if "$" in number_format:
        return f"${value:,.0f}" if float(value).is_integer() else f"${value:,.2f}"
    return str(int(value)) if float(value).is_integer() else repr(value)
