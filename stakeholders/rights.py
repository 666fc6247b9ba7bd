"""The table of rights: who may do what at which address. The facts stand in `rights.toml` beside this file.

Nothing here lets anybody in: the decorator of each view does, and a test holds each to its line.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from stakeholders.models import Level

FILE = Path(__file__).with_name("rights.toml")
PLACES = ("district", "anyone", "signed in", "staff", "nobody")


@dataclass(frozen=True, kw_only=True)
class Right:
    """What one address asks of its visitors. Outside of a district any level will do: `read` and `write` say whether."""

    address: str
    group: str
    may: str  # the action, in plain words
    reads: str = ""  # what reading is called, where more people may read than write
    place: str = "district"
    read: Level | None = None  # the lowest level for GET; None: it is not read
    write: Level | None = None  # the lowest level for POST; None: it takes nothing
    also: str = ""  # who else may, whatever the level: a key of `[also]`
    note: str = ""

    def needed_for(self, method: str) -> Level | None:
        """Return the lowest level for an HTTP method; None where nobody may use it."""
        return {"GET": self.read, "HEAD": self.read, "POST": self.write}.get(method)

    @property
    def lowest(self) -> Level | None:
        """The lowest level that may do anything here."""
        return min(filter(None, (self.read, self.write)), key=list(Level).index, default=None)


class Action(NamedTuple):
    """One thing to do, as readers see it: the addresses whose words are the same are one action."""

    words: str
    place: str
    level: Level
    also: str
    note: str


def rights() -> dict[str, Right]:
    """Return the right of each address, by the name of the address."""
    return _read()[0]


def also_words(key: str) -> str:
    """Return in words who else may."""
    return _read()[1][key]


@cache
def _read() -> tuple[dict[str, Right], dict[str, str]]:
    groups = tomllib.loads(FILE.read_text())
    also = groups.pop("also")
    found: dict[str, Right] = {}
    for group, lines in groups.items():
        for address, line in lines.items():
            if address in found:
                raise ValueError(f"{FILE.name}: {address} stands there twice")
            found[address] = _right(address, group, dict(line), also)
    return found, also


def _right(address: str, group: str, line: dict, also: dict[str, str]) -> Right:
    """Make a right of a line. Raises ValueError, with the address, for what cannot be meant."""
    try:
        inside = line.get("place", "district") == "district"
        for method in ("read", "write"):
            if method in line:
                line[method] = Level(line[method]) if inside else Level.VIEWER
        right = Right(address=address, group=group, **line)
    except (TypeError, ValueError) as fault:
        raise ValueError(f"{FILE.name}: {address}: {fault}") from fault
    if right.place not in PLACES or (right.also and right.also not in also):
        raise ValueError(f"{FILE.name}: {address}: place or also is not one of those that are known")
    if right.place != "nobody" and right.lowest is None:
        raise ValueError(f"{FILE.name}: {address}: neither read nor written by anybody")
    return right


def actions() -> dict[str, list[Action]]:
    """Return the actions under each heading, in the order of the file."""
    found: dict[str, list[Action]] = {}
    for right in rights().values():
        group = found.setdefault(right.group, [])
        for action in _actions_of(right):
            if action not in group:
                group.append(action)
    return found


def _actions_of(right: Right) -> Iterator[Action]:
    does = right.write or right.read or Level.VIEWER
    if right.reads and right.read:
        yield Action(right.reads, right.place, right.read, "", "")
    yield Action(right.may, right.place, does, right.also, right.note)
