"""Looking at processes through /proc, for tests that start and kill real ones."""

import contextlib
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def _stat(pid: int | str) -> tuple[str, int]:
    """Return the state letter and the parent's id; ("X", 0) for a process that is gone."""
    try:
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "X", 0
    return state, int(parent)


def children(pid: int) -> list[int]:
    everybody = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [int(each) for each in everybody if _stat(each)[1] == pid]


def descendants(pid: int) -> list[int]:
    return [each for child in children(pid) for each in (child, *descendants(child))]


def runs(pid: int) -> bool:
    """Whether the process is there and not merely waiting to be counted by its parent."""
    return _stat(pid)[0] not in "ZX"


def command(pid: int) -> str:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def wait_for(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """Return the first true answer of `condition`; fails when none comes in time."""
    until = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
    return answer


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
