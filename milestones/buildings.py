"""The plan as it stands in one building: what a principal reads before a meeting, gathered in a fixed number of queries."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Prefetch, QuerySet
from django.db.models.functions import Coalesce

from milestones.models import ActionStep, Milestone, StepBuilding
from milestones.models.milestone import MilestoneQuerySet
from milestones.rollup import RollUp, roll_up_by, times_moved
from stakeholders.models import Building, Membership, Role
from vision.models import Initiative, Plan

SHOWN = 200  # milestones that a building's page shows at once
DISTRICT_WIDE_SHOWN = 30


@dataclass
class StepHere:
    """A step as it stands in the building: its milestones there, what differs, and who leads it there."""

    step: ActionStep
    milestones: list[Milestone] = field(default_factory=list)
    adapted: StepBuilding | None = None
    lead: Role | None = None
    led_here: bool = False  # by a role that leads in this building, and not by the step's own lead
    may_adapt: bool = False  # whether the visitor may


@dataclass
class InitiativeHere:
    initiative: Initiative
    steps: list[StepHere] = field(default_factory=list)


@dataclass
class BuildingStands:
    """The plan in one building. `differing`: how many of its steps are adapted there."""

    roll_up: RollUp
    initiatives: list[InitiativeHere]
    shown: int
    elsewhere: list[Milestone]  # open milestones of the whole district, the next ones
    elsewhere_open: int

    @property
    def differing(self) -> int:
        return sum(bool(step.adapted and step.adapted.differs) for i in self.initiatives for step in i.steps)

    @property
    def more(self) -> int:
        return self.roll_up.counts.total() - self.shown


def stands(building: Building, plan: Plan, membership: Membership, *, today: date) -> BuildingStands:
    """Gather how `plan` stands in `building`, for a member: a dozen queries, however large both are."""
    rows = Milestone.objects.live().in_plan(plan).filter(step__archived_on__isnull=True)
    here = rows.at(building)
    shown = list(_in_plan_order(here.with_word(today=today))[:SHOWN])
    wide = rows.filter(building__isnull=True, step__building__isnull=True).open()
    coming = wide.with_word(today=today).select_related("step__initiative").order_by("due", "pk")
    initiatives = _by_initiative(building, shown, today=today)
    _tell_what_may_be_adapted(initiatives, building, membership, today=today)
    return BuildingStands(
        roll_up=roll_up_by("district", here, today=today).get(building.district_id) or RollUp(),
        initiatives=initiatives,
        shown=len(shown),
        elsewhere=list(coming[:DISTRICT_WIDE_SHOWN]),
        elsewhere_open=wide.count(),
    )


def _in_plan_order(rows: MilestoneQuerySet) -> MilestoneQuerySet:
    initiative = "step__initiative"
    return rows.select_related(initiative).order_by(
        f"{initiative}__goal__position", f"{initiative}__goal", f"{initiative}__position", initiative,
        "step__position", "step", "due", "pk",
    )  # fmt: skip


def _by_initiative(building: Building, shown: list[Milestone], *, today: date) -> list[InitiativeHere]:
    ids = {one.step_id for one in shown}
    steps = {s.pk: s for s in ActionStep.objects.filter(pk__in=ids).with_owners(today=today)}
    adapted = {row.step_id: row for row in _adapted(building, ids, today=today)}
    moved = times_moved([one.pk for one in shown])
    initiatives: dict[int, InitiativeHere] = {}
    places: dict[int, StepHere] = {}
    for one in shown:
        initiative = one.step.initiative
        at = initiatives.setdefault(initiative.pk, InitiativeHere(initiative))
        if one.step_id not in places:
            row = adapted.get(one.step_id)
            own = row.lead if row else None
            step = steps[one.step_id]
            places[one.step_id] = StepHere(step, [], row, own or step.lead, led_here=own is not None)
            at.steps.append(places[one.step_id])
        one.moved = moved.get(one.pk, 0)
        one.building = building if one.building_id else None
        places[one.step_id].milestones.append(one)
    return list(initiatives.values())


def _tell_what_may_be_adapted(
    initiatives: list[InitiativeHere], building: Building, membership: Membership, *, today: date
) -> None:
    """As `may_check_in` says, for all steps at once. A step that is done here only has nothing to differ from."""
    serves = set(Role.objects.served_by(membership.person_id, today=today).values_list("pk", flat=True))
    for one in [step for initiative in initiatives for step in initiative.steps]:
        owners = {owner.role_id for owner in one.step.owner_rows.all()} | {one.lead.pk if one.lead else None}
        one.may_adapt = (
            membership.is_editor or bool(owners & serves)
        ) and one.step.building_id != building.pk


def _adapted(building: Building, steps: set[int], *, today: date) -> QuerySet[StepBuilding]:
    leads = Prefetch("lead", queryset=Role.objects.with_holders(today=today))
    return StepBuilding.objects.filter(building=building, step__in=steps).prefetch_related(leads)


def adapted_at(milestone: Milestone, *, today: date) -> StepBuilding | None:
    """Return how the step of a building's milestone is adapted there; None for any other milestone."""
    if milestone.building is None:
        return None
    return _adapted(milestone.building, {milestone.step_id}, today=today).first()


def roll_up_of(buildings: list[Building], plan: Plan, *, today: date) -> dict[int, RollUp]:
    """Return the roll-up of each of `buildings` in `plan`, by its id: one query for any number of them."""
    rows = Milestone.objects.live().in_plan(plan).filter(step__archived_on__isnull=True)
    rows = rows.annotate(stands_at=Coalesce(F("building"), F("step__building")))
    return roll_up_by("stands_at", rows.filter(stands_at__in=[one.pk for one in buildings]), today=today)
