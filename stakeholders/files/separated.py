"""Comma-, semicolon- and tab-separated text to blocks of lines."""

import csv
import io
import re

from stakeholders.files.shapes import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Block, Cell, Line, Refused, tidy

DELIMITERS = ",;\t|"
FORMULA = re.compile(r"^\s*([=＝]\s*\S|[+\-@＝＋－＠].*(\|.*!|\w\())")
GUARDED = re.compile(r"^'+\s*[=+\-@\t\r\n|%＝＋－＠]")

csv.field_size_limit(2**20)


def decode(data):
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return lines_alike(data.decode("utf-16"))
        except UnicodeDecodeError as error:
            raise Refused("The file's characters cannot be read. Save it as CSV UTF-8.") from error
    if b"\x00" in data:
        raise Refused("The file holds characters that no text has. Save it as CSV UTF-8 or .xlsx.")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return lines_alike(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise Refused("The file's characters cannot be read. Save it as CSV UTF-8.")


def lines_alike(text):
    if "\x00" in text:
        raise Refused("The text holds characters that no text has.")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")


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


def grid(name, records):
    block = Block(name, grid=True)
    for number, values in records:
        cells = [cell(value) for value in values]
        while cells and not cells[-1].text:
            cells.pop()
        if cells:
            block.lines.append(Line(f"line {number}", cells))
            if len(block.lines) > MAX_ROWS:
                raise Refused(
                    f"The file has more than {MAX_ROWS:,} rows. Split it and bring it in part by part."
                )
    return check(block)


def records(text, delimiter):
    """(first line, values) of each record. A quote that is never closed would swallow the rest of the file: then
    quotes are taken as plain characters."""
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
        found, start = [], 1
        try:
            for values in reader:
                found.append((start, values))
                start = reader.line_num + 1
        except csv.Error as error:
            if quoting == csv.QUOTE_NONE:
                raise Refused(
                    "The separated text cannot be taken apart. Save it as .xlsx instead."
                ) from error
            continue
        if quoting == csv.QUOTE_NONE or not _swallowed(text, found, delimiter):
            return found
    return found


def _swallowed(text, found, delimiter):
    last = found[-1][1][-1] if found and found[-1][1] else ""
    return last.count("\n") > 1 and not text.rstrip().endswith('"') and delimiter in last


def best_table(text, heading_score):
    """The separator under which a heading row is found (`heading_score` of the records); without one, that under
    which most lines agree."""
    best, best_score = None, (-1, -1.0)
    for delimiter in DELIMITERS:
        found = records(text, delimiter)
        score = (heading_score(found), _agreement(found))
        if score > best_score:
            best, best_score = found, score
    return best


def _agreement(found):
    widths = [len(values) for _, values in found if any(values)]
    if not widths:
        return 0.0
    return max(((width - 1) * widths.count(width) / len(widths) for width in set(widths)), default=0.0)
