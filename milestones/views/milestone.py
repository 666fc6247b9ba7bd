"""The page of one milestone, with its whole story, and the plain editing of it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.access import may_say
from milestones.archiving import archive, bring_back
from milestones.buildings import adapted_at
from milestones.cards import cards
from milestones.crumbs import to_step
from milestones.forms.title import TitleForm
from milestones.models import Milestone, StepOwner
from milestones.reasons import disagreement, first_date_in_words, moves_in_words, why
from milestones.story import story, who
from milestones.waiting import MoveRequest, requests
from stakeholders.access import in_district
from stakeholders.edit_pages import edit_page
from stakeholders.models import Level
from stakeholders.models.role import serving

STORY_SHOWN = 40


@require_safe
@in_district()
def milestone(request: HttpRequest, milestone: int) -> HttpResponse:
    """Show where a milestone stands, the four facts apart, and everything that has happened to it."""
    row, today = find(request, milestone, archived=True), request.today
    card = cards([row], today=today)[0]
    card.back, card.plain = "milestone", bool(card.asked and request.membership.is_leader)
    moves = list(row.moves.select_related("asked_by", "decided_by"))
    agreed = [m for m in moves if m.accepted and not m.while_drafting]
    waiting = (
        requests(request.district).asked().filter(milestone=row) if card.asked and not row.archived_on else []
    )
    told = story(row, moves=moves, today=today)
    context = {
        "m": row,
        "card": card,
        "plan": row.step.initiative.goal.plan,
        "crumbs": to_step(row.step, request.district.slug),
        "why": why(row, today=today),
        "first_date": first_date_in_words(row, today=today),
        "disagreement": disagreement(row, today=today),
        "last": card.check_ins[0] if card.check_ins else None,
        "moves": agreed,
        "moves_words": moves_in_words(agreed),
        "waiting": [MoveRequest(m, today, back="milestone", is_open=True) for m in waiting],
        "last_by": who(card.check_ins[0].by, card.check_ins[0].role) if card.check_ins else "",
        "adapted": adapted_at(row, today=today),
        "right": may_say(request.membership, row, today=today),
        "page": Paginator(told, STORY_SHOWN).get_page(request.GET.get("page")),
    }
    return render(request, "milestones/milestone.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_district(Level.EDITOR)
def edit(request: HttpRequest, milestone: int) -> HttpResponse:
    """Change the words of a milestone. Its dates move by their own verbs."""
    row = find(request, milestone)
    form = TitleForm(typed(request), instance=row, district=request.district)
    return edit_page(
        request,
        form,
        back=page_of(request, row),
        heading=_("Reword the milestone"),
        save=_("Save words"),
        crumbs=[*to_step(row.step, request.district.slug), (row.name, page_of(request, row))],
    )


@require_POST
@in_district(Level.EDITOR)
def put_away(request: HttpRequest, milestone: int) -> HttpResponse:
    """Archive a milestone: its page stays, with a button that brings it back."""
    row = find(request, milestone)
    archive(row, by=request.user, today=request.today)
    messages.success(
        request, _("Archived. It has left the plan and the lists; you can bring it back from this page.")
    )
    return redirect(page_of(request, row))


@require_POST
@in_district(Level.EDITOR)
def back_again(request: HttpRequest, milestone: int) -> HttpResponse:
    """Undo archiving."""
    row = find(request, milestone, archived=True)
    if row.step.archived_on:
        raise Http404  # it went with its step, and comes back with it
    bring_back(row, by=request.user, today=request.today)
    messages.success(request, _("Brought back."))
    return redirect(page_of(request, row))


def find(request: HttpRequest, milestone: int, *, archived: bool = False) -> Milestone:
    """Return the visitor's milestone with its word and everything above it, or raise 404."""
    rows = Milestone.objects.in_district(request.district).with_word(today=request.today)
    owners = Prefetch("step__owner_rows", StepOwner.objects.select_related("role"))
    holders = serving("step__owner_rows__role__", today=request.today)
    rows = rows.select_related(
        "district", "step__initiative__goal__plan", "building", "done_by"
    ).prefetch_related(owners, holders)
    return get_object_or_404(rows if archived else rows.live(), pk=milestone)


def typed(request: HttpRequest):
    """Return what was sent, though it be nothing at all, or None while the form is only looked at."""
    return request.POST if request.method == "POST" else None


def page_of(request: HttpRequest, row: Milestone) -> str:
    return reverse("milestone", args=[request.district.slug, row.pk])
