"""How long to wait between two tries of a secret: longer each time, and never for good.

A try is counted before the secret is looked at, in the database, by conditional updates: many web processes and many
requests at once count as one. Three counters go with each try:

    the account from this source   a few tries, then a wait that doubles up to a quarter of an hour
    the account                    a guess a minute from all sources together, so that a thousand of them gain little
    the source                     whoever tries one address after another

Somebody guesses from one place: the owner comes in from another. Somebody guesses from a thousand places: the owner comes in
with a browser in which they were signed in before (it has a cookie that says so), which has a counter of its own. What was
right is taken off again, so only wrong tries cost. Known and unknown addresses are counted alike.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac
from django.utils.translation import ngettext

from stakeholders.models import Delay

COOKIE = "known-here"
KNOWN_FOR = timedelta(days=180)
KEEP = timedelta(days=1)  # no rule looks further back


class TooSoon(Exception):
    """This was tried too often just now. Says for how many `seconds` to wait."""

    def __init__(self, seconds: int):
        super().__init__(seconds)
        self.seconds = seconds

    @property
    def words(self) -> str:
        if self.seconds < 100:
            return ngettext("%(n)d second", "%(n)d seconds", self.seconds) % {"n": self.seconds}
        minutes = -(-self.seconds // 60)
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


@dataclass(frozen=True)
class Rule:
    """Some tries at once are free; then one waits `first` seconds, twice as long each time, up to `most`."""

    free: int
    first: int
    most: int
    forget: int = 3600  # seconds after the last try in which the count begins anew

    def wait(self, count: int) -> int:
        return 0 if count < self.free else min(self.most, self.first << min(count - self.free, 20))


@dataclass(frozen=True)
class Rules:
    pair: Rule
    account: Rule
    source: Rule
    account_if_known: Rule | None = None  # for a browser known to this account; None: not limited


SECRET = Rules(
    pair=Rule(free=5, first=15, most=900),
    account=Rule(free=20, first=60, most=60),
    source=Rule(free=30, first=1, most=60, forget=900),
)
# At most five mails an hour to one address, whoever asks; the last of them is kept for a browser known to it.
MAIL = Rules(
    pair=Rule(free=3, first=3600, most=3600),
    account=Rule(free=4, first=3600, most=3600),
    account_if_known=Rule(free=5, first=3600, most=3600),
    source=Rule(free=30, first=10, most=600),
)
KINDS = {
    "password": SECRET,
    "code": SECRET,
    "one-time code": SECRET,
    "second step": SECRET,
    "mail": MAIL,
}


@dataclass(frozen=True)
class Claim:
    """A try that was counted."""

    keys: tuple[str, ...]

    def forgive(self) -> None:
        """Take the try off again, because it was right. Earlier wrong ones stay: guesses between good ones cost, too."""
        Delay.objects.filter(key__in=self.keys, count__gt=0).update(count=F("count") - 1)


def claim(kind: str, *, account: str, request: HttpRequest, now: datetime) -> Claim:
    """Count a try of `kind` at `account` (an e-mail address as it was typed). Raises TooSoon, and then counts nothing."""
    rules = _applying(kind, account.strip().lower(), request)
    rows = {row.key: row for row in Delay.objects.filter(key__in=rules)}
    if wait := max((_left(rows.get(key), rule, now) for key, rule in rules.items()), default=0):
        raise TooSoon(wait)
    counted: list[str] = []
    try:
        for key, rule in rules.items():
            _count(key, rule, rows.get(key), now)
            counted.append(key)
    except TooSoon:
        Claim(tuple(counted)).forgive()
        raise
    return Claim(tuple(rules))


def _applying(kind: str, account: str, request: HttpRequest) -> dict[str, Rule]:
    """Return the counters of this try, each with its rule."""
    rules, device = KINDS[kind], known_device(request, account)
    if device:
        found = {_key(kind, "pair", account, device): rules.pair}
        if rules.account_if_known:
            found[_key(kind, "account", account)] = rules.account_if_known
        return found
    source = source_of(request)
    return {
        _key(kind, "pair", account, source): rules.pair,
        _key(kind, "account", account): rules.account,
        _key(kind, "source", source): rules.source,
    }


def _key(*parts: str) -> str:
    return salted_hmac("stakeholders.coming_in.delays", "|".join(parts), algorithm="sha256").hexdigest()


def _left(row: Delay | None, rule: Rule, now: datetime) -> int:
    """Return how many whole seconds are left to wait."""
    if row is None or row.last_at + timedelta(seconds=rule.forget) <= now:
        return 0
    wait = rule.wait(row.count)
    left = wait - (now - row.last_at).total_seconds()
    return min(wait, max(0, -int(-left // 1)))  # a clock that was set back makes nobody wait longer


def _count(key: str, rule: Rule, row: Delay | None, now: datetime) -> None:
    """Raise the counter by one, unless somebody else was first and it is too soon now. Raises TooSoon."""
    for _again in range(6):
        if row is None:
            try:
                with transaction.atomic():
                    Delay.objects.create(key=key, count=1, last_at=now)
                return
            except IntegrityError:
                row = Delay.objects.filter(key=key).first()
                continue
        if wait := _left(row, rule, now):
            raise TooSoon(wait)
        count = 1 if row.last_at + timedelta(seconds=rule.forget) <= now else row.count + 1
        same = Delay.objects.filter(key=key, count=row.count, last_at=row.last_at)
        if same.update(count=count, last_at=now):
            return
        row = Delay.objects.filter(key=key).first()
    raise TooSoon(1)  # a crowd at one counter


def forget_old(*, now: datetime) -> None:
    """Remove counters that no rule asks any more."""
    old = Delay.objects.filter(last_at__lt=now - KEEP)
    if old.exists():
        old.delete()


# --- who asks ----------------------------------------------------------------------------------


def source_of(request: HttpRequest) -> str:
    """Return the network address that asks; of an IPv6 address the part that one household has."""
    written = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        passed_on = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(passed_on) >= settings.PROXIES:
            written = passed_on[-settings.PROXIES]
    try:
        address = ipaddress.ip_address(written.strip())
    except ValueError:
        return ""
    if address.version == 6:
        address = address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False).network_address
    return str(address)


def remember_device(request: HttpRequest, response: HttpResponse, *, account: str) -> None:
    """Let this browser be known as one in which `account` was signed in."""
    if known_device(request, account):
        return
    device = get_random_string(22)
    response.set_cookie(
        COOKIE,
        f"{device}.{_mark(device, account)}",
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def known_device(request: HttpRequest, account: str) -> str:
    """Return the name of this browser if it is known to `account`, else nothing."""
    device, _dot, mark = request.COOKIES.get(COOKIE, "").partition(".")
    return device if mark and constant_time_compare(mark, _mark(device, account)) else ""


def _mark(device: str, account: str) -> str:
    return salted_hmac("stakeholders.known", f"{device}|{account.lower()}", algorithm="sha256").hexdigest()
