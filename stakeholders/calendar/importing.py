"""Bring a school calendar in from a file or from lines: read, look, take over, take back. The same again adds nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from stakeholders.calendar.words import kind_of
from stakeholders.editing import lock
from stakeholders.files import ics
from stakeholders.files.shapes import Refused
from stakeholders.models import CalendarEntry, CalendarImport, DayKind, District, Person

YEARS_AHEAD = 3
MOST_OFFERED = 300
MOST_OTHERS = 100  # titles that mean nothing to us; beyond these they are only counted
WEEKEND = (5, 6)


@dataclass(frozen=True)
class Offered:
    """One line of the preview."""

    number: int
    first: date
    last: date
    title: str
    kind: str  # what the words of the title suggest; "" for nothing
    is_there: bool  # the calendar has these days under this title already


def window(today: date) -> tuple[date, date]:
    """Return the days that are looked at: from the last school year on, and three years ahead."""
    begins = today.year - (1 if today.month >= 7 else 2)
    return date(begins, 7, 1), date(begins + 1 + YEARS_AHEAD, 12, 31)


def read_file(data: bytes, *, time_zone: str, today: date) -> tuple[list[dict], dict]:
    """Return the events of an .ics file, and how many were left out, by reason. Raises Refused."""
    first, last = window(today)
    found = ics.read_safely(data, time_zone=time_zone, first=first, last=last)
    days = [
        (date.fromisoformat(d["first"]), date.fromisoformat(d["last"]), d["title"]) for d in found["days"]
    ]
    left_out = {name: found[name] for name in ("outside", "unreadable")}
    if not days:
        raise Refused(
            "No day of the coming years was found in this calendar. Export it with the dates of this school year."
        )
    return sort_out(days, left_out), left_out


def sort_out(days: Iterable[tuple[date, date, str]], left_out: dict[str, int]) -> list[dict]:
    """Return events for the preview: those that mean something here, and some others. Raises Refused for too many."""
    known, others = [], []
    for first, last, title in joined(days):
        kind = kind_of(title)
        event = {"first": str(first), "last": str(last), "title": title, "kind": kind or ""}
        (known if kind else others).append(event)
    if len(known) > MOST_OFFERED:
        raise Refused(
            f"The calendar has {len(known)} breaks, tests and days off; at most {MOST_OFFERED} can be looked at "
            "on one page. Export the school’s own calendar alone."
        )
    left_out["others"] = max(0, len(others) - MOST_OTHERS)
    return sorted([*known, *others[:MOST_OTHERS]], key=lambda e: (e["first"], e["last"], e["title"]))


def joined(days: Iterable[tuple[date, date, str]]) -> list[tuple[date, date, str]]:
    """Return the days with those made one that follow each other under one title, over a weekend, too: a calendar often
    writes a break day by day.
    """
    made: list[tuple[date, date, str]] = []
    for first, last, title in sorted(days, key=lambda d: (d[2].casefold(), d[0], d[1])):
        if made and made[-1][2].casefold() == title.casefold() and _follows(made[-1][1], first):
            begun, until, words = made.pop()
            made.append((begun, max(until, last), words))
        else:
            made.append((first, last, title))
    return sorted(made)


def _follows(last: date, first: date) -> bool:
    if first <= last:
        return True
    between = [last + timedelta(days=n) for n in range(1, min((first - last).days, 4))]
    return (first - last).days <= 3 and all(day.weekday() in WEEKEND for day in between)


@transaction.atomic
def keep_reading(
    district: District, *, name: str, events: list[dict], left_out: dict[str, int], by: Person, now: datetime
) -> CalendarImport:
    """Keep what was read until somebody has looked at it; what the same person read before and left is put away."""
    CalendarImport.objects.in_district(district).filter(made_by=by, applied_at__isnull=True).delete()
    return CalendarImport.objects.create(
        district=district, file_name=name[:200], events=events, left_out=left_out, made_by=by, made_at=now
    )


def offered(calendar_import: CalendarImport) -> list[Offered]:
    """Return the lines of the preview: one query."""
    rows = CalendarEntry.objects.in_district(calendar_import.district_id).live()
    there = {(e.first_day, e.last_day, e.title.casefold()) for e in rows}
    found = []
    for number, event in enumerate(calendar_import.events):
        first, last = date.fromisoformat(event["first"]), date.fromisoformat(event["last"])
        is_there = (first, last, event["title"].casefold()) in there
        found.append(Offered(number, first, last, event["title"], event["kind"], is_there))
    return found


@transaction.atomic
def apply_import(
    calendar_import: CalendarImport, kinds: dict[int, str], *, by: Person, now: datetime
) -> int | None:
    """Add the events to which `kinds` gives a kind, by their numbers; return how many are new. None: it was done before."""
    lock(calendar_import.district)
    if not calendar_import.claim("applied", by=by, now=now):
        return None
    added = 0
    for one in offered(calendar_import):
        kind: Any = kinds.get(one.number)
        if one.is_there or kind not in DayKind.values:
            continue
        entry = CalendarEntry(
            district=calendar_import.district,
            kind=kind,
            title=one.title,
            first_day=one.first,
            last_day=one.last,
            came_with=calendar_import,
        )
        if entry.twins().exists():  # twice in one file, in other capitals
            continue
        entry._history_user = by
        entry.save()
        added += 1
    return added


@transaction.atomic
def undo_import(
    calendar_import: CalendarImport, *, by: Person, now: datetime, today: date
) -> tuple[int, int] | None:
    """Remove what the import added; return how many, and how many stay because somebody has changed them since. None: it
    was undone before, or never carried out.
    """
    lock(calendar_import.district)
    made = (
        CalendarEntry.objects.in_district(calendar_import.district_id)
        .live()
        .filter(came_with=calendar_import)
    )
    if calendar_import.applied_at is None or not calendar_import.claim("undone", by=by, now=now):
        return None
    untouched = list(made.filter(version=1))
    for entry in untouched:
        entry.archive(by=by, today=today)
    return len(untouched), made.count()
