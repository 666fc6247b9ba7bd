"""Where the lines, marks and labels of our two charts go: plain values in, coordinates out.

The drawing itself is in `templates/reports/_dates_chart.html` and `_timeline.html`. One unit is one printed
point, so a label of 8 units is 8 pt on paper. Nothing here knows a model, a query or a request.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.utils.formats import date_format

MOST_LINES = 8
SIZE = 8.0  # of the chart's letters
# Widths of Public Sans as shares of its size, by kinds of letters: good to two hundredths for a line of text.
WIDTHS = {
    **dict.fromkeys(" .,:;'’·!|iIjl()[]/", 0.27),
    **dict.fromkeys('rtf-J1*"“”', 0.4),
    **dict.fromkeys("mwMW%@…—", 0.86),
}
BOLD = 1.035
DASHES = ("", "6 3", "2 2", "8 2 2 2", "12 3", "5 2 1 2 1 2", "1 2.5", "9 4 3 4")
INK, PAPER = "#16212e", "#ffffff"
MARKERS = (  # shape around the point, and its fill: told apart without colour
    ("m-2.5 -2.5h5v5h-5z", INK),
    ("m0 -3.7l3.7 3.7l-3.7 3.7l-3.7 -3.7z", INK),
    ("m-2.7 0a2.7 2.7 0 1 0 5.4 0a2.7 2.7 0 1 0 -5.4 0z", PAPER),
    ("m0 -3.4l3.3 5.8h-6.6z", INK),
    ("m-2.5 -2.5h5v5h-5z", PAPER),
    ("m-2.7 0a2.7 2.7 0 1 0 5.4 0a2.7 2.7 0 1 0 -5.4 0z", INK),
    ("m0 3.4l3.3 -5.8h-6.6z", PAPER),
    ("m0 -3.7l3.7 3.7l-3.7 3.7l-3.7 -3.7z", PAPER),
)


@dataclass(frozen=True)
class Track:
    """One line of the chart: what it is called, and the date expected on each day of report (None: not known yet)."""

    name: str
    expected: Sequence[date | None]
    done_on: date | None = None


@dataclass(frozen=True)
class Mark:
    x: float
    y: float


Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass
class Label:
    """The name at the end of a line; `leader` is the path of the hairline that leads to it, or ""."""

    text: str
    end: Mark
    x: float = 0
    y: float = 0
    leader: str = ""

    @property
    def box(self) -> Box:
        return self.x, self.y - SIZE, self.x + width_of(self.text, bold=True), self.y + 2


@dataclass(frozen=True)
class Line:
    marks: list[Mark]
    path: str
    dash: str
    fill: str
    shapes: list[str]
    label: Label


@dataclass(frozen=True)
class Tick:
    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class DatesChart:
    """Everything that the template draws. `left`, `right`, `top` and `bottom` bound the field of the plot."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    today_path: str
    today_label: Mark | None
    lines: list[Line]


def width_of(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """Estimate how wide `text` is at `size`."""
    widths = (WIDTHS.get(c) or (0.555 if c.islower() else 0.64) for c in text)
    return sum(widths) * size * (BOLD if bold else 1)


def shorten(text: str, most: int) -> str:
    """Cut `text` to `most` characters at a word, with an ellipsis where something is missing."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut).rstrip(" ,;:") + "…"


def short_date(day: date, *, year: bool = True) -> str:
    return date_format(day, "M j, Y" if year else "M j")


def dates_chart(
    days: Sequence[date], tracks: Sequence[Track], *, width: float = 504, height: float = 170
) -> DatesChart | None:
    """Lay out "Are our dates holding?": across, the days of report; up, the date expected then.

    A flat line held its date and a rising one slipped. A finished line stops at the first day of report
    after its finish. At most eight lines are drawn, the first eight. None when there is nothing to draw.
    """
    tracks = [t for t in tracks if any(t.expected)][:MOST_LINES]
    if len(days) < 2 or not tracks:
        return None
    names = [_end_words(t) for t in tracks]
    left, top, bottom = 48.0, 8.0, height - 20
    right = width - max(width_of(name, bold=True) for name in names) - 14
    known = [d for t in tracks for d in t.expected if d]
    low, high = _padded(min(known), max(known))
    across = _scale(days[0], days[-1], left + 4, right - 4)
    up = _scale(low, high, bottom, top)
    lines, nudge = [], _nudges(tracks)
    for i, track in enumerate(tracks):
        marks = [
            Mark(round(across(day), 1), round(up(expected) + nudge[i], 1))
            for day, expected in zip(_days_drawn(days, track), track.expected, strict=False)
            if expected
        ]
        shape, fill = MARKERS[i]
        shown = marks if len(days) <= 9 else [*marks[i % 3 : -1 : 3], marks[-1]]
        shapes = [f"M{m.x} {m.y}{shape}" for m in shown]
        lines.append(Line(marks, _path(marks), DASHES[i], fill, shapes, Label(names[i], marks[-1])))
    today = _today_line(days, low, high, across, up)
    _place_labels(lines, today, gutter=right + 10, top=top + 6, bottom=bottom + 2)
    return DatesChart(
        width=width,
        height=height,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        x_ticks=_x_ticks(days, across),
        y_ticks=[Tick(round(up(d), 1), date_format(d, "M Y")) for d in _months(low, high)],
        today_path=_path(today),
        today_label=_clear_place(today, lines),
        lines=lines,
    )


def _path(marks: Sequence[Mark]) -> str:
    return "M" + "L".join(f"{m.x} {m.y}" for m in marks) if marks else ""


def _end_words(track: Track) -> str:
    name = shorten(track.name, 26)
    if track.done_on:
        return f"{name}: done {short_date(track.done_on, year=False)}"
    last = next(d for d in reversed(track.expected) if d)
    return f"{name}: {short_date(last)}"


def _days_drawn(days: Sequence[date], track: Track) -> Sequence[date]:
    """Return the days of report up to the first one on which the finish was known."""
    if track.done_on is None:
        return days
    return [d for i, d in enumerate(days) if i == 0 or days[i - 1] < track.done_on]


def _padded(low: date, high: date) -> tuple[date, date]:
    """Widen a range a little, and to at least half a year: a week's slip must not fill the whole height."""
    room = max(timedelta(days=14), (timedelta(days=183) - (high - low)) / 2, (high - low) * 0.06)
    return low - room, high + room


def _scale(first: date, last: date, start: float, end: float):
    span = (last - first).days or 1
    return lambda day: start + (day - first).days / span * (end - start)


def _nudges(tracks: Sequence[Track]) -> list[float]:
    """Shift lines that expect the very same date apart by two points, so that both can be seen."""
    seen: dict[date | None, int] = {}
    shifts = []
    for track in tracks:
        last = next(d for d in reversed(track.expected) if d)
        shifts.append(2.4 * seen.get(last, 0))
        seen[last] = seen.get(last, 0) + 1
    return shifts


def _months(low: date, high: date) -> list[date]:
    """Return the firsts of months between two days, two to six of them, a calm number of months apart."""
    months = range(low.year * 12 + low.month, high.year * 12 + high.month)
    for step in (1, 2, 3, 6, 12, 24, 60, 120):
        chosen = [date(m // 12, m % 12 + 1, 1) for m in months if m % step == 0]
        if len(chosen) <= 6:
            return chosen
    return []


def _x_ticks(days: Sequence[date], across) -> list[Tick]:
    """Name as many days of report as fit without touching; the last one always."""
    with_year = days[0].year != days[-1].year
    room = width_of("May 30, 2026" if with_year else "May 30") + 8
    ticks: list[Tick] = []
    for day in reversed(days):
        at = round(across(day), 1)
        if not ticks or ticks[-1].at - at >= room:
            ticks.append(Tick(at, short_date(day, year=with_year)))
    return ticks[::-1]


def _today_line(days, low, high, across, up) -> list[Mark]:
    """Return the slanting line on which the date expected is the day of report, as far as it is in sight."""
    start, end = max(days[0], low), min(days[-1], high)
    if (end - start).days < 45:  # a stub says nothing
        return []
    return [Mark(round(across(d), 1), round(up(d), 1)) for d in (start, end)]


TODAY_WORDS = 52.0  # room for "day of report"


def _clear_place(today: Sequence[Mark], lines: Sequence[Line]) -> Mark | None:
    """Find a place under the slanting line where its words touch nothing; None when there is none."""
    if not today:
        return None
    taken = _ink(lines, ()) | _ink((), today)
    boxes = [line.label.box for line in lines]
    (a, b) = today
    for share in (0.62, 0.5, 0.75, 0.4, 0.3, 0.2, 0.86):
        x, y = a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share
        place = Mark(round(x + 6, 1), round(y + SIZE + 3, 1))
        box = (place.x - 1, place.y - SIZE, place.x + TODAY_WORDS, place.y + 2)
        if box[2] < b.x and box[3] < max(a.y, b.y) + 2 and _is_clear(box, taken, boxes):
            return place
    return None


def _place_labels(
    lines: Sequence[Line], today: Sequence[Mark], *, gutter: float, top: float, bottom: float
) -> None:
    """Put each name at the end of its line, in the margin, and move names apart until none touches another.

    A line that ended early is named beside its end if nothing else runs there; else in the margin too, with
    a hairline that leads to it.
    """
    late = []
    for line in sorted(lines, key=lambda line: line.marks[-1].y):
        label, others = line.label, [other for other in lines if other is not line]
        if label.end.x < gutter - 30 and _named_beside(
            label, _ink(others, today), [o.label.box for o in others], gutter
        ):
            continue
        label.x, label.y = gutter, round(label.end.y + 2.8, 1)
        late.append(label)
    gap = SIZE + 2.2
    for i, label in enumerate(late):
        label.y = max(label.y, top if i == 0 else late[i - 1].y + gap)
    for i, label in reversed(list(enumerate(late))):
        label.y = round(min(label.y, bottom if i == len(late) - 1 else late[i + 1].y - gap), 1)
        middle = label.y - 2.8
        if label.end.x < gutter - 16 or abs(middle - label.end.y) > 2:
            label.leader = f"M{label.end.x + 4} {label.end.y}L{gutter - 2} {round(middle, 1)}"


def _named_beside(label: Label, taken: set[tuple[int, int]], boxes: Sequence[Box], gutter: float) -> bool:
    """Try right of, above and below the end of a line; whether one of them was clear."""
    for dx, dy in ((7, 2.8), (-10, -6), (-10, 13)):
        label.x, label.y = round(label.end.x + dx, 1), round(label.end.y + dy, 1)
        if label.box[2] < gutter - 4 and _is_clear(label.box, taken, boxes):
            return True
    label.x = label.y = 0
    return False


def _ink(lines: Iterable[Line], today: Sequence[Mark]) -> set[tuple[int, int]]:
    """Return every whole point that a line passes."""
    points = set()
    for marks in [line.marks for line in lines] + [list(today)]:
        for a, b in pairwise(marks):
            steps = int(max(abs(b.x - a.x), abs(b.y - a.y))) + 1
            points |= {
                (round(a.x + (b.x - a.x) * n / steps), round(a.y + (b.y - a.y) * n / steps))
                for n in range(steps + 1)
            }
    return points


def _is_clear(box: Box, taken: set[tuple[int, int]], boxes: Iterable[Box]) -> bool:
    left, top, right, bottom = box
    if any(left <= x <= right and top <= y <= bottom for x, y in taken):
        return False
    return not any(left < r and right > lft and top < b and bottom > t for lft, t, r, b in boxes if r > lft)


# --- the next 60 days ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """Something on a day: its words, whether the day is a first date that has since moved, and a link or ""."""

    on: date
    words: str
    is_first_date: bool = False
    url: str = ""


@dataclass(frozen=True)
class Placed:
    event: Event
    x: float
    y: float
    text: str
    text_x: float
    anchor: str


@dataclass(frozen=True)
class Stretch:
    """Days that are shaded: from the first to the last, and what they are called."""

    first: date
    last: date
    words: str


@dataclass(frozen=True)
class Band:
    stretch: Stretch
    x: float
    width: float


@dataclass(frozen=True)
class Timeline:
    width: float
    height: float
    axis: float
    ticks: list[Tick]
    placed: list[Placed]
    more: int
    bands: list[Band]


def timeline(
    events: Iterable[Event],
    *,
    today: date,
    days: int = 60,
    width: float = 720,
    lanes: int = 8,
    breaks: Iterable[Stretch] = (),
) -> Timeline:
    """Lay the next `days` days out as a strip: a diamond a milestone on its day, hollow for a first date.

    `breaks` are shaded.

    Words stand right of their diamond, or left of it where the strip ends, each on the first lane with
    room. What finds no room is counted in `more`: the list beside the strip names it.
    """
    last = today + timedelta(days=days)
    across = _scale(today, last, 10.0, width - 10)
    taken: list[list[tuple[float, float]]] = [[] for _ in range(lanes)]
    placed, more, size, lane_height, first_lane = [], 0, 12.0, 22.0, 34.0
    for event in sorted((e for e in events if today <= e.on <= last), key=lambda e: (e.on, e.words)):
        x = across(event.on)
        text = shorten(f"{short_date(event.on, year=False)}  {event.words}", 44)
        reach = width_of(text, size) + 12
        to_right = x + reach <= width
        span = (x - 8, x + reach) if to_right else (x - reach, x + 8)
        lane = next((n for n, used in enumerate(taken) if _is_free(used, span)), None)
        if lane is None or span[0] < 0:
            more += 1
            continue
        taken[lane].append(span)
        y = first_lane + lane * lane_height
        placed.append(
            Placed(
                event,
                round(x, 1),
                y,
                text,
                round(x + (10 if to_right else -10), 1),
                "start" if to_right else "end",
            )
        )
    lowest = max((p.y for p in placed), default=first_lane)
    bands = _bands(breaks, today, last, across)
    return Timeline(width, lowest + 14, 20.0, _fortnights(today, days, across), placed, more, bands)


def _bands(breaks: Iterable[Stretch], today: date, last: date, across) -> list[Band]:
    """Shade whole days: half a day before the first noon to half a day after the last."""
    half = (across(today + timedelta(days=1)) - across(today)) / 2
    bands = []
    for one in breaks:
        first, until = max(one.first, today), min(one.last, last)
        if first <= until:
            x = max(0.0, across(first) - half)
            bands.append(Band(one, round(x, 1), round(across(until) + half - x, 1)))
    return bands


def _fortnights(today: date, days: int, across) -> list[Tick]:
    """Name today and every second week; the first and the last name stay inside the strip."""
    ticks = []
    for n in range(0, days + 1, 14):
        anchor = "start" if n == 0 else "end" if n + 3 > days else "middle"
        words = short_date(today + timedelta(days=n), year=False)
        ticks.append(Tick(round(across(today + timedelta(days=n)), 1), words, anchor))
    return ticks


def _is_free(used: Sequence[tuple[float, float]], span: tuple[float, float]) -> bool:
    return all(span[1] <= start or span[0] >= end for start, end in used)
