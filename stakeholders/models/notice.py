from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from stakeholders.models.person import Person
from stakeholders.scoping import DistrictQuerySet, DistrictRow


class NoticeQuerySet(DistrictQuerySet):
    def waiting(self, *, now: datetime) -> Self:
        """Keep notices that are neither sent, withdrawn nor parked, and that no sender holds at `now`."""
        return self.filter(
            models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=now),
            sent_at__isnull=True,
            withdrawn_at__isnull=True,
            parked_at__isnull=True,
        )


class Notice(DistrictRow):
    """One message to one person, decided once and sent once.

    Unique on person, district, kind and the district's local day. The text is written by the floor that
    knows it; what the notice was about is kept in rows of that floor.
    """

    ATTEMPTS = 3

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=30)
    local_day = models.DateField()
    subject = models.CharField(max_length=250)
    body = models.TextField()
    message_id = models.CharField(max_length=250, unique=True)
    decided_at = models.DateTimeField(auto_now_add=True)

    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it was found that the person is no longer a member.")
    )
    parked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it was given up after three tries.")
    )
    error = models.CharField(max_length=500, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-local_day", "pk"]
        constraints = [
            models.UniqueConstraint("district", "person", "kind", "local_day", name="notice_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True)
                | models.Q(withdrawn_at__isnull=True, parked_at__isnull=True),
                name="notice_sent_is_final",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="notice_waiting",
                condition=models.Q(sent_at__isnull=True, withdrawn_at__isnull=True, parked_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.person})"
