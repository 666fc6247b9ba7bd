"""A plan as it stood on an earlier day is read back from its facts."""

from datetime import date, timedelta

import pytest

from milestones.models import Milestone
from milestones.rollup import roll_up
from milestones.status import Word
from reports.as_of import read_plan, report_days
from tests.builders import make_milestone, make_step
from tests.reports.story import TODAY, make_story


@pytest.fixture
def plan(cast):
    return make_story(cast)


def named(stood, title):
    return next(m for i in stood.initiatives for m in i.milestones if m.name == title)


def test_today_says_the_same_words_and_dates_as_the_pages(plan, cast):
    step = plan.goals.first().initiatives.first().steps.first()
    make_milestone(plan, "Out", by=cast.alice, step=step).drop(
        by=cast.alice, today=TODAY, reason="Not needed"
    )
    make_milestone(plan, "Held", by=cast.alice, step=step).pause(
        by=cast.alice, today=TODAY, until=TODAY + timedelta(days=40), reason="Winter"
    )

    stood = read_plan(plan, as_of=TODAY)

    shown = {m.id: m.word for i in stood.initiatives for m in i.milestones}
    rows = Milestone.objects.in_plan(plan).with_word(today=TODAY)
    assert shown == {m.pk: m.word_shown for m in rows}
    for initiative in stood.initiatives:
        rolled = roll_up(plan, today=TODAY)[initiative.row.pk]
        assert (initiative.word, initiative.first, initiative.expected_on) == (
            rolled.word,
            rolled.first_on,
            rolled.expected_on,
        )


@pytest.mark.parametrize(
    ("day", "due", "word"),
    [
        (date(2026, 8, 1), date(2026, 9, 15), Word.AWAITING),
        (date(2026, 9, 30), date(2026, 10, 15), Word.ON_TRACK),
        (date(2026, 10, 20), date(2026, 11, 12), Word.AT_RISK),  # moved twice in 90 days
        (date(2026, 11, 12), date(2026, 11, 12), Word.AT_RISK),
        (date(2026, 11, 13), date(2026, 11, 12), Word.SLIPPED),
    ],
)
def test_an_earlier_day_has_its_own_due_date_and_word(plan, day, due, word):
    coaching = named(read_plan(plan, as_of=day), "Coaches are hired")

    assert (coaching.due, coaching.word) == (due, word)
    assert coaching.first == date(2026, 9, 15)


def test_what_was_done_later_is_not_done_yet(plan):
    before, after = (
        named(read_plan(plan, as_of=day), "Lincoln is cabled") for day in (date(2026, 11, 5), TODAY)
    )

    assert (before.done_on, before.evidence) == (None, "")
    assert (after.done_on, after.evidence) == (date(2026, 11, 6), "Signal test in 18 rooms")


def test_the_dates_expected_then_are_told_for_each_day_of_report(plan):
    stood = read_plan(plan, as_of=TODAY)

    coaching = dict(next(i for i in stood.initiatives if i.row.title == "Teacher coaching").held)
    assert coaching[date(2026, 7, 1)] == date(2026, 9, 15)
    assert coaching[date(2026, 9, 30)] == date(2026, 10, 15)
    assert coaching[date(2026, 10, 31)] == date(2026, 11, 12)


def test_what_comes_back_every_year_has_no_end(plan, cast):
    yearly = make_step(
        plan,
        "Review",
        kind="recurring",
        lead=cast.coordinator,
        by=cast.alice,
        initiative=plan.goals.first().initiatives.last(),
    )
    make_milestone(plan, "Review 2028", due=date(2028, 5, 31), by=cast.alice, step=yearly)

    privacy = read_plan(plan, as_of=TODAY).initiatives[-1]

    assert privacy.expected_on == date(2027, 3, 31)
    assert len(privacy.milestones) == 2


def test_days_of_report_are_month_ends_and_never_more_than_asked(plan):
    assert report_days(plan, TODAY) == [
        date(2026, 7, 1), date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31), TODAY,
    ]  # fmt: skip
    assert len(report_days(plan, date(2036, 7, 1))) <= 13
    assert report_days(plan, date(2026, 7, 1)) == []


def test_an_undone_check_in_was_never_said(plan, cast):
    privacy = Milestone.objects.get(title="Vendors have signed")
    privacy.check_in(by=cast.alice, today=TODAY, says="off-track", words="Wrong one")
    privacy.undo(by=cast.alice, today=TODAY)

    assert named(read_plan(plan, as_of=TODAY), "Vendors have signed").said == "41 of 58 have signed."


@pytest.mark.parametrize("further", [0, 40])
def test_it_takes_five_queries_however_many_milestones(cast, further, django_assert_num_queries):
    plan = make_story(cast, further=further)

    with django_assert_num_queries(5):
        read_plan(plan, as_of=TODAY)
