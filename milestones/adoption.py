"""Adopting a plan: the dates that stand in it on that day become the first dates, which are never changed again."""

from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from milestones.models import Milestone
from milestones.refusals import Refused
from stakeholders.models import Person
from vision.models import Plan


@transaction.atomic
def adopt_plan(plan: Plan, *, by: Person, today: date) -> int:
    """Adopt `plan` and set the first date of each of its milestones; return how many. Raises Refused when it was adopted."""
    if not Plan.objects.filter(pk=plan.pk, adopted_on__isnull=True).update(adopted_on=today, adopted_by=by):
        raise Refused(_("This plan has been adopted."))
    plan.refresh_from_db()
    plan._history_user = by
    plan.save(update_fields=["adopted_on", "adopted_by"])
    promised = Milestone.objects.live().in_plan(plan).filter(first_due__isnull=True, dropped_on__isnull=True)
    return promised.update(first_due=F("due"))
