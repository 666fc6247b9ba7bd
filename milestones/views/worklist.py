"""My updates: one card for each milestone that the visitor's roles own, those that ask for a word first."""

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from milestones.cards import Card, cards
from milestones.models import CheckIn, Milestone
from milestones.worklist import ongoing, said_today
from milestones.worklist import worklist as gather
from stakeholders.access import in_district
from stakeholders.models import Role

CARDS_FIRST = 5
PER_PAGE = 20
SAID_SHOWN = 20
STEPS_SHOWN = 10
SECONDS_A_CHECK = 20


@require_safe
@in_district()
def worklist(request: HttpRequest) -> HttpResponse:
    """Show at most five cards, what was said today with its undo, and, behind `later`, everything else that is open."""
    district, today = request.district, request.today
    roles = list(
        Role.objects.in_district(district).served_by(request.user, today=today).with_holders(today=today)
    )
    said = list(said_today(district, request.user, today=today)[:SAID_SHOWN])
    mine = gather(
        district, roles, today=today, without=[c.milestone_id for c in said], calendar=request.calendar
    )
    first, rest = mine.checks[:CARDS_FIRST], mine.checks[CARDS_FIRST:] + mine.later
    page = None
    if "later" in request.GET:
        page = Paginator(rest, PER_PAGE).get_page(request.GET.get("page"))
    rows = _rows(page.object_list if page else first, today)
    steps = list(ongoing(roles)[: STEPS_SHOWN + 1])
    context = {
        "roles": roles,
        "mine": mine,
        "several": [one for one in mine.several if one.checks or page],
        "first": len(first),
        "minutes": -(-len(first) * SECONDS_A_CHECK // 60),
        "rest": len(rest),
        "page": page,
        "cards": cards(rows, today=today),
        "saved": _saved(said, today) if said and not page else [],
        "steps": steps[:STEPS_SHOWN],
        "more_steps": len(steps) > STEPS_SHOWN,
    }
    return render(request, "milestones/worklist.html", context)


def _rows(ids: list[int], today: date) -> list[Milestone]:
    """Return milestones with their word, in the order of `ids`."""
    found = (
        Milestone.objects.with_word(today=today).select_related("step", "building").in_bulk(ids)
        if ids
        else {}
    )
    return [found[pk] for pk in ids if pk in found]


def _saved(said: list[CheckIn], today: date) -> list[Card]:
    rows = _rows(list(dict.fromkeys(c.milestone_id for c in said)), today)
    return cards(rows, today=today, saved=said)
