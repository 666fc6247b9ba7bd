"""The first page: what waits, what needs attention and why, and where the initiatives stand."""

import zoneinfo
from datetime import date, datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from milestones.waiting import waiting_for
from reports.dashboard import PAGE, current_plan, gather, happened
from stakeholders.access import in_district
from stakeholders.models import Visit
from stakeholders.welcome import words_of_welcome


@require_safe
@in_district()
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the dashboard, and remember that this person looked: the one thing that a GET writes."""
    district, today = request.district, request.today
    plan = current_plan(district, request.user, today=today)
    Visit.objects.create(district=district, person=request.user, page=PAGE, at=request.now)
    context = {"greeting": _greeting(request), "plan": plan, "local_now": _local(request)}
    context["welcome"] = words_of_welcome(request.membership, today=today)
    if plan:
        last_look = plan.looked_at and district.today(plan.looked_at)
        context["board"] = gather(
            plan, district=district, today=today, last_look=last_look, calendar=request.calendar
        )
        context["waiting"] = waiting_for(request.membership, today=today)
    return render(request, "reports/dashboard.html", context)


@require_safe
@in_district()
def changes(request: HttpRequest) -> HttpResponse:
    """List what finished, slipped and moved since a day: the rows behind "since you looked"."""
    plan = current_plan(request.district, request.user, today=request.today)
    day = _day(request.GET.get("since", ""), default=request.today)
    kinds = happened(plan, day) if plan else {}
    kind = request.GET.get("kind") if request.GET.get("kind") in kinds else "finished"
    counts = {name: rows.count() for name, rows in kinds.items()}
    rows = (
        kinds[kind].select_related("milestone__step__initiative", "milestone__building").order_by("-pk")
        if plan
        else []
    )
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    context = {"plan": plan, "since": day, "kind": kind, "counts": counts, "page": page}
    return render(request, "reports/changes.html", context)


def _local(request: HttpRequest) -> datetime:
    """Return the district's own wall clock; naive, because a template would turn an aware one into UTC."""
    return request.now.astimezone(zoneinfo.ZoneInfo(request.district.time_zone)).replace(tzinfo=None)


def _greeting(request: HttpRequest) -> str:
    hour, name = _local(request).hour, request.user.get_short_name()
    if hour < 12:
        return _("Good morning, %(name)s.") % {"name": name}
    if hour < 17:
        return _("Good afternoon, %(name)s.") % {"name": name}
    return _("Good evening, %(name)s.") % {"name": name}


def _day(written: str, *, default: date) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return default
