"""A second factor: an app that shows codes, or a passkey; and the codes on paper for when both are away.

A passkey is asked to check who holds it, so by itself it is two: what one has, and what one knows or is.
"""

import base64

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stakeholders.coming_in import delays, vouching
from stakeholders.models import Level, Membership, Person, SecondFactorFor

ASKED_FROM = {SecondFactorFor.LEADERS: Level.LEADER, SecondFactorFor.EDITORS: Level.EDITOR}
BY_CODE = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
MOST_PASSKEYS = 10


def asked_of(membership: Membership) -> bool:
    """Whether the district asks this member for a second factor."""
    lowest = ASKED_FROM.get(membership.district.second_factor_for)
    return lowest is not None and membership.may(lowest)


def shown(request: HttpRequest) -> bool:
    """Whether this session was begun with two factors, or one was set up in it."""
    if any(record["method"] == "mfa" for record in get_authentication_records(request, request.user)):
        return True
    account = vouching.came_by(request)
    return bool(account and account["second_factor"])


def factors_of(person: Person) -> dict:
    """Return what a person has set up: app, passkeys, and how many codes on paper are left."""
    rows = list(Authenticator.objects.filter(user=person).order_by("pk"))
    paper = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    return {
        "app": next((row for row in rows if row.type == Authenticator.Type.TOTP), None),
        "passkeys": [row for row in rows if row.type == Authenticator.Type.WEBAUTHN],
        "paper": paper,
        "codes_left": len(paper.wrap().get_unused_codes()) if paper else 0,
    }


@transaction.atomic
def new_recovery_codes(person: Person) -> list[str]:
    """Return ten new codes, each of which stands in for the app once. Earlier ones count no more."""
    Person.objects.select_for_update().get(pk=person.pk)  # one set, also when asked for twice at once
    Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).delete()
    return RecoveryCodes.activate(person).generate_codes()


@transaction.atomic
def remove_factor(factor: Authenticator) -> None:
    """Remove an app or a passkey; with the last of them go the codes on paper."""
    factor.delete()
    rest = Authenticator.objects.filter(user=factor.user_id)
    if not rest.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        rest.delete()


class SecondStepForm(AuthenticateForm):
    """The code of an app, or one from paper. Tries are counted before the code is looked at."""

    def clean_code(self) -> str:
        counted = delays.claim(
            "second step", account=self.user.email, request=context.request, now=timezone.now()
        )
        try:
            code = super().clean_code()
        except ValueError as error:  # the app's secret cannot be read: codes on paper and passkeys are left
            raise FactorAdapter().validation_error("incorrect_code") from error
        counted.forgive()
        return code


def makes_sense(form: forms.Form) -> bool:
    """Whether a form is valid. What a browser says of a passkey is deeply nested; nonsense in there is no error of ours."""
    try:
        return form.is_valid()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        form.add_error(None, FactorAdapter.error_messages["no_passkey"])
        return False


class PasskeyForm(AddWebAuthnForm):
    """A new passkey. It always checks who holds it, so the choice that allauth offers falls away."""

    passwordless = None
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("So that you know it again: “School laptop”, “My phone”."),
    )


class AppForm(forms.Form):
    """The first code of a new app, which proves that it has the secret."""

    code = forms.CharField(label=_("Code from the app"), max_length=40)

    def __init__(self, *args, secret: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.secret = secret

    def clean_code(self) -> str:
        if not validate_totp_code(self.secret, self.cleaned_data["code"]):
            raise FactorAdapter().validation_error("incorrect_code")
        return self.cleaned_data["code"]


class RenameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)


class FactorAdapter(DefaultMFAAdapter):
    """The secrets of apps lie encrypted in the database: a copy of it alone opens nothing."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _(
            "That is not right. A code is good for half a minute; please wait for the next one."
        ),
        "no_passkey": _("That was no passkey of yours. Please try again."),
    }

    def generate_authenticator_name(self, user: Person, type: str) -> str:
        return gettext("Passkey %(n)d") % {
            "n": 1 + Authenticator.objects.filter(user=user, type=type).count()
        }

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ValueError("encrypted with another SECRET_KEY") from error

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": context.request.get_host().partition(":")[0], "name": "District Plan"}


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    made = [
        salted_hmac("stakeholders.coming_in.second_factor", "key", secret=key, algorithm="sha256").digest()
        for key in keys
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])
