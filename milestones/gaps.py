"""What a plan lacks before anybody can answer for it: a role that leads, and a date."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from milestones.models import ActionStep, Milestone, StepOwner
from vision.models import Plan

ONGOING = ActionStep.Kind.ONGOING
IN_THE_PLAN = (
    "initiative__goal__position",
    "initiative__goal_id",
    "initiative__position",
    "initiative_id",
    "position",
    "pk",
)


def with_gaps(steps: QuerySet[ActionStep]) -> QuerySet[ActionStep]:
    """Annotate `has_lead` and `has_date`: a milestone that was not dropped or, for an ongoing step, a day of review."""
    leads = StepOwner.objects.filter(step=OuterRef("pk"), part=StepOwner.Part.LEAD)
    dated = Milestone.objects.live().filter(step=OuterRef("pk"), dropped_on__isnull=True)
    return steps.annotate(
        has_lead=Exists(leads),
        has_date=Q(kind=ONGOING, review_on__isnull=False) | (~Q(kind=ONGOING) & Exists(dated)),
    )


def steps_with_gaps(plan: Plan) -> QuerySet[ActionStep]:
    """Return the steps of `plan` that nobody leads or that have no date, in the order of the plan."""
    steps = with_gaps(ActionStep.objects.live().in_plan(plan)).filter(Q(has_lead=False) | Q(has_date=False))
    return steps.select_related("initiative").order_by(*IN_THE_PLAN)
