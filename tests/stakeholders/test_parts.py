from datetime import date, timedelta
from enum import Enum

import pytest
from django.template import Context, Template

from stakeholders.templatetags.parts import ago, day, due_words, pill, times_moved, weeks_between

TODAY = date(2026, 11, 17)


class Word(Enum):
    ON_TRACK = "on-track"
    ODD = "odd<"

    @property
    def label(self) -> str:
        return {"on-track": "On track", "odd<": "Odd <b>"}[self.value]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2026, 11, 12), "Nov 12"),
        (date(2027, 6, 30), "Jun 30"),
        (date(2026, 7, 1), "Jul 1"),
        (date(2026, 6, 30), "Jun 30, 2026"),
        (date(2027, 7, 1), "Jul 1, 2027"),
        (date(2027, 11, 12), "Nov 12, 2027"),
        (None, ""),
    ],
)
def test_a_day_has_its_year_when_it_lies_in_another_school_year(value, words):
    assert day(value, TODAY) == words


def test_a_day_just_over_the_turn_of_the_school_year_needs_no_year():
    assert day(date(2026, 6, 28), date(2026, 7, 3)) == "Jun 28"


def test_a_day_without_a_today_has_its_year():
    assert day(date(2026, 11, 12), None) == "Nov 12, 2026"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-5, "Nov 12 (5 days ago)"),
        (-1, "Nov 16 (yesterday)"),
        (0, "Nov 17 (today)"),
        (1, "Wed, Nov 18 (tomorrow)"),
        (14, "Tue, Dec 1 (in 14 days)"),
        (15, "Dec 2 (in 15 days)"),
        (60, "Jan 16 (in 60 days)"),
        (61, "Jan 17 (in 9 weeks)"),
        (-70, "Sep 8 (10 weeks ago)"),
        (400, "Dec 22, 2027"),
    ],
)
def test_a_date_tells_how_far_it_is(days, words):
    assert ago(TODAY + timedelta(days=days), TODAY) == words


def test_a_date_that_has_passed_was_due():
    assert due_words(date(2026, 11, 12), TODAY) == "was due Nov 12 (5 days ago)"


def test_nothing_is_late_on_its_own_day():
    assert due_words(TODAY, TODAY) == "due Nov 17 (today)"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "on its date"),
        (1, "+1 day"),
        (13, "+13 days"),
        (14, "+2 weeks"),
        (133, "+19 weeks"),
        (-7, "7 days early"),
        (-21, "3 weeks early"),
    ],
)
def test_the_way_between_two_dates_is_told_in_days_or_weeks(days, words):
    assert weeks_between(TODAY, TODAY + timedelta(days=days)) == words


@pytest.mark.parametrize(("count", "words"), [(None, "never"), (0, "never"), (1, "once"), (3, "3 times")])
def test_moves_are_counted_in_words(count, words):
    assert times_moved(count) == words


def test_a_pill_is_one_element_with_its_word():
    assert pill(Word.ON_TRACK) == '<span class="pill pill--on-track">On track</span>'


def test_a_pill_escapes_what_it_is_given():
    assert pill(Word.ODD) == '<span class="pill pill--odd&lt;">Odd &lt;b&gt;</span>'
    assert "<script>" not in pill(Word.ON_TRACK, "<script>")


def test_the_parts_need_no_load():
    page = Template("{% pill word %} {{ due|due_words:today }}")

    text = page.render(Context({"word": Word.ON_TRACK, "due": date(2026, 12, 4), "today": TODAY}))

    assert text == '<span class="pill pill--on-track">On track</span> due Dec 4 (in 17 days)'
