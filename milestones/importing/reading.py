"""Open a plan file: bytes and a name in, blocks out, or `Refused`.

A file from outside is opened in a child process with little memory and a wall clock (`read_safely`), so that
whatever a parser trips over costs one refusal. The child runs this module and knows no Django.
"""

import contextlib
import json
import resource
import subprocess
import sys
from pathlib import Path

from milestones.importing import hazards, plain, shapes, word, workbook
from milestones.importing.shapes import MEGABYTE, Refused

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
        blocks = plain.read_csv(plain.decode(data), "CSV")
    elif suffix in ("txt", "tsv", "md", "text"):
        hazards.check_text(data)
        blocks = plain.read_pasted(plain.decode(data), "Text")
    elif suffix in OLD:
        raise Refused(f"A .{suffix} file cannot be read. Save it from {OLD[suffix]} as .xlsx, .docx or .csv.")
    else:
        raise Refused("Plans can be read from .xlsx, .docx and .csv files and from pasted text.")
    if not any(block.lines for block in blocks):
        raise Refused("The file holds no text.")
    return blocks


def read_pasted(text):
    hazards.check_size(len(text.encode("utf-8", "surrogatepass")))
    blocks = plain.read_pasted(plain._lines_alike(text), "Text")
    if not any(block.lines for block in blocks):
        raise Refused("Nothing was pasted.")
    return blocks


def read_safely(name, data):
    """`read_file` in a child process: at most 20 seconds and 700 MB, whatever the file does to its parser."""
    hazards.check_size(len(data))
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "milestones.importing.reading", Path(name).suffix.lower()[:10] or "."],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            cwd=root,
            env={},  # the child needs none of our secrets
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(
            "The file takes too long to read. Save it again, without pictures and other sheets."
        ) from error
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise Refused("The file cannot be read; it needs more memory than a plan does.") from error
    if "refused" in answer:
        raise Refused(answer["refused"])
    return shapes.from_json(answer["blocks"])


def _child(suffix):
    limits = [(resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)]
    for limit, most in limits:
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit on memory; the clock stays
            resource.setrlimit(limit, (most, most))
    try:
        answer = {"blocks": shapes.to_json(read_file(f"plan{suffix}", sys.stdin.buffer.read()))}
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    except (MemoryError, RecursionError):
        answer = {"refused": "The file cannot be read; it needs more memory than a plan does."}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    _child(sys.argv[1])
