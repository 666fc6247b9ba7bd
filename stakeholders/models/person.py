from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from stakeholders.editing import Versioned
from stakeholders.scoping import DistrictQuerySet, DistrictRow


class PersonManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields) -> "Person":
        """Create a person. Without a password, only a code sent by e-mail lets this person in."""
        person = self.model(email=email, **fields)
        person.set_password(password)
        person.save()
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "Person":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str) -> "Person":
        return self.get(email__iexact=email)


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in. The e-mail address is the name that they sign in with."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("may use the admin pages"), default=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    proven_at = models.DateTimeField(
        _("address proven"),
        null=True,
        blank=True,
        editable=False,
        help_text=_(
            "When a code from the mailbox, a sign-in provider or whoever runs this installation vouched for it."
        ),
    )

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_in_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args, **kwargs):
        self.email = self.email.strip().lower()
        if not self.password:  # an empty one would count as one that can be used
            self.set_unusable_password()
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split()[0] if self.name.strip() else self.email


class Level(models.TextChoices):
    """What a member may do; each level may also do what the ones before it may (design: access)."""

    VIEWER = "viewer", _("Viewer")
    COMMITTEE = "committee", _("Committee")
    EDITOR = "editor", _("Editor")
    LEADER = "leader", _("Leader")

    def reaches(self, needed: "Level") -> bool:
        """Whether this level includes the rights of `needed`."""
        order = list(Level)
        return order.index(self) >= order.index(needed)


class MembershipQuerySet(DistrictQuerySet):
    def standing(self) -> "MembershipQuerySet":
        """Keep memberships that have not ended, of people who may sign in."""
        return self.filter(ended_at__isnull=True, person__is_active=True)

    def ended(self) -> "MembershipQuerySet":
        """Keep those that let nobody in: they have ended, or their person may not sign in any more."""
        return self.exclude(ended_at__isnull=True, person__is_active=True)


class Membership(Versioned, DistrictRow):
    """A person's level in a district. Ending it leaves the person's other districts alone."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    level = models.CharField(_("level"), max_length=10, choices=Level, default=Level.VIEWER)
    since = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(_("access ended"), null=True, blank=True)
    welcomed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When the words of welcome were put away.")
    )
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    source_id = models.CharField(max_length=255, blank=True, db_default="", editable=False)  # in a roster

    history = HistoricalRecords(excluded_fields=["welcomed_at", "source_id"])
    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("district", "person", name="membership_once_per_district"),
            models.UniqueConstraint(
                "district", "source_id", condition=~models.Q(source_id=""), name="membership_source_id_once"
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=Level.values), name="membership_level_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_level_display()})"

    def may(self, needed: Level) -> bool:
        """Whether this member has the rights of the level `needed`."""
        return Level(self.level).reaches(needed)

    @property
    def whom_to_ask(self) -> list[Person]:
        """Who else can help this member to more rights: whoever is in charge, then leaders by name; three at most."""
        in_charge = models.Q(person=self.district.in_charge_id)
        found = (
            Membership.objects.in_district(self.district)
            .standing()
            .filter(in_charge | models.Q(level=Level.LEADER))
            .exclude(person=self.person_id)
            .select_related("person")
            .order_by(models.Case(models.When(in_charge, then=0), default=1), "person__name", "pk")
        )
        return [member.person for member in found[:3]]

    @property
    def is_editor(self) -> bool:
        return self.may(Level.EDITOR)

    @property
    def is_leader(self) -> bool:
        return self.may(Level.LEADER)
