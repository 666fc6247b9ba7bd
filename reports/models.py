import secrets
from datetime import date, datetime, timedelta
from typing import ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stakeholders.models import Membership, Person
from stakeholders.scoping import DistrictQuerySet, DistrictRow
from vision.models import Plan


def random_name(report: "Report", _filename: str) -> str:
    """Return a place for the PDF that nobody can guess; it is served only by a view that asks for rights."""
    return f"reports/{secrets.token_hex(16)}.pdf"


class ReportQuerySet(DistrictQuerySet):
    def readable_by(self, member: Membership) -> Self:
        """Keep what a member may read: finished reports; editors also see those in the making."""
        return self if member.is_editor else self.ready()

    def ready(self) -> Self:
        return self.filter(state=Report.State.READY)

    def parked(self) -> Self:
        """Keep reports that could not be made, and that nobody has given up yet."""
        return self.filter(state=Report.State.FAILED, given_up_at__isnull=True)

    def start_over(self) -> int:
        """Give each of these three new tries; return how many they are."""
        return self.update(
            state=Report.State.REQUESTED, attempts=0, lease_until=None, error="", given_up_at=None
        )

    def waiting(self, *, now: datetime) -> Self:
        """Keep reports that are to be made and that no worker holds at `now`: new, to be tried again, or left by one."""
        return self.filter(
            models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=now),
            state__in=[Report.State.REQUESTED, Report.State.RENDERING],
        )


class Report(DistrictRow):
    """A document about a plan as it stood on a day: first a request, then frozen. Once ready it is never changed."""

    ATTEMPTS = 3
    LEASE = timedelta(seconds=180)  # longer than the 120 s after which a rendering child is ended
    AGAIN_AFTER = timedelta(seconds=30)

    class Kind(models.TextChoices):
        BOARD = "board", _("Board report")

    class State(models.TextChoices):
        REQUESTED = "requested", _("waiting")
        RENDERING = "rendering", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be made")

    parent = "plan"
    handed_out: ClassVar = ("html", "facts")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.BOARD)
    number = models.CharField(max_length=20)
    as_of = models.DateField(_("facts as of"))
    meeting_on = models.DateField(_("for the meeting of"), null=True, blank=True)
    prepared_by = models.CharField(_("prepared by"), max_length=200, blank=True)
    approved_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    asks = models.TextField(_("what we ask of the board"), max_length=1000, blank=True)
    supersedes = models.ForeignKey(
        "self",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="superseded_by",
        verbose_name=_("replaces"),
    )
    requested_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField()

    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    given_up_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When whoever runs the installation decided to leave it so.")
    )

    facts = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    html = models.TextField(blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    pdf = models.FileField(upload_to=random_name, max_length=100, blank=True)
    pages = models.PositiveSmallIntegerField(null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of the PDF."))
    ready_at = models.DateTimeField(null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint("district", "number", name="report_number_once_per_district"),
            models.CheckConstraint(
                condition=~models.Q(state="ready")
                | (
                    models.Q(frozen_at__isnull=False, ready_at__isnull=False, pages__gt=0)
                    & ~models.Q(html="")
                    & ~models.Q(pdf="")
                    & ~models.Q(fingerprint="")
                ),
                name="report_ready_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["requested", "rendering", "ready", "failed"]),
                name="report_state_is_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="report_waiting",
                condition=models.Q(state__in=["requested", "rendering"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}"

    # Factories

    @classmethod
    def request(cls, *, plan: Plan, by: Person | None, now: datetime, as_of: date, **words) -> "Report":
        """Ask for a report on `plan` as it stood on `as_of`; a worker makes it.

        `words` are the fields that a person fills in.
        """
        month = words.get("meeting_on") or as_of
        for attempt in range(50):  # two people who ask at once want the same number
            try:
                with transaction.atomic():
                    return cls.objects.create(
                        plan=plan,
                        as_of=as_of,
                        requested_by=by,
                        requested_at=now,
                        number=cls._number(plan, month, further=attempt),
                        **words,
                    )
            except IntegrityError:
                continue
        raise RuntimeError(f"no number is free for {month:%Y-%m}")

    @classmethod
    def _number(cls, plan: Plan, month: date, *, further: int) -> str:
        """Return 2026-11-B for the first board report of a month, then 2026-11-B2 and so on."""
        stem = f"{month:%Y-%m}-B"
        taken = cls.objects.in_district(plan.district_id).filter(number__startswith=stem).count() + further
        return stem if taken == 0 else f"{stem}{taken + 1}"

    # Mutators

    def claim(self, *, now: datetime) -> bool:
        """Take it for the length of a lease; False when another worker was faster or its tries are used up."""
        mine = type(self).objects.waiting(now=now).filter(pk=self.pk, attempts__lt=self.ATTEMPTS)
        if not mine.update(
            state=self.State.RENDERING, lease_until=now + self.LEASE, attempts=models.F("attempts") + 1
        ):
            return False
        self.refresh_from_db()
        return True

    def write_if_mine(self, **fields) -> bool:
        """Save `fields` unless another worker has taken the report over since `claim`."""
        mine = type(self).objects.filter(
            pk=self.pk, state=self.State.RENDERING, attempts=self.attempts, lease_until=self.lease_until
        )
        if not mine.update(**fields):
            return False
        for name, value in fields.items():
            setattr(self, name, value)
        return True

    def put_off(self, why: str, *, now: datetime) -> None:
        """Note why it could not be made: it is tried again soon, and after the third time parked for a person to see."""
        last = self.attempts >= self.ATTEMPTS
        self.write_if_mine(
            state=self.State.FAILED if last else self.State.REQUESTED,
            lease_until=None if last else now + self.AGAIN_AFTER,
            error=why[:500],
        )

    def park(self) -> None:
        """Try no further: a person has been told, and decides."""
        type(self).objects.filter(pk=self.pk, state=self.State.REQUESTED).update(
            state=self.State.FAILED, lease_until=None
        )

    def try_again(self) -> bool:
        """Give a parked report three new tries; False when it is not parked."""
        parked = type(self).objects.filter(pk=self.pk, state=self.State.FAILED)
        return bool(parked.start_over())

    # Properties

    @property
    def title(self) -> str:
        day = date_format(self.meeting_on or self.as_of, "F j, Y")
        return gettext("%(plan)s: report to the Board, %(day)s") % {"plan": self.plan.title, "day": day}

    @property
    def file_name(self) -> str:
        return f"{self.district.slug}-board-report-{self.number}.pdf"

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def is_parked(self) -> bool:
        return self.state == self.State.FAILED

    @property
    def step(self) -> int:
        """How far it is: 1 waiting, 2 collecting facts, 3 making pages, 4 ready."""
        if self.is_ready:
            return 4
        if self.state == self.State.RENDERING:
            return 3 if self.html else 2
        return 1

    @property
    def asked(self) -> list[str]:
        """What is asked of the board, one a line."""
        return [line.strip() for line in self.asks.splitlines() if line.strip()]


class SampleRemoved(models.Model):
    """Somebody removed the sample district on purpose: starting the installation does not bring it back."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
