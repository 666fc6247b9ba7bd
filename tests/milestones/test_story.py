from datetime import date, timedelta

import pytest

from milestones.archiving import archive, bring_back
from milestones.models import Milestone
from milestones.story import story
from tests.builders import TODAY, make_milestone, make_plan
from vision.models import Plan

DUE = date(2026, 11, 12)
LATER = date(2027, 3, 5)
pytestmark = pytest.mark.usefixtures("on_today")


@pytest.fixture
def milestone(cast):
    plan = make_plan(cast.cedar)
    make_milestone(plan, by=cast.alice, lead=cast.coordinator, due=DUE)
    plan.adopted_on, plan.adopted_by = date(2026, 7, 1), cast.sue
    plan.save()
    Milestone.objects.update(first_due=DUE)
    return Milestone.objects.get()


def told(milestone, today=TODAY):
    milestone = Milestone.objects.select_related("step__initiative__goal__plan", "district").get(
        pk=milestone.pk
    )
    moves = list(milestone.moves.select_related("asked_by", "decided_by"))
    return story(milestone, moves=moves, today=today)


def test_everything_that_happened_is_told_latest_first(cast, milestone):
    verbs = {"by": cast.alice, "role": cast.coordinator}
    milestone.check_in(**verbs, today=date(2026, 9, 1), says="on-track", words="Nine of twelve rooms")
    milestone.check_in(
        **verbs, today=date(2026, 11, 14), says="slipping", expected=LATER, reason="person", how_sure="not",
        words="Two positions unfilled", would_help="The pool",
    )  # fmt: skip
    milestone.decide_move(
        milestone.moves.get(), by=cast.sue, today=date(2026, 11, 16), accept=True, note="Agreed by telephone"
    )
    milestone.complete(by=cast.alice, today=TODAY, done_on=TODAY, evidence_link="https://example.org/rooms")

    entries = told(milestone)

    assert [(e.on, e.kind, e.words) for e in entries] == [
        (TODAY, "done", "Alice: done"),
        (TODAY, "made", "Added, due Nov 12"),
        (date(2026, 11, 16), "move", "Date moved from Nov 12 to Mar 5 (+16 weeks)"),
        (date(2026, 11, 14), "check", "Technology Coordinator (Alice): slipping"),
        (date(2026, 11, 13), "slip", "Nov 12 passed, and it was not done"),
        (date(2026, 9, 1), "check", "Technology Coordinator (Alice): still on track"),
        (date(2026, 7, 1), "made", "The plan was adopted, and Nov 12 became the first date."),
    ]
    assert entries[0].link == "https://example.org/rooms"
    assert entries[2].more == (
        "waits for: a person or vacancy · asked by Alice on Nov 14, agreed by Sue · Agreed by telephone"
    )
    assert entries[3].said == "Two positions unfilled"
    assert entries[3].more == (
        "now expected Mar 5 · not sure of the date · waits for: a person or vacancy · would help: The pool"
    )
    assert entries[4].more == "the date was moved Nov 16, after 4 days"


def test_on_one_day_it_is_added_before_the_plan_is_adopted_and_missed_before_anybody_says_so(cast, milestone):
    Plan.objects.update(adopted_on=TODAY)
    Milestone.objects.update(due=TODAY - timedelta(days=1))
    milestone.check_in(by=cast.alice, today=TODAY, says="at-risk", words="Cable")

    kinds = [(e.kind, e.words[:5]) for e in reversed(told(milestone))]

    assert kinds == [("slip", "Nov 1"), ("made", "Added"), ("check", "Alice"), ("made", "The p")]


def test_what_was_undone_stays_and_says_who_took_it_back(cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, says="on-track")
    milestone.undo(by=cast.sue, today=TODAY)

    check_ins = [e for e in told(milestone) if e.kind == "check"]

    assert [(e.words, e.undone) for e in check_ins] == [("Alice: still on track", "Undone by Sue")]


@pytest.mark.parametrize(
    ("decide", "words"),
    [
        (None, "New date asked for: Mar 5 instead of Nov 12 (+16 weeks)"),
        ("keep", "Nov 12 stays; Mar 5 was asked for"),
        ("withdraw", "Request for Mar 5 instead of Nov 12 withdrawn"),
    ],
)
def test_a_request_tells_what_became_of_it(cast, milestone, decide, words):
    milestone.check_in(by=cast.alice, today=TODAY, says="slipping", expected=LATER, reason="vendor")
    if decide == "keep":
        milestone.decide_move(
            milestone.moves.get(), by=cast.sue, today=TODAY, accept=False, note="The board counts on it"
        )
    elif decide == "withdraw":
        milestone.undo(by=cast.alice, today=TODAY)

    assert [e.words for e in told(milestone) if e.kind == "move"] == [words]


def test_a_miss_that_no_run_has_written_down_yet_is_told_all_the_same(milestone):
    assert not milestone.slips.exists()

    (slip,) = [e for e in told(milestone) if e.kind == "slip"]

    assert (slip.on, slip.more) == (date(2026, 11, 13), "5 days late by today")


@pytest.mark.parametrize(
    ("on", "more"),
    [(DUE, "finished in time after all: Nov 12"), (DUE + timedelta(days=3), "finished Nov 15, 3 days late")],
)
def test_a_slip_tells_how_it_ended(cast, milestone, on, more):
    milestone.complete(by=cast.alice, today=TODAY, done_on=on)

    assert [e.more for e in told(milestone) if e.kind == "slip"] == [more]


def test_edits_pauses_drops_and_archiving_are_told_with_who_and_why(cast, milestone):
    verbs = {"by": cast.alice, "today": TODAY}
    milestone.title = "Lincoln is cabled and tested"
    milestone.save_edit(by=cast.sue, version=milestone.version, fields=["title"])
    milestone.pause(**verbs, until=LATER, reason="Testing weeks")
    milestone.resume(**verbs)
    milestone.drop(**verbs, reason="The state does it now")
    milestone.take_back(**verbs)
    archive(milestone, **verbs)
    bring_back(milestone, **verbs)

    made = [
        (e.words, e.said, e.more) for e in reversed(told(milestone)) if e.kind == "made" and e.on == TODAY
    ]

    assert made == [
        ("Added, due Nov 12", "", "Alice"),
        ("Renamed from “Lincoln is cabled” to “Lincoln is cabled and tested”", "", "Sue"),
        ("Put on hold up to Mar 5", "Testing weeks", "Alice"),
        ("Taken up again", "", "Alice"),
        ("Dropped", "The state does it now", "Alice"),
        ("Taken back into the plan", "", "Alice"),
        ("Archived", "", "Alice"),
        ("Brought back", "", "Alice"),
    ]


def test_a_long_story_takes_as_many_queries_as_a_short_one(cast, milestone, django_assert_num_queries):
    for n in range(60):
        milestone.check_in(by=cast.alice, today=TODAY - timedelta(days=70 - n), says="on-track", words=str(n))
    milestone = Milestone.objects.select_related("step__initiative__goal__plan", "district").get()

    with django_assert_num_queries(3):
        assert len(story(milestone, moves=[], today=TODAY)) == 63
