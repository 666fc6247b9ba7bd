"""A real Celery worker over the file-system broker is killed with -9 while it makes a report: delayed, not lost."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.district_plan.processes import children, command, descendants, runs, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.apart]

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import django
django.setup()
from django.utils import timezone
from milestones.management.commands.load_scale import load_district
from reports.models import Report
from vision.models import Plan
district = load_district(1, milestones=600)
Report.request(plan=Plan.objects.get(), by=None, now=timezone.now(), as_of=district.today(timezone.now()))
"""
RING = "import django; django.setup(); from reports.tasks import sweep; sweep.apply_async(expires=60)"


class Installation:
    """A small installation of its own in a folder: SQLite, the queue as files, and one worker."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.env = {
            **os.environ,
            "VAR_DIR": str(folder),
            "DATABASE_URL": "",
            "CELERY_BROKER_URL": "",
            "DJANGO_SETTINGS_MODULE": "district_plan.settings",
        }
        self.workers: list[subprocess.Popen] = []
        self.run("manage.py", "migrate", "-v0")

    def run(self, *arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], env=self.env, cwd=ROOT, check=True, capture_output=True)

    def start_worker(self) -> subprocess.Popen:
        arguments = [
            "-m",
            "celery",
            "--quiet",
            "-A",
            "district_plan",
            "worker",
            "-c",
            "1",
            "--without-gossip",
        ]
        worker = subprocess.Popen(
            [sys.executable, *arguments, "--without-mingle", "--without-heartbeat"],
            env=self.env,
            cwd=ROOT,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.workers.append(worker)
        return worker

    def row(self) -> dict:
        with sqlite3.connect(self.folder / "db.sqlite3", timeout=20) as database:
            database.row_factory = sqlite3.Row
            return dict(database.execute("SELECT * FROM reports_report").fetchone())

    def let_the_lease_run_out(self) -> None:
        with sqlite3.connect(self.folder / "db.sqlite3", timeout=20) as database:
            database.execute("UPDATE reports_report SET lease_until = '2020-01-01 00:00:00'")

    def stop(self) -> None:
        for worker in self.workers:
            for process in [worker.pid, *descendants(worker.pid)]:
                if runs(process):
                    os.kill(process, signal.SIGKILL)
            worker.wait()


@pytest.fixture
def installation(tmp_path):
    made = Installation(tmp_path)
    yield made
    made.stop()


def rendering(worker: subprocess.Popen) -> list[int]:
    return [pid for pid in descendants(worker.pid) if "reports/pdf.py" in command(pid)]


def test_a_worker_killed_while_it_renders_delays_the_report_and_does_not_lose_it(installation):
    installation.run("-c", ASK)
    installation.run("-c", RING)
    worker = installation.start_worker()
    (child,) = wait_for(lambda: rendering(worker), seconds=60)
    frozen = installation.row()
    pool = children(worker.pid)

    for process in [*pool, worker.pid]:
        os.kill(process, signal.SIGKILL)

    wait_for(lambda: not runs(child), seconds=5)  # the child ends with the worker
    left = installation.row()
    assert (left["state"], left["attempts"], left["pdf"]) == ("rendering", 1, "")
    installation.let_the_lease_run_out()
    installation.start_worker()
    installation.run("-c", RING)  # as beat does every minute
    wait_for(lambda: installation.row()["state"] == "ready", seconds=120)

    made = installation.row()
    assert made["attempts"] == 2
    assert made["html"] == frozen["html"], "frozen when it was first taken"
    assert (installation.folder / "media" / made["pdf"]).read_bytes().startswith(b"%PDF")
    assert len(list((installation.folder / "media" / "reports").iterdir())) == 1
