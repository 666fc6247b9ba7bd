"""My updates: one card for each milestone that the visitor's roles own, those that ask for a word first."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from milestones.cards import cards
from milestones.models import Milestone
from milestones.worklist import CARDS_FIRST, count, hats, ongoing, owed, said_today
from stakeholders.access import in_district
from stakeholders.models import Role

PER_PAGE = 20
SAID_SHOWN = 20
STEPS_SHOWN = 10
SECONDS_A_CHECK = 20


@require_safe
@in_district()
def worklist(request: HttpRequest) -> HttpResponse:
    """Show at most five cards, what was said today with its undo, and, behind `later`, everything else that is open."""
    district, today = request.district, request.today
    roles = list(Role.objects.in_district(district).held_by(request.user, today=today))
    said = list(said_today(district, request.user, today=today)[:SAID_SHOWN])
    due = owed(roles, today=today).exclude(pk__in=[c.milestone_id for c in said])
    counts = count(due, today=today)
    first = min(CARDS_FIRST, counts.checks)
    later = "later" in request.GET
    page = Paginator(due[first:], PER_PAGE)
    page.count = counts.all - first
    page = page.get_page(request.GET.get("page"))
    steps = list(ongoing(roles)[: STEPS_SHOWN + 1])
    context = {
        "roles": roles,
        "hats": hats(roles, due),
        "counts": counts,
        "first": first,
        "minutes": -(-first * SECONDS_A_CHECK // 60),
        "later": later,
        "rest": counts.all - first,
        "page": page,
        "cards": cards(list(page if later else due[:first]), today=today),
        "saved": _saved(said, today),
        "steps": steps[:STEPS_SHOWN],
        "more_steps": len(steps) > STEPS_SHOWN,
    }
    return render(request, "milestones/worklist.html", context)


def _saved(said: list, today) -> list:
    rows = (
        Milestone.objects.with_word(today=today)
        .select_related("step")
        .in_bulk([c.milestone_id for c in said])
    )
    in_order = list(dict.fromkeys(rows[c.milestone_id] for c in said))
    return cards(in_order, today=today, saved=said) if in_order else []
