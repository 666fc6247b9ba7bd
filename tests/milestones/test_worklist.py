from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from milestones.models import Measure, Milestone
from milestones.worklist import COMING, LATER, SLIPPED, Facts, asks_on, need, worklist
from stakeholders.calendar.school_days import SchoolCalendar
from stakeholders.models import Appointment, CalendarEntry
from tests.builders import TODAY, make_milestone, make_plan, make_role, make_step

pytestmark = pytest.mark.usefixtures("on_today")


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


@pytest.fixture
def make(cast, plan):
    """Return a function that makes a milestone due in so many days, led by the coordinator."""

    def make(title, days, **more):
        due = TODAY + timedelta(days=days)
        return make_milestone(
            plan, title, due=due, by=cast.alice, **{"lead": cast.coordinator, "today": TODAY, **more}
        )

    return make


def page_of(client, district="cedar", query=""):
    return client.get(reverse("worklist", args=[district]) + query)


def titles(response):
    return [card.milestone.title for card in response.context["cards"]]


def needs(cast):
    """What the coordinator is asked today, as the list itself tells: its checks, then the rest."""
    found = worklist(cast.cedar, [cast.coordinator], today=TODAY)
    rows = Milestone.objects.in_bulk([*found.checks, *found.later])
    now = {rows[pk].title: SLIPPED if rows[pk].has_slipped(today=TODAY) else COMING for pk in found.checks}
    return now | {rows[pk].title: LATER for pk in found.later}


def test_slipped_comes_first_then_what_is_due_soonest(signed_in, cast, make):
    for title, days in (("In May", 55), ("Next week", 7), ("Missed", -3), ("Missed long ago", -30)):
        make(title, days)

    response = page_of(signed_in(cast.alice))

    assert titles(response) == ["Missed long ago", "Missed", "Next week", "In May"]


def test_at_most_five_cards_stand_first_and_the_rest_behind_later(signed_in, cast, make):
    for n in range(7):
        make(f"Milestone {n}", 10 + n)
    make("Far away", 200)
    client = signed_in(cast.alice)

    first, later = page_of(client), page_of(client, query="?later=1")

    assert titles(first) == [f"Milestone {n}" for n in range(5)]
    assert titles(later) == ["Milestone 5", "Milestone 6", "Far away"]
    assert "5 quick checks, about 2 minutes" in first.content.decode()
    assert "Later: 3 more" in first.content.decode()


def test_due_in_sixty_days_is_soon_and_in_sixty_one_is_later(cast, make):
    make("Sixty", 60)
    make("Sixty-one", 61)

    assert needs(cast) == {"Sixty": COMING, "Sixty-one": LATER}


def test_a_date_that_moved_or_is_asked_to_move_brings_its_milestone_forward(cast, make):
    later = TODAY + timedelta(days=300)
    moved, asked, quiet = make("Moved", 200), make("Asked", 210), make("Quiet", 220)
    moved.move_due(by=cast.sue, today=TODAY, to=later, reason="vendor", may_approve=True)
    asked.move_due(by=cast.alice, today=TODAY, to=later, reason="vendor")

    assert needs(cast) == {"Moved": COMING, "Asked": COMING, "Quiet": LATER}
    assert quiet.first_due == quiet.due


def test_what_was_confirmed_within_a_week_is_left_for_later(cast, make):
    for title, age in (("Six days ago", 6), ("Seven days ago", 7)):
        make(title, 20).check_in(by=cast.alice, today=TODAY - timedelta(days=age), says="on-track")

    assert needs(cast) == {"Six days ago": LATER, "Seven days ago": COMING}


def test_a_request_alone_does_not_let_a_slip_rest(cast, make):
    later = TODAY + timedelta(days=30)
    make("Asked by an editor", -5).move_due(by=cast.alice, today=TODAY, to=later, reason="vendor")

    assert needs(cast) == {"Asked by an editor": SLIPPED}


def test_a_slip_rests_while_a_leader_has_yet_to_answer_its_owner(cast, make):
    said = {"says": "slipping", "expected": TODAY + timedelta(days=30), "reason": "vendor"}
    make("Asked for a date", -5).check_in(by=cast.alice, today=TODAY - timedelta(days=1), **said)
    make("Said only", -5).check_in(by=cast.alice, today=TODAY - timedelta(days=1), ask_to_move=False, **said)

    assert needs(cast) == {"Asked for a date": LATER, "Said only": SLIPPED}


def test_what_is_on_hold_is_left_for_later(cast, make):
    make("Held", 3).pause(
        by=cast.alice, today=TODAY, until=TODAY + timedelta(days=20), reason="Testing weeks"
    )

    assert needs(cast) == {"Held": LATER}


def test_done_dropped_archived_and_others_work_are_not_on_the_list(cast, make):
    make("Done", 3).complete(by=cast.alice, today=TODAY, done_on=TODAY)
    make("Dropped", 3).drop(by=cast.alice, today=TODAY, reason="Not needed")
    make("Not mine", 3, lead=make_role(cast.cedar, "Librarian"))

    assert needs(cast) == {}


def test_the_next_check_is_when_a_date_comes_near_or_a_week_is_over(cast, make):
    def next_check():
        return worklist(cast.cedar, [cast.coordinator], today=TODAY).next_check

    assert next_check() is None
    make("Far", 100)
    assert next_check() == TODAY + timedelta(days=40)
    make("Held", 3).pause(
        by=cast.alice, today=TODAY, until=TODAY + timedelta(days=20), reason="Testing weeks"
    )
    assert next_check() == TODAY + timedelta(days=21)

    make("Near", 20).check_in(by=cast.alice, today=TODAY - timedelta(days=2), says="on-track")

    assert next_check() == TODAY + timedelta(days=5)


@settings(max_examples=300, deadline=None)
@given(
    due=st.integers(-90, 200),
    expected=st.none() | st.integers(-90, 200),
    confirmed=st.none() | st.integers(-60, 0),
    paused=st.none() | st.integers(-9, 60),
    asked=st.booleans(),
    moved=st.booleans(),
    off=st.lists(st.tuples(st.integers(-70, 210), st.integers(0, 20)), max_size=5),
)
def test_what_is_left_for_later_asks_on_the_day_that_is_given(
    due, expected, confirmed, paused, asked, moved, off
):
    def day(n):
        return None if n is None else TODAY + timedelta(days=n)

    facts = Facts(1, 1, day(due), day(expected), day(confirmed), day(paused))
    known = {"asked": asked, "moved": moved, "calendar": calendar_of(*off)}
    if need(facts, **known, today=TODAY) != LATER:
        return
    on = asks_on(facts, **known, today=TODAY)

    assert on > TODAY
    assert need(facts, **known, today=on) != LATER
    if on > TODAY + timedelta(days=1):
        assert need(facts, **known, today=on - timedelta(days=1)) == LATER


def calendar_of(*breaks: tuple[int, int]) -> SchoolCalendar:
    """A calendar of breaks: the day on which each begins, counted from today, and how many days follow."""
    return SchoolCalendar(
        CalendarEntry(
            kind="break", first_day=TODAY + timedelta(days=n), last_day=TODAY + timedelta(days=n + more)
        )
        for n, more in breaks
    )


def test_a_week_in_which_school_is_closed_does_not_ask_again(cast, make):
    make("Near", 20).check_in(by=cast.alice, today=TODAY - timedelta(days=9), says="on-track")
    assert needs(cast) == {"Near": COMING}

    days = {"first_day": TODAY - timedelta(days=8), "last_day": TODAY - timedelta(days=4)}
    CalendarEntry.objects.create(district=cast.dune, kind="break", title="Theirs", **days)
    CalendarEntry.objects.create(district=cast.cedar, kind="testing", title="No break", **days)
    assert needs(cast) == {"Near": COMING}
    CalendarEntry.objects.create(district=cast.cedar, kind="break", title="Fall break", **days)

    assert needs(cast) == {"Near": LATER}
    assert worklist(cast.cedar, [cast.coordinator], today=TODAY).next_check == TODAY + timedelta(days=3)


def test_a_break_moves_no_due_date(cast, make):
    milestone = make("Due in the break", -1)
    days = {"first_day": TODAY - timedelta(days=5), "last_day": TODAY + timedelta(days=5)}
    CalendarEntry.objects.create(district=cast.cedar, kind="break", title="Winter break", **days)

    assert needs(cast) == {"Due in the break": SLIPPED}
    assert milestone.has_slipped(today=TODAY)


def test_supporting_roles_see_it_too_and_each_hat_says_how_many(signed_in, cast, plan, make):
    helper = make_role(cast.cedar, "Network Technician", cast.bob)
    milestone = make("Shared", 10)
    milestone.step.set_owners(lead=cast.coordinator, support=[helper], by=cast.alice)

    response = page_of(signed_in(cast.bob))

    assert titles(response) == ["Shared"]
    assert [(hat.role, hat.leads, hat.checks) for hat in response.context["mine"].hats] == [
        (helper, False, 1)
    ]


def test_a_role_given_up_yesterday_asks_no_more(signed_in, cast, make):
    make("Mine until yesterday", 10)
    Appointment.objects.filter(person=cast.alice).update(ends_on=TODAY - timedelta(days=1))

    response = page_of(signed_in(cast.alice))

    assert titles(response) == []
    assert "You hold no role here yet" in response.content.decode()


def test_nothing_due_says_when_the_next_check_is(signed_in, cast, make):
    make("Far", 100)

    response = page_of(signed_in(cast.alice))

    assert "Nothing is due" in response.content.decode()
    assert "Next check:" in response.content.decode()
    assert 'href="?later=1"' in response.content.decode()


def test_nothing_open_leads_to_the_plan(signed_in, cast, plan):
    response = page_of(signed_in(cast.alice))

    assert "Nothing of yours is open" in response.content.decode()


def test_an_ongoing_step_stands_in_a_quiet_list_with_its_review(signed_in, cast, plan):
    make_step(
        plan, "Watch the network", lead=cast.coordinator, by=cast.alice, kind="ongoing",
        review_on=TODAY + timedelta(days=40),
    )  # fmt: skip

    response = page_of(signed_in(cast.alice))

    assert [step.title for step in response.context["steps"]] == ["Watch the network"]
    assert "Watch the network" in response.content.decode()


def test_a_card_says_why_quotes_the_last_words_and_shows_that_owner_and_dates_differ(signed_in, cast, make):
    make("Missed", -3).check_in(
        by=cast.alice, today=TODAY - timedelta(days=9), says="on-track", words="Nine of twelve rooms"
    )

    html = page_of(signed_in(cast.alice)).content.decode()

    assert "“Nine of twelve rooms”" in html
    assert "(3 days ago), is not done, and has no new date yet." in html
    assert "Owner says on track, dates say late" in html


def test_the_third_on_track_in_a_row_near_the_date_asks_for_something_to_show(signed_in, cast, make):
    near, far = make("Near", 20), make("Far", 55)
    for milestone in (near, far):
        for age in (30, 15):
            milestone.check_in(by=cast.alice, today=TODAY - timedelta(days=age), says="on-track")

    cards = {c.milestone.title: c for c in page_of(signed_in(cast.alice)).context["cards"]}

    assert cards["Near"].anything_to_show
    assert not cards["Far"].anything_to_show


def test_a_measure_is_asked_for_once_for_all_milestones_of_its_step(signed_in, cast, plan, make):
    step = make_step(plan, "Sign agreements", lead=cast.coordinator, by=cast.alice)
    Measure.objects.create(step=step, name="Agreements", unit="agreements", target=58)
    make("First half", 10, step=step)
    make("Second half", 20, step=step)

    cards = page_of(signed_in(cast.alice)).context["cards"]

    assert [len(card.numbers) for card in cards] == [1, 0]


def test_two_hundred_milestones_take_as_many_queries_as_twenty(
    signed_in, cast, make, django_assert_max_num_queries
):
    client = signed_in(cast.alice)
    counted = {}
    for number in (20, 180):
        for n in range(number):
            made = make(f"{number}-{n}", n % 90 - 20)
            made.check_in(by=cast.alice, today=TODAY - timedelta(days=40), says="at-risk", words="Cable")
        for query in ("", "?later=1"):
            with django_assert_max_num_queries(16) as captured:
                page_of(client, query=query)
            counted.setdefault(query, []).append(len(captured))

    assert counted[""][0] == counted[""][1]
    assert counted["?later=1"][0] == counted["?later=1"][1]


def test_charlie_finds_nothing_and_a_write_is_refused(signed_in, cast, plan):
    assert page_of(signed_in(cast.charlie)).status_code == 404
    assert signed_in(cast.alice).post(reverse("worklist", args=["cedar"])).status_code == 405
