from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from milestones.models.step import ActionStep
from stakeholders.editing import Versioned, lock
from stakeholders.models import Person
from stakeholders.scoping import DistrictRow
from vision.models.plan import LiveQuerySet


class Measure(Versioned, DistrictRow):
    """How anybody can tell that a step works: a number with a unit, where it started and where it should be."""

    parent = "step"

    class Direction(models.TextChoices):
        MORE = "more", _("more is better")
        LESS = "less", _("less is better")
        HOLD = "hold", _("keep it there")

    step = models.ForeignKey(ActionStep, on_delete=models.CASCADE, related_name="measures")
    name = models.CharField(_("measure"), max_length=200)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction, default=Direction.MORE)
    baseline = models.DecimalField(
        _("where it started"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    target = models.DecimalField(
        _("where it should be"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    target_on = models.DateField(_("by"), null=True, blank=True)
    archived_on = models.DateField(null=True, blank=True, editable=False)

    history = HistoricalRecords()
    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(direction__in=["more", "less", "hold"]), name="measure_direction_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def add_reading(self, *, by: Person, on: date, value: Decimal, note: str = "") -> "Reading":
        """Record what was counted on a day. Readings are never changed; a later one stands above it.

        The same again is the same reading: a button pressed twice counts once.
        """
        lock(self)
        told = {"measure": self, "by": by, "on": on, "value": value, "note": note}
        return Reading.objects.filter(**told).first() or Reading.objects.create(**told)


class Reading(DistrictRow):
    """What a measure was on a day."""

    parent = "measure"
    words_of: ClassVar = {"by": ("note",)}

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="readings")
    on = models.DateField(_("on"))
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return f"{self.measure} {self.on}: {self.value}"
