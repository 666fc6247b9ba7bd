"""Documents: the list, asking for one, watching it being made, reading it on the web, and downloading the PDF."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports.forms import BoardReportForm
from reports.making import wake
from reports.models import Report
from reports.pdf_child import pdf_is_possible
from stakeholders.access import in_district
from stakeholders.models import Level
from vision.models import Plan

PER_PAGE = 25
# Since when somebody waits, and how many seconds until the page asks again: soon at first, then with patience.
POLLING = ((timedelta(seconds=30), 2), (timedelta(minutes=2), 5))
PATIENT = 15


@require_safe
@in_district()
def report_list(request: HttpRequest) -> HttpResponse:
    """List the district's reports, newest first: those that the visitor may read."""
    rows = Report.objects.in_district(request.district).readable_by(request.membership)
    heavy = ("facts", "html")
    rows = rows.select_related("plan", "supersedes").defer(*heavy, *(f"supersedes__{name}" for name in heavy))
    rows = rows.prefetch_related(Prefetch("superseded_by", Report.objects.defer(*heavy)))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "reports/list.html", {"page": page, "pdf_is_possible": pdf_is_possible()})


@require_http_methods(["GET", "HEAD", "POST"])
@in_district(Level.EDITOR)
def report_new(request: HttpRequest) -> HttpResponse:
    """Ask for a report to the board."""
    form = BoardReportForm(
        request.POST or None, district=request.district, person=request.user, today=request.today
    )
    possible = pdf_is_possible() and Plan.objects.in_district(request.district).live().exists()
    if request.method == "POST" and possible and form.is_valid():
        given = form.cleaned_data
        with transaction.atomic():
            report = Report.request(
                plan=given["plan"], by=request.user, now=request.now, as_of=given["as_of"], **form.words()
            )
            wake()
        return redirect("report", request.district.slug, report.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "possible": possible, "pdf_is_possible": pdf_is_possible()}
    return render(request, "reports/new.html", context, status=status)


@require_safe
@never_cache
@in_district()
def report_page(request: HttpRequest, report: int) -> HttpResponse:
    """Show how far a report is, and once it is ready where to read it. htmx gets the part that changes."""
    row = _get(request, report)
    context = {"report": row, "wait": _seconds(request, row), "say": _news(request, row)}
    return render(request, "reports/_job.html" if request.htmx else "reports/report.html", context)


@require_POST
@in_district(Level.EDITOR)
def report_retry(request: HttpRequest, report: int) -> HttpResponse:
    """Try again to make a report that was parked."""
    row = _get(request, report)
    with transaction.atomic():
        if row.try_again():
            wake()
    return redirect("report", request.district.slug, row.pk)


@require_safe
@in_district()
def report_web(request: HttpRequest, report: int) -> HttpResponse:
    """Show the report as a web page: the same frozen text as the PDF."""
    row = _get(request, report, ready=True)
    newer = row.superseded_by.ready().first()
    return render(request, "reports/web.html", {"report": row, "newer": newer})


@require_safe
@in_district()
def report_pdf(request: HttpRequest, report: int) -> FileResponse:
    """Hand out the PDF, to those who may read it today, for keeping and not for caches."""
    row = _get(request, report, ready=True)
    try:
        file = row.pdf.open("rb")
    except FileNotFoundError:  # a database that was restored without its files
        raise Http404 from None
    answer = FileResponse(file, as_attachment=True, filename=row.file_name, content_type="application/pdf")
    answer["Cache-Control"] = "no-store, private"
    return answer


def _get(request: HttpRequest, pk: int, *, ready: bool = False) -> Report:
    rows = Report.objects.in_district(request.district).readable_by(request.membership)
    rows = rows.select_related("plan", "district", "supersedes").defer(
        "facts", "supersedes__facts", "supersedes__html"
    )
    return get_object_or_404(rows.ready() if ready else rows, pk=pk)


def _seconds(request: HttpRequest, row: Report) -> int:
    """Return after how many seconds the page asks again; 0 when nothing more will come by itself."""
    if row.is_ready or row.is_parked:
        return 0
    waited = request.now - row.requested_at
    return next((seconds for until, seconds in POLLING if waited < until), PATIENT)


def _news(request: HttpRequest, row: Report) -> str:
    """Return what to announce: only that the state is another one than the page showed before."""
    if not request.htmx or request.GET.get("step") == str(row.step):
        return ""
    words = {1: _("Waiting."), 2: _("Collecting facts."), 3: _("Making pages."), 4: _("The report is ready.")}
    return _("The report could not be made.") if row.is_parked else words[row.step]
