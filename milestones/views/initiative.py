"""An initiative: why it matters, where it stands, its steps with their owners and milestones."""

from dataclasses import dataclass, field
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.archiving import archive, bring_back
from milestones.crumbs import to_goal, to_initiative
from milestones.in_buildings import InBuildings, lines_of
from milestones.models import ActionStep, DateMove, Milestone
from milestones.rollup import RollUp, roll_up_by, times_moved
from milestones.sides import sides_of
from milestones.views.goal import serves
from stakeholders.access import in_district
from stakeholders.edit_pages import add_page, edit_page
from stakeholders.history import Link, history_response
from stakeholders.models import Level, Role
from vision.forms import InitiativeForm
from vision.models import Goal, Initiative, InitiativeTheme, Theme
from vision.ordering import move

STEPS_PER_PAGE = 15
MILESTONES_A_STEP = 8
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@dataclass
class StepWithMilestones:
    step: ActionStep
    milestones: list[Milestone] = field(default_factory=list)
    total: int = 0
    lines: list[InBuildings] = field(default_factory=list)  # what many buildings reach

    @property
    def more(self) -> int:
        return self.total - len(self.milestones)


@require_safe
@in_district()
def initiative(request: HttpRequest, initiative: int) -> HttpResponse:
    """Show an initiative with its steps, fifteen a page, and the first milestones of each."""
    row = _live_initiative(request, initiative)
    steps = ActionStep.objects.live().filter(initiative=row).with_owners(today=request.today)
    page = Paginator(steps, STEPS_PER_PAGE).get_page(request.GET.get("page"))
    milestones = Milestone.objects.live().filter(step__initiative=row)
    context = {
        "initiative": row,
        "sponsor": Role.objects.filter(pk=row.sponsor_id).with_holders(today=request.today).first(),
        "sides": sides_of([row]).get(row.pk),
        "themes": Theme.objects.live().filter(served_by_initiatives__initiative=row),
        "roll_up": roll_up_by("step__initiative", milestones, today=request.today).get(row.pk) or RollUp(),
        "moved": DateMove.objects.agreed().filter(milestone__in=milestones).count(),
        "page": page,
        "steps": _with_milestones(list(page), today=request.today),
        "crumbs": to_goal(row.goal, request.district.slug),
    }
    if request.membership.is_editor:
        archived = ActionStep.objects.filter(initiative=row, archived_on__isnull=False)
        context["archived"] = archived[:STEPS_PER_PAGE]
    return render(request, "milestones/initiative.html", context)


def _with_milestones(steps: list[ActionStep], *, today: date) -> list[StepWithMilestones]:
    found = {step.pk: StepWithMilestones(step) for step in steps}
    rank = Window(RowNumber(), partition_by=F("step_id"), order_by=[F("due"), F("pk")])
    rows = Milestone.objects.live().filter(step__in=steps)
    for line in lines_of(rows, steps, today=today).values():
        found[line.step.pk].lines.append(line)
    single = rows.singly()
    first = single.with_word(today=today).annotate(rank=rank).filter(rank__lte=MILESTONES_A_STEP)
    shown = list(first.select_related("building").order_by("due", "pk"))
    times = times_moved([one.pk for one in shown])
    for one in shown:
        one.step, one.moved = found[one.step_id].step, times.get(one.pk, 0)
        found[one.step_id].milestones.append(one)
    for step, total in single.order_by().values_list("step").annotate(n=Count("pk")):
        found[step].total = total
    return list(found.values())


@form_methods
@in_district(Level.EDITOR)
def initiative_new(request: HttpRequest, goal: int) -> HttpResponse:
    parent = get_object_or_404(
        Goal.objects.in_district(request.district).live().select_related("plan"), pk=goal
    )
    form = InitiativeForm(request.POST or None, instance=Initiative(goal=parent), district=request.district)
    crumbs = to_goal(parent, request.district.slug)
    return add_page(
        request,
        form,
        then=lambda row: reverse("initiative", args=[request.district.slug, row.pk]),
        heading=_("Add an initiative"),
        save=_("Save initiative"),
        back=crumbs[-1][1],
        crumbs=crumbs,
    )


@form_methods
@in_district(Level.EDITOR)
def initiative_edit(request: HttpRequest, initiative: int) -> HttpResponse:
    row = _live_initiative(request, initiative)
    form = InitiativeForm(request.POST or None, instance=row, district=request.district)
    crumbs = to_initiative(row, request.district.slug)
    return edit_page(
        request,
        form,
        heading=_("Edit initiative"),
        save=_("Save initiative"),
        back=crumbs[-1][1],
        crumbs=crumbs,
    )


@require_safe
@in_district()
def initiative_history(request: HttpRequest, initiative: int) -> HttpResponse:
    row = _live_initiative(request, initiative)
    links = [Link(InitiativeTheme, "initiative", "theme", serves)]
    return history_response(request, row, links=links, crumbs=to_initiative(row, request.district.slug))


@require_POST
@in_district(Level.EDITOR)
def initiative_move(request: HttpRequest, initiative: int) -> HttpResponse:
    """Move an initiative up or down among those of its goal."""
    row = _live_initiative(request, initiative)
    move(row, Initiative.objects.live().filter(goal=row.goal), up=request.POST.get("to") == "up")
    return redirect("goal", request.district.slug, row.goal_id)


@require_POST
@in_district(Level.EDITOR)
def initiative_archive(request: HttpRequest, initiative: int) -> HttpResponse:
    row = _live_initiative(request, initiative)
    archive(row, by=request.user, today=request.today)
    messages.success(request, _("Archived. It can be brought back at the end of this page."))
    return redirect("goal", request.district.slug, row.goal_id)


@require_POST
@in_district(Level.EDITOR)
def initiative_bring_back(request: HttpRequest, initiative: int) -> HttpResponse:
    archived = Initiative.objects.in_district(request.district).filter(
        archived_on__isnull=False, goal__archived_on__isnull=True
    )
    row = get_object_or_404(archived, pk=initiative)
    bring_back(row, by=request.user, today=request.today)
    messages.success(request, _("Brought back."))
    return redirect("initiative", request.district.slug, row.pk)


def _live_initiative(request: HttpRequest, pk: int) -> Initiative:
    rows = Initiative.objects.in_district(request.district).live().select_related("goal__plan")
    return get_object_or_404(rows, pk=pk)
