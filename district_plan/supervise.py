"""Runs the web server, the worker and beat of a small installation, and keeps them running.

`bin/run` ends here. What dies is started again; Ctrl-C, SIGTERM and a closed terminal stop everything; and
because each process is tied to this one (`district_plan/leash.py`), kill -9 leaves nothing behind either.
"""

import contextlib
import fcntl
import functools
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn

from django.core.exceptions import ImproperlyConfigured

from district_plan import leash
from district_plan.env import is_loopback, read_environment, whole_number

BASE_DIR = Path(__file__).resolve().parent.parent

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before a dead process is started again; doubles each time
STEADY = 60.0  # a process that ran this long starts with the shortest pause again
GRACE = 10.0  # seconds that a process has to end by itself


@dataclass
class Service:
    """One process that must always run."""

    name: str
    command: list[str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    due_at: float = field(default=0.0, init=False)
    pause: float = field(default=FIRST_PAUSE, init=False)

    def start(self) -> None:
        """Start the process."""
        self.process = start_tied(self.command, stdin=subprocess.DEVNULL, pass_fds=self.pass_fds)
        self.started_at = time.monotonic()

    def signal(self, number: int) -> None:
        """Send a signal to the process and to all that it has started in its session."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def buried(self) -> str:
        """Return how the process ended, or nothing while it runs. What it left in its session is killed."""
        if not self.process or (status := self.process.poll()) is None:
            return ""
        self.signal(signal.SIGKILL)
        self.process = None
        if time.monotonic() - self.started_at >= STEADY:
            self.pause = FIRST_PAUSE
        self.due_at = time.monotonic() + self.pause
        self.pause = min(2 * self.pause, LONGEST_PAUSE)
        return f"killed by signal {-status}" if status < 0 else f"status {status}"


def start_tied(command: list[str], **more: Any) -> subprocess.Popen[bytes]:
    """Start a process that ends when this one does, in a session where the terminal's signals do not reach it."""
    return subprocess.Popen(
        command,
        cwd=BASE_DIR,
        env={**os.environ, leash.SUPERVISOR: str(os.getpid())},
        start_new_session=True,
        preexec_fn=functools.partial(leash.die_with_parent, os.getpid()) if sys.platform == "linux" else None,
        **more,
    )


class Supervisor:
    """Keeps services running until it is told to stop."""

    def __init__(self, services: list[Service]) -> None:
        self.services = services
        self.asked_to_stop = 0

    def run(self, on_ready: Callable[[], bool]) -> None:
        """Start everything and stay until asked to stop. `on_ready` is called until it returns True."""
        wakes = self._listen_to_signals()
        ready = False
        while not self.asked_to_stop:
            for service in self.services:
                self._keep_running(service)
            ready = ready or on_ready()
            pauses = [service.due_at - time.monotonic() for service in self.services if not service.process]
            self._sleep(wakes, min([*pauses, 60.0 if ready else 0.1]))
        say("Stopping.")
        self._stop(wakes)

    def _keep_running(self, service: Service) -> None:
        if ended := service.buried():
            say(
                f"The {service.name} ended ({ended}). Starting it again in {service.due_at - time.monotonic():.0f} s."
            )
        if not service.process and time.monotonic() >= service.due_at:
            service.start()

    def _stop(self, wakes: int) -> None:
        for service in self.services:
            if service.process:
                service.process.terminate()
        until = time.monotonic() + GRACE
        while any(service.process and service.process.poll() is None for service in self.services):
            if time.monotonic() > until or self.asked_to_stop > 1:
                break
            self._sleep(wakes, 0.2)
        for service in self.services:
            service.signal(signal.SIGKILL)
            if service.process:
                service.process.wait()

    def _listen_to_signals(self) -> int:
        """Count requests to stop, and return a descriptor that becomes readable with every signal."""

        def stop(number: int, frame: object) -> None:
            self.asked_to_stop += 1

        wakes, wake = os.pipe()
        for end in (wakes, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.signal(signal.SIGINT, stop)  # also where a shell has started us in the background, ignoring it
        signal.signal(signal.SIGTERM, stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
            signal.signal(signal.SIGHUP, stop)
        return wakes

    def _sleep(self, wakes: int, seconds: float) -> None:
        readable, _, _ = select.select([wakes], [], [], max(seconds, 0.0))
        if readable:
            with contextlib.suppress(BlockingIOError):
                os.read(wakes, 4096)


def say(words: str) -> None:
    """Print for whoever looks; a terminal that is gone is no reason to fail."""
    with contextlib.suppress(OSError):
        print(words, flush=True)


def refuse(words: str) -> NoReturn:
    print(words, file=sys.stderr)
    sys.exit(1)


def listen(wanted: int, *, may_move: bool) -> socket.socket:
    """Return a listening loopback socket on the port `wanted` or, where it `may_move`, on the next free one.

    The supervisor holds it, so that visitors wait, and are not refused, while the web server starts again.
    """
    for port in range(wanted, min(wanted + 100, 65536) if may_move else wanted + 1):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if answers_on_ipv6(port):
                raise OSError("taken")
            listening.bind(("127.0.0.1", port))
            listening.listen(1024)
        except OSError:
            listening.close()
            continue
        if port != wanted:
            say(f"Port {wanted} is taken; using {port}.")
        return listening
    refuse(f"Port {wanted} is taken. Set PORT to another number.")


def answers_on_ipv6(port: int) -> bool:
    """Whether somebody else has this port on ::1, where browsers look first for localhost."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as other:
        return other.connect_ex(("::1", port)) == 0
    return False


def hold_only_once(var_dir: Path) -> IO[str]:
    """Make sure that no second supervisor works on the same folder; the lock goes with the process."""
    lock = (var_dir / "running").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        refuse(f"District Plan runs already: {lock.read().strip()}. Stop that one first.")
    return lock


def answers(port: int) -> bool:
    """Whether the web server answers that it is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def set_up() -> str:
    """Bring database and static files up to date, and return what is to be said once the pages are there."""
    with start_tied([sys.executable, "manage.py", "set_up"], stdout=subprocess.PIPE) as process:
        try:
            words, _ = process.communicate()
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        sys.exit(process.returncode)
    return str(words.decode())


def services(listening: socket.socket) -> list[Service]:
    """Return what a small installation consists of."""
    # Celery warns of root on every start, which is how a container or a new machine often runs.
    celery = [
        sys.executable,
        "-W",
        "ignore:You're running the worker",
        "-m",
        "celery",
        "--quiet",
        "-A",
        "district_plan",
    ]
    only_what_is_used = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    socket_number = listening.fileno()
    return [
        Service(
            "web server",
            [
                sys.executable,
                "-m",
                "gunicorn",
                "-c",
                "python:district_plan.web_server",
                "--bind",
                f"fd://{socket_number}",
            ],
            pass_fds=(socket_number,),
        ),
        Service("worker", [*celery, "worker", "-c", "1", "-l", "WARNING", *only_what_is_used]),
        Service("beat", [*celery, "beat", "-l", "WARNING"]),
    ]


def settle_address(site_url: str, port: int) -> None:
    """Where people other than those at this computer are not expected, say so to all processes."""
    if is_loopback(site_url):
        os.environ["SITE_URL"] = f"http://localhost:{port}"
        if not os.environ.get("ALLOWED_HOSTS"):
            os.environ.setdefault("SAMPLE_SIGN_IN", "1")


def main() -> None:
    try:
        env = read_environment(BASE_DIR)
        wanted = whole_number("PORT", default=8000, least=1, most=65535)
    except ImproperlyConfigured as error:
        refuse(str(error))
    lock = hold_only_once(env.var_dir)
    # A proxy that stands in front knows one port only.
    listening = listen(wanted, may_move=is_loopback(env.site_url))
    port = listening.getsockname()[1]
    settle_address(env.site_url, port)
    address = os.environ["SITE_URL"]
    lock.truncate(0)
    lock.write(f"process {os.getpid()}, {address}\n")
    lock.flush()
    introduction = set_up()

    def announce() -> bool:
        if not answers(port):
            return False
        say(f"\nDistrict Plan is at {address}\n{introduction}Ctrl-C stops it.")
        return True

    Supervisor(services(listening)).run(on_ready=announce)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):  # before the services run: nothing is left to stop
        main()
