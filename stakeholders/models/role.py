from datetime import date
from typing import Self

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from stakeholders.editing import Versioned
from stakeholders.models.person import Person
from stakeholders.scoping import DistrictQuerySet, DistrictRow


class RoleQuerySet(DistrictQuerySet):
    def held_by(self, person: Person, *, today: date) -> Self:
        """Keep the roles that `person` holds on `today`."""
        held = Appointment.objects.holding(today).filter(person=person)
        return self.filter(pk__in=held.values("role"))

    def with_holders(self, *, today: date) -> Self:
        """Fetch who holds each role on `today`, for `held_now`, in one more query."""
        now = Appointment.objects.holding(today).select_related("person").order_by("starts_on", "pk")
        return self.prefetch_related(models.Prefetch("appointments", queryset=now, to_attr="held_now"))

    def vacant(self, *, today: date) -> Self:
        """Keep the roles that nobody holds on `today`: each one is a finding."""
        return self.exclude(pk__in=Appointment.objects.holding(today).values("role"))


class Role(Versioned, DistrictRow):
    """A named post. Roles own work; people hold roles, and come and go."""

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

    history = HistoricalRecords()
    objects = RoleQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint("district", Lower("title"), name="role_title_once_per_district")
        ]

    def __str__(self) -> str:
        return self.title

    def holders(self, *, today: date) -> models.QuerySet[Person]:
        """Return the people who hold this role on `today`; none means that it is vacant."""
        return Person.objects.filter(pk__in=self.appointments.holding(today).values("person")).order_by(
            "name"
        )


class AppointmentQuerySet(DistrictQuerySet):
    def holding(self, today: date) -> Self:
        """Keep appointments that run on `today`; the last day counts."""
        return self.filter(
            models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=today), starts_on__lte=today
        )


class Appointment(DistrictRow):
    """A person holds a role from a date to a date, the last day included."""

    parent = "role"

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="appointments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint("district", "role", "person", "starts_on", name="appointment_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="appointment_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.person}"
