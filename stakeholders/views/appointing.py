"""Who holds a role: appointing somebody, ending it, correcting its dates; and which areas of skill the roles cover."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stakeholders.access import in_district
from stakeholders.appointment_forms import AppointForm, DatesForm
from stakeholders.areas import coverage
from stakeholders.edit_pages import edit_page, form_page
from stakeholders.models import Appointment, Level, Role

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@form_methods
@in_district(Level.LEADER)
def appoint(request: HttpRequest, role: int) -> HttpResponse:
    """Let a member hold a role, or deputise in it."""
    row = get_object_or_404(Role.objects.in_district(request.district).select_related("district"), pk=role)
    form = AppointForm(request.POST or None, district=request.district, role=row, today=request.today)
    back = reverse("role", args=[request.district.slug, row.pk])
    if request.method == "POST" and form.is_valid() and form.save(by=request.user):
        messages.success(request, _("%(name)s is appointed.") % {"name": form.cleaned_data["person"]})
        return redirect(back)
    context = {"heading": _("Appoint somebody"), "save": _("Appoint"), "back": back, "lede": row.title}
    return form_page(request, form, crumbs=_crumbs(request, row), **context)


@form_methods
@in_district(Level.LEADER)
def appointment(request: HttpRequest, appointment: int) -> HttpResponse:
    """End an appointment, or correct its dates."""
    rows = Appointment.objects.in_district(request.district).select_related(
        "role__district", "person", "district"
    )
    row = get_object_or_404(rows, pk=appointment)
    form = DatesForm(request.POST or None, instance=row, district=request.district, today=request.today)
    return edit_page(
        request,
        form,
        heading=_("End or change an appointment"),
        lede=f"{row.role.title}: {row.person}",
        save=_("Save dates"),
        back=reverse("role", args=[request.district.slug, row.role_id]),
        crumbs=_crumbs(request, row.role),
    )


@require_safe
@in_district()
def areas(request: HttpRequest) -> HttpResponse:
    """Show the ten areas of skill, those first that no role covers here."""
    rows = coverage(request.district, today=request.today)
    blanks = sum(not one.roles for one in rows)
    crumbs = [(_("Roles"), reverse("roles", args=[request.district.slug]))]
    return render(request, "stakeholders/areas.html", {"rows": rows, "blanks": blanks, "crumbs": crumbs})


def _crumbs(request: HttpRequest, role: Role) -> list[tuple[str, str]]:
    slug = request.district.slug
    return [(_("Roles"), reverse("roles", args=[slug])), (role.title, reverse("role", args=[slug, role.pk]))]
