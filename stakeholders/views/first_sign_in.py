from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from stakeholders.context import mail_folder
from stakeholders.edit_forms import TidyForm
from stakeholders.models import SignInCode


class FirstSignInForm(TidyForm, forms.Form):
    """Address and one-time code, the latter as it was printed or without its space."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    code = forms.CharField(
        label=gettext_lazy("One-time code"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        help_text=gettext_lazy("Eight digits. It works once, within three days."),
    )

    def clean_code(self) -> str:
        return "".join(c for c in self.cleaned_data["code"] if c not in " -\u00a0")


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def first_sign_in(request: HttpRequest) -> HttpResponse:
    """Let somebody in by a code that whoever runs this installation has handed to them."""
    form = FirstSignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not ratelimit.consume(request, action="login"):
            return render(request, "429.html", status=429)
        if form.is_valid():
            person = SignInCode.redeem(**form.cleaned_data, now=timezone.now())
            if person:
                login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
                return _onward(request)
            form.add_error(
                "code",
                _(
                    "This code does not go with this address, or it counts no more: it works once, within three days and "
                    "five tries. Whoever runs this installation can make a new one."
                ),
            )
    status = 422 if request.method == "POST" else 200
    return render(request, "stakeholders/first_sign_in.html", {"form": form}, status=status)


def _onward(request: HttpRequest) -> HttpResponse:
    """Lead home; while no mail is sent, first to the page where a password can be set: there is no other way back in."""
    if mail_folder() and not request.user.has_usable_password():
        messages.info(
            request, _("You are signed in. No mail is sent yet, so a password is your way back in.")
        )
        return redirect("account_password")
    return redirect("home")
