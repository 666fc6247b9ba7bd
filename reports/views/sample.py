"""Removing the sample district, once it has been looked at enough."""

from typing import Any

from django import forms
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from reports.sample.remove import remove_sample
from stakeholders.access import in_district
from stakeholders.edit_forms import TidyForm
from stakeholders.models import District, Level, Person

form_methods = require_http_methods(["GET", "HEAD", "POST"])


class RemoveForm(TidyForm, forms.Form):
    """The name of the district, typed once more: it cannot be undone."""

    name = forms.CharField(label=gettext_lazy("The district’s name, to be sure"), max_length=300)

    def __init__(self, *args: Any, district: District | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.district = district
        if district:
            self.fields["name"].help_text = _("Type “%(name)s”.") % {"name": district.name}

    def clean_name(self) -> str:
        if not (self.district and self.district.is_sample):
            raise forms.ValidationError(_("This is no sample; nothing was removed."))
        if self.cleaned_data["name"].casefold() != self.district.name.casefold():
            raise forms.ValidationError(_("That is not the district’s name."))
        return self.cleaned_data["name"]


@form_methods
@in_district(Level.LEADER)
def remove(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    """For the sample's own leaders."""
    return _page(request, request.district)


@form_methods
@login_required
def remove_as_staff(request: HttpRequest) -> HttpResponse:
    """For whoever runs the installation and does not belong to the sample; 404 for everybody else."""
    if not request.user.is_staff:
        raise Http404
    return _page(request, District.objects.filter(is_sample=True).first())


def _page(request: HttpRequest, district: District | None) -> HttpResponse:
    form = RemoveForm(request.POST if request.method == "POST" else None, district=district)
    if request.method == "POST" and form.is_valid():
        remove_sample(now=timezone.now())
        if not Person.objects.filter(pk=request.user.pk).exists():
            logout(request)
        return render(request, "reports/sample_removed.html")
    status = 422 if request.method == "POST" else 200
    return render(request, "reports/sample_remove.html", {"form": form, "sample": district}, status=status)
