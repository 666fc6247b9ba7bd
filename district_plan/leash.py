"""A process that must not outlive the one that started it, however that one ends."""

import ctypes
import os
import signal
import sys
import threading
import time

SUPERVISOR = "DISTRICT_PLAN_SUPERVISOR"  # the supervisor's process id, for the processes that it starts

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before any fork


def die_with_parent(parent: int) -> None:
    """Tie this process to `parent`: the kernel kills it when that process ends, also by kill -9.

    Where the kernel has no such signal, a thread watches the parent's id. A parent that was gone before
    the tie was made ends this process at once.
    """
    if _libc:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def die_with_supervisor() -> None:
    """Tie this process to the supervisor; does nothing in a process that no supervisor started."""
    if supervisor := os.environ.get(SUPERVISOR):
        die_with_parent(int(supervisor))


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
