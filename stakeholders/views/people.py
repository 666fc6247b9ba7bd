"""The people of a district: who may do what, who holds which role, who was here when."""

from collections.abc import Iterable

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stakeholders.access import in_district
from stakeholders.edit_forms import sought
from stakeholders.models import Appointment, Invitation, Level, Membership
from stakeholders.visits import with_last_visit

PER_PAGE = 60
ENDED_SHOWN = 60
LONGEST_SEARCH = 100


@require_safe
@in_district()
def people(request: HttpRequest) -> HttpResponse:
    """List the members, found by a part of the name; addresses are shown to editors and leaders, who may search them."""
    members = Membership.objects.in_district(request.district)
    words, level = sought(request.GET.get("q", ""), longest=LONGEST_SEARCH), request.GET.get("level", "")
    found = _sought(members, words, by_address=request.membership.is_editor)
    rows = found.standing().filter(level=level) if level in Level.values else found.standing()
    page = Paginator(_shown(rows, request), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "sought": words,
        "level": level if level in Level.values else "",
        "levels": _counts(found.standing()),
        "query": _kept(request, words, level),
    }
    _tell_days(page, request)
    if request.membership.is_editor:
        context["ended"] = _shown(found.ended(), request).order_by("-ended_at", "pk")[:ENDED_SHOWN]
        context["waiting"] = (
            Invitation.objects.in_district(request.district).standing(now=request.now).count()
        )
    return render(request, "stakeholders/people.html", context)


def _sought(rows: QuerySet[Membership], words: str, *, by_address: bool) -> QuerySet[Membership]:
    """Keep those with each of `words` somewhere in the name, or in the address. Taken literally: % is a per cent sign."""
    for word in words.split():
        here = Q(person__name__icontains=word)
        rows = rows.filter(here | Q(person__email__icontains=word) if by_address else here)
    return rows


def _shown(rows: QuerySet[Membership], request: HttpRequest) -> QuerySet[Membership]:
    held = Appointment.objects.in_district(request.district).holding(request.today).select_related("role")
    return (
        with_last_visit(rows)
        .select_related("person")
        .prefetch_related(
            Prefetch("person__appointments", queryset=held, to_attr="held_now"), "workplaces__building"
        )
        .order_by("person__name", "pk")
    )


def _tell_days(rows: Iterable[Membership], request: HttpRequest) -> None:
    """Turn the instant of the last visit into a day of the district's calendar, `visited_on`."""
    for row in rows:
        row.visited_on = request.district.today(row.visited_at) if row.visited_at else None


def _counts(rows: QuerySet[Membership]) -> list[tuple[str, str, int]]:
    """Return value, label and number of members of each level, all of them first."""
    counted = dict(rows.order_by().values_list("level").annotate(Count("pk")))
    return [("", "", sum(counted.values())), *((v, label, counted.get(v, 0)) for v, label in Level.choices)]


def _kept(request: HttpRequest, sought: str, level: str) -> str:
    kept = request.GET.copy()
    kept.clear()
    kept.update({name: value for name, value in (("q", sought), ("level", level)) if value})
    return kept.urlencode()
