from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from milestones.models.checkin import CheckIn, Reason
from stakeholders.models import Notice, Person
from stakeholders.scoping import DistrictQuerySet, DistrictRow


class DateMoveQuerySet(DistrictQuerySet):
    def asked(self) -> Self:
        """Keep requests that a leader has not decided."""
        return self.filter(decided_on__isnull=True)

    def agreed(self) -> Self:
        """Keep the moves that count: agreed, and made after the plan was adopted."""
        return self.filter(accepted=True, while_drafting=False)


class DateMove(DistrictRow):
    """One change of a due date: from, to, why, by whom, approved by whom.

    Until it is decided it is a request, and the old date stands. Rows are added and decided, never deleted.
    """

    parent = "milestone"
    words_of: ClassVar = {"asked_by": ("words",), "decided_by": ("note",)}

    milestone = models.ForeignKey("milestones.Milestone", on_delete=models.CASCADE, related_name="moves")
    from_due = models.DateField()
    to_due = models.DateField()
    reason = models.CharField(max_length=10, choices=Reason)
    words = models.CharField(max_length=1000, blank=True)
    while_drafting = models.BooleanField(default=False)
    check_in = models.OneToOneField(
        CheckIn, on_delete=models.RESTRICT, null=True, blank=True, related_name="move"
    )
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_on = models.DateField(null=True, blank=True)
    accepted = models.BooleanField(null=True, blank=True)
    note = models.CharField(_("a word to the owner"), max_length=1000, blank=True)
    withdrawn_by = models.ForeignKey(
        CheckIn, on_delete=models.RESTRICT, null=True, blank=True, related_name="withdrew"
    )

    objects = DateMoveQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_on__isnull=True, accepted__isnull=True, decided_by__isnull=True)
                | models.Q(decided_on__isnull=False, accepted__isnull=False, decided_by__isnull=False),
                name="move_is_asked_or_decided",
            ),
            models.CheckConstraint(condition=~models.Q(from_due=models.F("to_due")), name="move_moves"),
            models.UniqueConstraint(
                "district", "milestone", condition=models.Q(decided_on__isnull=True), name="move_asked_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["district", "asked_on"],
                name="move_asked",
                condition=models.Q(decided_on__isnull=True),
            ),
            models.Index(fields=["district", "decided_on"], name="move_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.from_due} → {self.to_due}"

    @property
    def days(self) -> int:
        """Days by which the date moves; negative when it comes earlier."""
        return (self.to_due - self.from_due).days


class SlipQuerySet(DistrictQuerySet):
    def open(self) -> Self:
        return self.filter(closed_on__isnull=True)


class Slip(DistrictRow):
    """One missed due date of one milestone. Its day is the day after that date, never the day of the run."""

    parent = "milestone"

    class Ended(models.TextChoices):
        DONE = "done", _("finished")
        MOVED = "moved", _("moved")
        PAUSED = "paused", _("paused")
        DROPPED = "dropped", _("dropped")
        ARCHIVED = "archived", _("archived")

    PUT_ASIDE = (
        Ended.PAUSED,
        Ended.ARCHIVED,
    )  # ended without an end: opens again when the milestone is late once more

    milestone = models.ForeignKey("milestones.Milestone", on_delete=models.CASCADE, related_name="slips")
    due = models.DateField()
    slipped_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    ended = models.CharField(max_length=8, choices=Ended, blank=True)
    owner_words = models.CharField(_("the owner's sentence"), max_length=1000, blank=True)

    objects = SlipQuerySet.as_manager()

    class Meta:
        ordering = ["slipped_on", "pk"]
        constraints = [
            models.UniqueConstraint("district", "milestone", "due", name="slip_once_per_due_date"),
            models.CheckConstraint(
                condition=models.Q(slipped_on__gt=models.F("due")), name="slip_is_after_due"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True, ended="")
                | (models.Q(closed_on__isnull=False) & ~models.Q(ended="")),
                name="slip_is_open_or_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["district", "slipped_on"],
                name="slip_open",
                condition=models.Q(closed_on__isnull=True),
            ),
            models.Index(
                fields=["ended", "district"],
                name="slip_ended",
                condition=models.Q(closed_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone} missed {self.due}"

    def days_late(self, today: date) -> int:
        """Days from the missed date to the day it ended, or to `today`; 0 when it was in time after all."""
        return max(0, ((self.closed_on or today) - self.due).days)


class SlipNotice(DistrictRow):
    """A notice told somebody of a slip: each slip is told to each holder once."""

    parent = "slip"

    slip = models.ForeignKey(Slip, on_delete=models.CASCADE, related_name="told")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="slips")

    class Meta:
        constraints = [models.UniqueConstraint("district", "slip", "notice", name="slip_notice_once")]

    def __str__(self) -> str:
        return f"{self.slip}: {self.notice}"
