"""What an owner says of one milestone: the card on a page of its own, the same card for htmx, undo, and a new number."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from milestones.access import Right, may_check_in, may_say, may_undo
from milestones.cards import Card, cards, what_saving_does
from milestones.crumbs import to_step
from milestones.forms.check_in import FORMS, CheckInForm, NumberForm, SlipForm
from milestones.models import CheckIn, Measure, Milestone, Slip
from milestones.models.checkin import Says
from milestones.refusals import Refused
from milestones.views.milestone import find, page_of, typed
from stakeholders.access import in_district
from stakeholders.edit_pages import form_page
from stakeholders.models import Level, Membership
from stakeholders.templatetags.parts import day


@require_http_methods(["GET", "HEAD", "POST"])
@in_district()
def check_in(request: HttpRequest, milestone: int) -> HttpResponse:
    """Show the card, with the form of `says` open, or save what was said."""
    row = get_object_or_404(_rows(request), pk=milestone)
    right = may_say(request.membership, row, today=request.today).require()
    if request.method == "POST":
        return _save(request, row, right)
    card = _card(request, right, row)
    if request.GET.get("says") in FORMS and not row.done_on and not row.dropped_on:
        _open(request, card, _form(request, row, request.GET["says"]))
    return _answer(request, card)


def _save(request: HttpRequest, row: Milestone, right: Right) -> HttpResponse:
    form = _form(request, row, request.POST.get("says"), request.POST)
    card = None
    if form is None:
        card = _card(request, right, row)
        card.trouble = _("Choose how it goes.")
    elif form.is_valid():
        who = {"by": request.user, "today": request.today, "role": right.role}
        try:
            saved = form.save(**who, may_approve=request.membership.is_leader)
            return _saved(request, right, row, saved)
        except Refused as no:
            form.refuse(no)
    if card is None:
        card = _card(request, right, row)
        _open(request, card, form)
    return _answer(request, card, status=422)


@require_POST
@in_district()
def undo(request: HttpRequest, milestone: int) -> HttpResponse:
    """Take back the check-in that the button names, on the day on which it was made."""
    row = get_object_or_404(_rows(request), pk=milestone)
    right = may_say(request.membership, row, today=request.today).require()
    asked = request.POST.get("check_in", "")
    try:
        named = CheckIn.objects.filter(
            milestone=row, pk=asked[:18] if asked.isascii() and asked.isdigit() else 0
        )
        if not (meant := named.first()):
            raise Refused(_("There is nothing from today to undo."))
        may_undo(request.membership, meant, today=request.today).require()
        row.undo(by=request.user, today=request.today, check_in=meant.pk)
    except Refused as no:
        card = _card(request, right, row)
        card.trouble = str(no)
        return _answer(request, card, status=409)
    if request.htmx:
        return _answer(request, _card(request, right, row), say=_("Undone: %(name)s.") % {"name": row})
    messages.success(request, _("Undone: %(name)s.") % {"name": row})
    return redirect(_back(request, row))


@require_POST
@in_district()
def number(request: HttpRequest, milestone: int, measure: int) -> HttpResponse:
    """Record what a measure of the step counts today."""
    row = get_object_or_404(_rows(request), pk=milestone)
    right = may_check_in(request.membership, row.step, today=request.today).require()
    counted = get_object_or_404(
        Measure.objects.in_district(request.district).live(), pk=measure, step=row.step_id
    )
    form = NumberForm(counted, row, now="", data=request.POST)
    if not form.is_valid():
        card = _card(request, right, row)
        card.wrong_number = form
        return _answer(request, card, status=422)
    counted.add_reading(by=request.user, on=request.today, value=form.cleaned_data["value"])
    say = _("Saved the number: %(name)s.") % {"name": counted}
    if request.htmx:
        return _answer(request, _card(request, right, row), say=say)
    messages.success(request, say)
    return redirect(_back(request, row))


@require_http_methods(["GET", "HEAD", "POST"])
@in_district()
def slip_words(request: HttpRequest, slip: int) -> HttpResponse:
    """Add or change the owner's sentence beside a missed date."""
    missed = get_object_or_404(Slip.objects.in_district(request.district), pk=slip)
    row = find(request, missed.milestone_id)
    may_say(request.membership, row, today=request.today).require()
    form = SlipForm(typed(request), instance=missed)
    back = page_of(request, row)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved. It stands beside the missed date."))
        return redirect(back)
    return form_page(
        request,
        form,
        heading=_("Your sentence about a missed date"),
        lede=_("%(name)s, due %(due)s.") % {"name": row.name, "due": day(missed.due, request.today)},
        save=_("Save sentence"),
        back=back,
        crumbs=[*to_step(row.step, request.district.slug), (row.name, back)],
    )


def _rows(request: HttpRequest) -> QuerySet[Milestone]:
    return Milestone.objects.in_district(request.district).live().select_related("step", "building")


def _form(request: HttpRequest, row: Milestone, says: str | None, data=None) -> CheckInForm | None:
    if says not in FORMS:
        return None
    more = {}
    if says == Says.SLIPPING:
        more["asks"] = row.plan.is_adopted and not request.membership.is_leader
    given = {"done_on": request.today, "expected": request.GET.get("expected") or row.expected}
    return FORMS[says](data, milestone=row, initial=given, **more)


def _card(request: HttpRequest, right: Right, row: Milestone, *saved: CheckIn) -> Card:
    row.tell_word(today=request.today)
    card = cards([row], today=request.today, saved=saved)[0]
    card.back, card.right = _came_from(request), right.words
    return card


def _open(request: HttpRequest, card: Card, form: CheckInForm) -> None:
    card.form = form
    first = next(iter(form.fields.values()))
    if not form.is_bound:
        first.widget.attrs["autofocus"] = True
    if form.says != Says.SLIPPING:
        return
    leaders = Membership.objects.in_district(request.district).standing().filter(level=Level.LEADER)
    card.does = what_saving_does(
        card,
        form,
        adopted=card.milestone.plan.is_adopted,
        may_approve=request.membership.is_leader,
        leaders=[m.person for m in leaders.select_related("person")],
    )
    first.widget.attrs |= {  # a date that is chosen is weighed at once
        "hx-get": f"{request.path}?says={Says.SLIPPING.value}",
        "hx-trigger": "change",
        "hx-sync": "this:replace",  # in a queue of its own: the form's would drop a save that comes meanwhile
        "hx-target": f"#m-{card.milestone.pk}-does",
        "hx-select": f"#m-{card.milestone.pk}-does",
        "hx-swap": "outerHTML",
    }


def _saved(request: HttpRequest, right: Right, row: Milestone, saved: CheckIn) -> HttpResponse:
    if not request.htmx and _came_from(request) == "worklist":
        return redirect(_back(request, row))  # the folded card says that it is saved
    card = _card(request, right, row, saved)
    if not request.htmx:
        messages.success(request, card.saved_words)
        return redirect(_back(request, row))
    say = _("%(name)s. %(saved)s Undo is on the card.") % {"name": row, "saved": card.saved_words}
    return _answer(request, card, say=say)


def _answer(request: HttpRequest, card: Card, *, say: str = "", status: int = 200) -> HttpResponse:
    template = "milestones/_card.html" if request.htmx else "milestones/check_in.html"
    response = render(
        request, template, {"card": card, "say": say, "back": _back(request, card.milestone)}, status=status
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def _came_from(request: HttpRequest) -> str:
    asked = request.POST.get("back") or request.GET.get("back")
    return "milestone" if asked == "milestone" else "worklist"


def _back(request: HttpRequest, row: Milestone) -> str:
    if _came_from(request) == "milestone":
        return page_of(request, row)
    return f"{reverse('worklist', args=[request.district.slug])}#m-{row.pk}"
