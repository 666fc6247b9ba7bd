from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from district_plan.celery import app
from stakeholders.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_alive():
    for name in settings.CELERY_BEAT_SCHEDULE:
        Heartbeat.beat(name, now=timezone.now())


def test_it_is_content_when_every_sweep_has_come_to_its_end_lately(all_alive, capsys):
    call_command("jobs_alive")

    said = capsys.readouterr().out.splitlines()
    assert said == ["canary: 0 s ago", "notices: 0 s ago", "slips: 0 s ago", "reports: 0 s ago"]


def test_it_complains_when_one_sweep_has_been_silent_too_long(all_alive):
    Heartbeat.beat("slips", now=timezone.now() - timedelta(seconds=301))

    with pytest.raises(CommandError, match=r"^Not for 300 s: slips$"):
        call_command("jobs_alive")
    call_command("jobs_alive", max_age=600)


def test_it_complains_when_no_sweep_has_ever_run():
    with pytest.raises(CommandError):
        call_command("jobs_alive")


@pytest.mark.parametrize(("name", "entry"), settings.CELERY_BEAT_SCHEDULE.items())
def test_a_sweep_exists_and_keeps_a_heartbeat_of_the_name_that_it_has_in_the_schedule(name, entry):
    app.loader.import_default_modules()

    app.tasks[entry["task"]]()

    assert Heartbeat.objects.get().name == name
