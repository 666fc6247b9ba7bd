"""A district's settings: read by every member as far as they concern members, changed by leaders."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from stakeholders.access import in_district
from stakeholders.district_settings import (
    DistrictSettingsForm,
    addresses_outside,
    asked_for_second_factor,
    without_second_factor,
)
from stakeholders.edit_pages import edit_page
from stakeholders.history import history_response
from stakeholders.in_charge import in_charge_of
from stakeholders.models import District, Level, SecondFactorFor

EDIT = "stakeholders/settings/edit.html"


@require_safe
@in_district()
def settings_page(request: HttpRequest) -> HttpResponse:
    """Show the settings in words, with what each means for people here."""
    district = request.district
    asked = asked_for_second_factor(district, district.second_factor_for)
    context = {
        "in_charge": in_charge_of(request.membership),
        "year_ends": district.fiscal_year_end(district.fiscal_year(request.today)),
        "year": district.fiscal_year(request.today),
        "asked": len(asked),
        "without": len(without_second_factor(asked)),
        "outside": addresses_outside(district) if request.membership.is_leader else 0,
    }
    return render(request, "stakeholders/settings/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_district(Level.LEADER)
def settings_edit(request: HttpRequest) -> HttpResponse:
    """Change the settings. The row is fetched anew, so that a form that is refused changes nothing on the page around it."""
    row = District.objects.get(pk=request.district.pk)
    form = DistrictSettingsForm(
        request.POST or None, instance=row, district=request.district, now=request.now
    )
    back = reverse("settings", args=[row.slug])
    crumbs = [(_("Settings"), back)]
    response = edit_page(
        request,
        form,
        template=EDIT,
        heading=_("Change the settings"),
        save=_("Save settings"),
        back=back,
        crumbs=crumbs,
        second_steps=_second_steps(request, row),
        second_help=_("An app on a phone or a passkey, besides the code or password."),
        outside=addresses_outside(row),
    )
    if response.status_code == 302 and "second_factor_for" in form.changed_data:
        _tell_whom_it_concerns(request, form.instance)
    return response


def _second_steps(request: HttpRequest, district: District) -> list[dict]:
    """Say of each answer that asks anybody how many it asks, and how many of those would have to set one up."""
    found = []
    for setting in (SecondFactorFor.LEADERS, SecondFactorFor.EDITORS):
        asked = asked_for_second_factor(district, setting)
        lacking = without_second_factor(asked)
        found.append(
            {
                "label": setting.label,
                "asked": len(asked),
                "without": len(lacking),
                "you": request.user in lacking,
            }
        )
    return found


def _tell_whom_it_concerns(request: HttpRequest, district: District) -> None:
    """Warn the leader who asks for a second step and has none: the next sign-in would ask for it."""
    lacking = without_second_factor(asked_for_second_factor(district, district.second_factor_for))
    if request.user in lacking:
        messages.warning(
            request,
            _("You have no second step yourself yet. Set one up on your account page before you sign out."),
        )
    others = len(lacking) - (request.user in lacking)
    if others:
        words = ngettext(
            "%(n)s other person has to set one up at the next sign-in.",
            "%(n)s other people have to set one up at the next sign-in.",
            others,
        )
        messages.info(request, words % {"n": others})


@require_safe
@in_district(Level.LEADER)
def settings_history(request: HttpRequest) -> HttpResponse:
    crumbs = [(_("Settings"), reverse("settings", args=[request.district.slug]))]
    return history_response(request, request.district, crumbs=crumbs)
