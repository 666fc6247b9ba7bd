"""bin/run as a newcomer meets it: the real processes, on a free port, in a folder of their own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.district_plan.processes import children, command, descendants, free_port, runs, wait_for
from tests.district_plan.test_compose import named_in_example

pytestmark = [pytest.mark.slow, pytest.mark.apart]

ROOT = Path(__file__).resolve().parent.parent.parent


def environment(var: Path, port: int) -> dict[str, str]:
    """The environment of a newcomer, who has set nothing; the folder and the port are the test's."""
    mine = {**os.environ, **dict.fromkeys(named_in_example(), ""), "VAR_DIR": str(var), "PORT": str(port)}
    del mine["SAMPLE_SIGN_IN"]
    return mine


class Installation:
    """One `bin/run`, called from another directory."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.environment = environment(var, free_port())
        self.output = var.with_suffix(f".{self.environment['PORT']}")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [ROOT / "bin" / "run"],
                cwd="/",
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text()

    def address(self) -> str:
        found = wait_for(lambda: re.search(r"District Plan is at (http://localhost:\d+)\n", self.said()), 120)
        return found[1]

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(self.address() + path, timeout=60) as answer:
            return answer.status, answer.read().decode()

    def named(self, what: str) -> int:
        def find() -> int:
            return next((pid for pid in children(self.process.pid) if what in command(pid)), 0)

        return wait_for(find, 60)

    def everybody(self) -> list[int]:
        """Return all process ids: two web servers below one, one worker below another, and beat."""
        return wait_for(lambda: (found := descendants(self.process.pid)) and len(found) >= 6 and found, 60)


@pytest.fixture(scope="module")
def first_start(tmp_path_factory):
    """A folder as the first start leaves it: made once, because compressing static files takes a while."""
    var = tmp_path_factory.mktemp("first") / "var"
    mine = {**environment(var, 1), "SAMPLE_SIGN_IN": "1"}
    said = subprocess.run(
        [sys.executable, ROOT / "manage.py", "set_up"], env=mine, capture_output=True, text=True, check=True
    )
    assert "Loading the sample district" in said.stderr
    return var


@pytest.fixture
def start(first_start, tmp_path):
    var = shutil.copytree(first_start, tmp_path / "var")
    started = []

    def start_one() -> Installation:
        started.append(Installation(var))
        return started[-1]

    yield start_one
    for installation in started:
        installation.process.kill()
        installation.process.wait()


def nothing_left(pids: list[int]) -> bool:
    return not any(map(runs, pids))


def test_a_newcomer_gets_an_address_four_people_and_pages(start):
    installation = start()

    address = installation.address()

    assert installation.get("/healthz") == (200, "ok\n")
    assert "/look-around/" in installation.get("/")[1]
    wait_for(lambda: "Ctrl-C stops it." in installation.said())
    people = r"^  .*\((?:leader|editor|committee|viewer)\) +\S+@\S+$"
    assert len(re.findall(people, installation.said(), re.MULTILINE)) == 4

    another = start()

    assert another.process.wait(60) == 1
    assert f"District Plan runs already: process {installation.process.pid}, {address}." in another.said()


def test_what_dies_is_started_again_and_visitors_wait_meanwhile(start):
    installation = start()
    installation.address()
    web, worker = installation.named("gunicorn"), installation.named(" worker ")
    below = [*descendants(web), *descendants(worker)]

    os.kill(worker, signal.SIGKILL)
    os.kill(web, signal.SIGKILL)

    wait_for(lambda: not runs(web))
    assert installation.get("/healthz")[0] == 200
    assert runs(installation.named(" worker "))
    wait_for(lambda: nothing_left([web, worker, *below]))
    assert "The web server ended (killed by signal 9). Starting it again in 1 s." in installation.said()
    assert "The worker ended (killed by signal 9). Starting it again in 1 s." in installation.said()


def test_the_sweeps_come_round_and_ctrl_c_leaves_no_process(start):
    installation = start()
    everybody = installation.everybody()

    def sweeps_come_round() -> bool:
        asked = [sys.executable, ROOT / "manage.py", "jobs_alive"]
        return subprocess.run(asked, env=installation.environment, capture_output=True).returncode == 0

    wait_for(sweeps_come_round, 120)
    assert (installation.var / "beat-alive").exists()
    installation.process.send_signal(signal.SIGINT)

    assert installation.process.wait(30) == 0
    assert nothing_left(everybody)


def test_kill_9_leaves_no_process(start):
    installation = start()
    everybody = installation.everybody()

    installation.process.kill()

    wait_for(lambda: nothing_left(everybody), seconds=5)


def test_it_prints_how_it_is_used_instead_of_starting():
    printed = subprocess.run([ROOT / "bin" / "run", "--help"], capture_output=True, text=True)

    assert printed.returncode == 0
    assert "PORT=9000 bin/run" in printed.stdout
