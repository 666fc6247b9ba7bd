"""Coming in and going out. allauth does the work; here are its pages, narrowed to the ways that we offer."""

from collections.abc import Callable
from functools import wraps

from allauth.account import views as allauth
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stakeholders.sign_in import SAMPLE_PEOPLE, sample_person


def unprocessable(view: Callable) -> Callable:
    """Answer 422 where a form comes back with errors: allauth answers 200, which nobody can tell from success."""

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 422
        return response

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
        return {**super().get_context_data(**kwargs), "sample_people": sample_buttons()}


class AskForCode(_StartsAgain, allauth.RequestLoginCodeView):
    """The sign-in page. Asking again sends a new code, so "send again" is this form once more."""


class WithPassword(_StartsAgain, allauth.LoginView):
    pass


# allauth's views take PUT for POST, and count every other method as a try to sign in.
form_methods = require_http_methods(["GET", "HEAD", "POST"])
ask_for_code = form_methods(unprocessable(AskForCode.as_view()))
with_password = form_methods(unprocessable(WithPassword.as_view()))
enter_code = form_methods(unprocessable(allauth.ConfirmLoginCodeView.as_view()))
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
