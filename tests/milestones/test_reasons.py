from datetime import timedelta

import pytest

from milestones.models import DateMove, Milestone
from milestones.reasons import (
    after_first,
    disagreement,
    first_date_in_words,
    moves_in_words,
    nth_move,
    why,
)
from milestones.status import Word
from tests.builders import TODAY, make_milestone, make_plan


def day(n: int):
    return TODAY + timedelta(days=n)


@pytest.fixture
def word_of(cast):
    """Return a function that writes facts into a milestone and reads it with its word."""
    milestone = make_milestone(make_plan(cast.cedar, adopted_by=cast.sue), by=cast.alice, due=day(60))

    def write(**facts):
        if "done_on" in facts:
            facts["done_by"] = cast.alice
        if "says" in facts:
            facts.setdefault("confirmed_on", day(-3))
        Milestone.objects.filter(pk=milestone.pk).update(**facts)
        return Milestone.objects.with_word(today=TODAY).get(pk=milestone.pk)

    return write


@pytest.mark.parametrize(
    ("facts", "word", "words"),
    [
        ({"due": day(10), "done_on": day(-1)}, Word.COMPLETE, "Done Nov 16, 11 days early."),
        ({"due": day(-15), "done_on": day(-1)}, Word.COMPLETE, "Done Nov 16, 2 weeks after it was due."),
        ({"due": day(-1), "done_on": day(-1)}, Word.COMPLETE, "Done Nov 16, on its date."),
        ({"dropped_on": day(0), "drop_reason": "No money."}, Word.DROPPED, "Dropped Nov 17: No money."),
        ({"paused_until": day(3), "pause_reason": "Tests."}, Word.PAUSED, "On hold up to Nov 20: Tests."),
        (
            {"due": day(-5)},
            Word.SLIPPED,
            "Was due Nov 12 (5 days ago), is not done, and has no new date yet.",
        ),
        (
            {"due": day(-5), "first_due": day(-5), "expected": day(128), "says": "slipping"},
            Word.SLIPPED,
            "Was due Nov 12 (5 days ago); now expected Mar 25, 19 weeks after its first date.",
        ),
        (
            {"due": day(10), "expected": day(39), "says": "slipping"},
            Word.OFF_TRACK,
            "Expected Dec 26, 4 weeks after it is due (Nov 27); more than 28 days is off track.",
        ),
        ({"due": day(10), "says": "off-track"}, Word.OFF_TRACK, "Its owner calls it off track; due Nov 27."),
        (
            {"due": day(10), "expected": day(12), "says": "off-track"},
            Word.OFF_TRACK,
            "Its owner calls it off track: due Nov 27, expected Nov 29.",
        ),
        ({"due": day(10), "says": "at-risk"}, Word.AT_RISK, "Its owner sees a risk; due Nov 27."),
        (
            {"due": day(10), "expected": day(12), "says": "slipping"},
            Word.AT_RISK,
            "Expected Nov 29, 2 days after it is due (Nov 27).",
        ),
        (
            {"due": day(10), "says": "on-track", "how_sure": "not"},
            Word.AT_RISK,
            "Due Nov 27, and its owner is not sure of the date.",
        ),
        (
            {"due": day(10), "says": "on-track"},
            Word.ON_TRACK,
            "Its owner confirmed it Nov 14 (3 days ago), and nothing speaks against Nov 27.",
        ),
        (
            {"due": day(10)},
            Word.AWAITING,
            "It has started, and nobody has said yet how it goes; due Fri, Nov 27 (in 10 days).",
        ),
    ],
)
def test_the_reason_states_the_rule_that_decided_and_its_facts(word_of, facts, word, words):
    milestone = word_of(**facts)

    assert milestone.word_shown is word
    assert why(milestone, today=TODAY) == words


@pytest.mark.parametrize("word", list(Word))
def test_every_word_has_a_reason_without_a_query(word_of, word, django_assert_num_queries):
    milestone = word_of(due=day(-5), says="on-track", confirmed_on=day(-9), expected=day(9))
    milestone.word = word
    milestone.done_on = milestone.dropped_on = milestone.paused_until = milestone.told_on = TODAY

    with django_assert_num_queries(0):
        assert why(milestone, today=TODAY).endswith((".", ": "))


def test_a_milestone_that_starts_later_says_so(word_of, cast):
    milestone = word_of(due=day(10))
    milestone.word = Word.NOT_STARTED

    assert why(milestone, today=TODAY) == "Its step starts later; due Nov 27."


def test_two_moves_in_ninety_days_are_a_reason_and_speak_against_on_track(word_of, cast):
    milestone = word_of(due=day(10), says="on-track")
    for n in (1, 2):
        DateMove.objects.create(
            milestone=milestone, from_due=day(n), to_due=day(10), reason="money", accepted=True,
            asked_by=cast.alice, asked_on=day(-n), decided_by=cast.sue, decided_on=day(-n),
        )  # fmt: skip
    milestone = Milestone.objects.with_word(today=TODAY).get(pk=milestone.pk)

    assert why(milestone, today=TODAY) == "Its date moved twice or more in 90 days; due Nov 27."
    assert disagreement(milestone, today=TODAY) == "Owner says on track, the date moved twice in 90 days"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"due": day(-5), "says": "on-track"}, "Owner says on track, dates say late"),
        ({"due": day(5), "says": "on-track"}, ""),
        ({"due": day(-5), "says": "slipping"}, ""),
        ({"due": day(-5), "says": "on-track", "done_on": day(0)}, ""),
    ],
)
def test_owner_and_dates_are_shown_both_where_they_differ(word_of, facts, words):
    assert disagreement(word_of(**facts), today=TODAY) == words


def test_moves_are_told_with_size_and_reason():
    moves = [
        DateMove(from_due=day(0), to_due=day(42), reason="vendor"),
        DateMove(from_due=day(42), to_due=day(35), reason="person"),
    ]

    assert moves_in_words(moves) == "+6 weeks (a vendor or delivery), 7 days early (a person or vacancy)"
    assert [nth_move(n) for n in (1, 3, 7)] == ["the first move", "the third move", "move number 7"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"due": day(60)}, "First date Jan 16: on its date."),
        ({"due": day(74)}, "First date Jan 16: +2 weeks."),
        ({"due": day(-2)}, "First date Jan 16."),
        ({"first_due": None}, "The plan is a draft: there is no first date yet."),
    ],
)
def test_the_first_date_stays_in_sight(word_of, facts, words):
    assert first_date_in_words(word_of(**facts), today=TODAY) == words


def test_how_far_from_the_first_date():
    milestone = Milestone(first_due=day(0), due=day(0))

    assert after_first(milestone, day(7)) == "7 days after its first date"
    assert after_first(milestone, day(-21)) == "3 weeks before its first date"
    assert after_first(milestone, day(0)) == "on its first date"
    assert after_first(Milestone(due=day(0)), day(7)) == ""
