"""A district's own plan file: upload or paste, correct the columns, look at every row, import, undo; and out again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.forms.importing import ColumnsForm, RowsForm, UploadForm
from milestones.importing import proposals
from milestones.importing.apply import apply_import, count_new
from milestones.importing.export import FORMATS
from milestones.importing.undo import undo_import
from milestones.models import ImportRow, PlanImport
from milestones.refusals import Refused
from stakeholders.access import in_district
from stakeholders.models import Level
from vision.models import Plan

PER_PAGE = 100
EARLIER = 20
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@form_methods
@in_district(Level.EDITOR)
def start(request: HttpRequest) -> HttpResponse:
    """Choose a file or paste the plan."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        job = proposals.keep_reading(
            request.district,
            form.blocks,
            file_name=form.name_read,
            data=form.data_read,
            by=request.user,
            now=request.now,
        )
        return redirect("import_columns", request.district.slug, job.pk)
    earlier = (
        PlanImport.objects.in_district(request.district).select_related("plan", "made_by").defer("blocks")
    )
    context = {"form": form, "earlier": earlier[:EARLIER]}
    status = 200 if request.method != "POST" else 413 if form.is_bound and form.too_large else 422
    return render(request, "milestones/import/start.html", context, status=status)


@form_methods
@in_district(Level.EDITOR)
def columns(request: HttpRequest, plan_import: int) -> HttpResponse:
    """Which column says what, and which plan the rows go to."""
    job = _waiting(request, plan_import)
    found = proposals.read_import(job)
    form = ColumnsForm(request.POST or None, plan_import=job, reading=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("import_preview", request.district.slug, job.pk)
    context = {"job": job, "form": form, "reading": found, "crumbs": _crumbs(request)}
    return render(
        request, "milestones/import/columns.html", context, status=422 if request.method == "POST" else 200
    )


@form_methods
@in_district(Level.EDITOR)
def preview(request: HttpRequest, plan_import: int) -> HttpResponse:
    """Every row as it was understood; after the import, what became of it."""
    job = get_object_or_404(_jobs(request), pk=plan_import)
    if job.applied_at:
        return _result(request, job)
    if not (job.plan or job.plan_title):
        return redirect("import_columns", request.district.slug, job.pk)
    form, context = _rows_form(request, job)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(f"{request.path}?page={context['page'].number}")
    return render(
        request, "milestones/import/preview.html", context, status=422 if request.method == "POST" else 200
    )


@require_POST
@in_district(Level.EDITOR)
def carry_out(request: HttpRequest, plan_import: int) -> HttpResponse:
    """Import the rows, with the choices that were made on the page."""
    job = get_object_or_404(_jobs(request), pk=plan_import)
    if job.applied_at or not (job.plan or job.plan_title):
        return redirect("import_preview", request.district.slug, job.pk)
    form, context = _rows_form(request, job)
    if not form.is_valid():
        return render(request, "milestones/import/preview.html", context, status=422)
    form.save()
    try:
        outcome = apply_import(job, by=request.user, now=request.now, today=request.today)
    except Refused as no:
        form.add_error(None, str(no))
        return render(request, "milestones/import/preview.html", context, status=422)
    words = ngettext("%(n)s step was imported.", "%(n)s steps were imported.", outcome.new)
    messages.success(request, words % {"n": outcome.new})
    return redirect("import_preview", request.district.slug, job.pk)


@require_POST
@in_district(Level.EDITOR)
def undo(request: HttpRequest, plan_import: int) -> HttpResponse:
    """Take the whole import back."""
    job = get_object_or_404(_jobs(request).filter(applied_at__isnull=False), pk=plan_import)
    try:
        undo_import(job, by=request.user, now=request.now)
    except Refused as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("The import was undone. Everything that it had made is gone again."))
    return redirect("import_preview", request.district.slug, job.pk)


@require_POST
@in_district(Level.EDITOR)
def discard(request: HttpRequest, plan_import: int) -> HttpResponse:
    """Throw away a file that was read and not imported."""
    _waiting(request, plan_import).delete()
    messages.success(request, _("The file was put away. Nothing was imported."))
    return redirect("import_start", request.district.slug)


@require_safe
@in_district()
def export(request: HttpRequest, plan: int, kind: str) -> HttpResponse:
    """A plan as .xlsx or .csv, with the columns that the import reads back."""
    row = get_object_or_404(Plan.objects.in_district(request.district).live(), pk=plan)
    if kind not in FORMATS:
        raise Http404
    write, content_type = FORMATS[kind]
    response = HttpResponse(write(row), content_type=content_type)
    name = slugify(row.title)[:80] or "plan"
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _jobs(request: HttpRequest):
    return PlanImport.objects.in_district(request.district).select_related(
        "plan", "district", "applied_by", "undone_by"
    )


def _waiting(request: HttpRequest, pk: int) -> PlanImport:
    return get_object_or_404(_jobs(request).waiting(), pk=pk)


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(_("Import a file"), reverse("import_start", args=[request.district.slug]))]


def _rows_form(request: HttpRequest, job: PlanImport) -> tuple[RowsForm, dict]:
    """The rows of one page with the form that belongs to them."""
    found = proposals.read_import(job)
    page = Paginator(found.rows, PER_PAGE).get_page(request.GET.get("page"))
    form = RowsForm(request.POST or None, plan_import=job, reading=found, shown=list(page))
    title = job.plan.title if job.plan else job.plan_title
    context = {
        "job": job,
        "form": form,
        "reading": found,
        "page": page,
        "counts": found.counts(),
        "left_out": set(job.left_out),
        "would": count_new(job.plan, title, found, set(job.left_out)),
        "plan_title": title,
        "crumbs": _crumbs(request),
    }
    return form, context


def _result(request: HttpRequest, job: PlanImport) -> HttpResponse:
    rows = ImportRow.objects.in_district(request.district).filter(plan_import=job).select_related("step")
    became = dict.fromkeys(ImportRow.Became.values, 0)
    for value in rows.values_list("became", flat=True):
        became[value] += 1
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"job": job, "page": page, "became": became, "crumbs": _crumbs(request)}
    return render(request, "milestones/import/result.html", context)
