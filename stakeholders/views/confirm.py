"""“Please show that it is you”: before ways to sign in are changed, unless one has just come in."""

import time
from collections.abc import Callable
from functools import wraps
from smtplib import SMTPException

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from stakeholders.coming_in import delays
from stakeholders.coming_in.second_factor import SecondStepForm, factors_of, makes_sense
from stakeholders.coming_in.sessions import renew
from stakeholders.coming_in.sign_in import proved_lately
from stakeholders.views.home import keeping_the_way_back
from stakeholders.views.sign_in import waits_when_told

SENT = "confirm-code"  # in the session: the code that was sent, and when
GOOD_FOR = 15 * 60


def proved(view: Callable) -> Callable:
    """Decorate a view that changes ways to sign in: whoever came in a while ago shows first that it is still them."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if proved_lately(request):
            return view(request, *args, **kwargs)
        # What was asked for by a button is asked for again by its page.
        after = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("account")
        return redirect_to_login(after, login_url=reverse("account_reauthenticate"))

    return guarded


class PasswordProof(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args, request: HttpRequest, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        person = self.request.user
        counted = delays.claim("password", account=person.email, request=self.request, now=timezone.now())
        if not person.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError(_("That is not your password."))
        counted.forgive()
        return ""

    def save(self) -> None:
        record_authentication(self.request, self.request.user, method="password", reauthenticated=True)


class CodeProof(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code from the mail"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def __init__(self, *args, request: HttpRequest, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_code(self) -> str:
        person, sent = self.request.user, self.request.session.get(SENT) or {}
        counted = delays.claim("code", account=person.email, request=self.request, now=timezone.now())
        fresh = time.time() - sent.get("at", 0) < GOOD_FOR
        if not fresh or not compare_user_code(actual=self.cleaned_data["code"], expected=sent["code"]):
            raise get_adapter(self.request).validation_error("incorrect_code")
        counted.forgive()
        return ""

    def save(self) -> None:
        del self.request.session[SENT]
        record_authentication(self.request, self.request.user, method="code", reauthenticated=True)


class FactorProof(SecondStepForm):
    """The code of an app, or one from paper."""

    def __init__(self, *args, request: HttpRequest, **kwargs):
        super().__init__(*args, user=request.user, **kwargs)


class PasskeyProof(ReauthenticateWebAuthnForm):
    def __init__(self, *args, request: HttpRequest, **kwargs):
        super().__init__(*args, user=request.user, **kwargs)


WAYS = {"password": PasswordProof, "code": CodeProof, "app": FactorProof, "passkey": PasskeyProof}


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@login_required
@keeping_the_way_back
@waits_when_told
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask who is there, by whichever of their ways the visitor likes."""
    if request.POST.get("way") == "send":
        return send_code(request)
    way = request.POST.get("way")
    forms_ = {
        name: form(request.POST if name == way else None, request=request, auto_id=f"id_{name}_%s")
        for name, form in ways_of(request).items()
    }
    if (form := forms_.get(way)) and makes_sense(form):
        form.save()
        renew(request)
        return redirect(get_next_redirect_url(request) or "account")
    shown = {"forms": forms_, "next": get_next_redirect_url(request) or "", "sent": SENT in request.session}
    if "passkey" in forms_:
        shown["options"] = begin_authentication(request.user)
    status = 422 if request.method == "POST" else 200
    return render(request, "account/confirm.html", shown, status=status)


def ways_of(request: HttpRequest) -> dict:
    """Return what this person can show, the quickest first."""
    factors = factors_of(request.user)
    has = {
        "passkey": bool(factors["passkeys"]),
        "password": request.user.has_usable_password(),
        "app": bool(factors["app"] or factors["paper"]),
        "code": True,
    }
    return {way: WAYS[way] for way, there in has.items() if there}


def send_code(request: HttpRequest) -> HttpResponse:
    """Send a code to one's own address."""
    email, adapter = request.user.email, get_adapter(request)
    counted = delays.claim("mail", account=email, request=request, now=timezone.now())
    code = adapter.generate_login_code()
    try:
        adapter.send_mail("account/email/login_code", email, {"code": code, "request": request})
    except (SMTPException, OSError):
        counted.forgive()
        messages.error(request, _("The mail could not be sent just now. Please try again in a minute."))
    else:
        request.session[SENT] = {"code": code, "at": time.time()}
        messages.success(request, _("The code is on its way to %(email)s.") % {"email": email})
    after = get_next_redirect_url(request) or reverse("account")
    return redirect_to_login(after, login_url=reverse("account_reauthenticate"))
