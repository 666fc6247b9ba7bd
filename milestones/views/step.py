"""An action step: who leads and helps, what was written, its milestones and measures."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.access import may_check_in
from milestones.archiving import archive, bring_back
from milestones.crumbs import to_initiative, to_step
from milestones.forms.step import EachYearForm, NewMilestoneForm, StepForm
from milestones.in_buildings import lines_of
from milestones.models import ActionStep, Measure, Milestone, StepGoal, StepOwner
from milestones.models.step import StepQuerySet
from milestones.numbers import with_latest
from milestones.rollup import RollUp, roll_up_by, times_moved
from stakeholders.access import in_district
from stakeholders.edit_forms import DistrictForm
from stakeholders.edit_pages import add_page, edit_page, form_page
from stakeholders.history import Link, history_response
from stakeholders.models import Level
from vision.models import Goal, Initiative
from vision.ordering import move

PER_PAGE = 40
DATES_TOLD = 6
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Cell:
    """What a file said of a step, word for word, beside what was understood from it."""

    label: str
    written: str
    understood: str


@require_safe
@in_district()
def step(request: HttpRequest, step: int) -> HttpResponse:
    """Show a step with its owners, what was written, its milestones (forty a page) and measures."""
    today, rows = request.today, _live_steps(request).with_owners(today=request.today)
    row = get_object_or_404(rows.select_related("building"), pk=step)
    milestones = Milestone.objects.live().filter(step=row)
    single = milestones.singly().with_word(today=today).select_related("building").order_by("due", "pk")
    page = Paginator(single, PER_PAGE).get_page(request.GET.get("page"))
    times = times_moved([one.pk for one in page])
    for one in page:
        one.step, one.moved = row, times.get(one.pk, 0)
    context = {
        "step": row,
        "page": page,
        "lines": lines_of(milestones, [row], today=today).values(),
        "roll_up": roll_up_by("step", milestones, today=today).get(row.pk) or RollUp(),
        "measures": with_latest(Measure.objects.live().filter(step=row)),
        "also_serves": Goal.objects.live().filter(also_served_by=row),
        "cells": _written(row, list(page)),
        "may_count": may_check_in(request.membership, row, today=today).may,
        "crumbs": to_initiative(row.initiative, request.district.slug),
    }
    if request.membership.is_editor:
        context["archived"] = Measure.objects.filter(step=row, archived_on__isnull=False)[:PER_PAGE]
    return render(request, "milestones/step.html", context)


def _written(row: ActionStep, milestones: list[Milestone]) -> list[Cell]:
    owners = "; ".join(f"{owner.role} {owner.get_part_display()}" for owner in row.owner_rows.all())
    dates = ", ".join(date_format(one.first_due or one.due, "M j, Y") for one in milestones[:DATES_TOLD])
    if row.kind == ActionStep.Kind.ONGOING:
        dates = str(row.get_kind_display())
    kept = _("kept as written")
    cells = [
        Cell(_("Who"), row.written_who, owners or _("no owner")),
        Cell(_("When"), row.written_when, dates or _("no date")),
        Cell(_("Cost"), row.written_cost, kept),
        Cell(_("Evidence"), row.written_evidence, kept),
        Cell(_("Status"), row.written_status, kept),
    ]
    return [cell for cell in cells if cell.written]


@form_methods
@in_district(Level.EDITOR)
def step_new(request: HttpRequest, initiative: int) -> HttpResponse:
    parents = Initiative.objects.in_district(request.district).live().select_related("goal__plan")
    parent = get_object_or_404(parents, pk=initiative)
    form = StepForm(request.POST or None, instance=ActionStep(initiative=parent), district=request.district)
    crumbs = to_initiative(parent, request.district.slug)
    return add_page(
        request,
        form,
        then=lambda row: reverse("step", args=[request.district.slug, row.pk]),
        template="milestones/step_form.html",
        heading=_("Add an action step"),
        save=_("Save step"),
        back=crumbs[-1][1],
        crumbs=crumbs,
    )


@form_methods
@in_district(Level.EDITOR)
def step_edit(request: HttpRequest, step: int) -> HttpResponse:
    row = get_object_or_404(_live_steps(request).with_owners(today=request.today), pk=step)
    form = StepForm(request.POST or None, instance=row, district=request.district)
    crumbs = to_step(row, request.district.slug)
    return edit_page(
        request,
        form,
        template="milestones/step_form.html",
        heading=_("Edit action step"),
        save=_("Save step"),
        back=crumbs[-1][1],
        crumbs=crumbs,
    )


@require_safe
@in_district()
def step_history(request: HttpRequest, step: int) -> HttpResponse:
    row = get_object_or_404(_live_steps(request), pk=step)
    links = [Link(StepOwner, "step", "role", _owns), Link(StepGoal, "step", "goal", _also_serves)]
    return history_response(request, row, links=links, crumbs=to_step(row, request.district.slug))


def _owns(record: StepOwner, name: str, came: bool) -> str:
    if record.part == StepOwner.Part.LEAD:
        words = _("%(name)s leads") if came else _("%(name)s no longer leads")
    else:
        words = _("%(name)s helps") if came else _("%(name)s no longer helps")
    return words % {"name": name}


def _also_serves(record: StepGoal, name: str, came: bool) -> str:
    words = _("Also serves the goal “%(name)s”") if came else _("No longer serves the goal “%(name)s”")
    return words % {"name": name}


@form_methods
@in_district(Level.EDITOR)
def milestone_new(request: HttpRequest, step: int) -> HttpResponse:
    """Add a dated milestone to a step."""
    row = get_object_or_404(_live_steps(request), pk=step)
    form = NewMilestoneForm(request.POST or None, step=row, district=request.district)
    if (
        request.method == "POST"
        and form.is_valid()
        and (added := form.add(by=request.user, today=request.today))
    ):
        messages.success(request, _("Added, due %(day)s.") % {"day": date_format(added.due, "M j, Y")})
        return redirect("step", request.district.slug, row.pk)
    return _dates_page(request, form, row, _("Add a milestone"))


@form_methods
@in_district(Level.EDITOR)
def milestone_each_year(request: HttpRequest, step: int) -> HttpResponse:
    """Add one milestone in each year of the plan to a step that comes back every year."""
    rows = _live_steps(request).filter(kind=ActionStep.Kind.RECURRING)
    row = get_object_or_404(rows, pk=step)
    form = EachYearForm(request.POST or None, district=request.district)
    if (
        request.method == "POST"
        and form.is_valid()
        and (added := form.add(row, by=request.user, today=request.today))
    ):
        words = ngettext("%(n)d milestone added.", "%(n)d milestones added.", len(added))
        messages.success(request, words % {"n": len(added)})
        return redirect("step", request.district.slug, row.pk)
    return _dates_page(request, form, row, _("One milestone in each year of the plan"))


def _dates_page(request: HttpRequest, form: DistrictForm, row: ActionStep, heading: str) -> HttpResponse:
    plan, crumbs = row.initiative.goal.plan, to_step(row, request.district.slug)
    runs = _("The plan runs from %(first)s to %(last)s.") % {
        "first": date_format(plan.starts_on, "M j, Y"),
        "last": date_format(plan.ends_on, "M j, Y"),
    }
    late = _("It has been adopted, so what is added now keeps its first date and says that it came later.")
    lede = f"{runs} {late}" if plan.is_adopted else runs
    back = crumbs[-1][1]
    return form_page(
        request, form, heading=heading, lede=lede, save=_("Save dates"), back=back, crumbs=crumbs
    )


@require_POST
@in_district(Level.EDITOR)
def step_move(request: HttpRequest, step: int) -> HttpResponse:
    """Move a step up or down among those of its initiative."""
    row = get_object_or_404(_live_steps(request), pk=step)
    siblings = ActionStep.objects.live().filter(initiative=row.initiative)
    move(row, siblings, up=request.POST.get("to") == "up")
    return redirect("initiative", request.district.slug, row.initiative_id)


@require_POST
@in_district(Level.EDITOR)
def step_archive(request: HttpRequest, step: int) -> HttpResponse:
    row = get_object_or_404(_live_steps(request), pk=step)
    archive(row, by=request.user, today=request.today)
    messages.success(request, _("Archived. It can be brought back at the end of this page."))
    return redirect("initiative", request.district.slug, row.initiative_id)


@require_POST
@in_district(Level.EDITOR)
def step_bring_back(request: HttpRequest, step: int) -> HttpResponse:
    archived = ActionStep.objects.in_district(request.district).filter(
        archived_on__isnull=False, initiative__archived_on__isnull=True
    )
    row = get_object_or_404(archived, pk=step)
    bring_back(row, by=request.user, today=request.today)
    messages.success(request, _("Brought back."))
    return redirect("step", request.district.slug, row.pk)


def _live_steps(request: HttpRequest) -> StepQuerySet:
    rows = ActionStep.objects.in_district(request.district).live()
    return rows.select_related("initiative__goal__plan")
