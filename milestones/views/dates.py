"""Moving a date or asking for it, deciding on a request, putting on hold, dropping, and taking back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from milestones.access import may_say
from milestones.crumbs import to_step
from milestones.forms.dates import AGREE, DecideForm, DropForm, MoveForm, PauseForm
from milestones.models import Milestone
from milestones.refusals import Refused
from milestones.views.milestone import find, page_of, typed
from milestones.waiting import MoveRequest, requests
from stakeholders.access import in_district
from stakeholders.edit_forms import TidyForm
from stakeholders.edit_pages import form_page
from stakeholders.models import Level
from stakeholders.templatetags.parts import day


@require_http_methods(["GET", "HEAD", "POST"])
@in_district()
def move(request: HttpRequest, milestone: int) -> HttpResponse:
    """Move a date, or ask a leader for it."""
    row = find(request, milestone)
    may_say(request.membership, row, today=request.today).require()
    alone = request.membership.is_leader or not row.plan.is_adopted

    def verb(**given: Any) -> None:
        row.move_due(by=request.user, today=request.today, may_approve=request.membership.is_leader, **given)

    return _verb_page(
        request,
        row,
        MoveForm(typed(request), initial={"to": row.expected}),
        verb,
        heading=_("Move the date") if alone else _("Ask for another date"),
        save=_("Move the date") if alone else _("Ask for this date"),
        lede=_due_now(row, request) + " " + _what_follows(request, row),
        said=_("The date was moved.") if alone else _("Asked. Until a leader agrees, the old date stands."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_district(Level.EDITOR)
def pause(request: HttpRequest, milestone: int) -> HttpResponse:
    """Put a milestone on hold up to a day."""
    row = find(request, milestone)
    return _verb_page(
        request,
        row,
        PauseForm(typed(request)),
        lambda **given: row.pause(by=request.user, today=request.today, **given),
        heading=_("Put on hold"),
        save=_("Put on hold"),
        lede=_due_now(row, request),
        said=_("It is on hold."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_district(Level.EDITOR)
def drop(request: HttpRequest, milestone: int) -> HttpResponse:
    """Take a milestone out of the plan, with the reason."""
    row = find(request, milestone)
    return _verb_page(
        request,
        row,
        DropForm(typed(request)),
        lambda **given: row.drop(by=request.user, today=request.today, **given),
        heading=_("Drop this milestone"),
        save=_("Drop it"),
        lede=_due_now(row, request),
        said=_("It was dropped. You can take it back."),
    )


@require_POST
@in_district(Level.EDITOR)
def resume(request: HttpRequest, milestone: int) -> HttpResponse:
    """Take up again what is on hold."""
    return _one_tap(request, find(request, milestone), Milestone.resume, _("It goes on."))


@require_POST
@in_district(Level.EDITOR)
def take_back(request: HttpRequest, milestone: int) -> HttpResponse:
    """Take a dropped milestone back into the plan."""
    return _one_tap(request, find(request, milestone), Milestone.take_back, _("It is in the plan again."))


@require_POST
@in_district(Level.LEADER)
def decide(request: HttpRequest, move: int) -> HttpResponse:
    """Agree to the date that was asked for, or keep the old one with a word to the owner."""
    asked = MoveRequest(get_object_or_404(requests(request.district), pk=move), request.today, is_open=True)
    asked.back = "milestone" if request.POST.get("back") == "milestone" else "dashboard"
    asked.form = DecideForm(request.POST, auto_id=asked.form.auto_id)
    status = 422
    if asked.form.is_valid():
        agrees = asked.form.cleaned_data["answer"] == AGREE
        try:
            asked.milestone.decide_move(
                asked.move,
                by=request.user,
                today=request.today,
                accept=agrees,
                note=asked.form.cleaned_data["note"],
            )
            status = 200
        except Refused as no:
            asked.form.refuse(no)
            status = 409
    return _decided(request, asked, status)


def _decided(request: HttpRequest, asked: MoveRequest, status: int) -> HttpResponse:
    if status == 200 and not request.htmx:
        messages.success(request, asked.decided_words)
        slug = request.district.slug
        at_milestone = asked.back == "milestone"
        return redirect(
            page_of(request, asked.milestone) if at_milestone else reverse("dashboard", args=[slug])
        )
    template = "milestones/_move_request.html" if request.htmx else "milestones/move_request.html"
    context = {"request_row": asked, "say": asked.decided_words if status == 200 else ""}
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _verb_page(
    request: HttpRequest, row: Milestone, form: TidyForm, verb: Callable[..., Any], *, said: str, **words: str
) -> HttpResponse:
    """Show the form of a verb, or carry the verb out; what it refuses is shown at the field that it names."""
    if request.method == "POST" and form.is_valid():
        try:
            verb(**form.cleaned_data)
            messages.success(request, said)
            return redirect(page_of(request, row))
        except Refused as no:
            form.refuse(no)
    back = page_of(request, row)
    return form_page(
        request,
        form,
        back=back,
        crumbs=[*to_step(row.step, request.district.slug), (row.name, back)],
        **words,
    )


def _one_tap(request: HttpRequest, row: Milestone, verb: Callable[..., None], said: str) -> HttpResponse:
    try:
        verb(row, by=request.user, today=request.today)
        messages.success(request, said)
    except Refused as no:
        messages.error(request, str(no))
    return redirect(page_of(request, row))


def _due_now(row: Milestone, request: HttpRequest) -> str:
    return _("%(name)s, due %(due)s.") % {"name": row.name, "due": day(row.due, request.today)}


def _what_follows(request: HttpRequest, row: Milestone) -> str:
    if not row.plan.is_adopted:
        return _("The plan is a draft, so the date moves at once.")
    if request.membership.is_leader:
        return _("You decide on dates yourself: it moves at once, and your agreement is recorded.")
    return _("A leader is asked to agree; until then the date stands.")
