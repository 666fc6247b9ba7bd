"""What a form does with text before it judges it: the catalogue of hostile and odd text."""

import time

import pytest
from django import forms

from stakeholders.edit_forms import LongLine, RowsField, TidyForm, tidy
from stakeholders.models import Role
from tests.builders import make_role


class Form(TidyForm, forms.Form):
    title = forms.CharField(max_length=20)
    sentence = forms.CharField(required=False, widget=LongLine)
    words = forms.CharField(required=False, widget=forms.Textarea, max_length=4000)


def errors(**data):
    return Form(data).errors


@pytest.mark.parametrize(
    "empty", ["", "   ", "\u200b", "\u200b\u200d\ufeff", " \u00a0\u2003", "\n\t", "\u202e\u202c", "\u0007"]
)
def test_a_title_in_which_nothing_can_be_seen_is_empty(empty):
    assert "title" in errors(title=empty)


def test_nul_is_refused():
    assert "title" in errors(title="a\0b")
    assert "title" in errors(title="\0")


def test_text_of_exactly_the_limit_is_kept_and_one_more_is_refused():
    assert not errors(title="a" * 20)
    form = Form({"title": "a" * 21})

    assert "title" in form.errors
    assert form["title"].value() == "a" * 21


def test_accents_are_composed_before_they_are_counted():
    form = Form({"title": "e\u0301" * 20})

    assert form.is_valid()
    assert form.cleaned_data["title"] == "é" * 20


def test_marks_that_turn_text_around_are_taken_out():
    assert tidy("invoice\u202etxt.exe") == "invoicetxt.exe"
    assert tidy("\u2066a\u2069") == "a"


def test_control_characters_are_taken_out():
    assert tidy("a\x08b\x1bc\x7f") == "abc"


@pytest.mark.parametrize(
    "kept", ["👩‍🏫 teaches", "Z͑ͫ̓a̴l̵go", "नमस्ते", "<script>alert(1)</script>", "{{ 7*7 }}{% debug %}"]
)
def test_what_people_write_comes_through(kept):
    assert tidy(kept) == kept


def test_a_single_line_stays_one_line_and_lines_stay_lines():
    form = Form({"title": "two\nlines", "sentence": "a\r\nb", "words": "a\r\nb\rc"})

    assert form.is_valid()
    assert form.cleaned_data == {"title": "two lines", "sentence": "a b", "words": "a\nb\nc"}


def test_line_ends_count_once():
    assert not errors(title="x", words="\r\n".join("a" * 2000))


@pytest.mark.parametrize("huge", ["a" * 5_000_000, "a" + "\u0300\u0316" * 1_000_000, "\u202e" * 3_000_000])
def test_a_huge_text_is_refused_quickly(huge):
    began = time.process_time()

    assert "title" in errors(title=huge)
    assert time.process_time() - began < 3


@pytest.mark.parametrize("foreign", ["0", "-1", "9" * 30, "1e3", "１", "x", "\0", "' or 1=1"])
def test_ids_that_no_row_has_are_no_choice(cast, foreign):
    field = RowsField(queryset=Role.objects.in_district(cast.cedar))

    with pytest.raises(forms.ValidationError):
        field.clean([foreign])


def test_a_row_of_another_district_is_no_choice(cast):
    theirs = make_role(cast.dune, "Principal")
    field = RowsField(queryset=Role.objects.in_district(cast.cedar))

    with pytest.raises(forms.ValidationError):
        field.clean([str(theirs.pk)])
    assert list(field.clean([str(cast.coordinator.pk)])) == [cast.coordinator]
