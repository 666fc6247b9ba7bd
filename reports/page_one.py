"""What fits on page 1, which must stand alone: the chart gets the height that is left, the notes go first when it is little.

Reckoned from the sizes in `static/css/print.css` (points; a sheet has 673 of them between its margins), on the long
side, so that the page holds. Where even a small chart has no room, it moves to the page with its numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts import DatesChart, Track, dates_chart, width_of
from reports.content import Content, InitiativeSays

SHEET = 668.0
WIDTH = 504.0
NAME, DATE, CHANGE = 0.37 * WIDTH - 5, 0.13 * WIDTH - 5, 0.115 * WIDTH - 5
USUAL, LARGEST = 170.0, 200.0
# In the order in which things give way: with the notes under the names?, names at full length?, and the least height of
# the chart for which it is worth it.
WAYS = ((True, True, 140.0), (False, True, 120.0), (False, False, 96.0))
HEADING, PILL = 29.0, 68.0
HOW_TO_READ = "Each line is one initiative. A flat line means the date held; a rising line means it slipped."


@dataclass(frozen=True)
class PageOne:
    notes: bool
    full_names: bool
    chart: DatesChart | None
    chart_later: DatesChart | None


def lay_out(content: Content, *, asks: Sequence[str], by: str) -> PageOne:
    """Decide what page 1 of this report carries. `by`: the line under the title."""
    tracks = [Track(f"{i.number} {i.title}", i.held, i.done_on) for i in content.in_chart]
    fixed = _around(content, asks=asks, by=by)
    for notes, full_names, least in WAYS:
        left = SHEET - fixed - sum(_row(i, notes=notes, full_name=full_names) for i in content.first_page)
        if left >= least:
            chart = dates_chart(content.days, tracks, height=round(min(left, LARGEST)))
            return PageOne(notes, full_names, chart, None)
    return PageOne(False, False, None, dates_chart(content.days, tracks, height=USUAL))


def _around(content: Content, *, asks: Sequence[str], by: str) -> float:
    """Reckon the points that everything takes but the rows of the table and the chart's field."""
    legend = "".join(f"{pill.label}: {meaning}   " for pill, meaning in content.words_used)
    head = (
        _lines(f"{content.plan}: where we stand", WIDTH, 19, bold=True) * 21.9
        + 3
        + _lines(by, WIDTH, 9) * 12.6
    )
    sentence = 6 + _lines(f"In one sentence: {content.sentence}", WIDTH, 10.5) * 14.7
    box = 8 + 14 + 18 + sum(_lines(ask, WIDTH - 34, 10) * 14 for ask in asks or [""])
    table = HEADING + 15 + 27 + (17 if len(content.first_page) < len(content.initiatives) else 0)
    chart = HEADING + 3 + 12.6 * _lines(f"{content.finding} {HOW_TO_READ}", WIDTH, 9)
    return head + sentence + box + table + chart + 5 + _lines(legend, WIDTH, 8) * 10.8


def _row(i: InitiativeSays, *, notes: bool, full_name: bool) -> float:
    name = _lines(f"{i.number}. {i.short if full_name else i.shorter}", NAME, 9, bold=True) * 12.2
    note = _lines(i.note, NAME, 8.3) * 11.2 if notes else 0
    pill = 2.4 + 11 * _lines(i.pill.label if i.pill else "", PILL, 8, bold=True)
    others = max(_lines(i.now_words, DATE, 9), _lines(i.change, CHANGE, 9, bold=True)) * 12.2
    return 6.6 + max(name + note, others, pill + 2.4)


def _lines(text: str, width: float, size: float, *, bold: bool = False) -> int:
    """Reckon on how many lines `text` falls, word by word."""
    lines, used, space = 1, 0.0, width_of(" ", size)
    for word in text.split():
        wide = width_of(word, size, bold=bold)
        if used and used + wide > width:
            lines, used = lines + 1, 0.0
        lines += int(wide // width)  # a word longer than the line is broken
        used += wide % width + space
    return lines
