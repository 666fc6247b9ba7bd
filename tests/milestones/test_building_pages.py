"""The list of buildings, and a building's page: the plan as it stands there."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from milestones.models import Milestone, StepBuilding
from stakeholders.models import Building, Membership, Workplace
from tests.builders import (
    TODAY,
    make_building,
    make_in_buildings,
    make_milestone,
    make_plan,
    make_role,
    make_step,
)
from tests.filling import offered, send

pytestmark = pytest.mark.usefixtures("on_today")


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def adams(cast):
    return make_building(cast.cedar, "Adams")


@pytest.fixture
def step(cast):
    return make_step(make_plan(cast.cedar), "Hand out devices", lead=cast.coordinator, by=cast.alice)


def page_of(building, rest=""):
    return f"/d/cedar/buildings/{building.pk}/{rest}"


def test_the_list_shows_how_the_plan_stands_and_who_is_there(alice, cast, step, adams):
    byrd = make_building(cast.cedar, "Byrd")
    make_in_buildings(step, adams, byrd, by=cast.alice, due=TODAY - timedelta(days=1))
    make_role(cast.cedar, "Principal, Adams", cast.vera)
    cast.cedar.refresh_from_db()
    adams.roles.add(make_role(cast.cedar, "Principal, Adams"))

    page = alice.get("/d/cedar/buildings/")

    assert [(b.name, r.word, [p.title for p in posts]) for b, r, posts in page.context["lines"]] == [
        ("Adams", "slipped", ["Principal, Adams"]),
        ("Byrd", "slipped", []),
    ]
    assert f"/d/cedar/milestones/?building={adams.pk}&amp;word=slipped" in page.content.decode()


def test_a_number_of_the_list_opens_as_many_rows(alice, cast, step, adams):
    make_in_buildings(step, adams, make_building(cast.cedar, "Byrd"), by=cast.alice)
    own = make_step(step.initiative.goal.plan, "Only there", building=adams)
    make_milestone(step.initiative.goal.plan, "Of its step", by=cast.alice, step=own)

    (line, _byrd) = alice.get("/d/cedar/buildings/").context["lines"]
    rows = alice.get(f"/d/cedar/milestones/?building={adams.pk}&word=awaiting")

    assert line[1].counts["awaiting"] == rows.context["total"] == 2


def test_a_name_is_searched_for_and_nothing_found_says_so(alice, adams, cast):
    make_building(cast.cedar, "Byrd")

    found = alice.get("/d/cedar/buildings/?q=ADA")
    nothing = alice.get("/d/cedar/buildings/?q=%25")

    assert [b.name for b, _r, _p in found.context["lines"]] == ["Adams"]
    assert "No building has this in its name" in nothing.content.decode()


def test_without_buildings_the_page_says_what_they_are_for(alice):
    assert "No buildings yet" in alice.get("/d/cedar/buildings/").content.decode()


def test_three_hundred_buildings_take_as_many_queries_as_three(alice, cast, step):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            page = alice.get("/d/cedar/buildings/")
        assert page.status_code == 200
        return len(seen), page.context["page"]

    def add(names):
        for place in Building.objects.bulk_create(Building(district=cast.cedar, name=n) for n in names):
            make_role(cast.cedar, f"Principal, {place}", cast.vera)
        make_in_buildings(step, *Building.objects.all(), by=cast.alice)

    add(["A", "B", "C"])
    few, _page = queries()
    add(f"School {n:03}" for n in range(297))

    many, page = queries()
    assert many == few
    assert (len(page), page.paginator.count) == (50, 300)


def test_the_page_tells_dates_who_leads_and_what_differs(cast, step, adams, signed_in):
    here, _there = make_in_buildings(step, adams, make_building(cast.cedar, "Byrd"), by=cast.alice)
    post = make_role(cast.cedar, "Principal, Adams", cast.vera)
    StepBuilding.objects.create(
        step=step, building=adams, lead=post, differs="The gym is rebuilt.\nUntil May."
    )

    as_bob = signed_in(cast.bob).get(page_of(adams)).content.decode()
    page = signed_in(cast.vera).get(page_of(adams))

    (initiative,) = page.context["here"].initiatives
    (one,) = initiative.steps
    assert (one.milestones, one.lead, one.led_here) == ([here], post, True)
    html = page.content.decode()
    assert "leads here" in html
    assert "The gym is rebuilt.<br>Until May." in html
    assert "Dec 4" in html
    assert f"/d/cedar/steps/{step.pk}/buildings/{adams.pk}/" in html
    assert one.may_adapt
    assert f"/d/cedar/steps/{step.pk}/buildings/{adams.pk}/" not in as_bob


def test_where_nobody_leads_there_the_steps_lead_is_named(alice, cast, step, adams):
    make_in_buildings(step, adams, by=cast.alice)

    html = alice.get(page_of(adams)).content.decode()

    assert "leads in the whole district" in html


def test_what_the_whole_district_does_stands_apart(alice, cast, step, adams):
    make_in_buildings(step, adams, by=cast.alice)
    wide = make_milestone(step.initiative.goal.plan, "For all", by=cast.alice, step=step)

    page = alice.get(page_of(adams))

    assert page.context["here"].elsewhere == [wide]
    assert page.context["here"].roll_up.total == 1
    assert "1 open milestone of the whole district" in page.content.decode()


def test_vacant_posts_and_people_of_the_building_are_named(alice, cast, adams):
    adams.roles.add(make_role(cast.cedar, "Principal, Adams"))
    for who in (cast.vera, cast.bob):
        Workplace.objects.create(membership=Membership.objects.get(person=who), building=adams)
    Membership.objects.filter(person=cast.bob).update(ended_at="2026-11-01T00:00:00Z")

    html = alice.get(page_of(adams)).content.decode()

    assert "nobody holds this role" in html
    assert "1 person works here" in html
    assert "Bob" not in html


def test_a_district_without_a_plan_has_a_page_for_its_buildings(alice, adams):
    assert "There is no plan yet" in alice.get(page_of(adams)).content.decode()


def test_a_page_with_many_milestones_takes_as_many_queries_as_one_with_few(alice, cast, step, adams):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert alice.get(page_of(adams)).status_code == 200
        return len(seen)

    def add(count):
        for n in range(count):
            more = make_step(step.initiative.goal.plan, f"Step {n}", lead=cast.coordinator, by=cast.alice)
            make_in_buildings(more, adams, by=cast.alice)
            StepBuilding.objects.create(step=more, building=adams, lead=cast.superintendent)

    add(2)
    few = queries()
    add(12)

    assert queries() == few


# Editing


def test_a_building_is_added_once_though_it_is_sent_twice(alice):
    first = send(alice, "/d/cedar/buildings/new/", name=" Adams  ")
    again = send(alice, "/d/cedar/buildings/new/", name="ADAMS")

    adams = Building.objects.get()
    assert first.url == page_of(adams)
    assert (again.status_code, adams.name) == (422, "Adams")
    assert "has a building of this name" in again.content.decode()


@pytest.mark.parametrize(
    ("nces_id", "why"),
    [
        ("0801234", "Twelve digits"),
        ("08012340000a", "Twelve digits"),
        ("999999900001", "begins with that of its district, 0801234"),
        ("080123400009", "“Taken” has this id"),
    ],
)
def test_an_nces_id_that_cannot_be_is_refused_with_what_was_typed(alice, cast, nces_id, why):
    cast.cedar.nces_id = "0801234"
    cast.cedar.save()
    make_building(cast.cedar, "Taken", nces_id="080123400009")

    page = send(alice, "/d/cedar/buildings/new/", name="Adams", nces_id=nces_id)

    assert page.status_code == 422
    assert why in page.content.decode()
    assert page.context["form"]["nces_id"].value() == nces_id


def test_an_id_of_another_districts_school_is_free_here(alice, cast):
    make_building(cast.dune, "Elsewhere", nces_id="080123400001")

    send(alice, "/d/cedar/buildings/new/", name="Adams", nces_id="080123400001")

    assert Building.objects.filter(district=cast.cedar, nces_id="080123400001").exists()


def test_renaming_keeps_the_history_and_refuses_a_name_that_is_taken(alice, cast, adams):
    make_building(cast.cedar, "Byrd")

    taken = send(alice, page_of(adams, "edit/"), name="byrd")
    send(alice, page_of(adams, "edit/"), name="John Adams")

    adams.refresh_from_db()
    assert (taken.status_code, adams.name) == (422, "John Adams")
    assert adams.history.first().history_user == cast.alice
    assert "John Adams" in alice.get(page_of(adams, "history/")).content.decode()


def test_of_two_who_rename_at_once_the_second_sees_both_names(alice, cast, adams):
    seen = offered(alice.get(page_of(adams, "edit/")))
    adams.name = "Saved meanwhile"
    adams.save_edit(by=cast.sue, version=1, fields=["name"])

    page = alice.post(page_of(adams, "edit/"), {**seen, "name": "Mine"})

    assert page.status_code == 409
    html = page.content.decode()
    assert "Saved meanwhile" in html
    assert "Mine" in html


def test_a_building_is_not_archived_while_something_is_open_there(alice, cast, step, adams):
    make_in_buildings(step, adams, by=cast.alice)

    page = alice.post(page_of(adams, "archive/"), follow=True)

    adams.refresh_from_db()
    assert adams.archived_on is None
    assert "1 milestone is open here" in page.content.decode()


def test_it_is_archived_once_everything_is_done_and_comes_back(alice, cast, step, adams):
    make_in_buildings(step, adams, by=cast.alice)
    Milestone.objects.update(done_on=TODAY, done_by=cast.alice)

    alice.post(page_of(adams, "archive/"))
    listed = alice.get("/d/cedar/buildings/")
    alice.post(page_of(adams, "bring-back/"))

    adams.refresh_from_db()
    assert listed.context["lines"] == []
    assert list(listed.context["archived"]) == [adams]
    assert adams.archived_on is None


def test_the_name_of_an_archived_building_leads_to_it(alice, cast):
    make_building(cast.cedar, "Adams", archived_on=TODAY)

    page = send(alice, "/d/cedar/buildings/new/", name="Adams")

    assert "An archived building has this name" in page.content.decode()


def test_a_viewer_reads_and_an_outsider_finds_nothing(cast, adams, signed_in):
    assert signed_in(cast.vera).get(page_of(adams)).status_code == 200
    assert signed_in(cast.vera).post(page_of(adams, "archive/")).status_code == 403
    assert signed_in(cast.charlie).get(page_of(adams)).status_code == 404
