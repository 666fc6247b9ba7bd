"""People in bulk: upload, look at every row, bring in, take back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from stakeholders.access import in_district
from stakeholders.importing.apply import NotDone, apply_import
from stakeholders.importing.forms import MissingForm, PreviewForm, UploadForm
from stakeholders.importing.keeping import keep_reading
from stakeholders.importing.proposals import LEFT_OUT, Became, Comparison, Proposal, compare
from stakeholders.importing.sentences import skipped_words
from stakeholders.importing.undo import undo_import
from stakeholders.models import Level, PeopleImport, PeopleImportRow

PER_PAGE = 100
EARLIER = 20
SHOW = {
    "": (gettext_lazy("Everybody"), None),
    "new": (gettext_lazy("New"), {Became.NEW}),
    "changed": (gettext_lazy("Changes"), {Became.CHANGED, Became.BACK}),
    "same": (gettext_lazy("Here already"), {Became.SAME, Became.ENDED}),
    "not": (gettext_lazy("Cannot come in"), {Became.NOT}),
    "out": (gettext_lazy("Left out"), {LEFT_OUT}),
    "buildings": (gettext_lazy("Buildings"), None),
}
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@form_methods
@in_district(Level.LEADER)
def start(request: HttpRequest) -> HttpResponse:
    """Choose a file."""
    form = UploadForm(request.POST or None, request.FILES or None, today=request.today)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["file"].name
        job = keep_reading(request.district, form.found, file_name=name, by=request.user, now=request.now)
        return redirect("people_import", request.district.slug, job.pk)
    earlier = PeopleImport.objects.in_district(request.district).select_related("made_by").defer("made")
    status = 200 if request.method != "POST" else 413 if form.too_large else 422
    context = {"form": form, "earlier": earlier[:EARLIER]}
    return render(request, "stakeholders/import/start.html", context, status=status)


@form_methods
@in_district(Level.LEADER)
def preview(request: HttpRequest, people_import: int) -> HttpResponse:
    """Everybody as they were understood; after the import, what became of them."""
    job = get_object_or_404(_jobs(request), pk=people_import)
    if job.applied_at:
        return _result(request, job)
    form, context = _preview(request, job)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(f"{request.path}?{context['query']}&page={context['page'].number}")
    status = 422 if request.method == "POST" else 200
    return render(request, "stakeholders/import/preview.html", context, status=status)


@form_methods
@in_district(Level.LEADER)
def missing(request: HttpRequest, people_import: int) -> HttpResponse:
    """Members who are not in the file: each stays, unless somebody ticks that access ends."""
    job = get_object_or_404(_jobs(request).waiting(), pk=people_import)
    comparison = compare(job, by=request.user, today=request.today)
    page = Paginator(comparison.missing, PER_PAGE).get_page(request.GET.get("page"))
    form = MissingForm(request.POST or None, job=job, comparison=comparison)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Kept. Nothing happens before you bring the file in."))
        return redirect("people_import", request.district.slug, job.pk)
    context = {"job": job, "form": form, "page": page, "end": set(comparison.choices.end)}
    context |= {"crumbs": _crumbs(request, job), "may_end": any(not one.stays for one in page)}
    status = 422 if request.method == "POST" else 200
    return render(request, "stakeholders/import/missing.html", context, status=status)


@require_POST
@in_district(Level.LEADER)
def carry_out(request: HttpRequest, people_import: int) -> HttpResponse:
    """Bring the people in, with the choices that were made on the page."""
    job = get_object_or_404(_jobs(request), pk=people_import)
    if job.applied_at:
        return redirect("people_import", request.district.slug, job.pk)
    form, context = _preview(request, job)
    if form.is_valid():
        form.save()
        try:
            done = apply_import(job, by=request.user, now=request.now, today=request.today)
        except NotDone as no:
            form.add_error(None, str(no))
        else:
            new = done.counts().get(Became.NEW, 0)
            words = ngettext("%(n)s person was brought in.", "%(n)s people were brought in.", new)
            messages.success(request, words % {"n": new})
            return redirect("people_import", request.district.slug, job.pk)
    return render(request, "stakeholders/import/preview.html", context, status=422)


@require_POST
@in_district(Level.LEADER)
def undo(request: HttpRequest, people_import: int) -> HttpResponse:
    """Take the import back, but for what somebody has touched since."""
    job = get_object_or_404(_jobs(request).filter(applied_at__isnull=False), pk=people_import)
    try:
        undo_import(job, by=request.user, now=request.now)
    except NotDone as no:
        messages.error(request, str(no))
    else:
        words = (
            _("The import was undone, but for what is named below.")
            if job.left
            else _("The import was undone.")
        )
        messages.success(request, words)
    return redirect("people_import", request.district.slug, job.pk)


@require_POST
@in_district(Level.LEADER)
def discard(request: HttpRequest, people_import: int) -> HttpResponse:
    """Throw away what was read of a file."""
    get_object_or_404(_jobs(request).waiting(), pk=people_import).delete()
    messages.success(request, _("The file was put away. Nobody was brought in."))
    return redirect("people_import_start", request.district.slug)


def _jobs(request: HttpRequest) -> QuerySet[PeopleImport]:
    jobs = PeopleImport.objects.in_district(request.district)
    return jobs.select_related("district", "applied_by", "undone_by")


def _crumbs(request: HttpRequest, job: PeopleImport | None = None) -> list[tuple[str, str]]:
    crumbs = [(_("Import people"), reverse("people_import_start", args=[request.district.slug]))]
    if job:
        crumbs.append(
            (_("Look at the people"), reverse("people_import", args=[request.district.slug, job.pk]))
        )
    return crumbs


def _preview(request: HttpRequest, job: PeopleImport) -> tuple[PreviewForm, dict]:
    """The rows of one page with the form that belongs to them."""
    comparison = compare(job, by=request.user, today=request.today)
    show = request.GET.get("show", "")
    show = show if show in SHOW else ""
    page = Paginator(_shown(comparison, show), PER_PAGE).get_page(request.GET.get("page"))
    form = PreviewForm(request.POST or None, job=job, comparison=comparison)
    counts, buildings = comparison.counts(), comparison.building_counts()
    context = {
        "job": job,
        "form": form,
        "comparison": comparison,
        "page": page,
        "show": show,
        "query": f"show={show}",
        "filters": [(slug, label, len(_shown(comparison, slug))) for slug, (label, _v) in SHOW.items()],
        "new": counts.get(Became.NEW, 0),
        "same": counts.get(Became.SAME, 0),
        "changed": counts.get(Became.CHANGED, 0) + counts.get(Became.BACK, 0),
        "not_in": counts.get(Became.NOT, 0) + counts.get(Became.ENDED, 0),
        "out": counts.get(LEFT_OUT, 0),
        "new_buildings": buildings.get(Became.NEW, 0),
        "ended": sum(bool(one.member and one.member.ended_at) for one in comparison.people),
        "other_levels": _with_another_level(comparison),
        "skipped": skipped_words(job),
        "crumbs": _crumbs(request),
    }
    return form, context


def _shown(comparison: Comparison, show: str) -> list[Proposal]:
    if show == "buildings":
        return comparison.buildings
    verdicts = SHOW[show][1]
    return [one for one in comparison.people if verdicts is None or one.verdict in verdicts]


def _with_another_level(comparison: Comparison) -> int:
    """Members to whom the file itself gives another level than they have."""
    return sum(
        bool(one.member and one.row.level and one.row.level != one.member.level and not one.member.ended_at)
        for one in comparison.people
    )


def _result(request: HttpRequest, job: PeopleImport) -> HttpResponse:
    rows = PeopleImportRow.objects.in_district(request.district).filter(people_import=job)
    rows = rows.select_related("membership__person", "building")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"job": job, "page": page, "skipped": skipped_words(job), "crumbs": _crumbs(request)}
    return render(request, "stakeholders/import/result.html", context)
