from datetime import date
from decimal import Decimal
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from stakeholders.editing import Versioned
from stakeholders.models.person import Person
from stakeholders.scoping import DistrictQuerySet, DistrictRow

SAID = [(None, _("not said")), (True, _("yes")), (False, _("no"))]
HOURS_IN_A_WEEK = 168


def serving(path: str = "", *, today: date) -> models.Prefetch:
    """What fetches who serves on `today` in the roles that `path` leads to ("step__owner_rows__role__")."""
    now = Appointment.objects.running(today).select_related("person").order_by("starts_on", "pk")
    return models.Prefetch(f"{path}appointments", queryset=now, to_attr="serving_now")


class RoleQuerySet(DistrictQuerySet):
    def held_by(self, person: Person, *, today: date) -> Self:
        """Keep the roles that `person` holds on `today`."""
        held = Appointment.objects.holding(today).filter(person=person)
        return self.filter(pk__in=held.values("role"))

    def served_by(self, person: Person, *, today: date) -> Self:
        """Keep the roles that `person` holds or deputises for on `today`, annotated with `is_holder`."""
        serves = Appointment.objects.running(today).filter(person=person)
        holds = Appointment.objects.holding(today).filter(person=person, role=models.OuterRef("pk"))
        return self.filter(pk__in=serves.values("role")).annotate(is_holder=models.Exists(holds))

    def with_holders(self, *, today: date) -> Self:
        """Fetch who serves in each role on `today`, for `held_now` and `deputies_now`, in one more query."""
        return self.prefetch_related(serving(today=today))

    def vacant(self, *, today: date) -> Self:
        """Keep the roles that nobody holds on `today`: each one is a finding. A deputy does not fill a post."""
        return self.exclude(pk__in=Appointment.objects.holding(today).values("role"))


class Role(Versioned, DistrictRow):
    """A named post. Roles own work; people hold roles, and come and go.

    What a role may do here is said, or not said: None and "" are answers of their own, and neither means no.
    """

    class Side(models.TextChoices):
        INSTRUCTIONAL = "instructional", _("instructional")
        TECHNICAL = "technical", _("technical")
        BOTH = "both", _("instructional and technical")

    title = models.CharField(_("title"), max_length=200)
    building = models.ForeignKey(
        "stakeholders.Building",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="roles",
        verbose_name=_("building"),
        help_text=_("For a post of one building, such as its principal."),
    )
    side = models.CharField(
        _("side"),
        max_length=13,
        choices={"": _("not said"), **dict(Side.choices)},
        blank=True,
        default="",
        db_default="",
        help_text=_("Whether the post is about teaching, about technology itself, or about both."),
    )
    in_cabinet = models.BooleanField(_("sits in the cabinet"), choices=SAID, null=True, blank=True)
    decides_alone = models.BooleanField(_("may decide alone"), choices=SAID, null=True, blank=True)
    decides_what = models.CharField(
        _("decides alone about"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("Where the answer is yes: about what."),
    )
    may_spend = models.DecimalField(
        _("may spend up to, in dollars"),
        max_digits=11,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("Without asking anybody else. 0: may not spend. Empty: not said."),
    )
    directs_others = models.BooleanField(_("directs other roles"), choices=SAID, null=True, blank=True)
    hours_a_week = models.DecimalField(
        _("hours a week for technology"),
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(HOURS_IN_A_WEEK))],
        help_text=_("What the district has set aside for it. Empty: not said."),
    )
    directs = models.ManyToManyField(
        "self", through="Direction", symmetrical=False, related_name="directed_by", blank=True
    )

    history = HistoricalRecords()
    objects = RoleQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint("district", Lower("title"), name="role_title_once_per_district"),
            models.CheckConstraint(
                condition=models.Q(side__in=["", "instructional", "technical", "both"]),
                name="role_side_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(decides_what="")
                | models.Q(decides_alone__isnull=False, decides_alone=True),
                name="role_decides_about_something_when_it_decides",
            ),
            models.CheckConstraint(
                condition=models.Q(may_spend__isnull=True) | models.Q(may_spend__gte=0),
                name="role_spends_no_less_than_nothing",
            ),
            models.CheckConstraint(
                condition=models.Q(hours_a_week__isnull=True)
                | models.Q(hours_a_week__range=(0, HOURS_IN_A_WEEK)),
                name="role_hours_fit_into_a_week",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def holders(self, *, today: date) -> models.QuerySet[Person]:
        """Return the people who hold this role on `today`; none means that it is vacant."""
        return Person.objects.filter(pk__in=self.appointments.holding(today).values("person")).order_by(
            "name"
        )

    @property
    def held_now(self) -> list["Appointment"]:
        """Who holds it, of a role that was fetched `with_holders`."""
        return [one for one in self.serving_now if one.part == Appointment.Part.HOLDS]

    @property
    def deputies_now(self) -> list["Appointment"]:
        """Who deputises, of a role that was fetched `with_holders`."""
        return [one for one in self.serving_now if one.part == Appointment.Part.DEPUTISES]


class Direction(DistrictRow):
    """One role directs another: it may tell whoever holds it what to do first."""

    parent = "role"

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="directions")
    other = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="directions_from")

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint("district", "role", "other", name="direction_once"),
            models.CheckConstraint(condition=~models.Q(role=models.F("other")), name="nobody_directs_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.role} → {self.other}"


class AppointmentQuerySet(DistrictQuerySet):
    def running(self, today: date) -> Self:
        """Keep appointments that run on `today`, of holders and deputies; the last day counts."""
        return self.not_over(today).filter(starts_on__lte=today)

    def holding(self, today: date) -> Self:
        """Keep appointments in which somebody holds the role on `today`; the last day counts."""
        return self.running(today).filter(part=Appointment.Part.HOLDS)

    def not_over(self, today: date) -> Self:
        """Keep appointments that run on `today` or begin later."""
        return self.filter(models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=today))

    def meeting(self, starts_on: date, ends_on: date | None) -> Self:
        """Keep appointments that share a day with those from `starts_on` to `ends_on` (None: without an end)."""
        found = self.not_over(starts_on)
        return found.filter(starts_on__lte=ends_on) if ends_on else found


class Appointment(Versioned, DistrictRow):
    """A person holds a role, or deputises for whoever does, from a date to a date, the last day included.

    Two appointments of one person to one role never share a day; `stakeholders/appointing.py` holds this.
    """

    parent = "role"

    class Part(models.TextChoices):
        HOLDS = "holds", _("holds it")
        DEPUTISES = "deputises", _("deputises")

    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="appointments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    part = models.CharField(
        _("part"), max_length=9, choices=Part, default=Part.HOLDS, db_default=Part.HOLDS.value
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    history = HistoricalRecords()
    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint("district", "role", "person", "starts_on", name="appointment_once"),
            models.UniqueConstraint(
                "district",
                "role",
                "person",
                condition=models.Q(ends_on__isnull=True),
                name="appointment_without_end_once",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="appointment_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(part__in=["holds", "deputises"]), name="appointment_part_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.person}"

    @property
    def is_deputy(self) -> bool:
        return self.part == self.Part.DEPUTISES

    def reaches(self, day: date) -> bool:
        """Whether it is not over before `day`."""
        return self.ends_on is None or self.ends_on >= day

    def covers(self, starts_on: date, ends_on: date | None) -> bool:
        """Whether it runs on each day from `starts_on` to `ends_on` (None: without an end)."""
        return self.starts_on <= starts_on and (
            self.ends_on is None or (ends_on is not None and self.ends_on >= ends_on)
        )
