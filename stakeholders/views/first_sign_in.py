from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from stakeholders.coming_in import delays
from stakeholders.context import mail_folder
from stakeholders.edit_forms import TidyForm
from stakeholders.models import Person, SignInCode
from stakeholders.views.sign_in import waits_when_told


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
@waits_when_told
def first_sign_in(request: HttpRequest) -> HttpResponse:
    """Let somebody in by a code that whoever runs this installation has handed to them."""
    form = FirstSignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        counted = delays.claim("one-time code", account=form.cleaned_data["email"], request=request, now=now)
        if person := SignInCode.redeem(**form.cleaned_data, now=now):
            counted.forgive()
            return _let_in(request, person)
        form.add_error(
            "code",
            _(
                "This code does not go with this address, or it counts no more: it works once, within three days and "
                "five tries. Whoever runs this installation can make a new one."
            ),
        )
    status = 422 if request.method == "POST" else 200
    return render(request, "stakeholders/first_sign_in.html", {"form": form}, status=status)


def _let_in(request: HttpRequest, person: Person) -> HttpResponse:
    """Lead home, by way of the second step where there is one; while no mail is sent, to the page where a password can be
    set: there is no other way back in.
    """
    record_authentication(request, person, method="one_time_code")
    to_password = mail_folder() and not person.has_usable_password()
    url = reverse("account_password") if to_password else reverse("home")
    response = perform_login(request, Login(user=person, redirect_url=url, email=person.email))
    if to_password and request.user.is_authenticated:
        messages.info(
            request, _("You are signed in. No mail is sent yet, so a password is your way back in.")
        )
    return response
