"""The health of the jobs, asked of a real worker and a real beat that are stopped and killed."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.district_plan.processes import wait_for
from tests.installation import ROOT, Installation

pytestmark = pytest.mark.slow

# As of now, and as of three minutes from now if nothing happens until then.
LOOK = """
import json
from datetime import timedelta
from django.utils import timezone
from district_plan.jobs import look
now = timezone.now()
print(json.dumps([look(now).late, look(now + timedelta(seconds=180)).late, look(now).latency]))
"""
RING = """
from datetime import UTC, datetime
from stakeholders.tasks import canary
canary.apply_async(kwargs={"sent_at": datetime.now(UTC).isoformat()}, expires=170)
"""
CANARY = "from stakeholders.models import Heartbeat; print(Heartbeat.objects.get(name='canary').at)"


@pytest.fixture
def installation(tmp_path, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), Installation(tmp_path / "var", CELERY_BROKER_URL="") as installation:
        yield installation


@pytest.fixture
def processes(installation):
    """Beat and a worker of the installation; each is a session of its own, so that all of it can be stopped."""
    commands = {
        "beat": ["beat", "-l", "WARNING"],
        "worker": [
            "worker",
            "-c",
            "1",
            "-l",
            "WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ],
    }
    started = {
        name: subprocess.Popen(
            [sys.executable, "-m", "celery", "--quiet", "-A", "district_plan", *arguments],
            cwd=ROOT,
            env=installation.environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name, arguments in commands.items()
    }
    yield started
    for process in started.values():
        for number in (signal.SIGCONT, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                break
        process.wait()


def looked(installation: Installation) -> list:
    return json.loads(installation.python(LOOK))


def test_a_worker_that_stands_still_and_a_beat_that_is_gone_are_noticed_within_three_minutes(
    installation, processes
):
    now, _later, latency = wait_for(lambda: (found := looked(installation)) and not found[0] and found, 90)
    assert latency is not None

    os.killpg(processes["worker"].pid, signal.SIGSTOP)
    before = installation.python(CANARY)
    installation.python(RING)
    now, later, _latency = looked(installation)
    assert now == []
    assert "canary" in later
    assert installation.python(CANARY) == before

    os.killpg(processes["worker"].pid, signal.SIGCONT)
    wait_for(lambda: installation.python(CANARY) != before, 60)
    os.killpg(processes["beat"].pid, signal.SIGKILL)
    processes["beat"].wait()
    assert "beat" in looked(installation)[1]
