import calendar
import zoneinfo
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stakeholders.scoping import DistrictRow


def check_time_zone(name: str) -> None:
    """Refuse a name that the time zone database does not know. Raises ValidationError."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. One looks like America/Denver."), params={"name": name}
        )


class SecondFactorFor(models.TextChoices):
    """Of whom a district asks for a second factor at sign-in."""

    NOBODY = "nobody", _("nobody")
    LEADERS = "leaders", _("leaders")
    EDITORS = "editors", _("editors and leaders")


class District(models.Model):
    """A school district. Everything but a person belongs to one."""

    slug = models.SlugField(_("address name"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    state = models.CharField(
        _("state"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Two capital letters."))],
    )
    nces_id = models.CharField(
        _("NCES id"),
        max_length=7,
        blank=True,
        help_text=_("Seven digits. Kept as text: the first ones may be zeros."),
        validators=[RegexValidator(r"^\d{7}$", _("Seven digits."))],
    )
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[check_time_zone])
    fiscal_year_starts = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    email_domains = models.TextField(
        _("e-mail domains"),
        max_length=1000,
        blank=True,
        db_default="",
        help_text=_(
            "Domains of the district's own addresses, a line each. Sign-in by a provider is limited to them."
        ),
    )
    microsoft_tenant = models.CharField(
        _("Microsoft tenant"),
        max_length=36,
        blank=True,
        db_default="",
        help_text=_("The tenant's id. Sign-in by Microsoft is limited to it."),
    )
    second_factor_for = models.CharField(
        _("a second factor is asked of"),
        max_length=10,
        choices=SecondFactorFor,
        default=SecondFactorFor.NOBODY,
        db_default=SecondFactorFor.NOBODY,
    )
    in_charge = models.ForeignKey(
        "stakeholders.Person",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("in charge of this plan's pages"),
        help_text=_("Whom members turn to for access and help."),
    )
    is_sample = models.BooleanField(_("sample"), default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(fiscal_year_starts__range=(1, 12)), name="district_fiscal_month_is_a_month"
            ),
            models.CheckConstraint(
                condition=models.Q(second_factor_for__in=SecondFactorFor.values),
                name="district_second_factor_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def domains(self) -> list[str]:
        """The district's own e-mail domains, in small letters; none means that it does not limit them."""
        return [line.strip().lower().lstrip("@") for line in self.email_domains.splitlines() if line.strip()]

    def today(self, now: datetime) -> date:
        """Return the date on the district's own calendar at the instant `now` (an aware datetime)."""
        return now.astimezone(zoneinfo.ZoneInfo(self.time_zone)).date()

    def fiscal_year(self, day: date) -> int:
        """Return the fiscal year in which `day` lies, named by the calendar year in which it ends."""
        starts = self.fiscal_year_starts
        return day.year + (1 if starts > 1 and day.month >= starts else 0)

    def fiscal_year_end(self, year: int) -> date:
        """Return the last day of the fiscal year named `year`: June 30 where it starts in July."""
        month = self.fiscal_year_starts - 1 or 12
        return date(year, month, calendar.monthrange(year, month)[1])


class Building(DistrictRow):
    """A school or office of the district."""

    name = models.CharField(_("name"), max_length=200)
    nces_id = models.CharField(
        _("NCES id"), max_length=12, blank=True, validators=[RegexValidator(r"^\d{12}$", _("Twelve digits."))]
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("district", "name", name="building_once_per_district")]

    def __str__(self) -> str:
        return self.name
