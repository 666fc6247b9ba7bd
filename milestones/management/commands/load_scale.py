"""Synthetic districts for benchmarks: many rows with little variety, made in bulk and past the verbs."""

from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from milestones.models import ActionStep, CheckIn, DateMove, Milestone, StepBuilding, StepOwner
from stakeholders.models import Appointment, Building, District, Level, Membership, Person, Role, Workplace
from vision.models import Goal, Initiative, Plan

PER_STEP, STEPS_PER_INITIATIVE, INITIATIVES_PER_GOAL = 5, 10, 5


class Command(BaseCommand):
    help = "Makes synthetic districts for benchmarks. Not for a real installation."

    def add_arguments(self, parser):
        parser.add_argument("--districts", type=int, default=1)
        parser.add_argument("--milestones", type=int, default=2000, help="in each district")
        parser.add_argument("--people", type=int, default=0, help="in each district, beside its leader")
        parser.add_argument("--roles", type=int, default=0, help="in each district, beside the coordinator's")
        parser.add_argument(
            "--late", type=float, default=5.0, help="percent that missed their date yesterday"
        )
        parser.add_argument(
            "--buildings",
            type=int,
            default=0,
            help="in each district, each with a milestone of the first step",
        )

    def handle(self, *args, districts: int, milestones: int, late: float, buildings: int, **options):
        crowd = {"people": options["people"], "roles": options["roles"]}
        if districts < 1 or milestones < 1 or min(buildings, *crowd.values()) < 0 or not 0 <= late <= 100:
            raise CommandError(
                "--districts and --milestones start at 1, --buildings, --people and --roles at 0, "
                "--late lies between 0 and 100."
            )
        first = District.objects.count() + 1
        for number in range(first, first + districts):
            load_people(load_district(number, milestones=milestones, late=late, buildings=buildings), **crowd)
        self.stdout.write(f"{districts} districts with {milestones} milestones each.")


@transaction.atomic
def load_district(number: int, *, milestones: int, late: float = 5.0, buildings: int = 0) -> District:
    """Make the district `scale-<number>` with a plan of `milestones` milestones, `late` percent of them due yesterday.

    Each of its `buildings` has one more, of the plan's first step; every tenth of them is led and adapted there.
    """
    district = District.objects.create(
        slug=f"scale-{number}", name=f"Scale District {number}", time_zone="America/Denver"
    )
    today = district.today(timezone.now())
    person = Person.objects.create_user(f"leader{number}@scale.example", name=f"Leader {number}")
    Membership.objects.create(district=district, person=person, level=Level.LEADER)
    role = Role.objects.create(district=district, title="Technology Coordinator")
    Appointment.objects.create(role=role, person=person, starts_on=today - timedelta(days=700))
    year = district.fiscal_year(today)
    plan = Plan.objects.create(
        district=district,
        title="Technology plan",
        starts_on=district.fiscal_year_end(year - 2) + timedelta(days=1),
        ends_on=district.fiscal_year_end(year + 2),
        adopted_on=today - timedelta(days=365),
        adopted_by=person,
    )
    steps = _steps(plan, role, count=-(-milestones // PER_STEP))
    _milestones(steps, person, role, today=today, count=milestones, late=late)
    load_buildings(steps[0], person, today=today, count=buildings)
    return district


def load_buildings(step: ActionStep, person: Person, *, today: date, count: int) -> None:
    """Add buildings, each with a milestone of `step`; every tenth has a post that leads there, and does it otherwise."""
    places = Building.objects.bulk_create(
        Building(district_id=step.district_id, name=f"School {n + 1:03}") for n in range(count)
    )
    posts = Role.objects.bulk_create(
        Role(district_id=step.district_id, title=f"Principal, {place}", building=place)
        for place in places[::10]
    )
    StepBuilding.objects.bulk_create(
        StepBuilding(
            district_id=step.district_id, step=step, building=post.building, lead=post, differs="The gym comes last."
        )
        for post in posts
    )  # fmt: skip
    made = [_milestone(step, n, person, today=today, late=n % 20 == 7) for n in range(count)]
    for milestone, place in zip(made, places, strict=True):
        milestone.building, milestone.title = place, "The school has its devices"
    Milestone.objects.bulk_create(made)


@transaction.atomic
def load_people(district: District, *, people: int, roles: int) -> None:
    """Add people, an editor and a leader among ten, who work in the district's buildings and hold the roles in turn."""
    day, slug = district.today(timezone.now()) - timedelta(days=400), district.slug
    places, unusable = list(Building.objects.in_district(district)), make_password(None)
    levels = [Level.LEADER, Level.EDITOR, *[Level.COMMITTEE] * 3, *[Level.VIEWER] * 5]
    crowd = Person.objects.bulk_create(
        Person(email=f"person{n + 1}@{slug}.example", name=f"Person {n + 1} of many", password=unusable)
        for n in range(people)
    )
    members = Membership.objects.bulk_create(
        Membership(district=district, person=person, level=levels[n % 10]) for n, person in enumerate(crowd)
    )
    if places:
        Workplace.objects.bulk_create(
            Workplace(district=district, membership=member, building=places[n % len(places)])
            for n, member in enumerate(members)
        )
    posts = Role.objects.bulk_create(
        Role(district=district, title=f"Post {n + 1}", building=places[n % len(places)] if places else None)
        for n in range(roles)
    )
    if crowd:
        Appointment.objects.bulk_create(
            Appointment(district=district, role=post, person=crowd[n % len(crowd)], starts_on=day)
            for n, post in enumerate(posts)
        )


def _steps(plan: Plan, role: Role, *, count: int) -> list[ActionStep]:
    initiatives = _initiatives(plan, count=-(-count // STEPS_PER_INITIATIVE))
    steps = ActionStep.objects.bulk_create(
        ActionStep(
            district_id=plan.district_id,
            initiative=initiatives[n // STEPS_PER_INITIATIVE],
            title=f"Step {n + 1} of the work",
            starts_on=plan.starts_on,
            position=n,
        )
        for n in range(count)
    )
    StepOwner.objects.bulk_create(
        StepOwner(district_id=plan.district_id, step=step, role=role, part=StepOwner.Part.LEAD)
        for step in steps
    )
    return steps


def _initiatives(plan: Plan, *, count: int) -> list[Initiative]:
    goals = Goal.objects.bulk_create(
        Goal(district_id=plan.district_id, plan=plan, title=f"Goal {n + 1} of the district", position=n)
        for n in range(-(-count // INITIATIVES_PER_GOAL))
    )
    return Initiative.objects.bulk_create(
        Initiative(
            district_id=plan.district_id,
            goal=goals[n // INITIATIVES_PER_GOAL],
            title=f"Initiative {n + 1}: connect every learner",
            summary="Half of the rooms are done; the rest wait for cabling.",
            position=n,
        )
        for n in range(count)
    )


def _milestones(steps, person, role, *, today: date, count: int, late: float) -> None:
    made = Milestone.objects.bulk_create(
        _milestone(steps[n // PER_STEP], n, person, today=today, late=n * late % 100 < late)
        for n in range(count)
    )
    CheckIn.objects.bulk_create(
        CheckIn(
            district_id=m.district_id, milestone=m, by=person, role=role, on=m.confirmed_on, says="on-track",
            words="Going as planned.",
        )
        for m in made if m.confirmed_on
    )  # fmt: skip
    DateMove.objects.bulk_create(
        DateMove(
            district_id=m.district_id, milestone=m, from_due=m.first_due, to_due=m.due, reason="vendor", asked_by=person,
            asked_on=today - timedelta(days=40), decided_by=person, decided_on=today - timedelta(days=39), accepted=True,
        )
        for m in made if m.due != m.first_due
    )  # fmt: skip


def _milestone(step: ActionStep, n: int, person: Person, *, today: date, late: bool) -> Milestone:
    due = today - timedelta(days=1) if late else today + timedelta(days=3 + n * 7 % 500)
    done = not late and n % 3 == 0
    return Milestone(
        district_id=step.district_id,
        step=step,
        title=f"Milestone {n + 1} is reached",
        due=due,
        first_due=due - timedelta(days=21) if n % 10 == 1 else due,
        says="on-track" if n % 2 else "",
        confirmed_on=today - timedelta(days=n % 30) if n % 2 else None,
        done_on=today - timedelta(days=10) if done else None,
        done_by=person if done else None,
    )
