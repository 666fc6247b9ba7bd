"""Who comes in, and how: by a six-digit code sent by e-mail, or by password. Nobody signs up; people are added.

Known and unknown addresses get the same answer. Asking for a code sends one mail either way: the code, or a line that says
that the plan does not know this address, so that somebody with two addresses learns it and nobody else does.
"""

import time

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stakeholders.coming_in import delays
from stakeholders.invitations import new_link, standing_for
from stakeholders.models import Level, Membership, Person

CODE_COUNTS_FOR = 15 * 60  # seconds after a sign-in by code in which a forgotten password may be replaced
PROOF_COUNTS_FOR = 15 * 60  # seconds after any proof of who is there in which ways to sign in may be changed


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in as this installation wants it: people are added, nobody signs up; errors in our own words."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "This address and password do not go together. A code by e-mail works too."
        ),
        "incorrect_code": _("That is not the code. Please compare it with the newest mail from us."),
        "too_many_login_attempts": _("That code counts no more after three tries. Please ask for a new one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Send a mail of the sign-in. Whoever is invited, and asks for a code before joining, gets the link once more.

        Known addresses are looked up, too: a look-up for unknown ones alone would show in the time that the answer takes.
        """
        waiting = standing_for(email, now=timezone.now()).select_related("district").first()
        if template_prefix == "account/email/unknown_account":
            context = {**context, "invitation": waiting, "link": new_link(waiting) if waiting else ""}
        super().send_mail(template_prefix, email, context)

    def get_client_ip(self, request: HttpRequest) -> str:
        return delays.source_of(request)

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        return not proved_lately(self.request)

    def get_reauthentication_methods(self, user) -> list[dict]:
        return [{"id": "confirm", "description": "", "url": reverse("account_reauthenticate")}]

    def post_login(self, request: HttpRequest, user: Person, **kwargs) -> HttpResponse:
        """Remember that this person was signed in in this browser: guesses made elsewhere do not delay them here."""
        response = super().post_login(request, user, **kwargs)
        delays.remember_device(request, response, account=user.email)
        return response


def proved_lately(request: HttpRequest, *, now: float | None = None) -> bool:
    """Whether this visitor has proven who they are within the last quarter of an hour, in any way."""
    now = time.time() if now is None else now
    records = get_authentication_records(request, request.user)
    return any(now - record["at"] < PROOF_COUNTS_FOR for record in records)


def came_by_code(request: HttpRequest, *, now: float | None = None) -> bool:
    """Whether this visitor typed a code from their mailbox in the last quarter of an hour.

    It proves what an old password proves, so a forgotten one can be replaced without it.
    """
    now = time.time() if now is None else now
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "code" and now - record["at"] < CODE_COUNTS_FOR for record in records)


# Who may be looked through in the sample district, by the level that stands for each, and what that person sees.
SAMPLE_PEOPLE = {
    "superintendent": (
        Level.LEADER,
        _("Superintendent"),
        _("what waits for an answer, what slipped and why"),
    ),
    "coordinator": (Level.EDITOR, _("Technology coordinator"), _("the week’s updates, a minute an item")),
    "committee": (Level.COMMITTEE, _("Committee member"), _("the plan, and what the committee leads in it")),
    "board": (Level.VIEWER, _("Board member"), _("the plan to read, and the reports")),
}


def sample_people() -> QuerySet[Person]:
    """Return the people of the sample district who belong nowhere else and run nothing."""
    elsewhere = Membership.objects.filter(district__is_sample=False).values("person")
    return Person.objects.filter(
        is_active=True,
        is_staff=False,
        is_superuser=False,
        memberships__district__is_sample=True,
        memberships__ended_at=None,
    ).exclude(pk__in=elsewhere)


def sample_person(who: str) -> Person | None:
    """Return the person of the sample district who stands for `who` (a key of SAMPLE_PEOPLE), if there is one."""
    if who not in SAMPLE_PEOPLE:
        return None
    level = SAMPLE_PEOPLE[who][0]
    return sample_people().filter(memberships__level=level).order_by("pk").first()
