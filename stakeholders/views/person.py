"""One member of a district: what they may do and hold, and what a leader can change about it."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stakeholders import memberships
from stakeholders.access import in_district
from stakeholders.edit_pages import edit_page, form_page
from stakeholders.memberships import Refused
from stakeholders.models import Level, Membership
from stakeholders.people_forms import EndForm, LevelForm
from stakeholders.visits import with_last_visit

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@in_district(Level.EDITOR)
def person(request: HttpRequest, membership: int) -> HttpResponse:
    """Show a member: address, level, roles, last visit, and how the level changed."""
    row = _find(request, membership)
    context = {
        "row": row,
        "held": memberships.roles_held(row, today=request.today),
        "story": memberships.story(row),
        "why_no_code": memberships.why_no_code(row),
        "hand_over": _hand_over(request, row),
        "is_last_leader": memberships.is_last_leader(row),
        "crumbs": _crumbs(request),
    }
    return render(request, "stakeholders/person.html", context)


@form_methods
@in_district(Level.LEADER)
def person_level(request: HttpRequest, membership: int) -> HttpResponse:
    """Give a member another level."""
    row = _find(request, membership)
    form = LevelForm(request.POST or None, instance=row, district=request.district, by=request.user)
    return edit_page(
        request,
        form,
        heading=_("Change the level"),
        lede=_name(row),
        save=_("Save level"),
        back=_page_of(request, row),
        crumbs=_crumbs(request, row),
        template="stakeholders/person_level.html",
        why_not=memberships.last_leader_words() if memberships.is_last_leader(row) else "",
    )


@form_methods
@in_district(Level.LEADER)
def person_end(request: HttpRequest, membership: int) -> HttpResponse:
    """End a member's access to this district, after asking who takes over the roles."""
    row = _find(request, membership)
    held = memberships.roles_held(row, today=request.today)
    is_own = row.person_id == request.user.pk
    sent = request.POST if request.method == "POST" else None  # it may have no field
    form = EndForm(sent, district=request.district, held=held, is_own=is_own)
    if request.method == "POST" and form.is_valid():
        try:
            memberships.end(row, by=request.user, now=request.now)
        except Refused as no:
            form.refuse(no)
        else:
            messages.success(request, _("Access has ended. It is gone from the next page on."))
            return redirect("home" if is_own else _page_of(request, row))
    return form_page(
        request,
        form,
        template="stakeholders/person_end.html",
        row=row,
        held=held,
        hand_over=_hand_over(request, row),
        why_not=memberships.last_leader_words() if memberships.is_last_leader(row) else "",
        back=_page_of(request, row),
        crumbs=_crumbs(request, row),
    )


@require_POST
@in_district(Level.LEADER)
def person_bring_back(request: HttpRequest, membership: int) -> HttpResponse:
    """Let access that had ended count again."""
    row = _find(request, membership)
    memberships.bring_back(row, by=request.user, now=request.now)
    messages.success(request, _("%(name)s has access again.") % {"name": _name(row)})
    return redirect(_page_of(request, row))


@require_POST
@in_district(Level.LEADER)
@never_cache
def person_code(request: HttpRequest, membership: int) -> HttpResponse:
    """Make a one-time code and show it, this once: only its hash is kept."""
    row = _find(request, membership)
    try:
        code = memberships.hand_over_code(row, by=request.user, now=request.now)
    except Refused as no:
        messages.warning(request, str(no))
        return redirect(_page_of(request, row))
    context = {
        "row": row,
        "code": f"{code[:4]} {code[4:]}",
        "address": request.build_absolute_uri(reverse("first_sign_in")),
        "crumbs": _crumbs(request, row),
    }
    return render(request, "stakeholders/person_code.html", context)


def _find(request: HttpRequest, membership: int) -> Membership:
    rows: QuerySet[Membership] = Membership.objects.in_district(request.district)
    shown = with_last_visit(rows).select_related("person").prefetch_related("workplaces__building")
    row = get_object_or_404(shown, pk=membership)
    row.district = request.district
    row.visited_on = request.district.today(row.visited_at) if row.visited_at else None
    return row


def _name(row: Membership) -> str:
    return row.person.name or row.person.email


def _page_of(request: HttpRequest, row: Membership) -> str:
    return reverse("person", args=[request.district.slug, row.pk])


def _crumbs(request: HttpRequest, row: Membership | None = None) -> list[tuple[str, str]]:
    crumbs = [(_("People"), reverse("people", args=[request.district.slug]))]
    return [*crumbs, (_name(row), _page_of(request, row))] if row else crumbs


def _hand_over(request: HttpRequest, row: Membership) -> str:
    """Return the address of the page on which this member's roles are handed over."""
    try:
        return reverse("hand_over", args=[request.district.slug, row.person_id])
    except NoReverseMatch:
        return ""
