"""A step in many buildings: its table, a word for several of them at once, spreading it, and adapting it for one."""

import re

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.access import may_check_in
from milestones.building_table import Table, table
from milestones.crumbs import to_step
from milestones.for_several import say_for_several
from milestones.forms.building import AdaptForm, ForSeveralForm, SpreadForm
from milestones.models import ActionStep, Milestone, StepBuilding
from milestones.refusals import Refused
from stakeholders.access import in_district
from stakeholders.edit_pages import edit_page, form_page
from stakeholders.history import history_response
from stakeholders.models import Building, Level

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@form_methods
@in_district()
def step_buildings(request: HttpRequest, step: int) -> HttpResponse:
    """Show a step's milestones building by building, or record one word for those that are ticked."""
    row = _step(request, step)
    shown = table(row, request.membership, request.GET, today=request.today)
    form = _for_several(request, shown)
    if request.method == "POST":
        if not shown.may_say:
            raise PermissionDenied(shown.right.words)
        if form.is_valid() and _said(request, form):
            return redirect(request.get_full_path())
    context = {
        "step": row,
        "table": shown,
        "page": shown.page,
        "form": form,
        "ticked": set(request.POST.getlist("milestones")),
        "crumbs": to_step(row, request.district.slug),
    }
    status = 422 if form and form.is_bound and form.errors else 200
    return render(request, "milestones/step_buildings.html", context, status=status)


def _for_several(request: HttpRequest, shown: Table) -> ForSeveralForm | None:
    if not shown.may_say:
        return None
    return ForSeveralForm(
        request.POST if request.method == "POST" else None,
        district=request.district,
        rows=shown.may_speak_for,
        shown=shown.shown_to_say,
        archived=shown.show_archived,
        is_editor=request.membership.is_editor,
    )


def _said(request: HttpRequest, form: ForSeveralForm) -> bool:
    given = form.cleaned_data
    try:
        count = say_for_several(
            given["milestones"],
            membership=request.membership,
            by=request.user,
            today=request.today,
            does=given["does"],
            words=given.get("words", ""),
        )
    except Refused as no:
        form.add_error(None, str(no))
        return False
    words = ngettext("Saved for %(n)d building.", "Saved for %(n)d buildings.", count)
    messages.success(request, words % {"n": count})
    return True


@form_methods
@in_district(Level.EDITOR)
def step_spread(request: HttpRequest, step: int) -> HttpResponse:
    """Add a milestone for each of many buildings."""
    row = _step(request, step)
    slug, plan = request.district.slug, row.initiative.goal.plan
    form = SpreadForm(request.POST or None, step=row, district=request.district)
    if (
        request.method == "POST"
        and form.is_valid()
        and (added := form.add(by=request.user, today=request.today))
    ):
        words = ngettext("Added for %(n)d building.", "Added for %(n)d buildings.", len(added))
        messages.success(request, words % {"n": len(added)})
        return redirect("step_buildings", slug, row.pk)
    late = _("The plan has been adopted: what is added now keeps its first date and says that it came later.")
    return form_page(
        request,
        form,
        template="milestones/step_spread.html",
        heading=_("Add a milestone for buildings"),
        lede=late if plan.is_adopted else "",
        save=_("Save milestones"),
        back=reverse("step_buildings", args=[slug, row.pk]),
        crumbs=to_step(row, slug),
    )


@form_methods
@in_district()
def step_building(request: HttpRequest, step: int, building: int) -> HttpResponse:
    """Adapt a step for one building: what differs and why, who leads it there, its own dates."""
    row, slug = _step(request, step), request.district.slug
    place = get_object_or_404(Building.objects.in_district(request.district).live(), pk=building)
    may_check_in(request.membership, row, today=request.today, building=place.pk).require()
    adapted = _adapted(row, place)
    form = AdaptForm(
        request.POST if request.method == "POST" else None,
        instance=adapted,
        district=request.district,
        milestones=Milestone.objects.live().open().filter(step=row, building=place).select_related("step"),
        today=request.today,
        is_editor=request.membership.is_editor,
        may_approve=request.membership.is_leader,
    )
    back = reverse("building", args=[slug, place.pk])
    response = edit_page(
        request,
        form,
        back=back,
        template="milestones/step_building.html",
        heading=place.name,
        lede=row.title,
        save=_("Save for this building"),
        crumbs=[*to_step(row, slug), (_("In buildings"), reverse("step_buildings", args=[slug, row.pk]))],
        step=row,
        building=place,
        adapted=adapted if adapted.pk else None,
    )
    if form.asked and response.status_code == 302:
        messages.info(request, _("A leader is asked for the new date; until then the old one stands."))
    return response


@require_safe
@in_district()
def step_building_history(request: HttpRequest, step: int, building: int) -> HttpResponse:
    row, slug = _kept(request, step, building), request.district.slug
    crumbs = [*to_step(row.step, slug), (row.building.name, reverse("building", args=[slug, building]))]
    return history_response(request, row, crumbs=crumbs)


@require_POST
@in_district(Level.EDITOR)
def step_building_undo(request: HttpRequest, step: int, building: int) -> HttpResponse:
    """Take back the last change of what differs here and of who leads here."""
    row = _kept(request, step, building)
    seen = request.POST.get("version", "")
    try:
        row.take_back(by=request.user, version=int(seen) if re.fullmatch("[0-9]{1,9}", seen) else 0)
        messages.success(request, _("Taken back."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("step_building", request.district.slug, step, building)


def _adapted(step: ActionStep, building: Building) -> StepBuilding:
    found = StepBuilding.objects.filter(step=step, building=building).first()
    if found is None:
        return StepBuilding(step=step, building=building)
    found.step, found.building = step, building
    return found


def _kept(request: HttpRequest, step: int, building: int) -> StepBuilding:
    """Return how the visitor's step is adapted for a building, or raise 404 where it is not."""
    place = get_object_or_404(Building.objects.in_district(request.district), pk=building)
    adapted = _adapted(_step(request, step), place)
    if adapted.pk is None:
        raise Http404
    return adapted


def _step(request: HttpRequest, step: int) -> ActionStep:
    rows = ActionStep.objects.in_district(request.district).live().select_related("initiative__goal__plan")
    return get_object_or_404(rows.with_owners(today=request.today), pk=step)
