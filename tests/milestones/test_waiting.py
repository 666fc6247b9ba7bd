from datetime import date, timedelta

import pytest

from milestones.archiving import archive
from milestones.waiting import waiting_for
from stakeholders.models import Membership
from tests.builders import TODAY, make_milestone, make_plan, make_step

DUE, LATER = date(2026, 12, 4), date(2027, 4, 16)


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


def membership(person):
    return Membership.objects.select_related("district").get(person=person)


def ask(milestone, cast, *, days_ago=0):
    return milestone.move_due(
        by=cast.alice, today=TODAY - timedelta(days=days_ago), to=LATER, reason="person", words="Unfilled"
    )


def test_leaders_are_asked_oldest_first_and_nobody_else(cast, plan):
    step = make_step(plan, lead=cast.coordinator, by=cast.alice)
    young, old = (make_milestone(plan, t, due=DUE, by=cast.alice, step=step) for t in ("Young", "Old"))
    ask(young, cast, days_ago=2)
    ask(old, cast, days_ago=5)

    waiting = waiting_for(membership(cast.sue), today=TODAY)

    assert [(r.milestone.title, r.days) for r in waiting] == [("Old", 5), ("Young", 2)]
    for person in (cast.alice, cast.bob, cast.vera, cast.charlie):
        assert waiting_for(membership(person), today=TODAY) == []


def test_it_says_which_move_it_is_how_far_from_the_first_date_and_what_comes_after(cast, plan):
    step = make_step(plan, lead=cast.coordinator, by=cast.alice)
    milestone = make_milestone(plan, due=DUE, by=cast.alice, step=step)
    milestone.move_due(
        by=cast.sue, today=TODAY, to=DUE + timedelta(days=7), reason="vendor", may_approve=True
    )
    for n in (8, 30):
        make_milestone(plan, f"After {n}", due=DUE + timedelta(days=n), by=cast.alice, step=step)
    make_milestone(plan, "Before", due=DUE, by=cast.alice, step=step)
    ask(milestone, cast)

    (request,) = waiting_for(membership(cast.sue), today=TODAY)

    assert request.size == "the second move, 19 weeks after its first date"
    assert request.holds_up == (
        "Until this is decided, Dec 11 stands. 2 later milestones of “Reliable Wi-Fi” come after it."
    )


def test_what_was_decided_withdrawn_or_archived_waits_no_more(cast, plan):
    agreed, finished, archived = (make_milestone(plan, t, due=DUE, by=cast.alice) for t in "abc")
    agreed.decide_move(ask(agreed, cast), by=cast.sue, today=TODAY, accept=True)
    ask(finished, cast)
    finished.complete(by=cast.alice, today=TODAY, done_on=TODAY)
    ask(archived, cast)
    archive(archived, by=cast.alice, today=TODAY)

    assert waiting_for(membership(cast.sue), today=TODAY) == []


def test_many_requests_take_one_query(cast, plan, django_assert_num_queries):
    for n in range(12):
        ask(make_milestone(plan, f"M {n}", due=DUE, by=cast.alice), cast)
    sue = membership(cast.sue)

    with django_assert_num_queries(1):
        assert len([(r.size, r.holds_up) for r in waiting_for(sue, today=TODAY)]) == 12
