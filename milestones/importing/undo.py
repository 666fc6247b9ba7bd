"""Take an import back: exactly what it made, as long as nobody has worked with it since."""

from datetime import datetime

from django.db import transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from milestones.models import (
    ActionStep,
    CheckIn,
    DateMove,
    Measure,
    Milestone,
    PlanImport,
    Slip,
    StepGoal,
    StepOwner,
)
from milestones.refusals import Refused
from stakeholders.editing import lock
from stakeholders.models import Appointment, Person, Role
from vision.models import Goal, Initiative, Plan

MODELS = {
    "milestones": Milestone,
    "owners": StepOwner,
    "steps": ActionStep,
    "initiatives": Initiative,
    "goals": Goal,
    "plans": Plan,
    "roles": Role,
}  # in the order in which they can be removed
OWN = {model: kind for kind, model in MODELS.items()}
NAMED = 5  # reasons that are said at once
BATCH = 400


def in_batches(ids: list[int]):
    """SQLite takes a limited number of values in one statement."""
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def changed_since(plan_import: PlanImport) -> list[str]:
    """What somebody has done with the import's rows since, in words; empty when it can be undone."""
    made = plan_import.made
    found: list[str] = []
    for kind, model in MODELS.items():
        for ids in in_batches(made.get(kind, [])):
            touched = model.history.filter(id__in=ids).exclude(history_type="+").values_list("id", flat=True)
            there = set(
                model.objects.in_district(plan_import.district)
                .filter(pk__in=ids)
                .values_list("pk", flat=True)
            )
            for row in model.objects.in_district(plan_import.district).filter(pk__in=set(touched) & there):
                found.append(_("“%(row)s” was changed.") % {"row": str(row)[:80]})
            if len(there) < len(ids):
                found.append(_("Something that the import made has been removed."))
    found.extend(_hangs_on(plan_import))
    return list(dict.fromkeys(found))


def _hangs_on(plan_import: PlanImport):
    """Rows that others have hung on what the import made."""
    made, district = plan_import.made, plan_import.district

    def any_of(model: type[Model], kind: str, name: str) -> bool:
        own = set(made.get(OWN.get(model, ""), []))
        rows = model.objects.in_district(district)
        return any(
            set(rows.filter(**{f"{name}__in": ids}).values_list("pk", flat=True)) - own
            for ids in in_batches(made.get(kind, []))
        )

    checks = [
        (_("Somebody has checked in on its milestones."), CheckIn, "milestones", "milestone"),
        (_("Dates of its milestones were moved."), DateMove, "milestones", "milestone"),
        (_("Milestones of it have slipped, and people may have been told."), Slip, "milestones", "milestone"),
        (_("Its steps have measures."), Measure, "steps", "step"),
        (_("Its steps serve further goals."), StepGoal, "steps", "step"),
        (_("Its steps have further milestones."), Milestone, "steps", "step"),
        (_("Its steps have further owners."), StepOwner, "steps", "step"),
        (_("Its initiatives have further steps."), ActionStep, "initiatives", "initiative"),
        (_("Its goals have further initiatives."), Initiative, "goals", "goal"),
        (_("Its plan has further goals."), Goal, "plans", "plan"),
        (_("People were appointed to its roles."), Appointment, "roles", "role"),
        (_("Its roles lead or help with other steps."), StepOwner, "roles", "role"),
        (_("Its roles sponsor initiatives."), Initiative, "roles", "sponsor"),
    ]
    for words, model, kind, name in checks:
        if any_of(model, kind, name):
            yield words
    promised = Q(first_due__isnull=False, added_after_adoption=False)
    for ids in in_batches(made.get("milestones", [])):
        if Milestone.objects.in_district(district).filter(promised, pk__in=ids).exists():
            yield _("The plan was adopted, and its dates were promised.")
            return


@transaction.atomic
def undo_import(plan_import: PlanImport, *, by: Person, now: datetime) -> dict[str, int]:
    """Remove what the import made and return how much of each kind. Raises Refused, with the reasons, when somebody has
    worked with it since, or when it was undone already. The history keeps what stood there."""
    if plan_import.plan is not None:
        lock(plan_import.plan)
    reasons = changed_since(plan_import)
    if reasons:
        shown = " ".join(reasons[:NAMED])
        raise Refused(_("Not undone, because people have worked with it since. %(reasons)s"), reasons=shown)
    if not plan_import.claim_undo(by=by, now=now):
        raise Refused(_("This import has been undone."))
    removed = {}
    for kind, model in MODELS.items():
        ids = plan_import.made.get(kind, [])
        for some in in_batches(ids):
            model.objects.in_district(plan_import.district).filter(pk__in=some).delete()
            model.history.filter(id__in=some, history_type="-").update(history_user=by)
        removed[kind] = len(ids)
    plan_import.refresh_from_db()
    return removed
