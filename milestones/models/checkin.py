from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from stakeholders.models import Person, Role
from stakeholders.scoping import DistrictQuerySet, DistrictRow


class Says(models.TextChoices):
    """What an owner can say of a milestone."""

    ON_TRACK = "on-track", _("Still on track")
    AT_RISK = "at-risk", _("At risk")
    OFF_TRACK = "off-track", _("Off track")
    SLIPPING = "slipping", _("Slipping")
    DONE = "done", _("Done")


class HowSure(models.TextChoices):
    SURE = "sure", _("Sure")
    FAIRLY = "fairly", _("Fairly sure")
    NOT = "not", _("Not sure")


class Reason(models.TextChoices):
    """What a late milestone waits for, worded so that nobody loses face."""

    MONEY = "money", _("Money")
    PERSON = "person", _("A person or vacancy")
    VENDOR = "vendor", _("A vendor or delivery")
    DECISION = "decision", _("A decision")
    OTHER_WORK = "other-work", _("Other work")
    CALENDAR = "calendar", _("The school calendar")
    GREW = "grew", _("The work grew")
    GUESSED = "guessed", _("We guessed too short")
    OTHER = "other", _("Something else")


class CheckInQuerySet(DistrictQuerySet):
    def standing(self) -> Self:
        """Leave out what was undone, and the undoing itself."""
        return self.filter(undoes__isnull=True, undone_by__isnull=True)


class CheckIn(DistrictRow):
    """What an owner reported of a milestone. Append-only: an undo is a further row that points back."""

    parent = "milestone"
    words_of: ClassVar = {"by": ("words", "would_help", "evidence")}

    milestone = models.ForeignKey("milestones.Milestone", on_delete=models.CASCADE, related_name="check_ins")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    says = models.CharField(max_length=10, choices=Says, blank=True)
    words = models.CharField(_("in a line"), max_length=1000, blank=True)
    how_sure = models.CharField(_("how sure"), max_length=6, choices=HowSure, blank=True)
    expected = models.DateField(_("new date"), null=True, blank=True)
    reason = models.CharField(_("what it waits for"), max_length=10, choices=Reason, blank=True)
    would_help = models.CharField(_("what would help"), max_length=1000, blank=True)
    done_on = models.DateField(null=True, blank=True)
    evidence = models.CharField(_("evidence"), max_length=1000, blank=True)
    evidence_link = models.URLField(_("link"), max_length=500, blank=True)
    undoes = models.OneToOneField(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="undone_by"
    )

    objects = CheckInQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(undoes__isnull=True, says__in=Says.values)
                | models.Q(undoes__isnull=False, says=""),
                name="check_in_says_or_undoes",
            ),
            models.CheckConstraint(
                condition=models.Q(says="done", done_on__isnull=False)
                | (~models.Q(says="done") & models.Q(done_on__isnull=True)),
                name="check_in_done_has_a_day",
            ),
            models.CheckConstraint(
                condition=~models.Q(says="slipping") | models.Q(expected__isnull=False),
                name="check_in_slipping_has_a_date",
            ),
        ]
        indexes = [models.Index(fields=["district", "-on"], name="check_in_recent")]

    def __str__(self) -> str:
        return f"{self.on} {self.says or 'undone'}"
