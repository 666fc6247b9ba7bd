from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milestones.models import Milestone
from milestones.slip import has_slipped, slipped_on
from tests.builders import TODAY, make_milestone, make_plan

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)

TABLE = [
    # due, done, dropped, paused until, slipped?
    (YESTERDAY, None, None, None, True),
    (TODAY, None, None, None, False),
    (TOMORROW, None, None, None, False),
    (YESTERDAY, TODAY, None, None, False),
    (YESTERDAY, None, TODAY, None, False),
    (YESTERDAY, None, None, TODAY, False),
    (YESTERDAY, None, None, TOMORROW, False),
    (YESTERDAY, None, None, YESTERDAY, True),
]


@pytest.mark.parametrize(("due", "done_on", "dropped_on", "paused_until", "answer"), TABLE)
def test_the_rule_says_what_its_table_says(due, done_on, dropped_on, paused_until, answer):
    assert (
        has_slipped(TODAY, due=due, done_on=done_on, dropped_on=dropped_on, paused_until=paused_until)
        is answer
    )


def test_a_slips_day_is_the_day_after_the_date_that_was_missed():
    assert slipped_on(date(2026, 12, 31)) == date(2027, 1, 1)


days = st.dates(TODAY - timedelta(days=5), TODAY + timedelta(days=5))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    due=days, today=days, paused_until=st.none() | days, state=st.sampled_from(["open", "done", "dropped"])
)
def test_the_rule_and_its_query_agree(cast, due, today, paused_until, state):
    milestone = Milestone.objects.first() or make_milestone(make_plan(cast.cedar), by=cast.alice)
    facts = {
        "due": due,
        "paused_until": paused_until,
        "pause_reason": "testing weeks" if paused_until else "",
        "done_on": today if state == "done" else None,
        "done_by": cast.alice if state == "done" else None,
        "dropped_on": today if state == "dropped" else None,
        "drop_reason": "no money" if state == "dropped" else "",
    }
    Milestone.objects.filter(pk=milestone.pk).update(**facts)
    milestone.refresh_from_db()

    found = Milestone.objects.slipped(today=today).exists()

    assert found is milestone.has_slipped(today=today)
