"""The second step at sign-in, and the pages on which an app, codes on paper and passkeys are set up and removed."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, clear_totp_secret, get_totp_secret
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from stakeholders.coming_in.second_factor import (
    MOST_PASSKEYS,
    AppForm,
    PasskeyForm,
    RenameForm,
    factors_of,
    makes_sense,
    new_recovery_codes,
    remove_factor,
)
from stakeholders.coming_in.sessions import renew
from stakeholders.views.confirm import proved
from stakeholders.views.home import keeping_the_way_back
from stakeholders.views.sign_in import form_methods, unprocessable, waits_when_told

get_or_post = require_http_methods(["GET", "POST"])


class SecondStep(AuthenticateView):
    template_name = "account/second_step.html"

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self.form_valid(self.form) if makes_sense(self.form) else self.form_invalid(self.form)

    def get_context_data(self, **kwargs) -> dict:
        more = factors_of(self.stage.login.user)
        return {**super().get_context_data(**kwargs), **more, "tried": self.request.method == "POST"}


second_step = form_methods(unprocessable(waits_when_told(SecondStep.as_view())))


@never_cache
@get_or_post
def with_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: it checks who holds it, so it is two factors in one."""
    onward = get_next_redirect_url(request)
    form = LoginWebAuthnForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and makes_sense(form):
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=onward, email=passkey.user.email)
        return perform_passwordless_login(request, passkey, login)
    shown = {"form": form, "options": webauthn.begin_authentication(user=None), "next": onward or ""}
    status = 422 if request.method == "POST" else 200
    return render(request, "account/passkey.html", shown, status=status)


@never_cache
@get_or_post
@login_required
@keeping_the_way_back
@proved
def app(request: HttpRequest) -> HttpResponse:
    """Set up an app that shows codes."""
    person = request.user
    if factors_of(person)["app"]:
        return redirect("account")
    secret = get_totp_secret()  # stays the same until it is used
    form = AppForm(request.POST if request.method == "POST" else None, secret=secret)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                made = TOTP.activate(person, secret).instance
        except IntegrityError:  # sent twice
            return redirect("account")
        clear_totp_secret(request)
        messages.success(request, _("The app is set up. From now on it is the second step when you come in."))
        return _added(request, made)
    url = get_adapter().build_totp_url(person, secret)
    groups = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    shown = {"form": form, "svg": get_adapter().build_totp_svg(url), "secret": groups}
    return render(request, "account/app.html", shown, status=422 if form.errors else 200)


@never_cache
@get_or_post
@login_required
@keeping_the_way_back
@proved
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Set up a passkey: a phone, a laptop or a key that unlocks by finger, face or number."""
    if len(factors_of(request.user)["passkeys"]) >= MOST_PASSKEYS:
        messages.error(request, _("Ten passkeys are the most. Remove one that you no longer use."))
        return redirect("account")
    form = PasskeyForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and makes_sense(form):
        made = webauthn.WebAuthn.add(
            request.user, form.cleaned_data["name"], form.cleaned_data["credential"]
        ).instance
        messages.success(request, _("The passkey is set up. You can come in with it alone."))
        return _added(request, made)
    shown = {"form": form, "options": webauthn.begin_registration(request.user, True)}
    return render(request, "account/passkey_add.html", shown, status=422 if form.errors else 200)


def _added(request: HttpRequest, factor: Authenticator) -> HttpResponse:
    """After a factor was set up: this session has shown it, has a new id, and is led to codes on paper if there are none."""
    record_authentication(request, request.user, "mfa", id=factor.pk, type=factor.type, reauthenticated=True)
    renew(request)
    if factors_of(request.user)["paper"]:
        return redirect("account")
    new_recovery_codes(request.user)
    return redirect("recovery_codes")


@get_or_post
@login_required
@keeping_the_way_back
@proved
def passkey(request: HttpRequest, passkey: int) -> HttpResponse:
    """Rename a passkey."""
    row = _passkey_of(request, passkey)
    form = RenameForm(request.POST if request.method == "POST" else None, initial={"name": row.data["name"]})
    if request.method == "POST" and form.is_valid():
        row.data["name"] = form.cleaned_data["name"]
        row.save(update_fields=["data"])
        messages.success(request, _("Saved."))
        return redirect("account")
    shown = {"form": form, "passkey": row}
    return render(request, "account/passkey_edit.html", shown, status=422 if form.errors else 200)


@require_POST
@login_required
@proved
def remove_passkey(request: HttpRequest, passkey: int) -> HttpResponse:
    return _removed(request, _passkey_of(request, passkey), _("The passkey is removed."))


@require_POST
@login_required
@proved
def remove_app(request: HttpRequest) -> HttpResponse:
    if row := factors_of(request.user)["app"]:
        return _removed(request, row, _("The app is removed."))
    return redirect("account")


def _passkey_of(request: HttpRequest, pk: int) -> Authenticator:
    own = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
    return get_object_or_404(own, pk=pk)


def _removed(request: HttpRequest, factor: Authenticator, words: str) -> HttpResponse:
    remove_factor(factor)
    renew(request)
    messages.success(request, words)
    return redirect("account")


@never_cache
@get_or_post
@login_required
@keeping_the_way_back
@proved
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show the codes on paper that are left; make new ones."""
    factors = factors_of(request.user)
    if not (factors["app"] or factors["passkeys"]):
        messages.info(request, _("Set up an app or a passkey first."))
        return redirect("account")
    if request.method == "POST":
        new_recovery_codes(request.user)
        renew(request)
        messages.success(request, _("These are your new codes. The ones before count no more."))
        return redirect("recovery_codes")
    codes = factors["paper"].wrap().get_unused_codes() if factors["paper"] else []
    return render(request, "account/recovery_codes.html", {"codes": codes})
