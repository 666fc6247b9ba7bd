"""What is sent to the worker: every task's arguments survive the broker, and the work is the same at the other end."""

import pytest
from celery import current_app
from django.conf import settings
from kombu import Connection

from stakeholders.models import Heartbeat

current_app.loader.import_default_modules()
OURS = sorted(name for name in current_app.tasks if not name.startswith("celery."))


def sent(name: str, *args, **kwargs) -> tuple[list, dict]:
    """Send a task through a broker in memory; return the arguments as the worker would get them."""
    with Connection("memory://") as connection:
        queue = connection.SimpleQueue(f"test-{name}")
        current_app.tasks[name].apply_async(args, kwargs, connection=connection, queue=queue.queue.name)
        message = queue.get(timeout=2)
        message.ack()
    assert message.content_type == "application/json"
    args, kwargs, _embedded = message.payload
    return args, kwargs


def test_every_sweep_of_the_schedule_is_a_task():
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(OURS)


@pytest.mark.parametrize("name", [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()])
def test_a_sweep_comes_through_the_broker_and_says_that_it_came_round(db, name):
    args, kwargs = sent(name)

    current_app.tasks[name](*args, **kwargs)

    assert Heartbeat.objects.count() == 1


@pytest.mark.parametrize("name", OURS)
def test_a_task_takes_nothing_that_is_not_an_id_or_a_date_in_writing(name):
    """So whatever is passed is JSON before and after: whole numbers and text, no rows and no dates."""
    asked = {
        key: kind for key, kind in current_app.tasks[name].run.__annotations__.items() if key != "return"
    }

    assert set(asked.values()) <= {int, str}
    example = {key: 7 if kind is int else "2026-11-17" for key, kind in asked.items()}
    assert sent(name, **example) == ([], example)
