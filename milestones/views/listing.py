"""The list behind every number: milestones of the current plan, narrowed by what the number counted."""

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from milestones.models import Milestone
from milestones.rollup import SOON
from milestones.status import NEEDS_ATTENTION, Word, disagree_q
from stakeholders.access import in_district
from vision.models import Plan

PER_PAGE = 50
SHOW = {
    "": _("All"),
    "attention": _("Need attention"),
    "open": _("Not finished"),
    "soon": _("Due in the next 60 days"),
    "confirmed": _("Confirmed in time"),
    "disagree": _("Owner and dates differ"),
}


@require_safe
@in_district()
def milestone_list(request: HttpRequest) -> HttpResponse:
    """Show milestones by due date, fifty a page, narrowed by `show`, `word`, `initiative` and `role`."""
    plan = Plan.objects.in_district(request.district).current(today=request.today)
    rows = _narrow(request, plan) if plan else Milestone.objects.none()
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    kept = QueryDict(mutable=True)
    kept.update({k: v for k, v in request.GET.items() if k in ("show", "word", "initiative", "role")})
    context = {
        "plan": plan,
        "page": page,
        "query": kept.urlencode(),
        "show": request.GET.get("show", ""),
        "word": request.GET.get("word", ""),
        "shows": SHOW.items(),
        "words": Word,
    }
    return render(request, "milestones/list.html", context)


def _narrow(request: HttpRequest, plan: Plan) -> QuerySet[Milestone]:
    today, asked = request.today, request.GET
    rows = (
        Milestone.objects.live()
        .in_plan(plan)
        .with_word(today=today)
        .select_related("step__initiative")
        .prefetch_related("step__owner_rows__role")
        .order_by("due", "pk")
    )
    match asked.get("show", ""):
        case "attention":
            rows = rows.filter(word__in=NEEDS_ATTENTION)
        case "open":
            rows = rows.open()
        case "soon":
            rows = rows.open().due_within(days=SOON, today=today)
        case "confirmed":
            rows = rows.open().filter(Q(twice_quiet_days__lte=F("step__check_in_days") * 3))
        case "disagree":
            rows = rows.filter(disagree_q(today))
    if asked.get("word") in Word.values:
        rows = rows.filter(word=asked["word"])
    if asked.get("initiative", "").isascii() and asked.get("initiative", "").isdigit():
        rows = rows.filter(step__initiative=int(asked["initiative"][:15]))
    if asked.get("role", "").isascii() and asked.get("role", "").isdigit():
        rows = rows.filter(step__owner_rows__role=int(asked["role"][:15]))
    return rows
