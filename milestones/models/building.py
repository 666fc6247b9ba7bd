from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from milestones.models.step import ActionStep
from milestones.refusals import Refused
from stakeholders.editing import Versioned, lock
from stakeholders.models import Building, Person, Role
from stakeholders.scoping import DistrictRow


class StepBuilding(Versioned, DistrictRow):
    """How a step is adapted for one building: what differs there and why, and which role leads it there.

    The dates stand in the building's own milestones.
    """

    parent = "step"
    ADAPTED = ("differs", "lead")

    step = models.ForeignKey(ActionStep, on_delete=models.CASCADE, related_name="in_buildings")
    building = models.ForeignKey(
        Building, on_delete=models.RESTRICT, related_name="+", verbose_name=_("building")
    )
    differs = models.TextField(_("what differs here, and why"), max_length=2000, blank=True)
    lead = models.ForeignKey(
        Role,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="leads_in",
        verbose_name=_("who leads it here"),
    )

    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint("district", "step", "building", name="step_building_once")]

    def __str__(self) -> str:
        return f"{self.step}: {self.building}"

    @transaction.atomic
    def take_back(self, *, by: Person, version: int) -> None:
        """Take back the last change; nothing is erased. Raises Refused when `version` is no longer the last one."""
        lock(self)
        self.refresh_from_db()
        last = list(self.history.order_by("-history_date", "-history_id")[:2])
        if self.version != version or not last:
            raise Refused(_("Somebody has changed this meanwhile. Look at it again."))
        before = last[1] if len(last) > 1 else None
        self.differs = before.differs if before else ""
        self.lead_id = before.lead_id if before else None
        self.save_edit(by=by, version=version, fields=self.ADAPTED)
