import hashlib
import secrets
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from stakeholders.models.outgoing import Outgoing, OutgoingQuerySet
from stakeholders.models.person import Level, Membership, Person
from stakeholders.scoping import DistrictRow

INVITED_BY_EDITORS = (Level.VIEWER, Level.COMMITTEE)  # leaders invite to any level


class InvitationQuerySet(OutgoingQuerySet):
    def open(self) -> Self:
        """Keep those that were neither accepted nor taken back, expired ones included."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)

    def standing(self, *, now: datetime) -> Self:
        """Keep those that may be accepted at `now`.

        One counts only as long as whoever sent it could still send it: somebody whose access has ended cannot come
        back, or bring somebody in, by a letter written before.
        """
        members = Membership.objects.standing().filter(
            district=OuterRef("district"), person=OuterRef("invited_by")
        )
        may_still = Exists(members.filter(level=Level.LEADER)) | (
            Q(level__in=INVITED_BY_EDITORS) & Exists(members.filter(level=Level.EDITOR))
        )
        return self.open().filter(may_still, expires_at__gt=now)


class Invitation(Outgoing):
    """A letter that lets one address into one district at one level, once, for two weeks.

    It is its own row in the outbox. The text is made when it is sent, because the key of its link is made then: of a key
    only its SHA-256 is kept (`InvitationKey`).
    """

    VALID_FOR = timedelta(days=14)
    words_of: ClassVar = {"invited_by": ("words",)}

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    level = models.CharField(_("level"), max_length=10, choices=Level, default=Level.COMMITTEE)
    words = models.CharField(_("a line from you"), max_length=300, blank=True)
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta(Outgoing.Meta):
        abstract = False
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "district",
                "email",
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_open_once",
            ),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="invitation_level_is_known"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
                name="invitation_accepted_or_taken_back",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="invitation_taken_back_by_somebody",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="invitation_lasts_a_while"),
            *Outgoing.Meta.constraints,
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email

    def save(self, *args, **kwargs):
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)


class InvitationKey(DistrictRow):
    """What is kept of the key in one link to an invitation: nothing from which the link could be made again.

    Each letter and each link that is handed over gets a key of its own. `handed_by` is who was shown the link on the
    screen; such a link may be enough to come in where no mail is sent.
    """

    parent = "invitation"

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="keys")
    digest = models.CharField(max_length=64, unique=True)
    handed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.invitation}: a link"

    @classmethod
    def make(cls, invitation: Invitation, *, handed_by: Person | None = None) -> str:
        """Return a new key of 256 random bits for `invitation`, as text that fits an address."""
        key = secrets.token_urlsafe(32)
        cls.objects.create(invitation=invitation, digest=digest_of(key), handed_by=handed_by)
        return key


def digest_of(key: str) -> str:
    """Without a salt or a slow hash: nobody finds 256 random bits by trying."""
    return hashlib.sha256(key.encode()).hexdigest()
