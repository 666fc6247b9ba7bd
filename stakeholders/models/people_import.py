"""People and buildings that were read from a file, and what became of them."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stakeholders.models.building import Building
from stakeholders.models.person import Level, Membership, Person
from stakeholders.scoping import DistrictQuerySet, DistrictRow


class PeopleImportQuerySet(DistrictQuerySet):
    def waiting(self) -> Self:
        """Keep files that were read and not brought in."""
        return self.filter(applied_at__isnull=True)

    def standing(self) -> Self:
        """Keep imports that were carried out and not undone."""
        return self.filter(applied_at__isnull=False, undone_at__isnull=True)


class PeopleImport(DistrictRow):
    """A file of people that was read: one batch, carried out at once and undone at once.

    The file itself is not kept, only the rows of staff: of students and families nothing but how many were skipped.
    """

    class Kind(models.TextChoices):
        LIST = "list", _("A list")
        ONEROSTER_1_1 = "oneroster-1.1", "OneRoster 1.1"
        ONEROSTER_1_2 = "oneroster-1.2", "OneRoster 1.2"

    file_name = models.CharField(_("file"), max_length=200)
    kind = models.CharField(max_length=13, choices=Kind)
    fingerprint = models.CharField(max_length=64, editable=False)  # SHA-256 of the rows that were kept
    skipped = models.JSONField(default=dict, editable=False)  # {why: how many}, never who
    notes = models.JSONField(default=list, editable=False)  # what is to be said of the whole file
    choices = models.JSONField(default=dict, editable=False)  # see stakeholders/importing/choices.py
    made = models.JSONField(default=dict, editable=False)  # ids of what the import made and changed, by kind
    outcome = models.JSONField(default=dict, editable=False)  # {what became of them: how many}
    left = models.JSONField(default=list, editable=False)  # what the undoing left standing, and why
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

    objects = PeopleImportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(applied_at__isnull=False),
                name="people_import_undone_was_applied",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["list", "oneroster-1.1", "oneroster-1.2"]),
                name="people_import_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_standing(self) -> bool:
        return self.applied_at is not None and self.undone_at is None

    @property
    def is_roster(self) -> bool:
        return self.kind != self.Kind.LIST

    def claim(self, *, by: Person | None, now: datetime) -> bool:
        """Mark as carried out, once: of two who press the button at the same moment one gets True."""
        waiting = PeopleImport.objects.in_district(self.district_id).waiting().filter(pk=self.pk)
        claimed = waiting.update(applied_at=now, applied_by=by) == 1
        if claimed:
            self.applied_at, self.applied_by = now, by
        return claimed

    def claim_undo(self, *, by: Person | None, now: datetime) -> bool:
        """Mark as undone, once."""
        standing = PeopleImport.objects.in_district(self.district_id).standing().filter(pk=self.pk)
        claimed = standing.update(undone_at=now, undone_by=by) == 1
        if claimed:
            self.undone_at, self.undone_by = now, by
        return claimed


class PeopleImportRow(DistrictRow):
    """A person or a building of the file, as it was understood. Once brought in, the row only points at the member or
    building that it became: name and address then stand in one place."""

    parent = "people_import"

    class What(models.TextChoices):
        BUILDING = "building", _("building")
        PERSON = "person", _("person")

    class State(models.TextChoices):
        UNDERSTOOD = "understood", _("understood")
        PARTLY = "partly", _("in part")
        NOT = "not understood", _("not understood")

    class Became(models.TextChoices):
        WAITING = "", _("not decided yet")
        NEW = "new", _("new")
        SAME = "same", _("was here already")
        CHANGED = "changed", _("changed")
        BACK = "back", _("has access again")
        ENDED = "ended", _("access ended earlier, stays outside")
        NOT = "not understood", _("not brought in")

    people_import = models.ForeignKey(PeopleImport, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    what = models.CharField(max_length=8, choices=What)
    source = models.CharField(max_length=100)  # "users.csv line 7"
    state = models.CharField(max_length=14, choices=State)
    reason = models.TextField(blank=True)
    source_id = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    nces_id = models.CharField(max_length=12, blank=True)
    level = models.CharField(max_length=10, choices=Level, blank=True)  # said by the file itself
    groups = models.JSONField(default=list)  # roles of the roster, or titles of the list
    buildings = models.JSONField(default=list)  # positions of the building rows where the person works
    left_out = models.BooleanField(default=False)
    became = models.CharField(max_length=14, choices=Became, blank=True)
    note = models.TextField(blank=True)  # what was not taken over, and why
    membership = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    building = models.ForeignKey(Building, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("district", "people_import", "position", name="people_import_row_once"),
            models.CheckConstraint(
                condition=Q(what__in=["building", "person"]), name="people_import_row_what_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["understood", "partly", "not understood"]),
                name="people_import_row_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(became__in=["", "new", "same", "changed", "back", "ended", "not understood"]),
                name="people_import_row_became_is_known",
            ),
            models.CheckConstraint(
                condition=Q(level__in=["", *Level.values]), name="people_import_row_level_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.source
