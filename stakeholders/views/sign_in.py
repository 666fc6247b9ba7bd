"""Coming in and going out. allauth does the work; here are its pages, narrowed to the ways that we offer."""

import logging
from collections.abc import Callable
from functools import wraps
from smtplib import SMTPException

from allauth.account import views as allauth
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stakeholders.coming_in import delays
from stakeholders.coming_in.providers import form_origins
from stakeholders.coming_in.sessions import STAYS
from stakeholders.coming_in.sign_in import SAMPLE_PEOPLE, sample_person
from stakeholders.models import Membership

log = logging.getLogger(__name__)


def unprocessable(view: Callable) -> Callable:
    """Answer 422 where a form comes back with errors: allauth answers 200, which nobody can tell from success."""

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 422
        return response

    return answered


def leads_to_providers(view: Callable) -> Callable:
    """Let the forms of this page lead to the configured providers: Chromium asks the policy about redirects, too."""

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if origins := form_origins():
            response._csp_update = {"form-action": origins}
        return response

    return answered


def too_soon(request: HttpRequest, refusal: delays.TooSoon) -> HttpResponse:
    """Say for how long to wait, and which other ways there are."""
    response = render(request, "429.html", {"wait": refusal.words}, status=429)
    response["Retry-After"] = refusal.seconds
    return response


def waits_when_told(view: Callable) -> Callable:
    """Answer 429 where something was tried too often."""

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except delays.TooSoon as refusal:
            return too_soon(request, refusal)

    return answered


class _StartsAgain:
    """While a code is awaited, allauth sends every sign-in page back to it. Ours may be opened: to use another address."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage) -> None:
        return None

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        form.fields["email" if "email" in form.fields else "login"].label = _("E-mail address")
        return form

    def get_context_data(self, **kwargs) -> dict:
        more = {"sample_people": sample_buttons(), "providers": settings.SIGN_IN_PROVIDERS}
        more["nobody_yet"] = not Membership.objects.exists()
        return {**super().get_context_data(**kwargs), **more}


class AskForCode(_StartsAgain, allauth.RequestLoginCodeView):
    """The sign-in page. Asking again sends a new code, so "send again" is this form once more."""

    def form_valid(self, form) -> HttpResponse:
        """Send a mail, to known and unknown addresses alike, and to none more than five an hour."""
        counted = delays.claim(
            "mail", account=form.cleaned_data["email"], request=self.request, now=timezone.now()
        )
        try:
            return super().form_valid(form)
        except (SMTPException, OSError) as error:
            counted.forgive()
            log.error("a mail with a code could not be sent: %s", type(error).__name__)
            form.add_error(
                None,
                _(
                    "The mail could not be sent just now. Please try again in a minute, or come in another way."
                ),
            )
            return self.form_invalid(form)


def note_device(request: HttpRequest) -> None:
    """Remember, until the visitor is in, whether they ticked that they stay signed in on this device."""
    request.session[STAYS] = bool(request.POST.get("stay"))


class WithPassword(_StartsAgain, allauth.LoginView):
    """The try is counted before the password is looked at, and taken off again when it was right."""

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        typed = request.POST.get("login", "")
        self.counted = delays.claim("password", account=typed, request=request, now=timezone.now())
        return super().post(request, *args, **kwargs)

    def form_valid(self, form) -> HttpResponse:
        self.counted.forgive()
        note_device(self.request)
        return super().form_valid(form)


class EnterCode(allauth.ConfirmLoginCodeView):
    """allauth gives up a code after three wrong tries; many tries at once and many codes are counted here."""

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        address = self._process.state.get("email", "")
        self.counted = delays.claim("code", account=address, request=request, now=timezone.now())
        return super().post(request, *args, **kwargs)

    def form_valid(self, form) -> HttpResponse:
        self.counted.forgive()
        note_device(self.request)
        return super().form_valid(form)


# allauth's views take PUT for POST, and count every other method as a try to sign in.
form_methods = require_http_methods(["GET", "HEAD", "POST"])
ask_for_code = form_methods(leads_to_providers(unprocessable(waits_when_told(AskForCode.as_view()))))
with_password = form_methods(leads_to_providers(unprocessable(waits_when_told(WithPassword.as_view()))))
enter_code = form_methods(unprocessable(waits_when_told(EnterCode.as_view())))
sign_out = form_methods(allauth.LogoutView.as_view())
inactive = require_safe(allauth.AccountInactiveView.as_view())


@require_safe
def no_sign_up(request: HttpRequest) -> HttpResponse:
    """Say who gives access, where other sites would let anybody sign up."""
    return render(request, "account/signup_closed.html")


def sample_buttons() -> list[dict]:
    """Return who can be looked through on the sign-in page; nobody unless SAMPLE_SIGN_IN is set."""
    if not settings.SAMPLE_SIGN_IN:
        return []
    found = [(who, title, sees, sample_person(who)) for who, (_level, title, sees) in SAMPLE_PEOPLE.items()]
    return [
        {"who": who, "title": title, "sees": sees, "person": person}
        for who, title, sees, person in found
        if person
    ]


def only_with_sample_sign_in(view: Callable) -> Callable:
    """Answer 404, as for nothing, unless SAMPLE_SIGN_IN is set, whatever the method and the name."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not settings.SAMPLE_SIGN_IN:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@never_cache
@only_with_sample_sign_in
@require_POST
def look_around(request: HttpRequest, who: str) -> HttpResponse:
    """Sign in as one of the four people of the sample district."""
    person = sample_person(who)
    if person is None:
        raise Http404
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("home")
