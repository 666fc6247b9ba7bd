from datetime import date, timedelta

import pytest

from milestones.rollup import roll_up, worst_word
from milestones.status import Word
from tests.builders import TODAY, make_initiative, make_milestone, make_plan, make_step


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


def rolled(plan):
    return roll_up(plan, today=TODAY)[plan.goals.get().initiatives.get().pk]


def test_the_worst_live_word_speaks_for_an_initiative():
    assert worst_word(["on-track", "complete", "at-risk", "dropped"]) is Word.AT_RISK


def test_it_is_complete_only_when_everything_that_is_live_is_done():
    assert worst_word(["complete", "dropped"]) is Word.COMPLETE
    assert worst_word(["complete", "not-started"]) is Word.NOT_STARTED
    assert worst_word([]) is None


def test_it_counts_by_word_and_leaves_out_what_was_dropped_from_the_total(cast, plan):
    step = make_step(plan)
    make_milestone(plan, "a", step=step, by=cast.alice, done_on=TODAY, done_by=cast.alice)
    make_milestone(plan, "b", step=step, by=cast.alice, due=TODAY - timedelta(days=1))
    make_milestone(plan, "c", step=step, by=cast.alice, dropped_on=TODAY, drop_reason="no money")

    one = rolled(plan)

    assert one.counts == {"complete": 1, "slipped": 1, "dropped": 1}
    assert (one.total, one.done, one.open, one.word) == (2, 1, 1, Word.SLIPPED)


def test_its_dates_are_those_of_its_last_milestone_of_one_time_work(cast, plan):
    initiative = make_initiative(plan)
    once = make_step(plan, initiative=initiative)
    yearly = make_step(plan, initiative=initiative, kind="recurring")
    make_milestone(plan, step=once, by=cast.alice, due=date(2026, 12, 4), expected=date(2027, 1, 22))
    make_milestone(plan, step=once, by=cast.alice, due=date(2026, 12, 18))
    make_milestone(plan, step=yearly, by=cast.alice, due=date(2028, 5, 31))

    one = rolled(plan)

    assert (one.first_on, one.expected_on, one.days_after_first) == (
        date(2026, 12, 18),
        date(2027, 1, 22),
        35,
    )


def test_it_counts_what_was_confirmed_in_time_and_where_owner_and_dates_differ(cast, plan):
    step = make_step(plan)
    late = TODAY - timedelta(days=3)
    make_milestone(
        plan, "fresh", step=step, by=cast.alice, says="on-track", confirmed_on=TODAY - timedelta(days=42)
    )
    make_milestone(
        plan, "old", step=step, by=cast.alice, says="on-track", confirmed_on=TODAY - timedelta(days=43)
    )
    make_milestone(plan, "rosy", step=step, by=cast.alice, due=late, says="on-track", confirmed_on=TODAY)

    one = rolled(plan)

    assert (one.confirmed_in_time, one.disagreeing) == (2, 1)


def test_it_takes_one_query_however_many_milestones_there_are(cast, plan, django_assert_num_queries):
    step = make_step(plan)
    for n in range(30):
        make_milestone(plan, f"m{n}", step=step, by=cast.alice)

    with django_assert_num_queries(1):
        roll_up(plan, today=TODAY)
