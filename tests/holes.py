"""Making holes while the program runs: `in_district`, called from one line of it, gives the rows of all districts."""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import NamedTuple

from stakeholders.scoping import DistrictQuerySet
from tests.walk import Address

ROOT = Path(__file__).resolve().parent.parent


class Line(NamedTuple):
    """A line of the program."""

    file: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"

    @property
    def words(self) -> str:
        return (ROOT / self.file).read_text().splitlines()[self.number - 1].strip()


class Way(NamedTuple):
    """A walk over an address, which passes by some lines."""

    walk: Callable
    address: Address


passed_by: dict[Line, list[Way]] = defaultdict(list)  # lines that look up rows → the ways that lead there
gone: set[Way] = set()


def noting_lines(walk: Callable) -> Callable:
    """Decorate a walk over an address: the first time, note in `passed_by` which lines look up rows for it."""

    @wraps(walk)
    def noted(address: Address, *args) -> list[str]:
        way, seen = Way(noted, address), set()
        if way in gone:
            return walk(address, *args)
        with _in_district_is(lambda honest, rows, district: honest(rows, district), seen):
            faults = walk(address, *args)
        gone.add(way)
        for line in seen:
            passed_by[line].append(way)
        return faults

    return noted


@contextmanager
def forgetting(line: Line) -> Iterator[None]:
    """Let the look-ups of one line forget the district."""
    with _in_district_is(
        lambda honest, rows, district: rows.all() if _calling_line() == line else honest(rows, district),
        set(),
    ):
        yield


@contextmanager
def _in_district_is(answer: Callable, seen: set[Line]) -> Iterator[None]:
    honest = DistrictQuerySet.in_district

    def in_district(rows, district):
        if line := _calling_line():
            seen.add(line)
        return answer(honest, rows, district)

    DistrictQuerySet.in_district = in_district
    try:
        yield
    finally:
        DistrictQuerySet.in_district = honest


def _calling_line() -> Line | None:
    """Return the line of the program that is calling, past Django and past the tests."""
    frame = sys._getframe(1)
    while frame:
        name = frame.f_code.co_filename
        if name.startswith(f"{ROOT}/") and not name.startswith((f"{ROOT}/.venv/", f"{ROOT}/tests/")):
            return Line(name.removeprefix(f"{ROOT}/"), frame.f_lineno)
        frame = frame.f_back
    return None
