"""Whoever leads a step in one building: what they may say, what asks them, and what they are told."""

from datetime import date, timedelta

import pytest

from milestones.access import may_check_in, may_say
from milestones.adoption import adopt_plan
from milestones.flagging import flag_slips
from milestones.models import CheckIn, Milestone, StepBuilding
from milestones.notices import tell_of_slips
from milestones.worklist import worklist
from stakeholders.models import Appointment, Level, Membership, Notice, Role
from tests.builders import (
    TODAY,
    make_building,
    make_in_buildings,
    make_person,
    make_plan,
    make_role,
    make_step,
)

pytestmark = pytest.mark.usefixtures("on_today")
MISSED = TODAY - timedelta(days=2)


@pytest.fixture
def step(cast):
    plan = make_plan(cast.cedar)
    return make_step(plan, "Hand out devices", lead=cast.coordinator, by=cast.alice)


@pytest.fixture
def principal(cast):
    """Vera, a viewer, holds the post of Adams."""
    return make_role(cast.cedar, "Principal, Adams", cast.vera)


@pytest.fixture
def adams(cast, step, principal):
    adams = make_building(cast.cedar, "Adams")
    StepBuilding.objects.create(step=step, building=adams, lead=principal)
    return adams


@pytest.fixture
def byrd(cast):
    return make_building(cast.cedar, "Byrd")


@pytest.fixture
def milestones(cast, step, adams, byrd):
    """One in Adams, which has a lead of its own, and one in Byrd."""
    return make_in_buildings(step, adams, byrd, by=cast.alice, due=MISSED)


def member(cast, person):
    return Membership.objects.get(district=cast.cedar, person=person)


def test_they_may_check_in_there_and_nowhere_else(cast, milestones, step):
    here, there = milestones
    vera = member(cast, cast.vera)

    assert may_say(vera, here, today=TODAY).words == "You lead this at Adams as Principal, Adams."
    assert not may_say(vera, there, today=TODAY)
    assert not may_check_in(vera, step, today=TODAY)


def test_others_are_told_who_may(cast, milestones):
    bob = member(cast, cast.bob)

    assert "Principal, Adams, Technology Coordinator" in may_say(bob, milestones[0], today=TODAY).words


def test_the_steps_own_lead_still_may(cast, milestones):
    assert may_say(member(cast, cast.alice), milestones[0], today=TODAY).role == cast.coordinator


def test_a_deputy_may_as_the_post_may(cast, milestones, principal):
    Appointment.objects.create(
        role=principal, person=cast.bob, starts_on=date(2025, 1, 1), part=Appointment.Part.DEPUTISES
    )

    assert may_say(member(cast, cast.bob), milestones[0], today=TODAY).role == principal


def test_who_held_the_post_before_may_not(cast, milestones, principal):
    principal.appointments.update(ends_on=TODAY - timedelta(days=1))

    assert not may_say(member(cast, cast.vera), milestones[0], today=TODAY)


def test_the_page_lets_them_say_it_there_and_refuses_elsewhere(cast, milestones, signed_in, principal):
    vera = signed_in(cast.vera)

    for milestone in milestones:
        vera.post(f"/d/cedar/milestones/{milestone.pk}/check-in/", {"says": "on-track", "back": "milestone"})

    said = CheckIn.objects.get()
    assert (said.milestone, said.role) == (milestones[0], principal)
    refused = vera.post(f"/d/cedar/milestones/{milestones[1].pk}/check-in/", {"says": "on-track"})
    assert refused.status_code == 403


def roles_of(person):
    return list(Role.objects.served_by(person, today=TODAY))


def test_a_buildings_milestone_asks_its_own_lead_and_not_the_steps(cast, milestones):
    here, there = milestones

    theirs = worklist(cast.cedar, roles_of(cast.vera), today=TODAY)
    coordinators = worklist(cast.cedar, roles_of(cast.alice), today=TODAY)

    assert (theirs.checks, coordinators.checks) == ([here.pk], [there.pk])
    assert [(hat.role.title, hat.leads, hat.checks) for hat in theirs.hats] == [("Principal, Adams", True, 1)]


def test_while_nobody_holds_the_post_it_asks_the_steps_lead(cast, milestones, principal):
    principal.appointments.all().delete()

    (line,) = worklist(cast.cedar, roles_of(cast.alice), today=TODAY).several

    assert (line.words, line.buildings, line.checks) == ("Ready", 2, 2)


def test_several_buildings_are_one_line_of_the_worklist_which_opens_the_table(cast, step, signed_in):
    places = [make_building(cast.cedar, f"School {n}") for n in range(30)]
    made = make_in_buildings(step, *places, by=cast.alice, due=MISSED)

    page = signed_in(cast.alice).get("/d/cedar/updates/")

    assert page.context["mine"].checks == []
    html = page.content.decode()
    assert f"/d/cedar/steps/{step.pk}/buildings/?of={made[0].pk}&amp;sort=word" in html
    assert "30 buildings are open, 30 ask for a word now" in html
    assert "Nothing is due" not in html


def late(cast, step):
    adopt_plan(step.initiative.goal.plan, by=cast.sue, today=TODAY - timedelta(days=90))
    flag_slips({TODAY: [cast.cedar]})
    tell_of_slips(cast.cedar, today=TODAY)
    return {notice.person: notice.body for notice in Notice.objects.all()}


def test_the_lead_there_is_told_of_a_missed_date_and_the_steps_lead_of_the_others(cast, step, milestones):
    told = late(cast, step)

    assert set(told) == {cast.vera, cast.alice}
    assert "Adams: Ready" in told[cast.vera]
    assert "Principal, Adams leads this at Adams." in told[cast.vera]
    assert "Byrd: Ready" in told[cast.alice]
    assert "Adams" not in told[cast.alice]


def test_while_nobody_holds_the_post_the_steps_lead_is_told(cast, step, milestones, principal):
    principal.appointments.all().delete()

    told = late(cast, step)

    assert set(told) == {cast.alice}


def test_who_has_left_the_district_is_told_nothing(cast, step, milestones):
    Membership.objects.filter(person=cast.vera).update(ended_at="2026-11-01T00:00:00Z")

    assert set(late(cast, step)) == {cast.alice}


def test_many_buildings_are_one_entry_of_the_message(cast, step):
    places = [make_building(cast.cedar, f"School {n:02}") for n in range(40)]
    make_in_buildings(step, *places, by=cast.alice, due=MISSED)

    body = late(cast, step)[cast.alice]

    assert "40 dates in the technology plan" in body
    assert "1. Ready: 40 buildings" in body
    assert "2." not in body
    assert f"/steps/{step.pk}/buildings/?of={Milestone.objects.earliest('pk').pk}&word=slipped" in body


def test_somebody_who_leads_in_two_buildings_gets_both_in_one_line(
    cast, step, adams, byrd, principal, milestones
):
    nora = make_person(cast.cedar, "Nora", Level.VIEWER)
    post = make_role(cast.cedar, "Principal of both", nora)
    for place in (adams, byrd):
        StepBuilding.objects.update_or_create(step=step, building=place, defaults={"lead": post})

    (line,) = worklist(cast.cedar, roles_of(nora), today=TODAY).several

    assert (line.buildings, line.checks) == (2, 2)
