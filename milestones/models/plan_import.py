from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from milestones.models.step import ActionStep
from stakeholders.models import Person
from stakeholders.scoping import DistrictQuerySet, DistrictRow
from vision.models import Plan


class PlanImportQuerySet(DistrictQuerySet):
    def standing(self) -> Self:
        """Keep imports that were carried out and not undone."""
        return self.filter(applied_at__isnull=False, undone_at__isnull=True)

    def waiting(self) -> Self:
        """Keep files that were read and neither imported nor undone."""
        return self.filter(applied_at__isnull=True)


class PlanImport(DistrictRow):
    """A plan file that was read: what stands in it, how a person corrected the reading, and what it became.

    The file itself is not kept, only the text of its cells: the preview is computed from them each time.
    """

    file_name = models.CharField(_("file"), max_length=200)
    fingerprint = models.CharField(max_length=64, editable=False)  # SHA-256 of the file
    blocks = models.JSONField(default=list, editable=False)
    columns = models.JSONField(default=list, editable=False)  # per table {column: field}; empty: as found
    choices = models.JSONField(default=dict, editable=False)  # {title in the file: title of the role}
    left_out = models.JSONField(default=list, editable=False)  # sources of rows that a person left out
    plan = models.ForeignKey(Plan, on_delete=models.SET_NULL, null=True, blank=True, related_name="imports")
    plan_title = models.CharField(_("title of the new plan"), max_length=200, blank=True)
    plan_starts_on = models.DateField(_("first day"), null=True, blank=True)
    plan_ends_on = models.DateField(_("last day"), null=True, blank=True)
    made = models.JSONField(default=dict, editable=False)  # ids of everything that the import made, by kind
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True, editable=False)
    applied_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = PlanImportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(applied_at__isnull=False),
                name="import_undone_was_applied",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_standing(self) -> bool:
        return self.applied_at is not None and self.undone_at is None

    def claim(self, *, by: Person, now: datetime) -> bool:
        """Mark as carried out, once: of two who press the button at the same moment one gets True."""
        waiting = PlanImport.objects.in_district(self.district_id).filter(pk=self.pk, applied_at__isnull=True)
        claimed = waiting.update(applied_at=now, applied_by=by) == 1
        if claimed:
            self.applied_at, self.applied_by = now, by
        return claimed

    def claim_undo(self, *, by: Person, now: datetime) -> bool:
        """Mark as undone, once."""
        standing = PlanImport.objects.in_district(self.district_id).standing().filter(pk=self.pk)
        claimed = standing.update(undone_at=now, undone_by=by) == 1
        if claimed:
            self.undone_at, self.undone_by = now, by
        return claimed


class ImportRow(DistrictRow):
    """What became of one row of the file."""

    parent = "plan_import"

    class Became(models.TextChoices):
        NEW = "new", _("new step")
        SAME = "same", _("was there already")
        LEFT_OUT = "left out", _("left out")
        NOT_READ = "not understood", _("not understood")

    plan_import = models.ForeignKey(PlanImport, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    row = models.JSONField(default=dict)  # as `import_plan --json` prints it
    became = models.CharField(max_length=14, choices=Became)
    note = models.TextField(blank=True)  # what was not taken over, and why
    step = models.ForeignKey(ActionStep, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("district", "plan_import", "position", name="import_row_once"),
            models.CheckConstraint(
                condition=Q(became__in=["new", "same", "left out", "not understood"]),
                name="import_row_became_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.source

    @property
    def due(self) -> list[date]:
        return [date.fromisoformat(day) for day in self.row["due"]]
