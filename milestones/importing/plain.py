"""Separated and pasted text to blocks of lines, as plans are written in it."""

import re

from milestones.importing import columns
from stakeholders.files.separated import best_table, cell, check, grid, lines_alike, records
from stakeholders.files.shapes import MAX_COLUMNS, Block, Line, tidy


def read_csv(text, name):
    return [grid(name, best_table(text, _heading_score))]


def read_pasted(text, name):
    """Cells copied out of a spreadsheet carry tabs; a table in Markdown carries bars; all else is running text."""
    text = lines_alike(text)
    lines = [line for line in text.split("\n") if line.strip()]
    if sum("\t" in line.strip() for line in lines) >= max(2, len(lines) // 4):
        return [grid(name, records(text, "\t"))]
    if len(lines) > 2 and sum(line.strip().startswith("|") for line in lines) >= 3:
        return [grid(name, _markdown(text))]
    if _looks_like_csv(text):
        return [grid(name, best_table(text, _heading_score))]
    block = Block(name, grid=False)
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
            block.lines.append(Line(f"line {number}", [cell(line)], level=indent))
    return [check(block)]


def _heading_score(found):
    fields = (
        columns.known_fields([tidy(value) for value in values[:MAX_COLUMNS]]) for _, values in found[:60]
    )
    return max((len(set(names)) for names in fields), default=0)


def _looks_like_csv(text):
    return any(_heading_score(records(text, delimiter)) >= 2 for delimiter in ",;")


def _markdown(text):
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        if not bare or re.fullmatch(r"[|\s:+-]+", bare):
            continue
        yield number, [part.strip() for part in bare.strip("|").split("|")]
