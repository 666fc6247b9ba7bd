"""Measures of a step and what was counted."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.access import may_check_in
from milestones.archiving import archive, bring_back
from milestones.crumbs import Crumbs, to_step
from milestones.forms.step import MeasureForm, ReadingForm
from milestones.models import ActionStep, Measure, Reading
from milestones.numbers import with_latest
from stakeholders.access import in_district
from stakeholders.edit_pages import add_page, edit_page, form_page
from stakeholders.history import history_response
from stakeholders.models import Level

PER_PAGE = 50
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@in_district()
def measure(request: HttpRequest, measure: int) -> HttpResponse:
    """Show a measure with everything that was counted, the latest first."""
    row = _live_measure(request, measure)
    readings = Reading.objects.filter(measure=row).select_related("by").order_by("-on", "-pk")
    context = {
        "measure": row,
        "shown": with_latest(Measure.objects.filter(pk=row.pk))[0],
        "page": Paginator(readings, PER_PAGE).get_page(request.GET.get("page")),
        "may_count": may_check_in(request.membership, row.step, today=request.today).may,
        "crumbs": to_step(row.step, request.district.slug),
    }
    return render(request, "milestones/measure.html", context)


@form_methods
@in_district(Level.EDITOR)
def measure_new(request: HttpRequest, step: int) -> HttpResponse:
    steps = ActionStep.objects.in_district(request.district).live().select_related("initiative__goal__plan")
    parent = get_object_or_404(steps, pk=step)
    form = MeasureForm(request.POST or None, instance=Measure(step=parent), district=request.district)
    crumbs = to_step(parent, request.district.slug)
    back = crumbs[-1][1]
    return add_page(
        request,
        form,
        then=lambda _row: back,
        template="milestones/measure_form.html",
        heading=_("Add a measure"),
        save=_("Save measure"),
        back=back,
        crumbs=crumbs,
    )


@form_methods
@in_district(Level.EDITOR)
def measure_edit(request: HttpRequest, measure: int) -> HttpResponse:
    row = _live_measure(request, measure)
    form = MeasureForm(request.POST or None, instance=row, district=request.district)
    crumbs = _crumbs(row, request.district.slug)
    return edit_page(
        request,
        form,
        template="milestones/measure_form.html",
        heading=_("Edit measure"),
        save=_("Save measure"),
        back=crumbs[-1][1],
        crumbs=crumbs,
    )


@require_safe
@in_district()
def measure_history(request: HttpRequest, measure: int) -> HttpResponse:
    row = _live_measure(request, measure)
    return history_response(request, row, crumbs=_crumbs(row, request.district.slug))


@form_methods
@in_district()
def reading_new(request: HttpRequest, measure: int) -> HttpResponse:
    """Write down what was counted: editors may, and whoever leads or helps with the step."""
    row = _live_measure(request, measure)
    may_check_in(request.membership, row.step, today=request.today).require()
    initial = {"on": request.today}
    form = ReadingForm(request.POST or None, district=request.district, today=request.today, initial=initial)
    if request.method == "POST" and form.is_valid():
        row.add_reading(by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("step", request.district.slug, row.step_id)
    crumbs = _crumbs(row, request.district.slug)
    return form_page(
        request,
        form,
        heading=_("Add a number"),
        lede=row.name,
        save=_("Save number"),
        back=reverse("step", args=[request.district.slug, row.step_id]),
        crumbs=crumbs,
    )


@require_POST
@in_district(Level.EDITOR)
def measure_archive(request: HttpRequest, measure: int) -> HttpResponse:
    row = _live_measure(request, measure)
    archive(row, by=request.user, today=request.today)
    messages.success(request, _("Archived. It can be brought back at the end of this page."))
    return redirect("step", request.district.slug, row.step_id)


@require_POST
@in_district(Level.EDITOR)
def measure_bring_back(request: HttpRequest, measure: int) -> HttpResponse:
    archived = Measure.objects.in_district(request.district).filter(
        archived_on__isnull=False, step__archived_on__isnull=True
    )
    row = get_object_or_404(archived, pk=measure)
    bring_back(row, by=request.user, today=request.today)
    messages.success(request, _("Brought back."))
    return redirect("step", request.district.slug, row.step_id)


def _live_measure(request: HttpRequest, pk: int) -> Measure:
    rows = Measure.objects.in_district(request.district).live().filter(step__archived_on__isnull=True)
    return get_object_or_404(rows.select_related("step__initiative__goal__plan"), pk=pk)


def _crumbs(row: Measure, slug: str) -> Crumbs:
    return [*to_step(row.step, slug), (row.name, reverse("measure", args=[slug, row.pk]))]
