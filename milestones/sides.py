"""Whether both sides have a hand in an initiative: the instructional one and the technical one.

Told from the roles that lead and help with its steps, once all of them are tagged: a tag that is missing is no finding.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from milestones.models import StepBuilding, StepOwner
from stakeholders.models import Role
from vision.models import Initiative

INSTRUCTIONAL, TECHNICAL, BOTH = Role.Side.INSTRUCTIONAL, Role.Side.TECHNICAL, Role.Side.BOTH


@dataclass
class Sides:
    """The sides of the roles that lead and help with an initiative's steps."""

    of_roles: dict[int, str] = field(default_factory=dict)  # role → side; "" is not tagged

    @property
    def untagged(self) -> int:
        return sum(not side for side in self.of_roles.values())

    @property
    def missing(self) -> str:
        """The side that has no hand in it; "" where both have one, where nobody has, or where a tag is missing."""
        sides = set(self.of_roles.values())
        if not sides or "" in sides or BOTH in sides or {INSTRUCTIONAL, TECHNICAL} <= sides:
            return ""
        return INSTRUCTIONAL if TECHNICAL in sides else TECHNICAL

    @property
    def words(self) -> str:
        if self.missing == INSTRUCTIONAL:
            return _("Nobody on the instructional side leads or helps here.")
        return _("Nobody on the technical side leads or helps here.") if self.missing else ""


def sides_of(initiatives: Iterable[Initiative | int]) -> dict[int, Sides]:
    """Return the sides of those of `initiatives` that somebody leads or helps with, in a building or everywhere: two
    queries.
    """
    live = {"step__initiative__in": list(initiatives), "step__archived_on__isnull": True}
    owners = StepOwner.objects.filter(**live).order_by()
    here = StepBuilding.objects.filter(lead__isnull=False, **live).order_by()
    found: dict[int, Sides] = {}
    for initiative, role, side in (
        *owners.values_list("step__initiative", "role", "role__side"),
        *here.values_list("step__initiative", "lead", "lead__side"),
    ):
        found.setdefault(initiative, Sides()).of_roles[role] = side
    return found


def one_sided(initiatives: Iterable[Initiative]) -> list[tuple[Initiative, Sides]]:
    """Return those of `initiatives` that one of the two sides alone leads and supports."""
    initiatives = list(initiatives)
    sides = sides_of(initiatives)
    return [(one, sides[one.pk]) for one in initiatives if one.pk in sides and sides[one.pk].missing]
