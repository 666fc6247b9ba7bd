"""A set of CSV files in a zip archive or a folder, read a row at a time: users.csv may have 200,000 rows."""

import codecs
import contextlib
import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from stakeholders.files.hazards import check_listing
from stakeholders.files.shapes import MEGABYTE, Refused

MAX_FILES = 200
DATA = ("manifest.csv", "orgs.csv", "users.csv", "roles.csv")  # nothing else of a set is opened
LONGEST_FIELD = 100_000
CHUNK = MEGABYTE
DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError)


@dataclass(slots=True)
class Row:
    line: int
    last_line: int
    cells: dict  # only the columns that were asked for
    problem: str = ""
    words: tuple = ()  # all cells of a row that cannot be told apart; kept nowhere


class Source:
    """The files of a set, by their plain name in small letters."""

    def __init__(self, opener, sizes, *, most):
        self._open, self.sizes, self._most = opener, sizes, most
        self.check_sizes()

    def check_sizes(self):
        total = sum(self.sizes.values())
        if total > self._most:
            raise Refused(
                f"Unpacked, {', '.join(sorted(self.sizes))} have {total / MEGABYTE:,.0f} MB; at most "
                f"{self._most // MEGABYTE:,} MB are read here."
            )

    def __contains__(self, name):
        return bool(self.sizes.get(name))

    @contextlib.contextmanager
    def text(self, name):
        """The file as text, whatever its encoding and line ends."""
        try:
            with self._open(name) as raw:
                encoding = _encoding(raw, name)
            with self._open(name) as raw, io.TextIOWrapper(raw, encoding, "replace", newline="") as text:
                yield text
        except UnicodeDecodeError:
            raise Refused(f"{name}: the characters cannot be read. Save it as UTF-8.") from None
        except DAMAGED:
            raise Refused(f"{name} is damaged, or it was cut off on its way here.") from None

    def heading(self, name):
        """The plain names of the columns."""
        with self.text(name) as text:
            delimiter = _delimiter(text)
            return {
                _plain(cell)
                for cell in next(csv.reader([text.readline(LONGEST_FIELD)], delimiter=delimiter), [])
            }

    def rows(self, name, wanted):
        """Each row of the file with the columns in `wanted` and no other: what is not wanted is never looked at."""
        with self.text(name) as text:
            delimiter = _delimiter(text)
            reader = csv.reader(text, delimiter=delimiter)
            try:
                heading = next((cells for cells in reader if any(map(str.strip, cells))), [])
                places = _places(name, heading, wanted)
                yield from _rows(reader, places, len(heading), delimiter)
            except csv.Error:
                raise Refused(
                    f"{name}, line {reader.line_num}: a quotation mark is not closed before it."
                ) from None


def open_folder(path, *, most):
    listed = [
        one for one in sorted(path.rglob("*")) if one.is_file() and len(one.relative_to(path).parts) <= 3
    ]
    if len(listed) > 20 * MAX_FILES:
        raise Refused(f"The folder holds {len(listed):,} files. Give the folder of the set.")
    found = _one_set({one.relative_to(path).as_posix(): one for one in listed})
    sizes = {name: one.stat().st_size for name, one in found.items()}
    return Source(lambda name: found[name].open("rb"), sizes, most=most)


def open_zip(file, *, most):
    """`file`: a path, or an open file that can seek."""
    try:
        package = zipfile.ZipFile(file)
        entries = package.infolist()
    except DAMAGED:
        raise Refused("This is not a zip archive, or it was cut off on its way here.") from None
    check_listing(entries, most=MAX_FILES)
    found = _one_set({entry.filename.replace("\\", "/"): entry for entry in entries if not entry.is_dir()})
    sizes = {name: entry.file_size for name, entry in found.items()}
    return Source(lambda name: package.open(found[name]), sizes, most=most)


def _one_set(listed):
    """The files that are read, by plain name: at the root or in one folder, never in two."""
    sets = {}
    for path, one in listed.items():
        folder, _slash, name = path.rpartition("/")
        if name.lower() in DATA and "__MACOSX" not in folder:
            sets.setdefault(folder, {})[name.lower()] = one
    sets = {folder: files for folder, files in sets.items() if "users.csv" in files or "orgs.csv" in files}
    if not sets:
        raise Refused("There is no users.csv and no orgs.csv in it. This is not a OneRoster set.")
    if len(sets) > 1:
        raise Refused(f"It holds {len(sets)} sets, in folders of their own. Bring in one at a time.")
    return next(iter(sets.values()))


def _encoding(raw, name):
    """UTF-8 with or without a mark, else what Windows writes. Read to the end: the one odd letter may stand there."""
    start = raw.read(CHUNK)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder, chunk = codecs.getincrementaldecoder("utf-8")(), start
    encoding = "utf-8-sig"
    while chunk:
        if b"\x00" in chunk:
            raise Refused(f"{name} holds characters that no text has. It is not read.")
        if encoding == "utf-8-sig":
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                encoding = "cp1252"
        chunk = raw.read(CHUNK)
    return encoding


def _delimiter(text):
    """Commas by the specification; what opens the file by a double click often saves it with something else."""
    line = text.readline(LONGEST_FIELD)
    text.seek(0)
    return max(",;\t|", key=line.count)


def _plain(heading):
    return re.sub(r"[^a-z0-9.]", "", heading.lower())


def _places(name, heading, wanted):
    places = {}
    for place, cell in enumerate(heading):
        column = _plain(cell)
        if column not in wanted:
            continue
        if column in places:
            raise Refused(
                f"{name}: columns {places[column] + 1} and {place + 1} have the same heading, “{wanted[column]}”."
            )
        places[column] = place
    return places


def _rows(reader, places, width, delimiter):
    csv.field_size_limit(LONGEST_FIELD)
    before = reader.line_num
    for cells in reader:
        line, before = before + 1, reader.line_num
        if not cells or not any(cells):
            continue
        row = Row(line, reader.line_num, {})
        if reader.line_num > line and any("\n" in cell and cell.count(delimiter) > 1 for cell in cells):
            row.problem = "a quotation mark is not closed"
        elif len(cells) > width and any(cell.strip() for cell in cells[width:]):
            row.problem = f"{len(cells)} cells under {width} headings"
        if row.problem:
            row.words = tuple(cells)
        row.cells = {column: cells[place] if place < len(cells) else "" for column, place in places.items()}
        yield row


def folder_or_zip(path, *, most):
    path = Path(path)
    return open_folder(path, most=most) if path.is_dir() else open_zip(path, most=most)
