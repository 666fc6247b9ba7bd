"""The cast and the plain builder functions that the tests share.

Cedar district: Sue (superintendent, leader), Alice (editor, technology coordinator), Bob (committee), Vera (viewer).
Dune district: Charlie (leader), who sees nothing of Cedar.
"""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from milestones.adoption import adopt_plan
from milestones.models import ActionStep, Milestone
from milestones.spreading import add_for_buildings
from stakeholders.models import Appointment, Building, District, Level, Membership, Person, Role
from vision.models import Goal, Initiative, Plan

TODAY = date(2026, 11, 17)  # a Tuesday


@dataclass
class Cast:
    cedar: District
    dune: District
    sue: Person
    alice: Person
    bob: Person
    vera: Person
    charlie: Person
    coordinator: Role
    superintendent: Role


def make_district(slug: str = "cedar", **fields) -> District:
    defaults = {"name": f"{slug.title()} School District", "time_zone": "America/Denver", "state": "CO"}
    return District.objects.create(slug=slug, **{**defaults, **fields})


def make_person(district: District | None, name: str, level: str = Level.VIEWER, **fields) -> Person:
    """Make a member whom nothing need be said to any more: the words of welcome are put away."""
    person = Person.objects.create_user(f"{name.lower()}@example.org", name=name, **fields)
    if district is not None:
        Membership.objects.create(district=district, person=person, level=level, welcomed_at=timezone.now())
    return person


def make_role(district: District, title: str, *holders: Person, since: date = date(2024, 7, 1)) -> Role:
    role, _new = Role.objects.get_or_create(district=district, title=title)
    for person in holders:
        Appointment.objects.create(role=role, person=person, starts_on=since)
    return role


def make_cast() -> Cast:
    cedar, dune = make_district("cedar"), make_district("dune")
    sue = make_person(cedar, "Sue", Level.LEADER)
    alice = make_person(cedar, "Alice", Level.EDITOR)
    return Cast(
        cedar=cedar,
        dune=dune,
        sue=sue,
        alice=alice,
        bob=make_person(cedar, "Bob", Level.COMMITTEE),
        vera=make_person(cedar, "Vera", Level.VIEWER),
        charlie=make_person(dune, "Charlie", Level.LEADER),
        coordinator=make_role(cedar, "Technology Coordinator", alice),
        superintendent=make_role(cedar, "Superintendent", sue),
    )


def make_plan(
    district: District, *, adopted_by: Person | None = None, on: date = date(2026, 7, 1), **fields
) -> Plan:
    defaults = {"title": "Technology plan", "starts_on": date(2025, 7, 1), "ends_on": date(2028, 6, 30)}
    plan = Plan.objects.create(district=district, **{**defaults, **fields})
    if adopted_by is not None:
        adopt_plan(plan, by=adopted_by, today=on)
    return plan


def make_initiative(plan: Plan, title: str = "Reliable Wi-Fi", goal: Goal | None = None) -> Initiative:
    goal = goal or plan.goals.first() or Goal.objects.create(plan=plan, title="Every learner is connected")
    return Initiative.objects.create(goal=goal, title=title)


def make_step(
    plan: Plan,
    title: str = "Cable the classrooms",
    *,
    lead: Role | None = None,
    by: Person | None = None,
    **fields,
) -> ActionStep:
    initiative = (
        fields.pop("initiative", None)
        or Initiative.objects.filter(goal__plan=plan).first()
        or make_initiative(plan)
    )
    step = ActionStep.objects.create(initiative=initiative, title=title, **fields)
    if lead is not None:
        step.set_owners(lead=lead, by=by)
    return step


def make_milestone(
    plan: Plan,
    title: str = "Lincoln is cabled",
    *,
    due: date = date(2026, 12, 4),
    by: Person | None = None,
    lead: Role | None = None,
    step: ActionStep | None = None,
    today: date = TODAY,
    **fields,
) -> Milestone:
    """Make a milestone through the verb; `fields` are then written as they are, for odd states."""
    step = step or make_step(plan, title=f"Step for {title}", lead=lead, by=by)
    milestone = step.add_milestone(by=by, today=today, due=due, title=title)
    if fields:
        Milestone.objects.filter(pk=milestone.pk).update(**fields)
        milestone.refresh_from_db()
    return milestone


def make_building(district: District, name: str, **fields) -> Building:
    return Building.objects.create(district=district, name=name, **fields)


def make_in_buildings(
    step: ActionStep, *buildings: Building, by: Person, due: date = date(2026, 12, 4), title: str = "Ready"
) -> list[Milestone]:
    """Add a milestone for each of `buildings`, and return them as the database has them."""
    made = add_for_buildings(step, buildings, by=by, today=TODAY, due=due, title=title)
    return [Milestone.objects.get(pk=one.pk) for one in made]
