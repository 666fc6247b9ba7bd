from datetime import date, timedelta

import pytest

from milestones.archiving import archive
from milestones.models import CheckIn, DateMove, Milestone, Slip
from milestones.refusals import Refused
from milestones.status import Word
from tests.builders import TODAY, make_milestone, make_plan

DUE = date(2026, 12, 4)
LATER = date(2027, 5, 28)


@pytest.fixture
def milestone(cast):
    plan = make_plan(cast.cedar, adopted_by=cast.sue)
    return make_milestone(plan, by=cast.alice, lead=cast.coordinator, due=DUE)


def word_of(milestone, today=TODAY):
    return Milestone.objects.with_word(today=today).get(pk=milestone.pk).word_shown


def test_on_track_is_a_row_and_the_owners_last_word(cast, milestone):
    milestone.check_in(
        by=cast.alice, role=cast.coordinator, today=TODAY, says="on-track", words="9 of 12 rooms"
    )

    row = CheckIn.objects.get()
    assert (row.by, row.role, row.on, row.says, row.words) == (
        cast.alice, cast.coordinator, TODAY, "on-track", "9 of 12 rooms",
    )  # fmt: skip
    assert word_of(milestone) is Word.ON_TRACK
    assert milestone.confirmed_on == TODAY


def test_the_district_of_a_check_in_is_that_of_its_milestone(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, says="on-track")

    assert CheckIn.objects.get().district == cast.cedar


def test_on_track_takes_back_an_earlier_forecast(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, says="slipping", expected=LATER, reason="vendor")

    milestone.check_in(by=cast.alice, today=TODAY + timedelta(days=1), says="on-track")

    assert milestone.expected is None


def test_slipping_after_adoption_asks_for_the_date_and_the_old_one_stands(cast, milestone):
    milestone.check_in(
        by=cast.alice, today=TODAY, says="slipping", expected=LATER, reason="person", how_sure="not",
        words="Two positions unfilled", would_help="Hire from the pool",
    )  # fmt: skip

    move = DateMove.objects.get()
    assert (move.from_due, move.to_due, move.reason, move.decided_on) == (DUE, LATER, "person", None)
    assert (milestone.due, milestone.expected) == (DUE, LATER)
    assert word_of(milestone) is Word.OFF_TRACK


def test_slipping_asks_for_nothing_when_that_is_unticked(cast, milestone):
    milestone.check_in(
        by=cast.alice, today=TODAY, says="slipping", expected=LATER, reason="vendor", ask_to_move=False
    )

    assert not DateMove.objects.exists()
    assert milestone.expected == LATER


def test_a_leaders_own_slipping_moves_the_date_and_says_who_agreed(cast, milestone):
    milestone.check_in(
        by=cast.sue, today=TODAY, says="slipping", expected=LATER, reason="vendor", may_approve=True
    )

    move = DateMove.objects.get()
    assert (move.accepted, move.decided_by, milestone.due) == (True, cast.sue, LATER)


def test_slipping_in_a_draft_moves_the_date_at_once(cast):
    milestone = make_milestone(make_plan(cast.cedar), by=cast.alice, due=DUE)

    milestone.check_in(by=cast.alice, today=TODAY, says="slipping", expected=LATER, reason="vendor")

    assert milestone.due == LATER
    assert DateMove.objects.get().while_drafting
    assert not DateMove.objects.agreed().exists()


def test_a_new_request_replaces_the_one_that_nobody_decided(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, says="slipping", expected=LATER, reason="vendor")
    later_still = LATER + timedelta(days=30)

    milestone.check_in(by=cast.alice, today=TODAY, says="slipping", expected=later_still, reason="vendor")

    assert [m.to_due for m in DateMove.objects.asked()] == [later_still]
    assert DateMove.objects.count() == 2


def test_the_owner_may_call_it_worse_than_its_dates(cast, milestone):
    soon = DUE + timedelta(days=7)

    milestone.check_in(
        by=cast.alice, today=TODAY, says="slipping", expected=soon, reason="vendor", off_track=True
    )

    assert word_of(milestone) is Word.OFF_TRACK
    assert CheckIn.objects.get().says == "off-track"
    assert DateMove.objects.asked().get().to_due == soon


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"says": ""}, "says"),
        ({"says": "done"}, "says"),
        ({"says": "slipping", "reason": "vendor"}, "expected"),
        ({"says": "slipping", "expected": LATER}, "reason"),
        ({"says": "slipping", "reason": "vendor", "expected": TODAY - timedelta(days=1)}, "expected"),
        ({"says": "slipping", "reason": "vendor", "expected": date(1999, 1, 1)}, "expected"),
        ({"says": "slipping", "reason": "vendor", "expected": date(2093, 1, 1)}, "expected"),
    ],
)
def test_nonsense_is_refused_at_its_field(cast, milestone, said, field):
    with pytest.raises(Refused) as refused:
        milestone.check_in(by=cast.alice, today=TODAY, **said)

    assert refused.value.field == field
    assert not CheckIn.objects.exists()


def test_the_same_words_twice_on_a_day_are_one_check_in(cast, milestone):
    said = {"by": cast.alice, "today": TODAY, "says": "slipping", "expected": LATER, "reason": "vendor"}

    first, second = milestone.check_in(**said), milestone.check_in(**said)

    assert first == second
    assert (CheckIn.objects.count(), DateMove.objects.count()) == (1, 1)


def test_the_same_words_on_the_next_day_are_a_check_in_of_their_own(cast, milestone):
    for day in (TODAY, TODAY + timedelta(days=1)):
        milestone.check_in(by=cast.alice, today=day, says="on-track")

    assert CheckIn.objects.count() == 2


def test_asking_again_after_a_no_is_a_new_request(cast, milestone):
    said = {"by": cast.alice, "today": TODAY, "says": "slipping", "expected": LATER, "reason": "vendor"}
    milestone.check_in(**said)
    milestone.decide_move(
        DateMove.objects.get(), by=cast.sue, today=TODAY, accept=False, note="Try the pool first"
    )

    milestone.check_in(**said)

    assert DateMove.objects.asked().count() == 1


def test_done_keeps_the_day_the_person_and_the_evidence(cast, milestone):
    milestone.complete(
        by=cast.alice,
        today=TODAY,
        done_on=TODAY - timedelta(days=3),
        evidence_link="https://example.org/photo",
    )

    milestone.refresh_from_db()
    assert (milestone.done_on, milestone.done_by) == (TODAY - timedelta(days=3), cast.alice)
    assert milestone.evidence_link == "https://example.org/photo"
    assert word_of(milestone) is Word.COMPLETE


def test_done_late_leaves_the_slip_on_record_and_ends_it_on_the_day_of_finishing(cast, milestone):
    late = DUE + timedelta(days=10)

    milestone.complete(by=cast.alice, today=late + timedelta(days=2), done_on=late)

    slip = Slip.objects.get()
    assert (slip.due, slip.slipped_on, slip.closed_on, slip.ended) == (
        DUE,
        DUE + timedelta(days=1),
        late,
        "done",
    )
    assert slip.days_late(late + timedelta(days=90)) == 10


def test_finishing_withdraws_a_request_that_waits(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, says="slipping", expected=LATER, reason="vendor")

    milestone.complete(by=cast.alice, today=TODAY, done_on=TODAY)

    assert not DateMove.objects.asked().exists()


def test_done_pressed_twice_is_one_check_in(cast, milestone):
    for _twice in range(2):
        milestone.complete(by=cast.alice, today=TODAY, done_on=TODAY, evidence="46 lesson plans")

    assert CheckIn.objects.count() == 1


@pytest.mark.parametrize("done_on", [TODAY + timedelta(days=1), date(2001, 1, 1)])
def test_done_on_an_impossible_day_is_refused(cast, milestone, done_on):
    with pytest.raises(Refused) as refused:
        milestone.complete(by=cast.alice, today=TODAY, done_on=done_on)

    assert refused.value.field == "done_on"


def finish(milestone, cast):
    milestone.complete(by=cast.alice, today=TODAY, done_on=TODAY)


def drop(milestone, cast):
    milestone.drop(by=cast.alice, today=TODAY, reason="The state does it now")


def put_away(milestone, cast):
    archive(milestone, by=cast.alice, today=TODAY)


@pytest.mark.parametrize("close", [finish, drop, put_away])
def test_what_is_closed_takes_no_check_in(cast, milestone, close):
    close(milestone, cast)

    with pytest.raises(Refused):
        milestone.check_in(by=cast.alice, today=TODAY, says="on-track")
    with pytest.raises(Refused):
        milestone.complete(by=cast.sue, today=TODAY, done_on=TODAY)


def test_a_verb_reads_the_row_again_before_it_writes(cast, milestone):
    as_it_was = Milestone.objects.get(pk=milestone.pk)
    finish(milestone, cast)

    with pytest.raises(Refused):
        as_it_was.check_in(by=cast.sue, today=TODAY, says="on-track")


def test_a_check_in_leaves_the_version_alone_so_that_no_editor_meets_a_conflict(cast, milestone):
    before = milestone.version

    milestone.check_in(by=cast.alice, today=TODAY, says="on-track")

    milestone.refresh_from_db()
    assert milestone.version == before
