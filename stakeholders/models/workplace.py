from django.db import models
from django.utils.translation import gettext_lazy as _

from stakeholders.models.building import Building
from stakeholders.models.person import Membership
from stakeholders.scoping import DistrictRow


class Workplace(DistrictRow):
    """A member works at a building. Somebody may work at several, and somebody of the district office at none."""

    parent = "membership"

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="workplaces")
    building = models.ForeignKey(
        Building, on_delete=models.CASCADE, related_name="workplaces", verbose_name=_("works at")
    )
    from_file = models.BooleanField(
        default=False, db_default=False, editable=False
    )  # so that a later file, which no longer says so, may take it back; what people typed stays

    class Meta:
        ordering = ["building__name"]
        constraints = [
            models.UniqueConstraint("district", "membership", "building", name="workplace_once_per_member")
        ]

    def __str__(self) -> str:
        return f"{self.membership.person}: {self.building}"
