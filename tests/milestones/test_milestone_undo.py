from datetime import date, timedelta

import pytest

from milestones.adoption import adopt_plan
from milestones.models import CheckIn, DateMove, Milestone, Slip
from milestones.refusals import Refused
from milestones.status import Word
from tests.builders import TODAY, make_milestone, make_plan

DUE = date(2026, 12, 4)
LATER = date(2027, 2, 26)
AFTER_DUE = DUE + timedelta(days=5)
SLIPPING = {"says": "slipping", "expected": LATER, "reason": "vendor"}


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


@pytest.fixture
def milestone(cast, plan):
    return make_milestone(plan, by=cast.alice, lead=cast.coordinator, due=DUE)


def facts(milestone):
    milestone.refresh_from_db()
    return milestone.says, milestone.how_sure, milestone.confirmed_on, milestone.expected, milestone.done_on


def test_undo_adds_a_row_and_puts_back_what_was_said_before(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY - timedelta(days=9), says="at-risk", how_sure="not")
    before = facts(milestone)
    milestone.check_in(by=cast.alice, today=TODAY, says="on-track")

    milestone.undo(by=cast.alice, today=TODAY)

    assert facts(milestone) == before
    assert CheckIn.objects.count() == 3
    assert CheckIn.objects.standing().count() == 1


def test_undo_of_the_first_check_in_leaves_nothing_said(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, says="on-track")

    milestone.undo(by=cast.alice, today=TODAY)

    assert facts(milestone) == ("", "", None, None, None)
    assert Milestone.objects.with_word(today=TODAY).get().word_shown is Word.AWAITING


def test_undo_puts_back_off_track_when_the_owner_had_called_it_so(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, off_track=True, **SLIPPING)
    milestone.check_in(by=cast.alice, today=TODAY, says="on-track")

    milestone.undo(by=cast.alice, today=TODAY)

    assert facts(milestone)[0] == "off-track"


def test_undo_works_on_the_day_itself_only(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, says="on-track")

    with pytest.raises(Refused):
        milestone.undo(by=cast.alice, today=TODAY + timedelta(days=1))


def test_a_button_pressed_twice_takes_back_one_check_in(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, says="at-risk", words="The cable may be late")
    second = milestone.check_in(by=cast.alice, today=TODAY, says="on-track")
    milestone.undo(by=cast.alice, today=TODAY, check_in=second.pk)

    with pytest.raises(Refused):
        milestone.undo(by=cast.alice, today=TODAY, check_in=second.pk)

    assert facts(milestone)[0] == "at-risk"


def test_undo_of_slipping_withdraws_its_request(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, **SLIPPING)

    milestone.undo(by=cast.alice, today=TODAY)

    move = DateMove.objects.get()
    assert (move.accepted, move.decided_by) == (False, cast.alice)


@pytest.mark.parametrize("verb", ["slipping", "done"])
def test_undo_brings_back_the_request_that_the_check_in_replaced(cast, milestone, verb):
    milestone.move_due(by=cast.alice, today=TODAY - timedelta(days=3), to=LATER, reason="money")
    if verb == "done":
        milestone.complete(by=cast.alice, today=TODAY, done_on=TODAY)
    else:
        milestone.check_in(by=cast.alice, today=TODAY, **{**SLIPPING, "expected": LATER + timedelta(days=9)})

    milestone.undo(by=cast.alice, today=TODAY)

    asked = DateMove.objects.asked().get()
    assert (asked.to_due, asked.reason, asked.note) == (LATER, "money", "")


def test_undo_is_refused_once_a_leader_has_agreed(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, **SLIPPING)
    milestone.decide_move(DateMove.objects.get(), by=cast.sue, today=TODAY, accept=True)

    with pytest.raises(Refused):
        milestone.undo(by=cast.alice, today=TODAY)

    milestone.refresh_from_db()
    assert milestone.due == LATER


def test_a_leader_may_undo_a_move_of_their_own(cast, milestone):
    milestone.check_in(by=cast.sue, today=AFTER_DUE, may_approve=True, **SLIPPING)
    assert Slip.objects.get().ended == "moved"

    milestone.undo(by=cast.sue, today=AFTER_DUE)

    milestone.refresh_from_db()
    assert milestone.due == DUE
    assert Slip.objects.open().get().due == DUE
    assert not DateMove.objects.agreed().exists()


def test_nobody_else_undoes_what_a_leader_moved(cast, milestone):
    milestone.check_in(by=cast.sue, today=TODAY, may_approve=True, **SLIPPING)

    with pytest.raises(Refused):
        milestone.undo(by=cast.alice, today=TODAY)


def test_undo_sets_a_drafts_date_back(cast):
    milestone = make_milestone(make_plan(cast.cedar), by=cast.alice, due=DUE)
    milestone.check_in(by=cast.alice, today=TODAY, **SLIPPING)

    milestone.undo(by=cast.alice, today=TODAY)

    milestone.refresh_from_db()
    assert milestone.due == DUE


def test_undo_leaves_a_date_that_has_been_adopted_or_moved_since(cast):
    plan = make_plan(cast.cedar)
    adopted = make_milestone(plan, by=cast.alice, due=DUE)
    moved_on = make_milestone(make_plan(cast.cedar), by=cast.alice, due=DUE)
    for milestone in (adopted, moved_on):
        milestone.check_in(by=cast.alice, today=TODAY, **SLIPPING)
    adopt_plan(plan, by=cast.sue, today=TODAY)
    moved_on.move_due(by=cast.alice, today=TODAY, to=LATER + timedelta(days=9), reason="money")

    for milestone in (adopted, moved_on):
        with pytest.raises(Refused):
            milestone.undo(by=cast.alice, today=TODAY)


def test_undo_of_done_opens_it_again_with_its_slip_and_its_pause(cast, milestone):
    milestone.pause(by=cast.alice, today=TODAY, until=TODAY + timedelta(days=3), reason="Testing weeks")
    milestone.check_in(by=cast.alice, today=AFTER_DUE, says="at-risk")
    milestone.complete(by=cast.alice, today=AFTER_DUE, done_on=DUE, evidence="A photo")
    assert Slip.objects.get().ended == "done"

    milestone.undo(by=cast.alice, today=AFTER_DUE)

    assert facts(milestone)[0] == "at-risk"
    assert (milestone.done_on, milestone.done_by, milestone.evidence) == (None, None, "")
    assert milestone.pause_reason == "Testing weeks"
    assert Slip.objects.open().get().due == DUE
