"""The page that an invitation's link leads to, and the way from it into the district."""

import logging
from smtplib import SMTPException

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from stakeholders.coming_in import delays
from stakeholders.coming_in.arriving import OPENED
from stakeholders.context import mail_folder
from stakeholders.edit_forms import TidyForm
from stakeholders.invitations import NotAccepted, accept, key_of, offered_to
from stakeholders.models import Invitation, InvitationKey, Person
from stakeholders.views.sign_in import waits_when_told

log = logging.getLogger(__name__)


class JoinForm(TidyForm, forms.Form):
    """The name of whoever joins. It is asked of everybody alike: the page does not tell who has been here before."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=Person._meta.get_field("name").max_length,
        help_text=gettext_lazy("As the other people of the district will see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@waits_when_told
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    """Say who invites to what, and let the holder of the link prove the address. Whatever does not count answers alike.

    The key in the address goes to no other site: the policy of every page is same-origin. A stricter one would have browsers
    send the form without its origin, which is refused.
    """
    row = key_of(key, now=timezone.now())
    if row is None:
        return render(request, "stakeholders/no_invitation.html", status=404)
    return _open(request, row=row)


def _open(request: HttpRequest, *, row: InvitationKey) -> HttpResponse:
    invited, user = row.invitation, request.user
    if user.is_authenticated:
        if user.email == invited.email and request.method == "POST":
            return _join(request, invited)
        return _page(request, row, status=409 if request.method == "POST" else 200)
    form = JoinForm(request.POST if request.method == "POST" else None, initial={"name": invited.name})
    if request.method == "POST" and form.is_valid():
        try:
            return _lead_in(request, row, name=form.cleaned_data["name"])
        except (SMTPException, OSError) as error:
            log.error("a mail with a code could not be sent: %s", type(error).__name__)
            form.add_error(None, _("The mail could not be sent just now. Please try again in a minute."))
    return _page(request, row, form=form, status=422 if form.errors else 200)


def _page(
    request: HttpRequest, row: InvitationKey, *, status: int, form: JoinForm | None = None
) -> HttpResponse:
    invited = row.invitation
    context = {
        "invitation": invited,
        "until": invited.district.today(invited.expires_at),
        "form": form,
        "is_theirs": request.user.is_authenticated and request.user.email == invited.email,
        "by_link": _is_enough(row),
    }
    return render(request, "stakeholders/invitation.html", context, status=status)


def _is_enough(row: InvitationKey) -> bool:
    """Whether this link alone lets its holder in: handed over where no mail is sent, to an address that is new here."""
    return bool(
        row.handed_by_id and mail_folder() and not Person.objects.filter(email=row.invitation.email).exists()
    )


def _lead_in(request: HttpRequest, row: InvitationKey, *, name: str) -> HttpResponse:
    """Remember the invitation for the sign-in, and lead to the way that the visitor chose."""
    email, enough = row.invitation.email, _is_enough(row)
    request.session[OPENED] = row.digest
    match request.POST.get("way"):
        case "one-time":
            return redirect("first_sign_in")
        case "other":
            return redirect("account_request_login_code")
    counted = None if enough else delays.claim("mail", account=email, request=request, now=timezone.now())
    person = Person.objects.filter(email=email).first() or Person.objects.create_user(email, name=name)
    if not person.name:
        person.name = name
        person.save(update_fields=["name"])
    if enough:
        record_authentication(request, person, method="invitation")
        login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
        messages.info(
            request, _("You are signed in. No mail is sent yet, so a password is your way back in.")
        )
        return redirect("account_password")
    try:
        LoginCodeVerificationProcess.initiate(request=request, user=person, email=email)
    except (SMTPException, OSError):
        counted.forgive()
        raise
    return redirect("account_confirm_login_code")


@require_POST
@login_required
def join(request: HttpRequest, invitation: int) -> HttpResponse:
    """Accept an invitation that was offered after signing in."""
    mine = offered_to(request.user, now=timezone.now())
    return _join(request, mine.filter(pk=invitation).first())


def _join(request: HttpRequest, invited: Invitation | None) -> HttpResponse:
    try:
        if invited is None:
            raise NotAccepted
        membership = accept(invited, person=request.user, now=timezone.now())
    except NotAccepted:
        messages.warning(request, _("This invitation does not count any more."))
        return redirect("home")
    messages.success(request, _("You have joined %(district)s.") % {"district": membership.district.name})
    return redirect(f"/d/{membership.district.slug}/")
