"""Where people are signed in: a row for each session, which ends with it, and ends it.

Sessions lie in the database. Deleting one signs out that browser at its next request, whatever its cookie says.
"""

import re
import time
from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from stakeholders.coming_in.delays import source_of
from stakeholders.models import Person, SignedIn

STAYS = "stays"  # in the session, until one is in: whether this is one's own device
SHARED_FOR = 12 * 3600  # seconds after the last look in which a session on a shared device ends
SEEN = "seen-at"  # in the session: when the row was last told that somebody looked
TELL_EVERY = 15 * 60
BROWSERS = (  # the first that fits; many name others, too
    (r"\bEdg(e|A|iOS)?/", "Edge"),
    (r"\b(OPR|Opera)/", "Opera"),
    (r"\b(Firefox|FxiOS)/", "Firefox"),
    (r"\b((Headless)?Chrome|CriOS|Chromium)/", "Chrome"),
    (r"\bSafari/", "Safari"),
)
SYSTEMS = (
    (r"\biPhone\b", "iPhone"),
    (r"\biPad\b", "iPad"),
    (r"\bAndroid\b", "Android"),
    (r"\bCrOS\b", "Chromebook"),
    (r"\bWindows\b", "Windows"),
    (r"\bMac OS X\b|\bMacintosh\b", "Mac"),
    (r"\bLinux\b", "Linux"),
)


def sessions_of(person: Person, *, now: datetime) -> QuerySet[SignedIn]:
    """Return where a person is signed in, what was seen last first."""
    live = Session.objects.filter(expire_date__gt=now).values("session_key")
    return SignedIn.objects.filter(person=person, session_key__in=live).order_by("-seen_at", "-pk")


def end_sessions(person: Person, *, but: str | None = None) -> int:
    """Sign a person out everywhere, except in the session `but`. Return how many sessions that were."""
    rows = SignedIn.objects.filter(person=person).exclude(session_key=but or "")
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    SignedIn.objects.filter(session_key__in=keys).delete()
    return len(keys)


def end_session(row: SignedIn) -> None:
    """Sign a person out in one place."""
    Session.objects.filter(session_key=row.session_key).delete()
    row.delete()


def renew(request: HttpRequest) -> None:
    """Give this session a new id, because what it may do has changed."""
    before = request.session.session_key
    request.session.cycle_key()
    follow(request, before)


def follow(request: HttpRequest, before: str | None) -> None:
    """Tell the row of the session that was called `before` what it is called now."""
    SignedIn.objects.filter(session_key=before or "").update(session_key=request.session.session_key)


def purge(*, now: datetime) -> None:
    """Remove sessions that are over, and the rows of sessions that are gone."""
    over = Session.objects.filter(expire_date__lte=now)
    gone = SignedIn.objects.exclude(session_key__in=Session.objects.values("session_key"))
    for rows in (over, gone):
        if rows.exists():
            rows.delete()


class LastSeen:
    """Middleware: let the list of sessions say when each was used last, to a quarter of an hour."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Pages that did not ask who is there are left alone: a health check has no session.
        asked = request.session.accessed and hasattr(request, "_cached_user")
        if (
            asked
            and request.user.is_authenticated
            and time.time() - request.session.get(SEEN, 0) > TELL_EVERY
        ):
            _tell(request, request.user)
        return response


def _tell(request: HttpRequest, person: Person) -> None:
    if request.session.session_key is None:
        request.session.save()
    now, described = timezone.now(), request.META.get("HTTP_USER_AGENT", "")
    request.session[SEEN] = now.timestamp()
    told = {
        "person": person,
        "browser": _named(BROWSERS, described),
        "system": _named(SYSTEMS, described),
        "network": source_of(request),
        "seen_at": now,
    }
    SignedIn.objects.update_or_create(
        session_key=request.session.session_key, defaults=told, create_defaults={**told, "since": now}
    )


def _named(names: tuple[tuple[str, str], ...], described: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, described[:500])), "")


@receiver(user_logged_in)
def _began(sender, request: HttpRequest, user: Person, **kwargs) -> None:
    if request.session.pop(STAYS, None) is False:
        request.session.set_expiry(SHARED_FOR)
    _tell(request, user)


@receiver(user_logged_out)
def _ended(sender, request: HttpRequest, user: Person | None, **kwargs) -> None:
    SignedIn.objects.filter(session_key=request.session.session_key or "").delete()


@receiver(post_save, sender=Person)
def _switched_off(sender, instance: Person, created: bool, raw: bool = False, **kwargs) -> None:
    """Whoever may not sign in any more is signed out everywhere: switched on again, they start anew."""
    if not instance.is_active and not created and not raw:
        end_sessions(instance)
