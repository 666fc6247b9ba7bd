"""Comma-, semicolon- and tab-separated text, and pasted text, to blocks of lines."""

import csv
import io
import re

from milestones.importing import columns
from milestones.importing.shapes import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Block, Cell, Line, Refused, tidy

DELIMITERS = ",;\t|"
FORMULA = re.compile(r"^\s*([=＝]\s*\S|[+\-@＝＋－＠].*(\|.*!|\w\())")
GUARDED = re.compile(r"^'+\s*[=+\-@\t\r\n|%＝＋－＠]")

csv.field_size_limit(2**20)


def decode(data):
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return _lines_alike(data.decode("utf-16"))
        except UnicodeDecodeError as error:
            raise Refused("The file's characters cannot be read. Save it as CSV UTF-8.") from error
    if b"\x00" in data:
        raise Refused("The file holds characters that no text has. Save the plan as CSV UTF-8 or .xlsx.")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return _lines_alike(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise Refused("The file's characters cannot be read. Save it as CSV UTF-8.")


def _lines_alike(text):
    if "\x00" in text:
        raise Refused("The text holds characters that no text has.")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")


def read_csv(text, name):
    return [_grid(name, _best_table(text))]


def read_pasted(text, name):
    """Cells copied out of a spreadsheet carry tabs; a table in Markdown carries bars; all else is running text."""
    lines = [line for line in text.split("\n") if line.strip()]
    if sum("\t" in line.strip() for line in lines) >= max(2, len(lines) // 4):
        return [_grid(name, _records(text, "\t"))]
    if len(lines) > 2 and sum(line.strip().startswith("|") for line in lines) >= 3:
        return [_grid(name, _markdown(text))]
    if _looks_like_csv(text):
        return [_grid(name, _best_table(text))]
    block = Block(name, grid=False)
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
            block.lines.append(Line(f"line {number}", [cell(line)], level=indent))
    return [check(block)]


def cell(value):
    """A cell of text. A leading apostrophe that our own export put before a dangerous sign comes off again."""
    text = tidy(value)
    if len(text) > MAX_CELL:
        raise Refused(f"A cell holds more than {MAX_CELL:,} characters. It is not read.")
    if GUARDED.match(text):
        return Cell(text[1:])
    return Cell(text, formula=bool(FORMULA.match(text)))


def check(block):
    if len(block.lines) > MAX_ROWS:
        raise Refused(f"The file has {len(block.lines):,} rows; at most {MAX_ROWS:,} can be read.")
    for line in block.lines:
        if len(line.cells) > MAX_COLUMNS:
            raise Refused(f"{line.source} has {len(line.cells)} columns; at most {MAX_COLUMNS} can be read.")
    return block


def _grid(name, records):
    block = Block(name, grid=True)
    for number, values in records:
        cells = [cell(value) for value in values]
        while cells and not cells[-1].text:
            cells.pop()
        if cells:
            block.lines.append(Line(f"line {number}", cells))
            if len(block.lines) > MAX_ROWS:
                raise Refused(f"The file has more than {MAX_ROWS:,} rows. Split it by goal, for example.")
    return check(block)


def _records(text, delimiter):
    """(first line, values) of each record. A quote that is never closed would swallow the rest of the file: then
    quotes are taken as plain characters."""
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
        records, start = [], 1
        try:
            for values in reader:
                records.append((start, values))
                start = reader.line_num + 1
        except csv.Error as error:
            if quoting == csv.QUOTE_NONE:
                raise Refused(
                    "The separated text cannot be taken apart. Save it as .xlsx instead."
                ) from error
            continue
        if quoting == csv.QUOTE_NONE or not _swallowed(text, records, delimiter):
            return records
    return records


def _swallowed(text, records, delimiter):
    last = records[-1][1][-1] if records and records[-1][1] else ""
    return last.count("\n") > 1 and not text.rstrip().endswith('"') and delimiter in last


def _best_table(text):
    """The separator under which a heading row is found; without one, that under which most lines agree."""
    best, best_score = None, (-1, -1.0)
    for delimiter in DELIMITERS:
        records = _records(text, delimiter)
        score = (_heading_score(records), _agreement(records))
        if score > best_score:
            best, best_score = records, score
    return best


def _heading_score(records):
    fields = (
        columns.known_fields([tidy(value) for value in values[:MAX_COLUMNS]]) for _, values in records[:60]
    )
    return max((len(set(found)) for found in fields), default=0)


def _agreement(records):
    widths = [len(values) for _, values in records if any(values)]
    if not widths:
        return 0.0
    return max(((width - 1) * widths.count(width) / len(widths) for width in set(widths)), default=0.0)


def _looks_like_csv(text):
    return any(_heading_score(_records(text, delimiter)) >= 2 for delimiter in ",;")


def _markdown(text):
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        if not bare or re.fullmatch(r"[|\s:+-]+", bare):
            continue
        yield number, [part.strip() for part in bare.strip("|").split("|")]
