"""The ten areas of CoSN's framework of K-12 CTO skills, and who covers each here. Blanks are the district's gaps."""

from dataclasses import dataclass, field
from datetime import date

from stakeholders.models import Area, District, Role, RoleArea


@dataclass
class Covered:
    """An area with the roles that cover it."""

    area: Area
    roles: list[Role] = field(default_factory=list)

    @property
    def only_vacant(self) -> bool:
        """Whether roles cover it on paper, and nobody holds any of them."""
        return bool(self.roles) and not any(role.held_now for role in self.roles)


def coverage(district: District, *, today: date) -> list[Covered]:
    """Return the ten areas: those that nobody covers first, then those that only vacant roles cover. Three queries."""
    found = {area: Covered(area) for area in Area}
    rows = RoleArea.objects.in_district(district).values_list("area", "role")
    roles = Role.objects.in_district(district).filter(areas__isnull=False).distinct()
    by_id = {role.pk: role for role in roles.with_holders(today=today)}
    for area, role in rows.order_by("role__title"):
        found[area].roles.append(by_id[role])
    return sorted(found.values(), key=lambda one: (bool(one.roles), not one.only_vacant))


def areas_of(role: Role) -> list[str]:
    """Return the names of the areas that `role` covers, in the order of the framework."""
    covered = set(role.areas.values_list("area", flat=True))
    return [str(area.label) for area in Area if area in covered]
