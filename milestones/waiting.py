"""What waits for a decision of the visitor on this floor: new dates that owners have asked leaders to agree to."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from milestones.forms.dates import DecideForm
from milestones.models import DateMove, Milestone
from milestones.reasons import after_first, nth_move
from stakeholders.models import District, Membership
from stakeholders.templatetags.parts import day


@dataclass
class MoveRequest:
    """A new date that somebody asked for, with what a leader wants to know. `template` shows it as an entry of a list."""

    template: ClassVar = "milestones/_move_request.html"

    move: DateMove
    today: date
    form: DecideForm | None = None
    back: str = "dashboard"  # the page to return to once it is decided
    is_open: bool = False  # the form is unfolded

    def __post_init__(self):
        self.form = self.form or DecideForm(auto_id=f"move-{self.move.pk}-%s")

    @property
    def milestone(self) -> Milestone:
        return self.move.milestone

    @property
    def days(self) -> int:
        """Days for which it has waited."""
        return (self.today - self.move.asked_on).days

    @property
    def holds_up(self) -> str:
        """What stands still, or goes on with the old date, until this is decided."""
        stands = _("Until this is decided, %(day)s stands.") % {"day": day(self.move.from_due, self.today)}
        if not self.move.later:
            return stands
        behind = ngettext(
            "%(n)s later milestone of “%(initiative)s” comes after it.",
            "%(n)s later milestones of “%(initiative)s” come after it.",
            self.move.later,
        )
        return f"{stands} {behind % {'n': self.move.later, 'initiative': self.milestone.step.initiative}}"

    @property
    def decided_words(self) -> str:
        """What became of it."""
        names = {"to": day(self.move.to_due, self.today), "from": day(self.move.from_due, self.today)}
        if self.move.accepted:
            return _("Agreed: it is now due %(to)s.") % names
        return _("The old date stays: %(from)s.") % names

    @property
    def size(self) -> str:
        """Which move this is, and how far from the first date: "the third move, 19 weeks after its first date"."""
        from_first = after_first(self.milestone, self.move.to_due)
        return ", ".join(filter(None, [nth_move(self.move.times_moved + 1), from_first]))


def waiting_for(membership: Membership, *, today: date) -> list[MoveRequest]:
    """Return the requests that this member may decide, oldest first: one query, and none for whoever may not."""
    if not membership.is_leader:
        return []
    return [MoveRequest(move, today) for move in requests(membership.district).asked()]


def requests(district: District) -> QuerySet[DateMove]:
    """Return moves of live milestones, oldest first, each with `times_moved` before and with the number of `later` open
    milestones of its initiative."""
    agreed = DateMove.objects.agreed().filter(milestone=OuterRef("milestone"))
    later = (
        Milestone.objects.live()
        .open()
        .filter(step__initiative=OuterRef("milestone__step__initiative"), due__gt=OuterRef("from_due"))
    )
    return (
        DateMove.objects.in_district(district)
        .filter(milestone__archived_on__isnull=True)
        .select_related(
            "milestone__step__initiative", "milestone__building", "asked_by", "decided_by", "check_in__role"
        )
        .annotate(
            times_moved=_count(agreed, "milestone"),
            later=_count(later.exclude(pk=OuterRef("milestone")), "district"),
        )
        .order_by("asked_on", "pk")
    )


def _count(rows: QuerySet, by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count(F("pk"))).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
