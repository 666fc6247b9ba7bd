"""Everything about one person: taken home, for a records request or by oneself; and a former member's name taken out."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stakeholders.access import in_district
from stakeholders.edit_forms import DistrictForm, LongLine
from stakeholders.edit_pages import form_page
from stakeholders.models import Level, Membership
from stakeholders.records.export import as_zip, exports_of, gather, note_export, own_account
from stakeholders.records.redaction import Refused, Words, redact, why_not, words_of
from stakeholders.views.home import keeping_the_way_back

EXPORTS_SHOWN = 20
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@form_methods
@in_district(Level.LEADER)
@never_cache
def person_export(request: HttpRequest, membership: int) -> HttpResponse:
    """Say what an export of a member's records holds; POST makes it, and is kept with who and when."""
    row = _find(request, membership)
    if request.method == "POST":
        note_export(row, by=request.user, now=request.now)
        data = as_zip(row.person, [gather(row)], account=None, now=request.now)
        return _download(data, f"everything-{request.district.slug}-{row.pk}.zip")
    context = {"row": row, "exports": exports_of(row)[:EXPORTS_SHOWN], "crumbs": _crumbs(request, row)}
    return render(request, "stakeholders/records/export.html", context)


@form_methods
@login_required
@keeping_the_way_back
@never_cache
def own_export(request: HttpRequest) -> HttpResponse:
    """Everything about oneself, in all of one's districts."""
    mine = request.user.memberships.standing().select_related("district", "person").order_by("district__name")
    if request.method == "POST":
        now = timezone.now()
        data = as_zip(request.user, [gather(one) for one in mine], account=own_account(request.user), now=now)
        return _download(data, "everything-about-me.zip")
    return render(request, "stakeholders/records/own_export.html", {"mine": mine})


def _download(data: bytes, name: str) -> HttpResponse:
    """Return a file whose name holds nothing that anybody typed."""
    response = HttpResponse(data, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


class RedactForm(DistrictForm):
    """What else is redacted, why, and the name once more: it cannot be undone."""

    texts = forms.MultipleChoiceField(
        label=gettext_lazy("Texts to redact whole"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        widget=LongLine,
        help_text=gettext_lazy(
            "Kept for good, so without anybody’s name: “asked for by the person, Nov 12”."
        ),
    )
    confirm = forms.CharField(label=gettext_lazy("The name, to be sure"), max_length=300)

    def __init__(self, *args: Any, membership: Membership, words: list[Words], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.membership = membership
        self.name = membership.person.name or membership.person.email
        self.fields["texts"].choices = [(one.key, f"{one.where}: {one.text}") for one in words]
        self.fields["confirm"].help_text = _("Type “%(name)s”.") % {"name": self.name}
        if not words:
            del self.fields["texts"]

    def clean_confirm(self) -> str:
        typed = self.cleaned_data["confirm"]
        if typed.casefold() != self.name.casefold():
            raise forms.ValidationError(_("That is not the name."))
        return typed


@form_methods
@in_district(Level.LEADER)
@never_cache
def person_redact(request: HttpRequest, membership: int) -> HttpResponse:
    """Take a former member's name out of the district's records, for good."""
    row = _find(request, membership)
    words = [] if why_not(row) else words_of(row)
    form = RedactForm(
        request.POST if request.method == "POST" else None,
        district=request.district,
        membership=row,
        words=words,
    )
    if request.method == "POST" and form.is_valid():
        try:
            done = redact(
                row,
                by=request.user,
                now=request.now,
                reason=form.cleaned_data["reason"],
                texts=form.cleaned_data.get("texts", ()),
            )
        except Refused as no:
            form.refuse(no)
        else:
            messages.success(request, _("Done. Here this person is “%(name)s” now.") % {"name": done})
            return redirect("people", request.district.slug)
    return form_page(
        request,
        form,
        template="stakeholders/records/redact.html",
        row=row,
        why_not=why_not(row),
        back=reverse("person", args=[request.district.slug, row.pk]),
        crumbs=_crumbs(request, row),
    )


def _find(request: HttpRequest, membership: int) -> Membership:
    rows: QuerySet[Membership] = Membership.objects.in_district(request.district)
    return get_object_or_404(rows.select_related("person", "district"), pk=membership)


def _crumbs(request: HttpRequest, row: Membership) -> list[tuple[str, str]]:
    slug, name = request.district.slug, row.person.name or row.person.email
    return [
        (_("People"), reverse("people", args=[slug])),
        (name, reverse("person", args=[slug, row.pk])),
    ]
