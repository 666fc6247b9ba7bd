"""Numbers and sentences of the report to the board, from plain values."""

import json
from datetime import date

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from milestones.status import Word
from reports import content
from reports.content import board_content
from tests.reports.paper import Told, make_stood


def says(*told: Told):
    return board_content(make_stood(list(told)))


def test_the_sentence_names_what_needs_attention_worst_first():
    words = says(Told("Devices", Word.AT_RISK), Told("Wi-Fi"), Told("Coaching", Word.SLIPPED)).sentence

    assert words.startswith("2 of 3 initiatives need attention: Coaching (slipped); Devices (at risk).")


def test_a_plan_on_its_dates_says_so():
    content = says(Told("Devices"), Told("Wi-Fi"))

    assert content.sentence == (
        "None of the 2 initiatives needs attention today. Every date stands as first promised, or earlier."
    )
    assert content.finding == "2 of 2 initiatives hold their first date."


def test_nothing_is_averaged_and_there_is_no_percentage():
    words = json.dumps(says(Told("Devices", Word.AT_RISK), Told("Wi-Fi")).frozen(), cls=DjangoJSONEncoder)

    assert "%" not in words
    assert "average" not in words


def test_no_owner_stands_beside_lateness():
    """Where one person leads everything, a role is a name: only who approved a move is named."""
    frozen = says(Told("Coaching", Word.OFF_TRACK, said="The pool could cover one post.")).frozen()

    words = json.dumps(frozen, cls=DjangoJSONEncoder)
    assert "Coordinator" not in words
    assert "The pool could cover one post." in words
    assert words.count("Kim Alvarez") == 1, "beside the date she approved"


def test_a_slipped_milestone_without_a_new_date_claims_none():
    rows = says(Told("Coaching", Word.SLIPPED, milestones=1)).initiatives[0].rows

    assert (rows[0].now_words, rows[0].change) == ("no new date yet", "not known")


def test_page_one_shows_eight_at_most_those_that_need_attention_among_them():
    told = [Told(f"Initiative {n}", Word.SLIPPED if n == 19 else Word.ON_TRACK) for n in range(20)]

    content = says(*told)

    assert len(content.first_page) == 8
    assert "Initiative 19" in [i.title for i in content.first_page]
    assert len(content.in_chart) == 8


def test_every_word_is_explained():
    assert [pill.value for pill, _meaning in says(Told("Wi-Fi")).words] == Word.values


@pytest.mark.parametrize(("most", "left_out"), [(7, 3), (10, 0)])
def test_what_is_left_out_of_a_long_table_is_said(monkeypatch, most, left_out):
    monkeypatch.setattr(content, "MOST_ROWS", most)
    monkeypatch.setattr(content, "MOST_MOVED", 1)

    cut = says(Told("One", Word.AT_RISK), Told("Two", Word.OFF_TRACK))

    assert sum(len(i.rows) for i in cut.initiatives) == 10 - left_out
    assert (cut.left_out, cut.moved_left_out) == (left_out, 1)


def test_it_is_plain_values_all_through():
    frozen = json.loads(json.dumps(says(Told("Wi-Fi", Word.AT_RISK)).frozen(), cls=DjangoJSONEncoder))

    again = says(Told("Wi-Fi", Word.COMPLETE)).frozen()
    assert frozen["goals"][0]["initiatives"][0]["title"] == "Wi-Fi"
    assert date.fromisoformat(frozen["as_of"]) == again["as_of"]
