"""A goal: its words, the themes that it serves, its initiatives and their steps."""

from dataclasses import dataclass, field
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.archiving import archive, bring_back
from milestones.crumbs import to_goal, to_plan
from milestones.models import ActionStep, Milestone
from milestones.rollup import RollUp, next_by, roll_up_by
from stakeholders.access import in_district
from stakeholders.edit_pages import add_page, edit_page
from stakeholders.history import Link, history_response
from stakeholders.models import Level
from vision.forms import GoalForm
from vision.models import Goal, GoalTheme, Initiative, Plan, Theme
from vision.ordering import move

PER_PAGE = 40
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@dataclass
class StepLine:
    step: ActionStep
    roll_up: RollUp
    next: Milestone | None


@dataclass
class Part:
    """An initiative of the goal, with those of its steps that are on this page."""

    initiative: Initiative
    steps: list[StepLine] = field(default_factory=list)


@require_safe
@in_district()
def goal(request: HttpRequest, goal: int) -> HttpResponse:
    """Show a goal with its initiatives and, forty a page, their steps."""
    row = _live_goal(request, goal)
    initiatives = {i.pk: Part(i) for i in Initiative.objects.live().filter(goal=row)}
    steps = ActionStep.objects.live().filter(initiative__in=initiatives)
    ordered = steps.order_by("initiative__position", "initiative_id", "position", "pk")
    page = Paginator(ordered.with_owners(today=request.today), PER_PAGE).get_page(request.GET.get("page"))
    for line in step_lines(list(page), today=request.today):
        initiatives[line.step.initiative_id].steps.append(line)
    context = {
        "goal": row,
        "parts": [p for p in initiatives.values() if p.steps or page.number == 1],
        "page": page,
        "themes": Theme.objects.live().filter(served_by_goals__goal=row),
        "crumbs": to_plan(row.plan, request.district.slug),
    }
    if request.membership.is_editor:
        context["archived"] = Initiative.objects.filter(goal=row, archived_on__isnull=False)[:PER_PAGE]
    return render(request, "milestones/goal.html", context)


def step_lines(steps: list[ActionStep], *, today: date) -> list[StepLine]:
    """Return `steps`, each with how its milestones stand and what comes next: two queries for all of them."""
    milestones = Milestone.objects.live().filter(step__in=steps)
    rolled = roll_up_by("step", milestones, today=today)
    coming = next_by("step", milestones, today=today)
    return [StepLine(step, rolled.get(step.pk) or RollUp(), coming.get(step.pk)) for step in steps]


@form_methods
@in_district(Level.EDITOR)
def goal_new(request: HttpRequest, plan: int) -> HttpResponse:
    parent = get_object_or_404(Plan.objects.in_district(request.district).live(), pk=plan)
    form = GoalForm(request.POST or None, instance=Goal(plan=parent), district=request.district)
    crumbs = to_plan(parent, request.district.slug)
    return add_page(
        request,
        form,
        then=lambda row: reverse("goal", args=[request.district.slug, row.pk]),
        heading=_("Add a goal"),
        save=_("Save goal"),
        back=crumbs[-1][1],
        crumbs=crumbs,
    )


@form_methods
@in_district(Level.EDITOR)
def goal_edit(request: HttpRequest, goal: int) -> HttpResponse:
    row = _live_goal(request, goal)
    form = GoalForm(request.POST or None, instance=row, district=request.district)
    crumbs = to_goal(row, request.district.slug)
    return edit_page(
        request, form, heading=_("Edit goal"), save=_("Save goal"), back=crumbs[-1][1], crumbs=crumbs
    )


@require_safe
@in_district()
def goal_history(request: HttpRequest, goal: int) -> HttpResponse:
    row = _live_goal(request, goal)
    links = [Link(GoalTheme, "goal", "theme", serves)]
    return history_response(request, row, links=links, crumbs=to_goal(row, request.district.slug))


def serves(record: object, name: str, came: bool) -> str:
    words = _("Serves the theme “%(name)s”") if came else _("No longer serves the theme “%(name)s”")
    return words % {"name": name}


@require_POST
@in_district(Level.EDITOR)
def goal_move(request: HttpRequest, goal: int) -> HttpResponse:
    """Move a goal up or down in the order of reading."""
    row = _live_goal(request, goal)
    move(row, Goal.objects.live().filter(plan=row.plan), up=request.POST.get("to") == "up")
    return redirect("plan_detail", request.district.slug, row.plan_id)


@require_POST
@in_district(Level.EDITOR)
def goal_archive(request: HttpRequest, goal: int) -> HttpResponse:
    row = _live_goal(request, goal)
    archive(row, by=request.user, today=request.today)
    messages.success(request, _("Archived. It can be brought back at the end of this page."))
    return redirect("plan_detail", request.district.slug, row.plan_id)


@require_POST
@in_district(Level.EDITOR)
def goal_bring_back(request: HttpRequest, goal: int) -> HttpResponse:
    archived = Goal.objects.in_district(request.district).filter(
        archived_on__isnull=False, plan__archived_on__isnull=True
    )
    row = get_object_or_404(archived, pk=goal)
    bring_back(row, by=request.user, today=request.today)
    messages.success(request, _("Brought back."))
    return redirect("goal", request.district.slug, row.pk)


def _live_goal(request: HttpRequest, pk: int) -> Goal:
    return get_object_or_404(Goal.objects.in_district(request.district).live().select_related("plan"), pk=pk)
