"""Sending what waits to be sent: notices and invitations, by one sender, each once.

Sending claims row by row with a lease, so that two senders never hold the same one and a sender that was killed leaves
its row to the next. SMTP cannot promise more: killed between the server's yes and our own note of it, a message goes out
again, under the same Message-ID.
"""

import contextlib
import logging
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from stakeholders.models import District
from stakeholders.models.outgoing import Outgoing

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)  # longer than the four answers, 20 s each, that one message may wait for
AFTER_REFUSAL = {1: timedelta(minutes=2), 2: timedelta(minutes=30)}  # until the second and the third try
GIVE_UP_AFTER = timedelta(days=3)  # "not now" costs no try, but is not heard for ever
ONE_RUN = timedelta(seconds=45)  # then other work has its turn; what is left is found again
LOST_CONNECTIONS = 3  # in one run; then the server is left alone until the next


@dataclass(frozen=True)
class Kind:
    """A table of outgoing rows, and how one of them is put into words when it is sent.

    `letter` gets a row and the time, and returns the message; None when the row is not to be sent any more.
    """

    model: type[Outgoing]
    related: tuple[str, ...]
    letter: Callable[[Outgoing, datetime], EmailMessage | None]


@dataclass
class Sent:
    """What one run of the sender did with how many messages."""

    sent: int = 0
    withdrawn: int = 0
    put_off: int = 0
    parked: int = 0


def one_line(text: str) -> str:
    """Return `text` fit for a header or a list: no line breaks, no control characters, single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def message_id(*parts: object) -> str:
    """Return a Message-ID made of `parts`, under the name that this installation has on the web."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{'.'.join(str(part) for part in parts)}@{host.replace(':', '.')}>"


def email(
    row: Outgoing, *, name: str, address: str, subject: str, body: str, headers: dict | None = None
) -> EmailMessage:
    """Return the message of `row`, in plain text and in the name of its district."""
    return EmailMessage(
        subject=one_line(subject)[:250],
        body=body,
        from_email=formataddr((_sender(row.district), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[formataddr((one_line(name), address))],
        headers={"Message-ID": row.message_id, "Auto-Submitted": "auto-generated", **(headers or {})},
    )


def _sender(district: District) -> str:
    return _("Technology plan, %(district)s") % {"district": one_line(district.name)}


def wake_sender() -> None:
    """Have what waits sent soon, once this transaction stands. A broker that is away fails nothing: the sweep comes."""
    transaction.on_commit(_ring)


def _ring() -> None:
    from stakeholders.tasks import sweep  # which calls this module

    try:
        sweep.apply_async(expires=60, retry=False)
    except Exception as error:  # whatever the broker's client raises
        logger.warning("The sender could not be woken; the sweep will come by itself: %s", error)


def send_out(clock: Callable[[], datetime], kinds: Sequence[Kind]) -> Sent:
    """Send what waits, for about 45 seconds at most. `clock` tells the time: each lease counts from its own claim.

    A server that is away, or says "not now", costs a message nothing but time; a refusal costs it one of three tries.
    """
    outcome, began = Sent(), clock()
    outcome.parked += sum(_park_what_ends_senders(kind.model, now=began) for kind in kinds)
    post = _Post()
    with contextlib.closing(post):
        for kind, key in [(k, key) for k in kinds for key in _waiting(k, now=began)]:
            if clock() - began > ONE_RUN:
                wake_sender()
                break
            if not post.is_open():
                break
            if row := _claim(kind, key, now=clock()):
                _deliver(row, kind, post, clock, outcome)
    return outcome


def _waiting(kind: Kind, *, now: datetime) -> list[int]:
    rows = kind.model._default_manager.waiting(now=now).order_by("attempts", "pk")
    return list(rows.values_list("pk", flat=True))


def _park_what_ends_senders(model: type[Outgoing], *, now: datetime) -> int:
    """Park what was claimed three times by senders that never came back: perhaps it is what ended them."""
    ended = model._default_manager.waiting(now=now).filter(attempts__gte=model.ATTEMPTS)
    return ended.update(parked_at=now, error=_("Three times the sender ended while it was sending this."))


def _claim(kind: Kind, key: int, *, now: datetime) -> Outgoing | None:
    """Take a waiting row for the length of a lease; None when another sender was faster."""
    rows = kind.model._default_manager
    mine = rows.waiting(now=now).filter(pk=key, attempts__lt=kind.model.ATTEMPTS)
    if not mine.update(lease_until=now + LEASE, attempts=F("attempts") + 1):
        return None
    return rows.select_related("district", *kind.related).get(pk=key)


def _deliver(row: Outgoing, kind: Kind, post: "_Post", clock: Callable[[], datetime], outcome: Sent) -> None:
    message = kind.letter(row, clock())
    if message is None:
        _write(row, withdrawn_at=clock(), lease_until=None)
        outcome.withdrawn += 1
        return
    try:
        post.send(message)
    except _NotNow as error:
        waited = clock() - row.decided_at
        if waited > GIVE_UP_AFTER:
            _park(row, error, clock, outcome)
        else:
            again = clock() + max(LEASE, waited / 10)
            _write(row, attempts=row.attempts - 1, lease_until=again, error=str(error))
            outcome.put_off += 1
    except _Refused as error:
        if row.attempts >= row.ATTEMPTS:
            _park(row, error, clock, outcome)
        else:
            _write(row, lease_until=clock() + AFTER_REFUSAL[row.attempts], error=str(error))
            outcome.put_off += 1
    else:
        _write(row, sent_at=clock(), lease_until=None, parked_at=None, withdrawn_at=None, error="")
        outcome.sent += 1


def _park(row: Outgoing, error: Exception, clock: Callable[[], datetime], outcome: Sent) -> None:
    logger.error("%s %s is given up and waits for an administrator: %s", type(row).__name__, row.pk, error)
    _write(row, parked_at=clock(), lease_until=None, error=str(error))
    outcome.parked += 1


def _write(row: Outgoing, **facts) -> None:
    """Write down what became of it, unless somebody else has sent it meanwhile: that is final.

    And unless it was asked for anew meanwhile: then it has a Message-ID of its own, and waits for its own letter.
    """
    rows = type(row)._default_manager.filter(pk=row.pk, message_id=row.message_id, sent_at__isnull=True)
    rows.update(**facts)


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
                logger.warning("The mail server cannot be reached; messages wait: %s", error)
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
