"""Whether work that happens later happens: by what was done, never by asking a process whether it feels well."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from stakeholders.models import Heartbeat
from stakeholders.queues import queues

# A worker that stands still is noticed within three minutes: the last canary before it stood still is at most so old.
CANARY_LATE = timedelta(seconds=170)
BEAT_LATE = timedelta(seconds=170)
SWEEP_LATE = timedelta(minutes=5)  # a report may take two of them, with everything else behind it
ROW_LATE = timedelta(minutes=15)  # also the time that a mail server may be away unnoticed


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how many seconds ago it last happened, or for how long something has waited."""

    name: str
    seconds: float | None
    is_late: bool


@dataclass(frozen=True)
class QueueState:
    """One kind of row: how many wait, how many seconds the oldest has waited, how many were given up after three tries."""

    name: str
    label: Any
    waiting: int
    oldest: float | None
    parked: int
    is_late: bool


@dataclass(frozen=True)
class Health:
    """What was found. Numbers and ages only: nothing here names a district or a person."""

    beat: Finding
    canary: Finding
    latency: float | None  # seconds between the last canary's sending and its being done
    sweeps: list[Finding]
    queues: list[QueueState]

    @property
    def late(self) -> list[str]:
        """Return the names of what should have happened and did not."""
        found: list[Finding | QueueState] = [self.beat, self.canary, *self.sweeps, *self.queues]
        return [one.name for one in found if one.is_late]

    def as_json(self) -> dict[str, Any]:
        def ages(findings: list[Finding]) -> dict[str, float | None]:
            return {one.name: one.seconds for one in findings}

        return {
            "well": not self.late,
            "late": self.late,
            "beat_seconds_ago": self.beat.seconds,
            "canary_seconds_ago": self.canary.seconds,
            "canary_latency_seconds": self.latency,
            "sweeps_seconds_ago": ages(self.sweeps),
            "queues": {
                one.name: {"waiting": one.waiting, "oldest_seconds": one.oldest, "parked": one.parked}
                for one in self.queues
            },
        }


def look(now: datetime) -> Health:
    """Look at everything as of `now`."""
    last = dict(Heartbeat.objects.values_list("name", "at"))
    sent, done = last.get("canary sent"), last.get("canary")
    return Health(
        beat=_finding("beat", _touched(Path(settings.BEAT_ALIVE_FILE)) or sent, BEAT_LATE, now),
        canary=_finding("canary", done, CANARY_LATE, now),
        latency=round((done - sent).total_seconds(), 2) if sent and done and done >= sent else None,
        sweeps=[
            _finding(name, last.get(name), SWEEP_LATE, now)
            for name in settings.CELERY_BEAT_SCHEDULE
            if name != "canary"
        ],
        queues=[_queue_state(queue, now) for queue in queues()],
    )


def _finding(name: str, last: datetime | None, late: timedelta, now: datetime) -> Finding:
    if last is None:
        return Finding(name, None, is_late=True)
    return Finding(name, round((now - last).total_seconds(), 1), is_late=now - last > late)


def _touched(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def _queue_state(queue: Any, now: datetime) -> QueueState:
    oldest = queue.oldest_due(now)
    waited = now - oldest if oldest else None
    return QueueState(
        name=queue.name,
        label=queue.label,
        waiting=queue.waiting(now).count(),
        oldest=round(waited.total_seconds(), 1) if waited else None,
        parked=queue.parked().count(),
        is_late=bool(waited and waited > ROW_LATE),
    )
