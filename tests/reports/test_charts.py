"""Where lines, marks and labels go: plain values, no database."""

import re
from datetime import date, timedelta

from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.charts import Event, Track, dates_chart, shorten, timeline, width_of

DAYS = [
    date(2026, 7, 1),
    date(2026, 7, 31),
    date(2026, 8, 31),
    date(2026, 9, 30),
    date(2026, 10, 31),
    date(2026, 11, 17),
]
TODAY = DAYS[-1]


def held(*days: date) -> list[date]:
    return [*days, *[days[-1]] * (len(DAYS) - len(days))]


def overlaps(one, other) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_a_flat_line_holds_and_a_rising_one_slips():
    chart = dates_chart(
        DAYS,
        [
            Track("1 Privacy", held(date(2027, 3, 31))),
            Track("2 Coaching", held(date(2027, 1, 15), date(2027, 5, 28))),
        ],
    )

    flat, rising = ([m.y for m in line.marks] for line in chart.lines)

    assert len(set(flat)) == 1
    assert rising[-1] < rising[0], "later stands higher, and y grows downwards"


def test_a_finished_line_stops_at_its_finish():
    done = date(2026, 9, 12)
    chart = dates_chart(
        DAYS,
        [
            Track("1 Wi-Fi", held(date(2026, 10, 1), done), done_on=done),
            Track("2 Open", held(date(2027, 6, 1))),
        ],
    )

    assert len(chart.lines[0].marks) == 4, "July, July 31, August 31 and the first day after the finish"
    assert "done Sep 12" in chart.lines[0].label.text
    assert len(chart.lines[1].marks) == len(DAYS)


def test_at_most_eight_lines_are_drawn_each_with_a_dash_and_a_mark_of_its_own():
    tracks = [Track(f"{n} Something", held(date(2027, 1, n))) for n in range(1, 12)]

    chart = dates_chart(DAYS, tracks)

    assert len(chart.lines) == 8
    looks = {(line.dash, line.fill, re.sub(r"M[\d.]+ [\d.]+", "", line.shapes[0])) for line in chart.lines}
    assert len(looks) == 8


def test_no_name_touches_another_even_when_all_lines_end_on_one_day():
    tracks = [Track(f"{n} An initiative with a long name", held(date(2027, 6, 30))) for n in range(8)]

    boxes = [line.label.box for line in dates_chart(DAYS, tracks, height=120).lines]

    assert not any(overlaps(a, b) for i, a in enumerate(boxes) for b in boxes[:i])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.lists(st.dates(date(2025, 1, 1), date(2030, 1, 1)), min_size=6, max_size=6), min_size=1, max_size=8
    ),
    st.data(),
)
def test_whatever_the_dates_names_stay_apart_and_inside(rows, data):
    tracks = [
        Track(f"{n} Initiative", row, done_on=row[-1] if data.draw(st.booleans()) else None)
        for n, row in enumerate(rows)
    ]

    chart = dates_chart(DAYS, tracks, height=130)

    boxes = [line.label.box for line in chart.lines]
    assert not any(overlaps(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(
        left >= 0 and right <= chart.width and top >= -4 and bottom <= chart.height
        for left, top, right, bottom in boxes
    )
    assert all(
        0 <= m.x <= chart.width and 0 <= m.y <= chart.height for line in chart.lines for m in line.marks
    )


def test_there_is_no_chart_without_dates_or_with_one_day():
    assert dates_chart(DAYS, [Track("1 Nothing", [None] * 6)]) is None
    assert dates_chart(DAYS[:1], [Track("1 One day", [date(2027, 1, 1)])]) is None


def test_a_day_not_known_is_left_out_of_its_line():
    chart = dates_chart(DAYS, [Track("1 Later", [None, None, *[date(2027, 1, 1)] * 4])])

    assert len(chart.lines[0].marks) == 4


def test_the_drawing_says_first_what_it_shows_and_carries_no_style():
    chart = dates_chart(DAYS, [Track("1 <script>alert(1)</script>", held(date(2027, 3, 31)))])

    svg = render_to_string(
        "reports/_dates_chart.html", {"chart": chart, "content": {"finding": "1 of 1 holds."}}
    )

    assert re.search(r"<svg [^>]*role=\"img\"[^>]*><title>[^<]*1 of 1 holds\.", svg)
    assert "style=" not in svg
    assert "<script" not in svg
    assert "nan" not in svg.lower()


def test_names_on_the_timeline_do_not_collide():
    events = [Event(TODAY + timedelta(days=n // 2), f"A milestone with a name {n}") for n in range(40)]

    strip = timeline(events, today=TODAY)

    spans = {}
    for p in strip.placed:
        wide = width_of(p.text, 12)
        span = (p.text_x, p.text_x + wide) if p.anchor == "start" else (p.text_x - wide, p.text_x)
        assert span[0] >= 0
        assert span[1] <= strip.width
        assert all(span[1] <= a or b <= span[0] for a, b in spans.get(p.y, []))
        spans.setdefault(p.y, []).append(span)
    assert len(strip.placed) + strip.more == 40


def test_the_timeline_shows_the_coming_days_only_with_diamonds_on_their_days():
    events = [
        Event(TODAY - timedelta(days=1), "Gone"),
        Event(TODAY, "Today"),
        Event(TODAY + timedelta(days=61), "Later"),
    ]

    strip = timeline([*events, Event(TODAY + timedelta(days=60), "Last", is_first_date=True)], today=TODAY)

    assert [p.event.words for p in strip.placed] == ["Today", "Last"]
    assert strip.placed[0].x == 10
    assert strip.placed[1].x == strip.width - 10
    drawn = render_to_string("reports/_timeline.html", {"timeline": strip})
    assert drawn.count('fill="#ffffff"') == 1, "a first date is hollow"
    assert "style=" not in drawn


def test_text_is_cut_at_a_word():
    assert shorten("Reliable Wi-Fi in every classroom", 20) == "Reliable Wi-Fi in…"
    assert shorten("short", 20) == "short"
    assert shorten("x" * 50, 10) == "x" * 9 + "…"
