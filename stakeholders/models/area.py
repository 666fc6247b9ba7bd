from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from stakeholders.models.role import Role
from stakeholders.scoping import DistrictRow


class Area(models.TextChoices):
    """The ten areas of CoSN's framework of K-12 CTO skills, by their names alone, in its order."""

    LEADERSHIP = "leadership", _("Leadership & Vision")
    STRATEGY = "strategy", _("Strategic Planning")
    ETHICS = "ethics", _("Ethics & Policies")
    INSTRUCTION = "instruction", _("Instructional Focus & Professional Development")
    TEAM = "team", _("Team Building & Staffing")
    STAKEHOLDERS = "stakeholders", _("Stakeholder Focus")
    INFORMATION = "information", _("Information Technology Management")
    COMMUNICATION = "communication", _("Communication Systems Management")
    BUSINESS = "business", _("Business Management")
    DATA = "data", _("Data Management")


class RoleArea(DistrictRow):
    """A role covers an area here. An area that no role covers is the district's gap, and nobody's appraisal."""

    parent = "role"

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="areas")
    area = models.CharField(_("area"), max_length=13, choices=Area)

    history = HistoricalRecords()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("district", "role", "area", name="role_area_once"),
            models.CheckConstraint(condition=models.Q(area__in=Area.values), name="role_area_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.get_area_display()}"
