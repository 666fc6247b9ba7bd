"""The Celery application. Tasks use `celery.shared_task` and never import this module."""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from celery import Celery
from celery import beat as celery_beat
from celery.signals import beat_init, celeryd_init, setup_logging, worker_process_init
from django.conf import settings

from district_plan.leash import die_with_parent, die_with_supervisor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "district_plan.settings")

app = Celery("district_plan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class Scheduler(celery_beat.Scheduler):
    """Beat that keeps nothing between starts, and says each time that it has sent something.

    The schedule lives in the settings and every entry is a sweep that may run too often, so there is no
    schedule file to go bad. Every entry is due at the start: what a stopped installation missed is found
    at once.
    """

    alive: Path

    def setup_schedule(self) -> None:
        super().setup_schedule()
        self.alive = Path(settings.BEAT_ALIVE_FILE)
        for entry in self.data.values():
            entry.last_run_at -= entry.schedule.run_every

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        if entry.name == "canary":
            entry.kwargs = {"sent_at": datetime.now(UTC).isoformat()}
        result = super().apply_async(entry, producer=producer, advance=advance, **kwargs)
        self.alive.touch()
        return result


@celeryd_init.connect
@beat_init.connect
def _tie_to_supervisor(**kwargs: Any) -> None:
    die_with_supervisor()


@worker_process_init.connect
def _tie_to_worker(**kwargs: Any) -> None:
    die_with_parent(os.getppid())


@setup_logging.connect
def _keep_our_log(loglevel: Any = None, **kwargs: Any) -> None:
    """Celery would give its loggers a form of their own; the settings have given them ours."""
    logging.getLogger().setLevel(loglevel or logging.INFO)
