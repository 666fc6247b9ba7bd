"""What moves when somebody hands everything over: the work that their roles lead and help with."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from milestones.models import ActionStep, DateMove, StepBuilding, StepOwner
from stakeholders.models import District, Person, Role
from vision.models import Initiative


@dataclass(frozen=True)
class Load:
    """How much a person's roles carry now."""

    leads: int
    helps: int
    buildings: int  # steps led in single buildings
    sponsors: int
    requests: int  # new dates that this person has asked for and no leader has answered

    def __bool__(self) -> bool:
        return bool(self.leads or self.helps or self.buildings or self.sponsors or self.requests)


def load_of(person: Person, roles: Iterable[Role], *, district: District) -> Load:
    """Count what `roles` carry, in four queries."""
    roles = list(roles)
    live = ActionStep.objects.in_district(district).live().filter(owner_rows__role__in=roles)
    asked = DateMove.objects.in_district(district).asked().filter(asked_by=person)
    lead = Q(owner_rows__role__in=roles, owner_rows__part=StepOwner.Part.LEAD)
    counted = live.aggregate(
        leads=Count("pk", filter=lead, distinct=True),
        owned=Count("pk", distinct=True),
    )
    return Load(
        leads=counted["leads"],
        helps=counted["owned"] - counted["leads"],
        buildings=StepBuilding.objects.in_district(district)
        .filter(lead__in=roles, step__archived_on__isnull=True)
        .count(),
        sponsors=Initiative.objects.in_district(district).live().filter(sponsor__in=roles).count(),
        requests=asked.filter(milestone__archived_on__isnull=True).count(),
    )


def load_by_role(roles: Iterable[Role]) -> dict[int, tuple[int, int]]:
    """Return how many live steps each role leads and helps with."""
    live = StepOwner.objects.filter(role__in=list(roles), step__archived_on__isnull=True).order_by()
    counted = live.values_list("role").annotate(
        leads=Count("pk", filter=Q(part=StepOwner.Part.LEAD)),
        helps=Count("pk", filter=Q(part=StepOwner.Part.SUPPORT)),
    )
    return {role: (leads, helps) for role, leads, helps in counted}
