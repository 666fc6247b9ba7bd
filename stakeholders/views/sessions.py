"""“Sign out there”: one's own sessions."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from stakeholders.coming_in.sessions import end_session, end_sessions, sessions_of


@require_POST
@login_required
def sign_out_there(request: HttpRequest, place: int) -> HttpResponse:
    """End one of one's own sessions. One that is over already, or was never one's own, is not there: nothing to end."""
    if row := sessions_of(request.user, now=timezone.now()).filter(pk=place).first():
        end_session(row)
    messages.success(request, _("Signed out there."))
    return redirect("account")


@require_POST
@login_required
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """End all of one's sessions but this one."""
    count = end_sessions(request.user, but=request.session.session_key)
    words = ngettext("Signed out in %(n)d other place.", "Signed out in %(n)d other places.", count)
    messages.success(request, words % {"n": count} if count else _("You are signed in nowhere else."))
    return redirect("account")
