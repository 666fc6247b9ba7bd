"""What is read out of an .ics file and out of lines, and what a title means."""

from datetime import date

import pytest

from stakeholders.calendar.importing import joined
from stakeholders.calendar.lines import NotUnderstood, read_line
from stakeholders.calendar.words import kind_of
from stakeholders.files import ics
from stakeholders.files.shapes import Refused

FIRST, LAST = date(2026, 7, 1), date(2028, 6, 30)


def ics_of(*events: str, head: str = "", end: str = "\r\n") -> bytes:
    inside = "".join(f"BEGIN:VEVENT{end}UID:{n}{end}{e}{end}END:VEVENT{end}" for n, e in enumerate(events))
    return f"BEGIN:VCALENDAR{end}VERSION:2.0{end}{head}{inside}END:VCALENDAR{end}".encode()


def read(data: bytes, zone: str = "America/Denver") -> list[tuple[str, str, str]]:
    found = ics.read(data, zone, FIRST.isoformat(), LAST.isoformat())
    return [(d["first"], d["last"], d["title"]) for d in found["days"]]


ONE = "DTSTART;VALUE=DATE:20261125\r\nDTEND;VALUE=DATE:20261128\r\nSUMMARY:Thanksgiving"

EVENTS = [
    (ONE, [("2026-11-25", "2026-11-27", "Thanksgiving")]),  # the end is exclusive
    ("DTSTART;VALUE=DATE:20261125\r\nSUMMARY:One day", [("2026-11-25", "2026-11-25", "One day")]),
    ("DTSTART;VALUE=DATE:20261125\r\nDURATION:P3D\r\nSUMMARY:x", [("2026-11-25", "2026-11-27", "x")]),
    ("DTSTART;VALUE=DATE:20261125\r\nDTEND;VALUE=DATE:20261120\r\nSUMMARY:x", [("2026-11-25", "2026-11-25", "x")]),
    # a timed event, by the district's own clock: 3:00 UTC is 8 pm of the day before
    ("DTSTART:20261222T030000Z\r\nDTEND:20261222T050000Z\r\nSUMMARY:x", [("2026-12-21", "2026-12-21", "x")]),
    ("DTSTART;TZID=America/New_York:20261221T233000\r\nSUMMARY:x", [("2026-12-21", "2026-12-21", "x")]),
    ("DTSTART;TZID=Nowhere/Ever:20261221T080000\r\nSUMMARY:x", [("2026-12-21", "2026-12-21", "x")]),
    ("DTSTART:20261221T080000\r\nDTEND:20261223T000000\r\nSUMMARY:x", [("2026-12-21", "2026-12-22", "x")]),
    # a folded line, an escaped comma, text in other tongues
    ("DTSTART;VALUE=DATE:20261125\r\nSUMMARY:Win\r\n ter\\, d\r\n\tía", [("2026-11-25", "2026-11-25", "Winter, día")]),
    # rules
    (
        "DTSTART;VALUE=DATE:20251225\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Christmas",
        [("2026-12-25", "2026-12-25", "Christmas"), ("2027-12-25", "2027-12-25", "Christmas")],
    ),
    (
        "DTSTART;VALUE=DATE:20261102\r\nRRULE:FREQ=WEEKLY;UNTIL=20261116T000000Z\r\nEXDATE;VALUE=DATE:20261109\r\nSUMMARY:x",
        [("2026-11-02", "2026-11-02", "x"), ("2026-11-16", "2026-11-16", "x")],
    ),
    (
        "DTSTART:20261101T230000\r\nRRULE:FREQ=DAILY;COUNT=2;BYHOUR=23\r\nSUMMARY:x",
        [("2026-11-01", "2026-11-01", "x"), ("2026-11-02", "2026-11-02", "x")],
    ),
    ("DTSTART;VALUE=DATE:20261125\r\nRDATE;VALUE=DATE:20261201\r\nSUMMARY:x",
     [("2026-11-25", "2026-11-25", "x"), ("2026-12-01", "2026-12-01", "x")]),
    # left out
    ("DTSTART;VALUE=DATE:20261125\r\nSTATUS:CANCELLED\r\nSUMMARY:x", []),
    ("DTSTART;VALUE=DATE:20201125\r\nSUMMARY:Long ago", []),
    ("DTSTART;VALUE=DATE:20261125\r\nDTEND;VALUE=DATE:20281125\r\nSUMMARY:Two years", []),
    ("DTSTART:20261101T000000\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:x", []),
    ("SUMMARY:No day", []),
    ("DTSTART;VALUE=DATE:20261125", []),
    ("DTSTART:soon\r\nSUMMARY:x", []),
    ("DTSTART;VALUE=DATE:20261125\r\nRRULE:FREQ=NEVER\r\nSUMMARY:x", []),
]  # fmt: skip


@pytest.mark.parametrize(("event", "days"), EVENTS)
def test_an_event_is_read_as_its_local_days(event, days):
    assert read(ics_of(event)) == days


def test_an_occurrence_that_was_moved_stands_where_it_was_moved_to():
    to = "RECURRENCE-ID;VALUE=DATE:20261109\r\nDTSTART;VALUE=DATE:20261110"
    moved = f"BEGIN:VEVENT\r\nUID:0\r\n{to}\r\nSUMMARY:x\r\nEND:VEVENT\r\n"
    rule = "DTSTART;VALUE=DATE:20261102\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\nSUMMARY:x"

    assert [first for first, _last, _t in read(ics_of(rule, head=moved))] == ["2026-11-02", "2026-11-10"]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(end, mark):
    assert len(read(mark + ics_of(ONE.replace("\r\n", end), end=end))) == 1


def test_text_in_an_old_encoding_is_read():
    assert read(ics_of("DTSTART;VALUE=DATE:20261125\r\nSUMMARY:Día").decode().encode("cp1252"))[0][2] == "Día"


def test_nothing_but_days_and_titles_reaches_the_parser():
    guests = (
        "ATTENDEE;CN=Somebody:mailto:someone@example.org\r\nDESCRIPTION:secret\r\nATTACH:https://e.example/"
    )
    zone = "BEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    alarm = "BEGIN:VALARM\r\nSUMMARY:ring\r\nEND:VALARM"

    essence = ics._essence(ics_of(f"{ONE}\r\n{guests}\r\n{alarm}", head=zone)).decode()

    for word in ("Somebody", "secret", "e.example", "SECONDLY", "ring"):
        assert word not in essence
    assert "Thanksgiving" in essence


def bomb(event: str, n: int) -> bytes:
    return ics_of(*[event] * n)


HOSTILE = {
    "empty": b"",
    "a zip": b"PK\x03\x04 and more",
    "a picture": b"\x89PNG and more",
    "a web page": b"<!doctype html><p>no calendar",
    "text": b"Nov 25 Thanksgiving",
    "NUL": ics_of("SUMMARY:a\0b"),
    "UTF-16": ics_of(ONE).decode().encode("utf-16"),
    "cut off": ics_of(ONE)[:-40],
    "a million events": b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 300_000 + b"END:VCALENDAR\r\n",
    "too many days": ics_of(
        *[f"DTSTART;VALUE=DATE:20260801\r\nRRULE:FREQ=DAILY\r\nSUMMARY:{n}" for n in range(20)]
    ),
    "a rule without end": bomb(
        "DTSTART;VALUE=DATE:00010101\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\nSUMMARY:x", 300
    ),
    "larger than 5 MB": b"BEGIN:VCALENDAR\r\n" + b"X" * 5_300_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_is_no_calendar_or_too_much_is_refused_whole(data):
    with pytest.raises(Refused):
        ics.read_safely(data, time_zone="America/Denver", first=FIRST, last=LAST)


@pytest.mark.parametrize(
    "data",
    [
        ics_of("DTSTART;VALUE=DATE:20260801\r\nRRULE:FREQ=DAILY;COUNT=1000000000\r\nSUMMARY:x"),
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X\r\n" * 300_000 + b"END:VCALENDAR\r\n",
        ics_of("DTSTART;VALUE=DATE:20261125\r\nSUMMARY:" + "A" * 4_000_000),
    ],
)
def test_what_is_merely_huge_is_cut_down(data):
    found = ics.read_safely(data, time_zone="America/Denver", first=FIRST, last=LAST)

    assert len(found["days"]) <= 400
    assert all(len(day["title"]) <= 200 for day in found["days"])


LINES = [
    ("Nov 25 - Nov 27 Thanksgiving break", "2026-11-25", "2026-11-27", "Thanksgiving break"),
    ("Dec 21 – Jan 3: Winter break", "2026-12-21", "2027-01-03", "Winter break"),
    ("Winter break, December 21 - January 3, 2027", "2026-12-21", "2027-01-03", "Winter break"),
    ("Dec 21, 2026 - Jan 3 Winter", "2026-12-21", "2027-01-03", "Winter"),
    ("1/18/2027 MLK Day", "2027-01-18", "2027-01-18", "MLK Day"),
    ("Mon, Jan 18 MLK Day", "2027-01-18", "2027-01-18", "MLK Day"),
    ("2026-11-25 to 2026-11-27 Thanksgiving", "2026-11-25", "2026-11-27", "Thanksgiving"),
    ("March 15-19 Spring break", "2027-03-15", "2027-03-19", "Spring break"),
    ("May 3rd to 7th AP exams", "2027-05-03", "2027-05-07", "AP exams"),
    ("11/25/26-11/27/26 Thanksgiving", "2026-11-25", "2026-11-27", "Thanksgiving"),
    ("• Sept. 7 — Labor Day", "2026-09-07", "2026-09-07", "Labor Day"),
    ("Oct 12 (no school)", "2026-10-12", "2026-10-12", "no school"),
]


@pytest.mark.parametrize(("line", "first", "last", "title"), LINES)
def test_a_line_is_read_as_people_write_it(line, first, last, title):
    found = read_line(line, school_year=2027)

    assert (str(found.first), str(found.last), found.title) == (first, last, title)


@pytest.mark.parametrize(
    "line",
    ["hello", "Nov 25", "Feb 30 x", "Nov 27 - Nov 25 x", "12 3 4", "9999999/1 x", "13/45 x", "0000-01-01 x"],
)
def test_a_line_that_tells_no_day_or_no_title_is_not_understood(line):
    with pytest.raises(NotUnderstood):
        read_line(line, school_year=2027)


TITLES = [
    ("Thanksgiving Break - No School", "break"), ("Winter Recess", "break"), ("SPRING VACATION", "break"),
    ("No School: Labor Day", "day-off"), ("Presidents’ Day", "day-off"), ("Holiday", "day-off"),
    ("Schools closed", "day-off"), ("Veterans' Day (observed)", "day-off"),
    ("State testing window", "testing"), ("PSAT 8/9", "testing"), ("AP Exams", "testing"), ("Final exams", "testing"),
    ("Teacher work day - no school", "staff"), ("Professional Development", "staff"),
    ("Parent-Teacher Conferences", "staff"), ("PD Day", "staff"), ("Inservice", "staff"),
    ("School resumes after Winter Break", None), ("Holiday concert", None), ("First day of school", None),
    ("Early release", None), ("Football vs. Mesa", None), ("Board meeting", None), ("Act one of the play", None),
    ("Contest of poets", None), ("Latest news", None),
]  # fmt: skip


@pytest.mark.parametrize(("title", "kind"), TITLES)
def test_the_words_of_a_title_suggest_what_it_is(title, kind):
    assert kind_of(title) == kind


def test_a_break_that_is_written_day_by_day_is_one_break():
    days = [*range(21, 26), *range(28, 32)]  # Monday to Friday, Monday to Thursday
    written = [(date(2026, 12, d), date(2026, 12, d), "Winter break") for d in days]
    apart = (date(2026, 10, 12), date(2026, 10, 12), "Winter break")

    assert joined([*written, apart]) == [apart, (date(2026, 12, 21), date(2026, 12, 31), "Winter break")]
