"""Documents made from plain values, without a database: a report's text and the PDF that is made of it."""

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from milestones.status import Word
from reports.as_of import InitiativeStood, PlanStood, Stood, report_days
from reports.content import Content, board_content
from reports.making import article, document
from reports.models import Report
from stakeholders.models import District
from vision.models import Goal, Initiative, Plan

AS_OF = date(2026, 11, 17)
NOW = datetime(2026, 11, 17, 23, 0, tzinfo=UTC)
LONG = "An initiative with a name that a committee of fourteen wrote together on a Thursday evening in June"


@dataclass
class Told:
    """An initiative as a test tells it."""

    title: str
    word: Word = Word.ON_TRACK
    milestones: int = 5
    summary: str = ""
    why: str = "Learners without it fall behind."
    names: str = "School {n}: equipment installed and checked"
    said: str = ""


def make_stood(told: list[Told], *, title: str = "Technology plan 2026–29") -> PlanStood:
    plan = Plan(
        pk=1,
        title=title,
        starts_on=date(2026, 7, 1),
        ends_on=date(2029, 6, 30),
        adopted_on=date(2026, 7, 1),
        district_id=1,
    )
    days = report_days(plan, AS_OF)
    initiatives = []
    for number, one in enumerate(told, start=1):
        goal = Goal(pk=1 + number // 4, plan=plan, title=f"Goal {1 + number // 4}")
        row = Initiative(pk=number, goal=goal, title=one.title, summary=one.summary, why=one.why)
        at = InitiativeStood(row, number, [_milestone(one, number, n) for n in range(one.milestones)])
        at.held = [(day, at.first if n < number else at.expected_on) for n, day in enumerate(days)]
        initiatives.append(at)
    return PlanStood(plan, AS_OF, days, initiatives)


def _milestone(one: Told, number: int, n: int) -> Stood:
    first = date(2026, 9, 4) + timedelta(days=45 * (n % 20) + 9 * number)
    done = first if first < AS_OF and n else None
    last = n == one.milestones - 1
    word = Word.COMPLETE if done else one.word if last else Word.ON_TRACK
    slips = last and word in (Word.OFF_TRACK, Word.AT_RISK)
    move = {
        "reason": "vendor",
        "words": "The switches are late",
        "decided_by__name": "Kim Alvarez",
        "decided_on": date(2026, 10, 1),
    }
    return Stood(
        id=1000 * number + n, name=one.names.format(n=n + 1), is_one_time=True, first=first,
        due=first + timedelta(days=70) if slips else first, expected=first + timedelta(days=133) if slips else None,
        done_on=done, dropped_on=None, paused_until=AS_OF if word == Word.PAUSED else None,
        evidence="Sign-off sheet" if done else "", evidence_link="https://evidence.example/1" if done else "",
        drop_reason="", pause_reason="Winter" if word == Word.PAUSED else "", said=one.said,
        said_on=AS_OF if one.said else None,
        reason="vendor" if slips else "", says="", how_sure="", reply="", moves=[move] if slips else [], word=word,
    )  # fmt: skip


def make_report(
    stood: PlanStood, *, asks: str = "Approve $48,000 from the reserve.\nTake note of the new date."
) -> Report:
    """Make an unsaved report with its frozen text."""
    district = District(pk=1, slug="cedar", name="Cedar School District", time_zone="America/Denver")
    report = Report(
        pk=7, district=district, plan=stood.plan, number="2026-11-B", as_of=AS_OF, meeting_on=date(2026, 11, 23), asks=asks,
        prepared_by="Technology Coordinator",
    )  # fmt: skip
    report.html = article(report, content_of(stood), before=None, now=NOW, print_of="0000 0000 0000 0000")
    return report


def content_of(stood: PlanStood) -> Content:
    return board_content(stood)


def whole(told: list[Told], **words) -> str:
    """Return the whole document for the renderer."""
    return document(make_report(make_stood(told), **words))


SEVEN = [
    Told(f"{LONG} ({word.label})", word, summary="A sentence about where it stands that is on the longer side of things.")
    for word in (
        Word.SLIPPED, Word.OFF_TRACK, Word.AT_RISK, Word.AWAITING, Word.NO_RECENT_UPDATE, Word.ON_TRACK, Word.PAUSED,
    )
]  # fmt: skip


def text_of(pdf: bytes, folder: Path, page: int | None = None) -> str:
    """Return the text of a PDF as a reader sees it, lines broken as printed."""
    file = folder / "text.pdf"
    file.write_bytes(pdf)
    which = ["-f", str(page), "-l", str(page)] if page else []
    return subprocess.run(
        ["pdftotext", "-layout", *which, file, "-"], check=True, capture_output=True, text=True
    ).stdout


@dataclass(frozen=True)
class Printed:
    """A word on paper; points from the left and from the top."""

    page: int
    word: str
    left: float
    top: float
    right: float
    bottom: float


def words_of(pdf: bytes, folder: Path) -> list[Printed]:
    file = folder / "words.pdf"
    file.write_bytes(pdf)
    found = subprocess.run(
        ["pdftotext", "-bbox", file, "-"], check=True, capture_output=True, text=True
    ).stdout
    words, page = [], 0
    for line in found.splitlines():
        page += "<page " in line
        if match := re.search(
            r'xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*)</word>', line
        ):
            left, top, right, bottom = (float(match[n]) for n in range(1, 5))
            words.append(Printed(page, match[5], left, top, right, bottom))
    return words
