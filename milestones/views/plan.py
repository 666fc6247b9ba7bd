"""The plan: read at a glance, started without a file, edited, adopted, archived."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.adoption import adopt_plan
from milestones.archiving import archive, bring_back
from milestones.crumbs import to_plan
from milestones.forms.plan import PlanDatesForm
from milestones.gaps import steps_with_gaps
from milestones.glance import glance
from milestones.models import Milestone
from milestones.refusals import Refused
from milestones.sides import one_sided
from stakeholders.access import in_district
from stakeholders.edit_pages import add_page, edit_page
from stakeholders.history import history_response
from stakeholders.models import District, Level
from vision.forms import PlanForm
from vision.models import Goal, Initiative, Plan, Vision

PER_PAGE = 50
GAPS_SHOWN = 25
YEARS = 3  # what a new plan's form suggests
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@in_district()
def plan(request: HttpRequest) -> HttpResponse:
    """Show the plan that runs now."""
    row = Plan.objects.in_district(request.district).current(today=request.today)
    if row is None:
        return render(request, "milestones/no_plan.html", {"crumbs": []})
    return _glance_page(request, row, current=True)


@require_safe
@in_district()
def plan_detail(request: HttpRequest, plan: int) -> HttpResponse:
    """Show one plan, also one that does not run now."""
    row = get_object_or_404(Plan.objects.in_district(request.district).live(), pk=plan)
    current = Plan.objects.in_district(request.district).current(today=request.today)
    return _glance_page(request, row, current=row == current)


def _glance_page(request: HttpRequest, row: Plan, *, current: bool) -> HttpResponse:
    view = glance(
        row, today=request.today, opened=request.GET.get("goal", ""), page=request.GET.get("page", "")
    )
    context = {"plan": row, "glance": view, "current": current, "vision": _vision(request.district)}
    if request.htmx and view.one_at_a_time:
        opened = next((fold for fold in view.folds if fold.opened), None)
        return render(request, "milestones/_goal_fold.html", {**context, "fold": opened})
    if request.membership.is_editor:
        context["gaps"] = steps_with_gaps(row).count()
        context["archived"] = Goal.objects.filter(plan=row, archived_on__isnull=False)[:PER_PAGE]
    return render(request, "milestones/plan.html", context)


@require_safe
@in_district()
def plans(request: HttpRequest) -> HttpResponse:
    """List the district's plans, the newest first; archived ones below, for editors."""
    live = Plan.objects.in_district(request.district).live()
    counted = live.annotate(
        goal_count=Count("goals", filter=Q(goals__archived_on__isnull=True), distinct=True)
    )
    page = Paginator(counted.order_by("-starts_on", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "current": live.current(today=request.today)}
    if request.membership.is_editor:
        archived = Plan.objects.in_district(request.district).filter(archived_on__isnull=False)
        context["archived"] = archived.order_by("-archived_on", "-pk")[:PER_PAGE]
    return render(request, "milestones/plans.html", context)


@form_methods
@in_district(Level.EDITOR)
def plan_new(request: HttpRequest) -> HttpResponse:
    """Start a plan without a file."""
    district = request.district
    initial = _suggested(district, request.today)
    form = PlanForm(
        request.POST or None, instance=Plan(district=district), district=district, initial=initial
    )
    return add_page(
        request,
        form,
        then=lambda row: reverse("plan_detail", args=[district.slug, row.pk]),
        template="milestones/plan_form.html",
        heading=_("Start a plan"),
        save=_("Save plan"),
        back=reverse("plans", args=[district.slug]),
        crumbs=[(_("Plans"), reverse("plans", args=[district.slug]))],
    )


@form_methods
@in_district(Level.EDITOR)
def plan_edit(request: HttpRequest, plan: int) -> HttpResponse:
    row = get_object_or_404(Plan.objects.in_district(request.district).live(), pk=plan)
    form = PlanDatesForm(request.POST or None, instance=row, district=request.district)
    return edit_page(
        request,
        form,
        template="milestones/plan_form.html",
        heading=_("Edit the plan’s title and dates"),
        save=_("Save plan"),
        back=_address(request, row),
        crumbs=to_plan(row, request.district.slug),
    )


@require_safe
@in_district()
def plan_history(request: HttpRequest, plan: int) -> HttpResponse:
    row = get_object_or_404(Plan.objects.in_district(request.district).live(), pk=plan)
    return history_response(request, row, crumbs=to_plan(row, request.district.slug))


@require_safe
@in_district(Level.EDITOR)
def plan_gaps(request: HttpRequest, plan: int) -> HttpResponse:
    """List the steps that nobody leads or that have no date, and the initiatives that one side alone carries."""
    row = get_object_or_404(Plan.objects.in_district(request.district).live(), pk=plan)
    page = Paginator(steps_with_gaps(row), PER_PAGE).get_page(request.GET.get("page"))
    initiatives = Initiative.objects.live().filter(goal__plan=row, goal__archived_on__isnull=True)
    context = {
        "plan": row,
        "page": page,
        "one_sided": one_sided(initiatives.order_by("goal__position", "goal_id", "position", "pk")),
        "crumbs": to_plan(row, request.district.slug),
    }
    return render(request, "milestones/gaps.html", context)


@form_methods
@in_district(Level.LEADER)
def plan_adopt(request: HttpRequest, plan: int) -> HttpResponse:
    """Say what adopting does, and adopt."""
    row = get_object_or_404(Plan.objects.in_district(request.district).live(), pk=plan)
    if request.method == "POST":
        try:
            count = adopt_plan(row, by=request.user, today=request.today)
        except Refused as no:
            messages.warning(request, str(no))
        else:
            words = ngettext(
                "Adopted. %(n)d first date is set.", "Adopted. %(n)d first dates are set.", count
            )
            messages.success(request, words % {"n": count})
        return redirect(_address(request, row))
    dated = Milestone.objects.live().in_plan(row).filter(first_due__isnull=True, dropped_on__isnull=True)
    gaps = steps_with_gaps(row)
    context = {
        "plan": row,
        "crumbs": to_plan(row, request.district.slug),
        "first_dates": dated.count(),
        "past": dated.slipped(today=request.today).count(),
        "gap_count": gaps.count(),
        "gaps": gaps[:GAPS_SHOWN],
    }
    return render(request, "milestones/adopt.html", context)


@require_POST
@in_district(Level.EDITOR)
def plan_archive(request: HttpRequest, plan: int) -> HttpResponse:
    row = get_object_or_404(Plan.objects.in_district(request.district).live(), pk=plan)
    archive(row, by=request.user, today=request.today)
    messages.success(request, _("Archived. It can be brought back below."))
    return redirect("plans", request.district.slug)


@require_POST
@in_district(Level.EDITOR)
def plan_bring_back(request: HttpRequest, plan: int) -> HttpResponse:
    row = get_object_or_404(
        Plan.objects.in_district(request.district).filter(archived_on__isnull=False), pk=plan
    )
    bring_back(row, by=request.user, today=request.today)
    messages.success(request, _("Brought back."))
    return redirect(_address(request, row))


def _address(request: HttpRequest, row: Plan) -> str:
    return reverse("plan_detail", args=[request.district.slug, row.pk])


def _vision(district: District) -> Vision | None:
    return Vision.objects.in_district(district).first()


def _suggested(district: District, today: date) -> dict:
    """Three fiscal years from the one that runs; most districts' plans do."""
    first = district.fiscal_year(today)
    last = first + YEARS - 1
    starts_on = district.fiscal_year_end(first - 1) + timedelta(days=1)
    return {
        "title": _("Technology plan %(first)s–%(last)02d") % {"first": starts_on.year, "last": last % 100},
        "starts_on": starts_on,
        "ends_on": district.fiscal_year_end(last),
    }
