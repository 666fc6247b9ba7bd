"""Open a file of people: a path or bytes in, staff and buildings out, or `Refused`.

The reading is done in a child process (`stakeholders/files/child.py`), and only what may be kept comes out of it: the
students of a set are forgotten with the process that has seen them.
"""

import io
import json
import sys
from datetime import date
from pathlib import Path

from stakeholders.files import child, hazards, workbook
from stakeholders.files.shapes import MAX_BYTES, MEGABYTE, Refused
from stakeholders.importing import archive, found, lists, oneroster

MAX_ZIP = 25 * MEGABYTE  # uploaded; a path given to the command may be larger
MAX_READ = 150 * MEGABYTE  # unpacked orgs, users and roles of an upload: about 400,000 users
MAX_READ_BY_COMMAND = 1_500 * MEGABYTE
SECONDS, SECONDS_BY_COMMAND = 25, 600
MEMORY = 700 * MEGABYTE
OLD = {"xls": "Excel", "xlsm": "Excel", "xlsb": "Excel", "ods": "your office program"}


def read_upload(name, data, *, today, further=()):
    """The people in an uploaded file."""
    suffix = Path(name).suffix.lower()[:10]
    words = ("upload", suffix or ".", today.isoformat(), json.dumps(list(further)))
    return _ask(*words, data=data, seconds=SECONDS)


def read_path(path, *, today, further=()):
    """The people in a file or folder of this machine."""
    words = (str(Path(path).resolve()), "", today.isoformat(), json.dumps(list(further)))
    return _ask(*words, data=b"", seconds=SECONDS_BY_COMMAND)


def _ask(*words, data, seconds):
    said = child.ask("stakeholders.importing.reading", *words, data=data, seconds=seconds, memory=MEMORY)
    return found.from_json(said)


def read_data(suffix, data, *, today, further=()):
    """The bytes of a file; its name only says which format is promised."""
    suffix = suffix.lstrip(".")
    if suffix == "zip":
        if len(data) > MAX_ZIP:
            raise Refused(f"The archive has {len(data) / MEGABYTE:,.1f} MB; at most 25 MB can be uploaded.")
        source = archive.open_zip(io.BytesIO(data), most=MAX_READ)
        return oneroster.read_set(source, today=today, further=further)
    hazards.check_size(len(data))
    return _read_list(suffix, data)


def _read_list(suffix, data):
    if suffix == "xlsx":
        blocks = workbook.read_workbook(data, hazards.open_package(data, suffix))
    elif suffix in ("csv", "txt", "tsv"):
        hazards.check_text(data)
        blocks = lists.blocks_of_csv(data)
    elif suffix in OLD:
        raise Refused(f"A .{suffix} file cannot be read. Save it from {OLD[suffix]} as .xlsx or .csv.")
    else:
        raise Refused(
            "People can be read from .csv and .xlsx files and from a OneRoster set in a .zip archive."
        )
    if not any(block.lines for block in blocks):
        raise Refused("The file holds no text.")
    return lists.read_list(blocks)


def read_file_or_folder(path, *, today, further=()):
    """What the command was given: a folder or zip archive with a OneRoster set, or a list."""
    path = Path(path)
    if path.is_dir() or path.suffix.lower() == ".zip":
        source = archive.folder_or_zip(path, most=MAX_READ_BY_COMMAND)
        return oneroster.read_set(source, today=today, further=further)
    try:
        with path.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise Refused(f"It cannot be read: {error.strerror}.") from None
    hazards.check_size(len(data))
    return _read_list(path.suffix.lower().lstrip("."), data)


def _child(place, suffix, today, further):
    day, further = date.fromisoformat(today), json.loads(further)
    if place == "upload":
        read = read_data(suffix, sys.stdin.buffer.read(), today=day, further=further)
    else:
        read = read_file_or_folder(place, today=day, further=further)
    return read.to_json()


if __name__ == "__main__":
    child.answer(_child)
