from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from stakeholders.models.person import Person
from stakeholders.models.role import Appointment, Role
from stakeholders.scoping import DistrictRow


class HandOver(DistrictRow):
    """Everything that somebody held passed to others on one day. Can be taken back on the day on which it was done."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="hand_overs")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    on = models.DateField()
    first_day = models.DateField(_("first day of the new holders"))
    ended_access = models.BooleanField(default=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True, undone_by__isnull=True)
                | models.Q(undone_at__isnull=False, undone_by__isnull=False),
                name="hand_over_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.on}"

    def may_be_undone(self, *, today: date) -> bool:
        return self.undone_at is None and self.on == today


class HandOverLine(DistrictRow):
    """One appointment that a hand-over ended or made: whose it was, and its dates as they were before or are since."""

    parent = "hand_over"

    class What(models.TextChoices):
        ENDED = "ended", _("ended")
        MADE = "made", _("made")

    hand_over = models.ForeignKey(HandOver, on_delete=models.CASCADE, related_name="lines")
    what = models.CharField(max_length=5, choices=What)
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=9, choices=Appointment.Part)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    appointment = models.ForeignKey(
        Appointment,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty once it is gone: one that had not begun was taken away."),
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(what__in=["ended", "made"]), name="hand_over_line_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(part__in=["holds", "deputises"]), name="hand_over_part_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.person} ({self.what})"
