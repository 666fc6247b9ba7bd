"""Lines of a school calendar as people write them: "Nov 25 - Nov 27 Thanksgiving break", "1/18/2027: MLK Day"."""

import re
from calendar import month_abbr, month_name
from dataclasses import dataclass
from datetime import date

MOST_LINES = 200
_MONTHS = {
    **{month_name[n].lower(): n for n in range(1, 13)},
    **{month_abbr[n].lower(): n for n in range(1, 13)},
    "sept": 9,
}
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_DAY = (
    rf"{_WEEKDAY}(?:(?P<y{{n}}>\d{{{{4}}}})-(?P<m{{n}}>\d\d)-(?P<d{{n}}>\d\d)"
    rf"|(?P<name{{n}}>{_NAMES})\.?\s+(?P<nd{{n}}>\d{{{{1,2}}}})(?:st|nd|rd|th)?(?:,?\s+(?P<ny{{n}}>\d{{{{4}}}}))?"
    rf"|(?P<sm{{n}}>\d{{{{1,2}}}})/(?P<sd{{n}}>\d{{{{1,2}}}})(?:/(?P<sy{{n}}>\d{{{{4}}}}|\d\d))?)"
)
_TO = r"\s*(?:-|–|—|to|through|thru|until)\s*"
_SPAN = re.compile(
    rf"(?<![\w/]){_DAY.format(n=1)}(?:{_TO}(?:{_DAY.format(n=2)}|(?P<more>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<more_year>\d{{4}}))?(?!\d)))?(?![\w/])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Read:
    first: date
    last: date
    title: str


class NotUnderstood(Exception):
    """A line tells no day, or no title; the message says which."""


def read_line(line: str, *, school_year: int) -> Read:
    """Return the days and the title of one line. A month without a year lies in the school year that ends in `school_year`,
    which begins in July. Raises NotUnderstood.
    """
    found = _SPAN.search(line)
    if not found:
        raise NotUnderstood("no day")
    first = _day(found, "1", school_year, None)
    if found["more"]:
        year = int(found["more_year"]) if found["more_year"] else first.year
        if found["more_year"]:
            first = _date(year, first.month, first.day)
        last = _date(year, first.month, int(found["more"]))
    elif any(found[f"{part}2"] for part in ("y", "name", "sm")):
        last = _day(found, "2", school_year, None)
        if not _has_year(found, "1") and _has_year(found, "2"):  # "Dec 21 - Jan 3, 2027"
            first = _date(last.year - (first.month > last.month), first.month, first.day)
        elif _has_year(found, "1") and not _has_year(found, "2"):  # "Dec 21, 2026 - Jan 3"
            last = _date(first.year + (last.month < first.month), last.month, last.day)
    else:
        last = first
    if last < first:
        raise NotUnderstood("its last day comes before its first")
    title = re.sub(r"\s+", " ", f"{line[: found.start()]} {line[found.end() :]}")
    title = re.sub(r"\(\s*\)", "", title).strip(" \t,:;|-–—•*.")
    if title.startswith("(") and title.endswith(")"):
        title = title[1:-1].strip()
    if not title:
        raise NotUnderstood("no title")
    return Read(first, last, title[:200])


def _has_year(found: re.Match, n: str) -> bool:
    return bool(found[f"y{n}"] or found[f"ny{n}"] or found[f"sy{n}"])


def _day(found: re.Match, n: str, school_year: int, year: int | None) -> date:
    if found[f"y{n}"]:
        return _date(int(found[f"y{n}"]), int(found[f"m{n}"]), int(found[f"d{n}"]))
    if found[f"name{n}"]:
        month, day, written = _MONTHS[found[f"name{n}"].lower()], int(found[f"nd{n}"]), found[f"ny{n}"]
    else:
        month, day, written = int(found[f"sm{n}"]), int(found[f"sd{n}"]), found[f"sy{n}"]
    if written:
        year = int(written) + (2000 if len(written) == 2 else 0)
    return _date(year or (school_year - (month >= 7)), month, day)


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NotUnderstood("there is no such day") from None
