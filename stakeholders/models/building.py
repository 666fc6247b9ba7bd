from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from stakeholders.editing import Versioned
from stakeholders.scoping import DistrictQuerySet, DistrictRow


class BuildingQuerySet(DistrictQuerySet):
    def live(self) -> Self:
        """Leave out what was archived."""
        return self.filter(archived_on__isnull=True)


class Building(Versioned, DistrictRow):
    """A school or office of the district."""

    name = models.CharField(_("name"), max_length=200)
    nces_id = models.CharField(
        _("NCES id"), max_length=12, blank=True, validators=[RegexValidator(r"^\d{12}$", _("Twelve digits."))]
    )
    source_id = models.CharField(max_length=255, blank=True, db_default="", editable=False)  # in a roster
    archived_on = models.DateField(null=True, blank=True, editable=False)
    # Rows that an older version writes while the database is brought up to date have no version of their own.
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    history = HistoricalRecords(excluded_fields=["source_id"])
    objects = BuildingQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("district", "name", name="building_once_per_district"),
            models.UniqueConstraint("district", Lower("name"), name="building_name_once_in_any_case"),
            models.UniqueConstraint(
                "district", "source_id", condition=~models.Q(source_id=""), name="building_source_id_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
