"""Work that happens later, as whoever runs the installation sees it: each kind of row that waits, or was given up.

Each floor that has such rows adds its kind from its `apps.py`; the page and the health check ask all of them. Rows of all
districts are looked at here: this is about the installation, and no district's visitor comes near it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from stakeholders.models.outgoing import Outgoing


@dataclass(frozen=True)
class Parked:
    """A row that was tried three times and waits for a person."""

    pk: int
    what: str
    district: str
    since: datetime
    error: str


@dataclass(frozen=True)
class Queue:
    """One kind of row. `parked` has what nobody has dealt with yet; `wait_again` takes such rows and starts them over."""

    name: str
    label: Any  # in plain words, translated when shown
    waiting: Callable[[datetime], QuerySet]  # those that could be worked on now
    decided: str  # the column that says since when a row waits that was never tried
    parked: Callable[[], QuerySet]
    describe: Callable[[Any], Parked]
    wait_again: Callable[[QuerySet], int]
    wake: Callable[[], None]

    def oldest_due(self, now: datetime) -> datetime | None:
        """Return since when the row that has waited longest could have been worked on."""
        since = Coalesce("lease_until", self.decided)
        return self.waiting(now).aggregate(oldest=Min(since))["oldest"]

    def retry(self, *keys: int) -> int:
        """Let these parked rows, or all of them, be tried anew; return how many."""
        rows = self.parked().filter(pk__in=keys) if keys else self.parked()
        count = self.wait_again(rows)
        if count:
            self.wake()
        return count

    def give_up(self, key: int, *, now: datetime) -> bool:
        """Leave a parked row as it is and speak of it no more; False when it is not parked."""
        return bool(self.parked().filter(pk=key).update(given_up_at=now))


_queues: dict[str, Queue] = {}


def add(queue: Queue) -> None:
    """Make a kind of row known to whoever runs the installation."""
    _queues[queue.name] = queue


def queues() -> list[Queue]:
    return list(_queues.values())


def queue(name: str) -> Queue | None:
    return _queues.get(name)


def letters(
    name: str, label: Any, model: type[Outgoing], what: Callable[[Any], str], related: tuple[str, ...]
) -> Queue:
    """Return the kind of an outgoing row; `what` says in a few words which one it is."""
    from stakeholders.outbox import wake_sender

    rows = model._default_manager

    def parked() -> QuerySet:
        # One that was sent anew after it was given up, and refused again, counts again.
        kept = rows.filter(parked_at__isnull=False, withdrawn_at__isnull=True, sent_at__isnull=True)
        kept = kept.filter(Q(given_up_at__isnull=True) | Q(given_up_at__lt=F("parked_at")))
        return kept.select_related("district", *related).order_by("parked_at", "pk")

    return Queue(
        name=name,
        label=label,
        waiting=lambda now: rows.waiting(now=now),
        decided="decided_at",
        parked=parked,
        describe=lambda row: Parked(row.pk, what(row), row.district.name, row.parked_at, row.error),
        wait_again=lambda kept: kept.update(parked_at=None, attempts=0, lease_until=None, given_up_at=None),
        wake=wake_sender,
    )
