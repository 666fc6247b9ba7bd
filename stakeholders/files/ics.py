"""Read the days of a school calendar out of an .ics file. Knows no Django; run as a process of its own by `read_safely`.

Only what a day needs is parsed: when it is and what it is called. Everything else of an event (descriptions, places, guests,
attachments, alarms) and the file's own definitions of time zones are cut away before the parser sees the file.
"""

import re
import sys
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar

from stakeholders.files import child, hazards
from stakeholders.files.shapes import MEGABYTE, Refused

SECONDS = 8
MEMORY = 500 * MEGABYTE
MOST_EVENTS = 3_000
MOST_DAYS_OF_ONE = 400  # a day that comes back more often is no day of the school calendar
MOST_FOUND = 2_000
LONGEST = 200  # days; what runs longer is a course or a school year
NEEDED = re.compile(
    rb"(DTSTART|DTEND|DURATION|SUMMARY|RRULE|RDATE|EXDATE|RECURRENCE-ID|UID|STATUS)[;:]", re.IGNORECASE
)
TOO_SLOW = "The calendar takes too long to read. Export the school’s own calendar alone."
EVENT_LIMIT = (
    "The file holds {n:,} events; at most {most:,} are read. Export the school’s own calendar alone."
)


def read_safely(data, *, time_zone, first, last):
    """The days from `first` to `last` that the bytes `data` tell of, by the clock of `time_zone`: a dict with `days`, a list
    of {first, last, title}, and how many were left out: `outside` of these dates, `unreadable`. Raises Refused.
    """
    hazards.check_size(len(data))
    words = (time_zone, first.isoformat(), last.isoformat())
    try:
        return child.ask("stakeholders.files.ics", *words, data=data, seconds=SECONDS, memory=MEMORY)
    except Refused as no:
        raise Refused(TOO_SLOW if str(no) == child.TOO_SLOW else str(no)) from None


def read(data, time_zone, first, last):
    hazards.check_size(len(data))
    _check(data)
    try:
        calendars = Calendar.from_ical(_essence(data), multiple=True)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Refused("The file is damaged: what it says of its events cannot be read.") from error
    events = [event for one in calendars for event in one.walk("VEVENT")]
    return _Days(ZoneInfo(time_zone), date.fromisoformat(first), date.fromisoformat(last)).of(events)


def _check(data):
    for magic, what in [
        *hazards.FOREIGN,
        (hazards.OLD_OFFICE, "an old Office file"),
        (b"PK\x03\x04", "a zip archive"),
    ]:
        if data.startswith(magic):
            raise Refused(f"This is {what} and not a calendar. Export the calendar as .ics.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        raise Refused("The file is written in an unusual encoding. Export the calendar as .ics again.")
    if b"BEGIN:VCALENDAR" not in data[:2000].upper():
        raise Refused(
            "This is not a calendar. A calendar’s file ends in .ics and begins with BEGIN:VCALENDAR."
        )
    events = len(re.findall(rb"^BEGIN:VEVENT", data, re.IGNORECASE | re.MULTILINE))
    if events > MOST_EVENTS:
        raise Refused(EVENT_LIMIT.format(n=events, most=MOST_EVENTS))
    if b"END:VCALENDAR" not in data[-2000:].upper():
        raise Refused("The file was cut off on its way here. Please export it again.")


def _essence(data):
    """The calendar with nothing but its events, and nothing of these but when they are and what they are called."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode()
    except UnicodeDecodeError:
        data = data.decode("cp1252", "replace").encode()
    lines = re.sub(rb"\r?\n[ \t]", b"", data).replace(b"\r", b"\n").split(b"\n")
    kept, inside = [b"BEGIN:VCALENDAR"], []
    for line in lines:
        mark = line[:20].upper()
        if mark.startswith(b"BEGIN:"):
            inside.append(mark[6:].strip())
        in_event = inside[-1:] == [b"VEVENT"]
        if in_event and (mark.startswith((b"BEGIN:", b"END:")) or NEEDED.match(line)):
            kept.append(line[:4000])
        if mark.startswith(b"END:") and inside:
            inside.pop()
    return b"\r\n".join([*kept, b"END:VCALENDAR", b""])


class _Days:
    def __init__(self, zone, first, last):
        self.zone, self.first, self.last = zone, first, last
        self.found, self.outside, self.unreadable = {}, 0, 0

    def of(self, events):
        moved = {
            (str(event.get("UID", "")), self._day(_value(event, "RECURRENCE-ID")))
            for event in events
            if event.get("RECURRENCE-ID") is not None
        }
        for event in events:
            try:
                self._event(event, moved)
            except (ValueError, TypeError, AttributeError, KeyError, OverflowError, NotImplementedError):
                self.unreadable += 1
        days = [
            {"first": a.isoformat(), "last": b.isoformat(), "title": title}
            for a, b, title in sorted(self.found)
        ]
        return {"days": days, "outside": self.outside, "unreadable": self.unreadable}

    def _event(self, event, moved):
        title = " ".join(str(event.get("SUMMARY", "")).split())[:200].strip()
        if str(event.get("STATUS", "")).upper() == "CANCELLED" or not title:
            self.unreadable += not title
            return
        start = _value(event, "DTSTART")
        end = _value(event, "DTEND")
        if end is None and event.get("DURATION") is not None:
            end = start + event["DURATION"].dt
        first, last = self._span(start, end)
        length = last - first
        if not timedelta(0) <= length <= timedelta(days=LONGEST):
            self.outside += 1
            return
        left_out = {self._day(value) for value in _values(event, "EXDATE")}
        if event.get("RECURRENCE-ID") is None:
            left_out |= {day for uid, day in moved if uid == str(event.get("UID", ""))}
        for day in self._starts(event, start, first):
            if day not in left_out:
                self._put(day, day + length, title)

    def _put(self, first, last, title):
        if last < self.first or first > self.last:
            self.outside += 1
            return
        self.found[(first, last, title)] = True
        if len(self.found) > MOST_FOUND:
            raise Refused(EVENT_LIMIT.format(n=len(self.found), most=MOST_FOUND))

    def _starts(self, event, start, first):
        """The local days on which the event begins: one, or those of its rule, as far as they matter."""
        rule = event.get("RRULE")
        if isinstance(rule, list):
            rule = rule[0]
        days = [first] if rule is None else self._repeated(rule.to_ical().decode(), first)
        return [*islice(days, MOST_DAYS_OF_ONE), *(self._day(value) for value in _values(event, "RDATE"))]

    def _repeated(self, rule, first):
        if not re.search(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)", rule, re.IGNORECASE):
            raise ValueError("comes back within a day")
        # By days alone: the hour is the same local hour each time, so clocks that change matter to none of them.
        rule = re.sub(r"(UNTIL=\d{8})(T\d{6}Z?)?", r"\1T235959", rule, flags=re.IGNORECASE)
        rule = re.sub(r";?BY(HOUR|MINUTE|SECOND)=[\d,]*", "", rule, flags=re.IGNORECASE)
        for at in rrulestr(rule, dtstart=datetime.combine(first, time.min)):
            if at.date() > self.last:
                return
            if at.date() >= self.first - timedelta(days=LONGEST):
                yield at.date()

    def _span(self, start, end):
        """First and last local day. The end is exclusive, as the format has it, and is often left out."""
        if not isinstance(start, datetime):
            return start, (max(start, end - timedelta(days=1)) if isinstance(end, date) and end else start)
        first = self._day(start)
        if not isinstance(end, datetime) or end <= start:
            return first, first
        return first, max(first, self._day(end - timedelta(seconds=1)))

    def _day(self, value):
        if isinstance(value, datetime):
            return (value.astimezone(self.zone) if value.tzinfo else value).date()
        return value


def _value(event, name):
    found = event.get(name)
    if isinstance(found, list):
        found = found[0]
    return None if found is None else found.dt


def _values(event, name):
    found = event.get(name)
    for part in found if isinstance(found, list) else [found] if found is not None else []:
        for one in part.dts:
            yield one.dt[0] if isinstance(one.dt, tuple) else one.dt


if __name__ == "__main__":
    child.answer(lambda *words: read(sys.stdin.buffer.read(), *words))
