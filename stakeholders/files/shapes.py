"""What a plan file is once it has been opened: blocks of lines of cells, as plain values that fit in JSON."""

import re
import unicodedata
from dataclasses import dataclass, field

MEGABYTE = 1024 * 1024
MAX_BYTES = 5 * MEGABYTE
MAX_ROWS = 5_000
MAX_COLUMNS = 50
MAX_CELL = 20_000
LONG = 600  # no date, owner, heading or legend is longer; what is, is not searched for one


class Refused(Exception):
    """The whole file is refused; the message says why and what to do instead."""


@dataclass(slots=True)
class Cell:
    text: str = ""
    formula: bool = False
    span: int = 1  # columns that it covers when cells are merged
    down: bool = False  # repeats the cell above, with which it is merged


@dataclass(slots=True)
class Line:
    source: str  # "Sheet!row" or "line n"
    cells: list[Cell]
    level: int | None = None  # depth in a Word list or of indented text

    def texts(self):
        return [cell.text for cell in self.cells]

    def is_blank(self):
        return not any(cell.text for cell in self.cells)


@dataclass(slots=True)
class Block:
    """A sheet, a table of a Word file (`grid`), or running text, a line a paragraph."""

    name: str
    grid: bool
    lines: list[Line] = field(default_factory=list)
    epoch_1904: bool = False
    sheet: bool = (
        False  # a sheet of a workbook stands for itself; a table in a document goes on with what is above it
    )


def to_json(blocks):
    """Compact: a plain cell is its text."""
    return [
        {
            "name": block.name,
            "grid": block.grid,
            "epoch_1904": block.epoch_1904,
            "sheet": block.sheet,
            "lines": [
                [line.source, [_short(cell) for cell in line.cells], line.level] for line in block.lines
            ],
        }
        for block in blocks
    ]


def _short(cell):
    return cell.text if cell == Cell(cell.text) else [cell.text, cell.formula, cell.span, cell.down]


def from_json(data):
    return [
        Block(
            name=block["name"],
            grid=block["grid"],
            epoch_1904=block["epoch_1904"],
            sheet=block["sheet"],
            lines=[
                Line(source, [Cell(cell) if isinstance(cell, str) else Cell(*cell) for cell in cells], level)
                for source, cells, level in block["lines"]
            ],
        )
        for block in data
    ]


# Control characters, marks that turn the direction of text around, and halves of characters.
UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\u200b]")


def tidy(text):
    """Composed text without control characters; outer blanks off, inner runs of blanks to one. Line breaks inside a
    cell stay, for they separate owners."""
    text = unicodedata.normalize("NFC", UNWANTED.sub("", str(text)))
    lines = (" ".join(part.split()) for part in re.split(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]", text))
    return "\n".join(line for line in lines if line)
