import calendar
import zoneinfo
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from stakeholders.editing import Versioned


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


class District(Versioned):
    """A school district. Everything but a person belongs to one.

    A new time zone counts from the next local day on: until `time_zone_since` the day is that of `time_zone_before`.
    """

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
        validators=[RegexValidator(r"^[0-9]{7}\Z", _("Seven digits."))],
    )
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[check_time_zone])
    fiscal_year_starts = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"),
        default=7,
        choices=MONTHS,
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
    time_zone_before = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    time_zone_since = models.DateTimeField(null=True, blank=True, editable=False)
    is_sample = models.BooleanField(_("sample"), default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    history = HistoricalRecords()

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
            models.CheckConstraint(
                condition=models.Q(time_zone_before="", time_zone_since__isnull=True)
                | (~models.Q(time_zone_before="") & models.Q(time_zone_since__isnull=False)),
                name="district_zone_change_is_whole",
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
        not_yet = self.time_zone_since is not None and now < self.time_zone_since
        return _date_in(self.time_zone_before if not_yet else self.time_zone, now)

    def keep_the_day(self, *, zone: str, now: datetime) -> Iterable[str]:
        """Let `time_zone`, which was `zone` so far, count from the next local day on; return the fields that it sets.

        That day begins when it has come by both clocks, so that no day is skipped and none comes twice.
        """
        if self.time_zone_since is not None and now < self.time_zone_since:
            zone = self.time_zone_before
        tomorrow = _date_in(zone, now) + timedelta(days=1)
        both = (zoneinfo.ZoneInfo(name) for name in (zone, self.time_zone))
        self.time_zone_before = zone
        self.time_zone_since = max(datetime.combine(tomorrow, time.min, tzinfo=one) for one in both)
        return ["time_zone_before", "time_zone_since"]

    def fiscal_year(self, day: date) -> int:
        """Return the fiscal year in which `day` lies, named by the calendar year in which it ends."""
        starts = self.fiscal_year_starts
        return day.year + (1 if starts > 1 and day.month >= starts else 0)

    def fiscal_year_end(self, year: int) -> date:
        """Return the last day of the fiscal year named `year`: June 30 where it starts in July."""
        month = self.fiscal_year_starts - 1 or 12
        return date(year, month, calendar.monthrange(year, month)[1])


def _date_in(zone: str, now: datetime) -> date:
    return now.astimezone(zoneinfo.ZoneInfo(zone)).date()
