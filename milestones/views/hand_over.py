"""Somebody leaves: one page on which everything that they hold finds its next holder, and one that says what happened."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.handing_over import load_by_role, load_of
from stakeholders import appointing
from stakeholders.access import in_district
from stakeholders.appointment_forms import HandOverForm
from stakeholders.models import HandOver, Level, Person, Role
from stakeholders.outbox import wake_sender


@require_http_methods(["GET", "HEAD", "POST"])
@in_district(Level.LEADER)
def hand_over(request: HttpRequest, person: int) -> HttpResponse:
    """Show everything that a member holds, each with the choice of who follows; hand it over."""
    people = Person.objects.filter(memberships__district=request.district)
    leaver = get_object_or_404(people, pk=person)
    membership = leaver.memberships.in_district(request.district).select_related("person").get()
    held = _held(request, membership.person)
    form = HandOverForm(
        request.POST or None,
        district=request.district,
        person=membership.person,
        held=held,
        today=request.today,
    )
    if membership.ended_at:
        del form.fields["end_access"]
    if request.method == "POST" and form.is_valid() and (done := _do(request, form)):
        own_access = done.ended_access and done.person_id == request.user.pk
        return redirect("home") if own_access else redirect("handed_over", request.district.slug, done.pk)
    roles = [one.role for one in held]
    load = load_by_role(roles)
    context = {
        "person": membership.person,
        "leaver": membership,
        "form": form,
        "rows": [(one, field, *load.get(one.role_id, (0, 0))) for one, field in form.rows()],
        "load": load_of(membership.person, roles, district=request.district),
        "earlier": HandOver.objects.in_district(request.district).filter(person=membership.person)[:10],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "milestones/hand_over.html", context, status=status)


def _held(request: HttpRequest, person: Person) -> list:
    held = appointing.in_hand(person, district=request.district, today=request.today)
    roles = Role.objects.in_district(request.district).filter(pk__in=[one.role_id for one in held])
    by_id = {role.pk: role for role in roles.with_holders(today=request.today)}
    for one in held:
        one.role = by_id[one.role_id]
    return held


def _do(request: HttpRequest, form: HandOverForm) -> HandOver | None:
    """Hand over; None, with an error to show, when it cannot be. Sent twice, it leads to what was done the first time."""
    try:
        done = appointing.hand_over(
            form.person,
            form.successors(),
            district=request.district,
            by=request.user,
            now=request.now,
            today=request.today,
            first_day=form.cleaned_data["first_day"],
            end_access=form.cleaned_data.get("end_access", False),
        )
    except appointing.NothingToHandOver as no:
        before = HandOver.objects.in_district(request.district).filter(person=form.person, on=request.today)
        if before := before.filter(undone_at__isnull=True).first():
            return before
        form.refuse(no)
    except appointing.NotAppointed as no:
        form.refuse(no)
    else:
        wake_sender()
        return done
    return None


@require_safe
@in_district(Level.LEADER)
def handed_over(request: HttpRequest, hand_over: int) -> HttpResponse:
    """Say what became of each role, and offer to undo it on the same day."""
    rows = HandOver.objects.in_district(request.district).select_related("person", "by", "undone_by")
    row = get_object_or_404(rows, pk=hand_over)
    done = appointing.outcome(row)
    roles = Role.objects.in_district(request.district).filter(pk__in=[one.role.pk for one in done])
    by_id = {role.pk: role for role in roles.with_holders(today=max(request.today, row.first_day))}
    context = {
        "job": row,
        "lines": [(one, by_id[one.role.pk]) for one in done],
        "may_undo": row.may_be_undone(today=request.today),
    }
    return render(request, "milestones/handed_over.html", context)


@require_POST
@in_district(Level.LEADER)
def hand_over_undo(request: HttpRequest, hand_over: int) -> HttpResponse:
    row = get_object_or_404(HandOver.objects.in_district(request.district), pk=hand_over)
    try:
        appointing.undo_hand_over(row, by=request.user, now=request.now, today=request.today)
    except appointing.NotAppointed as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("Undone. Everything is as it was before."))
    return redirect("handed_over", request.district.slug, row.pk)
