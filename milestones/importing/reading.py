"""Open a plan file: bytes and a name in, blocks out, or `Refused`.

A file from outside is opened in a child process with little memory and a wall clock (`read_safely`), so that
whatever a parser trips over costs one refusal. The child runs this module and knows no Django.
"""

import sys
from pathlib import Path

from milestones.importing import plain, word
from stakeholders.files import child, hazards, shapes, workbook
from stakeholders.files.separated import decode
from stakeholders.files.shapes import MEGABYTE, Refused

SECONDS = 20
MEMORY = 700 * MEGABYTE
OLD = {
    "xls": "Excel",
    "doc": "Word",
    "xlsm": "Excel",
    "docm": "Word",
    "xlsb": "Excel",
    "ods": "your office program",
}


def read_file(name, data):
    """Blocks of a file. The name only says which format is promised; the bytes must keep the promise."""
    hazards.check_size(len(data))
    suffix = Path(name).suffix.lower().lstrip(".")
    if suffix in ("xlsx", "docx"):
        package = hazards.open_package(data, suffix)
        blocks = workbook.read_workbook(data, package) if suffix == "xlsx" else word.read_document(package)
    elif suffix == "csv":
        hazards.check_text(data)
        blocks = plain.read_csv(decode(data), "CSV")
    elif suffix in ("txt", "tsv", "md", "text"):
        hazards.check_text(data)
        blocks = plain.read_pasted(decode(data), "Text")
    elif suffix in OLD:
        raise Refused(f"A .{suffix} file cannot be read. Save it from {OLD[suffix]} as .xlsx, .docx or .csv.")
    else:
        raise Refused("Plans can be read from .xlsx, .docx and .csv files and from pasted text.")
    if not any(block.lines for block in blocks):
        raise Refused("The file holds no text.")
    return blocks


def read_pasted(text):
    hazards.check_size(len(text.encode("utf-8", "surrogatepass")))
    blocks = plain.read_pasted(text, "Text")
    if not any(block.lines for block in blocks):
        raise Refused("Nothing was pasted.")
    return blocks


def read_safely(name, data):
    """`read_file` in a child process: at most 20 seconds and 700 MB, whatever the file does to its parser."""
    hazards.check_size(len(data))
    suffix = Path(name).suffix.lower()[:10] or "."
    blocks = child.ask("milestones.importing.reading", suffix, data=data, seconds=SECONDS, memory=MEMORY)
    return shapes.from_json(blocks)


if __name__ == "__main__":
    child.answer(lambda suffix: shapes.to_json(read_file(f"plan{suffix}", sys.stdin.buffer.read())))
