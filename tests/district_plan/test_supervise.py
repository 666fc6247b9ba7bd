"""The supervisor, with processes made for the purpose."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from district_plan import supervise
from tests.district_plan.processes import descendants, runs, wait_for

# Starts a supervisor over two processes; each starts one more, tied to it as gunicorn's and Celery's are.
SUPERVISOR = """
import sys
from district_plan import supervise
from district_plan.supervise import Service, Supervisor
supervise.GRACE = 1.0
child = '''
import os, subprocess, sys, signal, functools
from district_plan import leash
stubborn = sys.argv[1] == "stubborn"
if stubborn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
tie = functools.partial(leash.die_with_parent, os.getpid())
subprocess.run(["sleep", "600"], preexec_fn=tie)
'''
names = sys.argv[1:]
Supervisor([Service(name, [sys.executable, "-c", child, name]) for name in names]).run(on_ready=lambda: True)
"""


@pytest.fixture
def start():
    """Start a supervisor over the named processes, wait until all run, and return it with all their ids."""
    started = []

    def start_supervisor(*names: str, **more) -> tuple[subprocess.Popen, list[int]]:
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, *names],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **more,
        )
        started.append(process)
        wait_for(lambda: len(descendants(process.pid)) == 2 * len(names))
        return process, descendants(process.pid)

    yield start_supervisor
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def nothing_left(pids: list[int]) -> bool:
    return not any(map(runs, pids))


@pytest.mark.slow
def test_a_killed_process_is_started_again_and_its_own_children_end_with_it(start):
    supervisor, before = start("web", "worker")
    first = before[0]
    own = descendants(first)

    os.kill(first, signal.SIGKILL)

    wait_for(lambda: nothing_left([first, *own]))
    wait_for(lambda: len(descendants(supervisor.pid)) == 4)
    assert set(before) - {first, *own} < set(descendants(supervisor.pid))
    assert "ended (killed by signal 9). Starting it again in 1 s." in supervisor.stdout.readline()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_leaves_no_process(start, number):
    supervisor, everybody = start("web", "worker")

    supervisor.send_signal(number)

    assert supervisor.wait(10) == 0
    assert nothing_left(everybody)


@pytest.mark.slow
def test_a_process_that_will_not_end_is_killed(start):
    supervisor, everybody = start("stubborn")

    supervisor.send_signal(signal.SIGTERM)

    assert supervisor.wait(10) == 0
    assert nothing_left(everybody)


@pytest.mark.slow
def test_kill_9_of_the_supervisor_leaves_no_process(start):
    supervisor, everybody = start("web", "worker", "stubborn")

    supervisor.kill()

    wait_for(lambda: nothing_left(everybody), seconds=5)


@pytest.mark.slow
def test_ctrl_c_works_where_a_shell_started_us_in_the_background(start):
    supervisor, everybody = start("web", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))

    supervisor.send_signal(signal.SIGINT)

    assert supervisor.wait(10) == 0
    assert nothing_left(everybody)


@pytest.mark.slow
def test_nohup_outlives_its_terminal(start):
    supervisor, everybody = start("web", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))

    supervisor.send_signal(signal.SIGHUP)
    supervisor.send_signal(signal.SIGCHLD)

    with pytest.raises(subprocess.TimeoutExpired):
        supervisor.wait(0.5)
    assert all(map(runs, everybody))


def test_each_death_in_a_row_doubles_the_pause_up_to_half_a_minute():
    service = supervise.Service("short-lived", ["false"])
    pauses = []
    for _ in range(8):
        service.start()
        service.process.wait()
        service.buried()
        pauses.append(round(service.due_at - supervise.time.monotonic()))

    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_process_that_ran_steadily_starts_with_the_short_pause_again():
    service = supervise.Service("steady", ["false"])
    service.pause = 16.0
    service.start()
    service.process.wait()
    service.started_at -= supervise.STEADY

    assert service.buried() == "status 1"
    assert round(service.due_at - supervise.time.monotonic()) == 1


@pytest.fixture(params=[(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")], ids=["IPv4", "IPv6"])
def taken(request):
    """A port of this computer on which somebody else listens."""
    family, address = request.param
    with socket.socket(family) as other:
        other.bind((address, 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_taken_gives_way_to_the_next_free_one_and_says_so(taken, capsys):
    with supervise.listen(taken, may_move=True) as listening:
        got = listening.getsockname()[1]

    assert got > taken
    assert capsys.readouterr().out == f"Port {taken} is taken; using {got}.\n"


def test_behind_a_proxy_the_port_does_not_move(taken, capsys):
    with pytest.raises(SystemExit):
        supervise.listen(taken, may_move=False)

    assert capsys.readouterr().err == f"Port {taken} is taken. Set PORT to another number.\n"


@pytest.mark.parametrize(
    ("given", "site_url", "sample"),
    [
        ({}, "http://localhost:8001", "1"),
        ({"SITE_URL": "http://127.0.0.1:8000"}, "http://localhost:8001", "1"),
        ({"SAMPLE_SIGN_IN": ""}, "http://localhost:8001", ""),
        ({"ALLOWED_HOSTS": "plan.example.org"}, "http://localhost:8001", None),
        ({"SITE_URL": "https://plan.example.org"}, "https://plan.example.org", None),
    ],
)
def test_the_sample_can_be_looked_around_only_where_nobody_else_is_expected(
    given, site_url, sample, monkeypatch
):
    for name in ("SITE_URL", "ALLOWED_HOSTS", "SAMPLE_SIGN_IN"):
        monkeypatch.setenv(name, "to be put back afterwards")
        del os.environ[name]
    os.environ.update(given)

    supervise.settle_address(given.get("SITE_URL", "http://localhost:8000"), 8001)

    assert (os.environ["SITE_URL"], os.environ.get("SAMPLE_SIGN_IN")) == (site_url, sample)


def test_a_second_supervisor_on_the_same_folder_is_refused(tmp_path, capsys):
    with supervise.hold_only_once(tmp_path) as lock:
        lock.write("process 1, http://localhost:8000\n")
        lock.flush()

        with pytest.raises(SystemExit):
            supervise.hold_only_once(tmp_path)

    assert "runs already: process 1, http://localhost:8000" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "x"), ("PORT", "0"), ("PORT", "70000"), ("PORT", "８０８０"), ("SITE_URL", "http://[::1")],
)
def test_a_bad_value_is_refused_in_one_line_that_names_it(name, value, monkeypatch, capsys):
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit):
        supervise.main()

    said = capsys.readouterr().err
    assert said.startswith(f"{name} must ")
    assert said.endswith(f"not {value!r}.\n")
    assert said.count("\n") == 1
