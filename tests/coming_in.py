"""Coming in as people do, with the proofs that a session then has. `client.force_login` has none."""

import re
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.http import HttpResponse

from stakeholders.coming_in.second_factor import new_recovery_codes
from stakeholders.models import Person

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_in(message) -> str:
    """Return the six digits of a mail."""
    return re.search(r"^\s+(\d{6})$", message.body, re.M).group(1)


def by_code(client, person: Person, **more) -> HttpResponse:
    """Come in by a code from the mailbox, as far as that goes."""
    client.post("/sign-in/", {"email": person.email, **more})
    return client.post("/sign-in/code/", {"code": code_in(mail.outbox[-1]), **more})


def with_app(person: Person) -> Authenticator:
    """Give a person an app, and codes on paper."""
    made = TOTP.activate(person, SECRET).instance
    new_recovery_codes(person)
    return made


def app_code(secret: str = SECRET, *, at: float | None = None) -> str:
    """Return what the app shows now."""
    return format_hotp_value(hotp_value(secret, int(at or time.time()) // 30))


def is_in(client) -> bool:
    return "_auth_user_id" in client.session
