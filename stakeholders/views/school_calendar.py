"""The school calendar: its days by school year, one at a time or many from a file, and back again."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stakeholders.access import in_district
from stakeholders.calendar.forms import EntryForm, PreviewForm, SeveralForm
from stakeholders.calendar.importing import apply_import, keep_reading, offered, undo_import
from stakeholders.edit_pages import add_page, edit_page
from stakeholders.history import history_response
from stakeholders.models import CalendarEntry, CalendarImport, Level
from stakeholders.templatetags.parts import school_year_of

PER_PAGE = 100
EARLIER = 10
ARCHIVED = 50
YEARS = range(2001, 2101)
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@in_district()
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the days of one school year; the years that have any lead to each other."""
    entries = request.calendar.entries
    now = school_year_of(request.today)
    years = sorted({school_year_of(e.first_day) for e in entries} | {now})
    asked = request.GET.get("year", "")
    year = (
        int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 and int(asked) in YEARS else now
    )
    rows = [e for e in entries if e.first_day <= date(year, 6, 30) and e.last_day >= date(year - 1, 7, 1)]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "year": year, "years": years, "query": f"year={year}"}
    if request.membership.is_editor:
        of_district = CalendarEntry.objects.in_district(request.district)
        context["archived"] = of_district.filter(archived_on__isnull=False).order_by("-archived_on", "-pk")[
            :ARCHIVED
        ]
        context["earlier"] = (
            CalendarImport.objects.in_district(request.district)
            .filter(applied_at__isnull=False)
            .select_related("applied_by")
            .defer("events")[:EARLIER]
        )
    return render(request, "stakeholders/calendar/page.html", context)


@form_methods
@in_district(Level.EDITOR)
def calendar_new(request: HttpRequest) -> HttpResponse:
    back = _page(request)
    form = EntryForm(
        request.POST or None, instance=CalendarEntry(district=request.district), district=request.district
    )
    return add_page(
        request,
        form,
        then=lambda row: f"{back}?year={school_year_of(row.first_day)}",
        heading=_("Add to the school calendar"),
        save=_("Save"),
        back=back,
        crumbs=_crumbs(request),
    )


@form_methods
@in_district(Level.EDITOR)
def calendar_edit(request: HttpRequest, entry: int) -> HttpResponse:
    row = get_object_or_404(CalendarEntry.objects.in_district(request.district).live(), pk=entry)
    form = EntryForm(request.POST or None, instance=row, district=request.district)
    back = f"{_page(request)}?year={school_year_of(row.first_day)}"
    return edit_page(
        request, form, heading=_("Change an entry"), save=_("Save"), back=back, crumbs=_crumbs(request)
    )


@require_safe
@in_district()
def calendar_history(request: HttpRequest, entry: int) -> HttpResponse:
    row = get_object_or_404(CalendarEntry.objects.in_district(request.district), pk=entry)
    return history_response(request, row, crumbs=_crumbs(request))


@require_POST
@in_district(Level.EDITOR)
def calendar_archive(request: HttpRequest, entry: int) -> HttpResponse:
    row = get_object_or_404(CalendarEntry.objects.in_district(request.district).live(), pk=entry)
    row.archive(by=request.user, today=request.today)
    messages.success(request, _("Removed. It can be brought back below."))
    return redirect(f"{_page(request)}?year={school_year_of(row.first_day)}")


@require_POST
@in_district(Level.EDITOR)
def calendar_bring_back(request: HttpRequest, entry: int) -> HttpResponse:
    row = get_object_or_404(CalendarEntry.objects.in_district(request.district), pk=entry)
    if row.bring_back(by=request.user):
        messages.success(request, _("Brought back."))
    else:
        messages.error(request, _("The calendar has these days under this title again."))
    return redirect(f"{_page(request)}?year={school_year_of(row.first_day)}")


@form_methods
@in_district(Level.EDITOR)
def calendar_read(request: HttpRequest) -> HttpResponse:
    """Choose a file, or write lines; what was read is looked at on the next page."""
    form = SeveralForm(
        request.POST or None, request.FILES or None, district=request.district, today=request.today
    )
    if request.method == "POST" and form.is_valid():
        kept = keep_reading(
            request.district,
            name=form.name_read,
            events=form.events,
            left_out=form.left_out,
            by=request.user,
            now=request.now,
        )
        return redirect("calendar_preview", request.district.slug, kept.pk)
    status = 200 if request.method != "POST" else 413 if form.too_large else 422
    context = {"form": form, "crumbs": _crumbs(request)}
    return render(request, "stakeholders/calendar/read.html", context, status=status)


@form_methods
@in_district(Level.EDITOR)
def calendar_preview(request: HttpRequest, calendar_import: int) -> HttpResponse:
    """Show what each line is taken as, and take them over."""
    kept = get_object_or_404(CalendarImport.objects.in_district(request.district), pk=calendar_import)
    if kept.applied_at:
        return redirect(_page(request))
    offers = offered(kept)
    form = PreviewForm(
        request.POST if request.method == "POST" else None, offers=offers, district=request.district
    )
    if request.method == "POST" and form.is_valid():
        added = apply_import(kept, form.kinds, by=request.user, now=request.now)
        words = ngettext("%(n)s entry was added.", "%(n)s entries were added.", added or 0)
        messages.success(request, words % {"n": added or 0})
        return redirect(_page(request))
    context = {
        "kept": kept,
        "form": form,
        "there": [one for one in offers if one.is_there],
        "crumbs": _crumbs(request),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "stakeholders/calendar/preview.html", context, status=status)


@require_POST
@in_district(Level.EDITOR)
def calendar_discard(request: HttpRequest, calendar_import: int) -> HttpResponse:
    """Put away what was read."""
    waiting = CalendarImport.objects.in_district(request.district).filter(applied_at__isnull=True)
    get_object_or_404(waiting, pk=calendar_import).delete()
    messages.success(request, _("Put away. Nothing was added."))
    return redirect(_page(request))


@require_POST
@in_district(Level.EDITOR)
def calendar_undo(request: HttpRequest, calendar_import: int) -> HttpResponse:
    """Take a whole file back, but for what somebody has changed since."""
    kept = get_object_or_404(CalendarImport.objects.in_district(request.district), pk=calendar_import)
    outcome = undo_import(kept, by=request.user, now=request.now, today=request.today)
    if outcome is None:
        messages.info(request, _("That was taken back before."))
        return redirect(_page(request))
    gone, stay = outcome
    words = ngettext("%(n)s entry was removed.", "%(n)s entries were removed.", gone) % {"n": gone}
    if stay:
        more = ngettext("%(n)s that was changed since stays.", "%(n)s that were changed since stay.", stay)
        words = f"{words} {more % {'n': stay}}"
    messages.success(request, words)
    return redirect(_page(request))


def _page(request: HttpRequest) -> str:
    return reverse("calendar", args=[request.district.slug])


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (_("Settings"), reverse("settings", args=[request.district.slug])),
        (_("School calendar"), _page(request)),
    ]
