from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from milestones.models import Slip
from reports.dashboard import PAGE
from stakeholders.models import Role, Visit
from tests.builders import TODAY, make_initiative, make_milestone, make_plan, make_role, make_step

NOON = datetime(2026, 11, 17, 19, tzinfo=UTC)  # noon in Denver


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


def see(client, name="dashboard", query=""):
    return client.get(reverse(name, args=["cedar"]) + query)


def looked(cast, person, days_ago: int) -> None:
    Visit.objects.create(district=cast.cedar, person=person, page=PAGE, at=NOON - timedelta(days=days_ago))


def test_a_district_without_a_plan_is_told_how_to_begin(cast, signed_in):
    page = see(signed_in(cast.alice))

    assert reverse("import_start", args=["cedar"]) in page.content.decode()


def test_a_viewer_without_a_plan_is_told_who_can_start_one(cast, signed_in):
    page = see(signed_in(cast.vera)).content.decode()

    assert reverse("import_start", args=["cedar"]) not in page
    assert "An editor or a leader" in page


def test_what_needs_attention_is_said_with_the_owners_words(cast, plan, signed_in):
    milestone = make_milestone(plan, "High school is cabled", by=cast.alice, lead=cast.coordinator)
    milestone.check_in(
        by=cast.alice, today=TODAY, role=cast.coordinator, says="at-risk", words="The lift is broken"
    )

    page = see(signed_in(cast.sue)).content.decode()

    assert "High school is cabled" in page
    assert "“The lift is broken”" in page.replace("&#x27;", "'")
    assert "pill--at-risk" in page


def test_the_first_look_has_nothing_to_compare_with(cast, plan, signed_in):
    assert "Since you looked" not in see(signed_in(cast.sue)).content.decode()


def test_since_you_looked_counts_from_the_last_look_on_an_earlier_day(cast, plan, signed_in):
    looked(cast, cast.sue, days_ago=8)
    looked(cast, cast.sue, days_ago=0)
    step = make_step(plan)
    make_milestone(plan, "a", step=step, by=cast.alice).complete(by=cast.alice, today=TODAY, done_on=TODAY)
    late = make_milestone(plan, "b", step=step, by=cast.alice, due=TODAY - timedelta(days=3))
    Slip.objects.create(milestone=late, due=late.due, slipped_on=late.due + timedelta(days=1))
    moved = make_milestone(plan, "c", step=step, by=cast.alice)
    moved.move_due(by=cast.sue, today=TODAY, to=TODAY + timedelta(days=90), reason="money", may_approve=True)
    before = TODAY - timedelta(days=30)
    make_milestone(plan, "d", step=step, by=cast.alice).complete(by=cast.alice, today=before, done_on=before)

    page = see(signed_in(cast.sue)).content.decode()

    assert "Since you looked, Nov 9" in page
    for kind in ("finished", "slipped", "moved"):
        assert f"since=2026-11-09&amp;kind={kind}" in page
    listed = see(signed_in(cast.sue), "changes", "?since=2026-11-09&kind=finished").content.decode()
    assert ">a</a>" in listed
    assert ">d</a>" not in listed


def test_looking_is_remembered_and_nothing_else_is_written(cast, plan, signed_in):
    see(signed_in(cast.sue))

    assert Visit.objects.get(page="dashboard").person == cast.sue


def test_a_date_that_waits_for_a_leader_stands_on_top(cast, plan, signed_in):
    milestone = make_milestone(plan, "Gym is wired", by=cast.alice, lead=cast.coordinator)
    milestone.move_due(by=cast.alice, today=TODAY, to=date(2027, 1, 29), reason="money")

    leader, editor = see(signed_in(cast.sue)).content.decode(), see(signed_in(cast.alice)).content.decode()

    assert "Waiting on you" in leader
    assert reverse("move_decide", args=["cedar", milestone.moves.get().pk]) in leader
    assert "Waiting on you" not in editor


def test_a_role_that_nobody_holds_is_a_finding(cast, plan, signed_in):
    vacant = Role.objects.create(district=cast.cedar, title="Library Media Specialist")
    Role.objects.create(district=cast.cedar, title="Crossing Guard")  # vacant, and owns nothing here
    make_milestone(plan, by=cast.alice, lead=vacant)

    page = see(signed_in(cast.sue)).content.decode()

    assert "Library Media Specialist" in page
    assert "Crossing Guard" not in page


def test_every_number_opens_a_list_with_as_many_rows(cast, plan, signed_in):
    step = make_step(plan, lead=cast.coordinator, by=cast.alice)
    make_milestone(plan, "late", step=step, by=cast.alice, due=TODAY - timedelta(days=1))
    make_milestone(plan, "soon", step=step, by=cast.alice, due=TODAY + timedelta(days=60))
    make_milestone(plan, "far", step=step, by=cast.alice, due=TODAY + timedelta(days=61))
    client = signed_in(cast.sue)

    board = see(client).context["board"]

    for show, number in (
        ("attention", board.needing_attention),
        ("soon", board.due_soon),
        ("open", board.open),
    ):
        assert see(client, "milestones", f"?show={show}").context["page"].paginator.count == number
    assert (board.needing_attention, board.due_soon, board.open) == (1, 1, 3)


@pytest.mark.parametrize(
    "query", ["?show=nonsense", "?word=nonsense", "?initiative=x", "?role=9999999999999999", "?page=-1"]
)
def test_a_filter_that_makes_no_sense_shows_the_list_all_the_same(cast, plan, signed_in, query):
    assert see(signed_in(cast.vera), "milestones", query).status_code == 200


def test_a_since_that_is_no_day_is_today(cast, plan, signed_in):
    assert see(signed_in(cast.vera), "changes", "?since=yesterday").context["since"] == TODAY


@pytest.mark.parametrize("name", ["dashboard", "changes", "milestones"])
def test_an_outsider_finds_nothing(cast, plan, signed_in, name):
    assert see(signed_in(cast.charlie), name).status_code == 404


def test_thirteen_queries_however_large_the_plan_is(cast, plan, signed_in, django_assert_num_queries):
    looked(cast, cast.sue, days_ago=8)
    client = signed_in(cast.sue)
    for n in range(3):
        role = make_role(cast.cedar, f"Vacant role {n}")
        initiative = make_initiative(plan, f"Initiative {n}")
        for m in range(8):
            step = make_step(plan, f"Step {m}", initiative=initiative, lead=role, by=cast.alice)
            made = make_milestone(
                plan, f"Milestone {n}.{m}", step=step, by=cast.alice, due=TODAY + timedelta(days=m + 1)
            )
            made.move_due(by=cast.alice, today=TODAY, to=date(2027, 3, 1), reason="money")

    see(client)  # the first page of an hour notes that she is here

    with django_assert_num_queries(13):
        see(client)
