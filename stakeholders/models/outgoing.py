from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from stakeholders.scoping import DistrictQuerySet, DistrictRow


class OutgoingQuerySet(DistrictQuerySet):
    def waiting(self, *, now: datetime) -> Self:
        """Keep what is neither sent, withdrawn nor parked, and that no sender holds at `now`."""
        return self.filter(
            models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=now),
            sent_at__isnull=True,
            withdrawn_at__isnull=True,
            parked_at__isnull=True,
        )


class Outgoing(DistrictRow):
    """A row that is a message to be sent: what the sender (`stakeholders/outbox.py`) keeps of its work.

    The row is the outbox: decided in the transaction of whatever it tells of, and found again by every sweep until it
    is sent, withdrawn or given up.
    """

    ATTEMPTS = 3

    message_id = models.CharField(max_length=250, unique=True)
    decided_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_(
            "When it was found that it is not to be sent any more: the person is no longer a member."
        ),
    )
    parked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it was given up after three tries.")
    )
    given_up_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When whoever runs the installation decided to leave it so.")
    )
    error = models.CharField(max_length=500, blank=True)

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True)
                | models.Q(withdrawn_at__isnull=True, parked_at__isnull=True),
                name="%(class)s_sent_is_final",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="%(class)s_waiting",
                condition=models.Q(sent_at__isnull=True, withdrawn_at__isnull=True, parked_at__isnull=True),
            )
        ]
