"""One word for several milestones at once, through the same verbs as for one; all of them or none."""

from collections.abc import Iterable
from datetime import date

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from milestones.access import may_change, may_say, may_undo
from milestones.archiving import archive, bring_back
from milestones.models import Milestone
from milestones.models.checkin import Says
from milestones.refusals import Refused
from stakeholders.models import Membership, Person


class Does(models.TextChoices):
    """What may be done to several at once."""

    ON_TRACK = "on-track", gettext_lazy("Still on track")
    DONE = "done", gettext_lazy("Done today")
    UNDO = "undo", gettext_lazy("Undo what was said today")
    ARCHIVE = "archive", gettext_lazy("Archive")
    BRING_BACK = "bring-back", gettext_lazy("Bring back")


@transaction.atomic
def say_for_several(
    milestones: Iterable[Milestone],
    *,
    membership: Membership,
    by: Person,
    today: date,
    does: str,
    words: str = "",
) -> int:
    """Do to each of `milestones` what `does` says; return how many. Raises Refused, naming the one that stands in the
    way, and PermissionDenied."""
    count = 0
    for milestone in milestones:
        try:
            _one(milestone, membership, by=by, today=today, does=does, words=words)
        except Refused as no:
            names = {"name": milestone.name, "why": str(no)}
            raise Refused(_("%(name)s: %(why)s Nothing was saved.") % names) from no
        count += 1
    return count


def _one(
    milestone: Milestone, membership: Membership, *, by: Person, today: date, does: str, words: str
) -> None:
    right = may_say(membership, milestone, today=today).require()
    match does:
        case Does.ON_TRACK:
            milestone.check_in(by=by, today=today, role=right.role, says=Says.ON_TRACK, words=words)
        case Does.DONE:
            milestone.complete(by=by, today=today, role=right.role, done_on=today, evidence=words)
        case Does.UNDO:
            last = milestone.check_ins.standing().order_by("-pk").first()
            if last is None:
                raise Refused(_("There is nothing from today to undo."))
            may_undo(membership, last, today=today).require()
            milestone.undo(by=by, today=today, check_in=last.pk)
        case Does.ARCHIVE:
            may_change(membership).require()
            archive(milestone, by=by, today=today)
        case Does.BRING_BACK:
            may_change(membership).require()
            bring_back(milestone, by=by, today=today)
