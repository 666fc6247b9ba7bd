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
    is_sample = models.BooleanField(_("sample"), default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(fiscal_year_starts__range=(1, 12)), name="district_fiscal_month_is_a_month"
            )
        ]

    def __str__(self) -> str:
        return self.name

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
