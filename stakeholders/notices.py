"""Messages to people: decided once, sent once, to whoever is still a member then.

Deciding writes a row with the text (each floor words its own, in its `notices.py`). Sending claims row by row with a
lease, so that two senders never hold the same one and a sender that was killed leaves its row to the next. SMTP cannot
promise more: killed between the server's yes and our own note of it, a message goes out again, under the same Message-ID.
"""

import contextlib
import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from stakeholders.models import District, Membership, Notice, Person

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)  # longer than the four answers, 20 s each, that one message may wait for
AFTER_REFUSAL = {1: timedelta(minutes=2), 2: timedelta(minutes=30)}  # until the second and the third try
GIVE_UP_AFTER = timedelta(days=3)  # "not now" costs no try, but is not heard for ever
ONE_RUN = timedelta(seconds=45)  # then other work has its turn; what is left is found again
LOST_CONNECTIONS = 3  # in one run; then the server is left alone until the next


@dataclass
class Sent:
    """What one run of the sender did with how many notices."""

    sent: int = 0
    withdrawn: int = 0
    put_off: int = 0
    parked: int = 0


# Deciding


def decided_on(day: date, *, district: District, kind: str) -> set[int]:
    """Return the people (primary keys) whose notice of this kind was decided for that local day."""
    return set(
        Notice.objects.in_district(district).filter(kind=kind, local_day=day).values_list("person", flat=True)
    )


def decide(*, district: District, person: Person, kind: str, day: date, subject: str, body: str) -> Notice:
    """Decide that `person` gets this message: the one of its kind for that local day.

    Raises IntegrityError where that was decided before; callers lock the district and ask `decided_on` first.
    """
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return Notice.objects.create(
        district=district,
        person=person,
        kind=kind,
        local_day=day,
        subject=one_line(subject)[:250],
        body=body,
        message_id=f"<{kind}.{district.pk}.{person.pk}.{day:%Y%m%d}@{host.replace(':', '.')}>",
    )


def one_line(text: str) -> str:
    """Return `text` fit for a header or a list: no line breaks, no control characters, single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def wake_sender() -> None:
    """Have notices sent soon, once this transaction stands. A broker that is away fails nothing: the sweep comes anyway."""
    transaction.on_commit(_ring)


def _ring() -> None:
    from stakeholders.tasks import sweep  # which calls this module

    try:
        sweep.apply_async(expires=60, retry=False)
    except Exception as error:  # whatever the broker's client raises
        logger.warning("The sender could not be woken; the sweep will come by itself: %s", error)


# Sending


def send_notices(clock: Callable[[], datetime]) -> Sent:
    """Send what waits, for about 45 seconds at most. `clock` tells the time: each lease counts from its own claim.

    A server that is away, or says "not now", costs a notice nothing but time; a refusal costs it one of three tries.
    """
    outcome, began = Sent(), clock()
    outcome.parked += _park_what_ends_senders(now=began)
    waiting = Notice.objects.waiting(now=began).order_by("attempts", "pk")
    post = _Post()
    with contextlib.closing(post):
        for key in list(waiting.values_list("pk", flat=True)):
            if clock() - began > ONE_RUN:
                wake_sender()
                break
            if not post.is_open():
                break
            if notice := _claim(key, now=clock()):
                _deliver(notice, post, clock, outcome)
    return outcome


def _park_what_ends_senders(*, now: datetime) -> int:
    """Park what was claimed three times by senders that never came back: perhaps it is what ended them."""
    ended = Notice.objects.waiting(now=now).filter(attempts__gte=Notice.ATTEMPTS)
    return ended.update(parked_at=now, error=_("Three times the sender ended while it was sending this."))


def _claim(key: int, *, now: datetime) -> Notice | None:
    """Take a waiting notice for the length of a lease; None when another sender was faster."""
    mine = Notice.objects.waiting(now=now).filter(pk=key, attempts__lt=Notice.ATTEMPTS)
    if not mine.update(lease_until=now + LEASE, attempts=F("attempts") + 1):
        return None
    return Notice.objects.select_related("person", "district").get(pk=key)


def _deliver(notice: Notice, post: "_Post", clock: Callable[[], datetime], outcome: Sent) -> None:
    if not Membership.objects.standing().filter(district=notice.district, person=notice.person).exists():
        _write(notice, withdrawn_at=clock(), lease_until=None)
        outcome.withdrawn += 1
        return
    try:
        post.send(_message(notice))
    except _NotNow as error:
        waited = clock() - notice.decided_at
        if waited > GIVE_UP_AFTER:
            _park(notice, error, clock, outcome)
        else:
            again = clock() + max(LEASE, waited / 10)
            _write(notice, attempts=notice.attempts - 1, lease_until=again, error=str(error))
            outcome.put_off += 1
    except _Refused as error:
        if notice.attempts >= Notice.ATTEMPTS:
            _park(notice, error, clock, outcome)
        else:
            _write(notice, lease_until=clock() + AFTER_REFUSAL[notice.attempts], error=str(error))
            outcome.put_off += 1
    else:
        _write(notice, sent_at=clock(), lease_until=None, parked_at=None, withdrawn_at=None, error="")
        outcome.sent += 1


def _park(notice: Notice, error: Exception, clock: Callable[[], datetime], outcome: Sent) -> None:
    logger.error("Notice %s is given up and waits for an administrator: %s", notice.pk, error)
    _write(notice, parked_at=clock(), lease_until=None, error=str(error))
    outcome.parked += 1


def _write(notice: Notice, **facts) -> None:
    """Write down what became of it, unless somebody else has sent it meanwhile: that is final."""
    Notice.objects.filter(pk=notice.pk, sent_at__isnull=True).update(**facts)


def _message(notice: Notice) -> EmailMessage:
    sender = _("Technology plan, %(district)s") % {"district": one_line(notice.district.name)}
    return EmailMessage(
        subject=notice.subject,
        body=notice.body,
        from_email=formataddr((sender, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[formataddr((one_line(notice.person.name), notice.person.email))],
        headers={"Message-ID": notice.message_id, "Auto-Submitted": "auto-generated"},
    )


class _Failed(Exception):
    """`str()` of it is what the mail server said, as one line that fits the row."""

    def __str__(self) -> str:
        return one_line(super().__str__())[:500]


class _NotNow(_Failed):
    """The mail server is away or busy. That says nothing about the message."""


class _Refused(_Failed):
    """The mail server, or our own mail library, does not take this message or its address."""


class _Post:
    """The way to the mail server: one connection for many messages, opened when needed and again when it was lost."""

    def __init__(self) -> None:
        self._connection = get_connection(fail_silently=False)
        self._is_open = False
        self._lost = 0

    def is_open(self) -> bool:
        """Whether a message can be handed over now. Opens the connection before anything is claimed."""
        if not self._is_open and self._lost < LOST_CONNECTIONS:
            try:
                self._connection.open()
                self._is_open = True
            except (OSError, ValueError) as error:
                self._lose()
                self._lost = LOST_CONNECTIONS
                logger.warning("The mail server cannot be reached; notices wait: %s", error)
        return self._is_open

    def send(self, message: EmailMessage) -> None:
        """Hand one message over. Raises _NotNow or _Refused. (smtplib's exceptions are OSErrors, so order matters.)"""
        try:
            self._connection.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            self._answered(*next(iter(error.recipients.values())))
        except smtplib.SMTPDataError as error:
            self._answered(error.smtp_code, error.smtp_error)
        except smtplib.SMTPNotSupportedError as error:
            raise _Refused(error) from error
        except OSError as error:  # also an answer to our own address: nothing that this recipient could help
            self._lose()
            raise _NotNow(error) from error
        except Exception as error:  # an address or a subject that cannot be written into a header
            raise _Refused(error) from error

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.close()
        self._is_open = False

    def _answered(self, code: int, said: bytes | str) -> None:
        words = f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
        if code == 421:  # "closing transmission channel"
            self._lose()
        raise (_NotNow if 400 <= code < 500 else _Refused)(words)

    def _lose(self) -> None:
        self.close()
        self._lost += 1
