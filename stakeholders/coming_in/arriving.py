"""What a sign-in brings with it: the address is proven, and the invitation whose link was opened is accepted.

An address counts as proven when a code from its mailbox, a sign-in provider or whoever runs the installation vouched for
it. A leader may hand a link or a code to somebody whose address nothing has proven yet; whoever uses it comes in, but what
they set up there does not outlive the day on which the address proves itself.
"""

from typing import Any

from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from stakeholders.coming_in.sessions import end_sessions
from stakeholders.invitations import NotAccepted, accept
from stakeholders.models import InvitationKey, Person

OPENED, JOINED = "invitation", "joined"  # in the session: the key's digest; the district's name in addresses
PROVES_THE_ADDRESS = ("code", "socialaccount")


@receiver(authentication_step_completed)
def note_proof(request: HttpRequest, user: Person, method: str, **more: Any) -> None:
    """Write down when an address is proven for the first time. What was set up before that counts no more."""
    if method not in PROVES_THE_ADDRESS or user.proven_at:
        return
    if user.last_login:
        had_password = user.has_usable_password()
        user.set_unusable_password()
        Authenticator.objects.filter(user=user).delete()
        end_sessions(user, but=request.session.session_key)
        if had_password:
            words = _(
                "This is the first sign-in that proves your address, so the old password counts no more."
            )
            messages.info(request, words)
    user.proven_at = timezone.now()
    user.save(update_fields=["proven_at", "password"])


@receiver(user_logged_in)
def accept_what_was_opened(request: HttpRequest, user: Person, **more: Any) -> None:
    """Accept the invitation whose link this visitor opened, if it is for the address that has signed in."""
    digest = request.session.pop(OPENED, None)
    row = digest and InvitationKey.objects.filter(digest=digest).select_related("invitation").first()
    if not row:
        return
    try:
        membership = accept(row.invitation, person=user, now=timezone.now())
    except NotAccepted:
        words = _(
            "The invitation that you opened was not accepted: it is for another address, or counts no more."
        )
        messages.warning(request, words)
    else:
        request.session[JOINED] = membership.district.slug
