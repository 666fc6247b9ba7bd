from datetime import date, timedelta

import pytest

from milestones.adoption import adopt_plan
from milestones.archiving import archive, bring_back
from milestones.models import DateMove, Milestone, Slip
from milestones.refusals import Refused
from milestones.status import Word
from tests.builders import TODAY, make_milestone, make_plan

DUE = date(2026, 12, 4)
LATER = date(2027, 2, 26)
AFTER_DUE = DUE + timedelta(days=5)


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


@pytest.fixture
def milestone(cast, plan):
    return make_milestone(plan, by=cast.alice, lead=cast.coordinator, due=DUE)


def word_of(milestone, today=TODAY):
    return Milestone.objects.with_word(today=today).get(pk=milestone.pk).word_shown


def test_adoption_sets_the_first_date_and_a_move_leaves_it(cast):
    plan = make_plan(cast.cedar)
    milestone = make_milestone(plan, by=cast.alice, due=DUE)
    adopt_plan(plan, by=cast.sue, today=TODAY)

    milestone.move_due(by=cast.sue, today=TODAY, to=LATER, reason="vendor", may_approve=True)

    milestone.refresh_from_db()
    assert (milestone.first_due, milestone.due, milestone.days_after_first) == (DUE, LATER, 84)


def test_an_editors_move_is_a_request_until_a_leader_agrees(cast, milestone):
    move = milestone.move_due(
        by=cast.alice, today=TODAY, to=LATER, reason="vendor", words="The switch is late"
    )
    assert milestone.due == DUE

    milestone.decide_move(move, by=cast.sue, today=TODAY + timedelta(days=2), accept=True)

    milestone.refresh_from_db()
    assert milestone.due == LATER
    assert (move.asked_by, move.decided_by, move.decided_on) == (
        cast.alice,
        cast.sue,
        TODAY + timedelta(days=2),
    )


def test_a_leader_who_keeps_the_old_date_says_why(cast, milestone):
    move = milestone.move_due(by=cast.alice, today=TODAY, to=LATER, reason="vendor")

    milestone.decide_move(move, by=cast.sue, today=TODAY, accept=False, note="The board counts on December")

    milestone.refresh_from_db()
    assert (milestone.due, move.accepted, move.note) == (DUE, False, "The board counts on December")


def test_a_request_is_decided_once(cast, milestone):
    move = milestone.move_due(by=cast.alice, today=TODAY, to=LATER, reason="vendor")
    same_move = DateMove.objects.get(pk=move.pk)
    milestone.decide_move(move, by=cast.sue, today=TODAY, accept=False)

    with pytest.raises(Refused):
        milestone.decide_move(same_move, by=cast.sue, today=TODAY, accept=True)

    milestone.refresh_from_db()
    assert milestone.due == DUE


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"to": DUE, "reason": "vendor"}, "to"),
        ({"to": LATER, "reason": ""}, "reason"),
        ({"to": TODAY - timedelta(days=1), "reason": "vendor"}, "to"),
        ({"to": date(2001, 1, 1), "reason": "vendor"}, "to"),
        ({"to": date(9999, 12, 31), "reason": "vendor"}, "to"),
    ],
)
def test_a_move_to_nowhere_is_refused(cast, milestone, given, field):
    with pytest.raises(Refused) as refused:
        milestone.move_due(by=cast.alice, today=TODAY, **given)

    assert refused.value.field == field
    assert not DateMove.objects.exists()


def test_a_draft_may_be_given_a_date_that_has_passed(cast):
    milestone = make_milestone(make_plan(cast.cedar), by=cast.alice, due=DUE)

    milestone.move_due(by=cast.alice, today=TODAY, to=TODAY - timedelta(days=1), reason="other")

    assert word_of(milestone) is Word.SLIPPED


def test_moving_a_missed_date_records_the_slip_first_and_ends_it(cast, milestone):
    milestone.move_due(by=cast.sue, today=AFTER_DUE, to=LATER, reason="vendor", may_approve=True)

    slip = Slip.objects.get()
    assert (slip.due, slip.slipped_on, slip.closed_on, slip.ended) == (
        DUE, DUE + timedelta(days=1), AFTER_DUE, "moved",
    )  # fmt: skip
    assert slip.days_late(LATER) == 5


def test_missing_the_new_date_is_a_second_slip(cast, milestone):
    milestone.move_due(by=cast.sue, today=AFTER_DUE, to=LATER, reason="vendor", may_approve=True)

    milestone.complete(by=cast.alice, today=LATER + timedelta(days=3), done_on=LATER + timedelta(days=3))

    assert [s.due for s in Slip.objects.all()] == [DUE, LATER]


def test_going_back_to_a_missed_date_opens_its_slip_again(cast):
    plan = make_plan(cast.cedar)
    missed = TODAY - timedelta(days=4)
    milestone = make_milestone(plan, by=cast.alice, due=missed)
    milestone.move_due(by=cast.alice, today=TODAY, to=LATER, reason="vendor")
    assert not Slip.objects.open().exists()

    milestone.move_due(by=cast.alice, today=TODAY, to=missed, reason="other")

    assert Slip.objects.open().get().due == missed
    assert Slip.objects.count() == 1


def test_a_pause_lasts_up_to_and_including_its_last_day(cast, milestone):
    until = DUE + timedelta(days=20)
    milestone.pause(by=cast.alice, today=TODAY, until=until, reason="State testing")

    assert word_of(milestone, until) is Word.PAUSED
    assert word_of(milestone, until + timedelta(days=1)) is Word.SLIPPED


def test_a_pause_ends_a_slip_and_taking_it_up_again_reopens_it(cast, milestone):
    milestone.pause(by=cast.alice, today=AFTER_DUE, until=LATER, reason="State testing")
    assert Slip.objects.get().ended == "paused"

    milestone.resume(by=cast.alice, today=AFTER_DUE + timedelta(days=1))

    assert Slip.objects.open().count() == 1
    assert word_of(milestone, AFTER_DUE + timedelta(days=1)) is Word.SLIPPED


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"until": TODAY, "reason": "Testing"}, "until"),
        ({"until": LATER, "reason": "  "}, "reason"),
        ({"until": date(9999, 1, 1), "reason": "Testing"}, "until"),
    ],
)
def test_a_pause_needs_a_day_to_come_and_a_reason(cast, milestone, given, field):
    with pytest.raises(Refused) as refused:
        milestone.pause(by=cast.alice, today=TODAY, **given)

    assert refused.value.field == field


def test_what_is_not_on_hold_cannot_be_taken_up_again(cast, milestone):
    with pytest.raises(Refused):
        milestone.resume(by=cast.alice, today=TODAY)


def test_dropping_ends_the_slip_and_the_request_and_taking_back_reopens_the_slip(cast, milestone):
    milestone.move_due(by=cast.alice, today=AFTER_DUE, to=LATER, reason="vendor")
    milestone.drop(by=cast.alice, today=AFTER_DUE, reason="The state does it now")
    assert word_of(milestone, AFTER_DUE) is Word.DROPPED
    assert Slip.objects.get().ended == "dropped"
    assert not DateMove.objects.asked().exists()

    milestone.take_back(by=cast.alice, today=AFTER_DUE)

    assert Slip.objects.open().count() == 1
    assert milestone.drop_reason == ""


def test_dropping_needs_a_reason_and_taking_back_something_dropped(cast, milestone):
    with pytest.raises(Refused):
        milestone.drop(by=cast.alice, today=TODAY, reason=" ")
    with pytest.raises(Refused):
        milestone.take_back(by=cast.alice, today=TODAY)


def test_bringing_back_what_was_archived_reopens_its_slip(cast, milestone):
    Slip.objects.create(milestone=milestone, due=DUE, slipped_on=DUE + timedelta(days=1))
    archive(milestone, by=cast.alice, today=AFTER_DUE)
    assert Slip.objects.get().ended == "archived"

    bring_back(milestone, by=cast.alice, today=AFTER_DUE)

    assert Slip.objects.open().count() == 1
