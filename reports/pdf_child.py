"""Runs `reports/pdf.py` in a child process with bounds, and turns everything that can go wrong into words.

Nothing that happens to the child reaches the worker: a Celery worker in which a task raises MemoryError ends
as a whole, so what comes out of here is a PDF or `CannotRender`.
"""

import contextlib
import ctypes.util
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from reports import pdf

SECONDS = 120
MEMORY = 1 << 30
# What the child may see of our environment: where the font and Pango libraries are, and no secret.
PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "FONTCONFIG_PATH",
    "TZ",
)


class CannotRender(Exception):
    """The PDF could not be made. `str()` of it says why, in plain words that can be shown."""


@dataclass(frozen=True)
class Pdf:
    data: bytes
    pages: int


@functools.cache
def pdf_is_possible() -> bool:
    """Whether the Pango library is there, without importing WeasyPrint into a web process."""
    return bool(ctypes.util.find_library("pango-1.0"))


def make_pdf(html: str, *, seconds: int = SECONDS, memory: int = MEMORY) -> Pdf:
    """Render a whole HTML document. Raises CannotRender.

    The child works in an empty folder of its own, in a process group of its own that is killed as a whole when
    `seconds` are over, with `memory` bytes of address space at most.
    """
    if not pdf_is_possible():
        raise CannotRender(
            _("The library Pango is missing on this computer. docs/running.md says how to install it.")
        )
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        out, log = Path(folder, "out.pdf"), Path(folder, "log")
        command = [sys.executable, "-I", pdf.__file__, str(_static_folder()), str(out)]
        command += ["--memory", str(memory), "--seconds", str(seconds), "--parent", str(os.getpid())]
        with log.open("wb") as stderr:
            status, printed = _run(command, html.encode(), folder=folder, stderr=stderr, seconds=seconds)
        if status != 0:
            raise CannotRender(_reason(status, log.read_text(errors="replace")[-300:].strip()))
        return Pdf(out.read_bytes(), json.loads(printed)["pages"])


def _run(command: list[str], document: bytes, *, folder: str, stderr, seconds: int) -> tuple[int, bytes]:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        cwd=folder,
        env={**environment, "HOME": folder},
        start_new_session=True,
    )
    try:
        printed, _nothing = child.communicate(document, timeout=seconds)
    except BaseException as error:  # also when this process is asked to end: the child must not outlive it
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        raise CannotRender(
            _("It took longer than %(seconds)s seconds. A plan this large may have to be split.")
            % {"seconds": seconds}
        ) from None
    return child.returncode, printed


def _static_folder() -> Path:
    return Path(settings.STATICFILES_DIRS[0])


def _reason(status: int, said: str) -> str:
    if status == pdf.EXIT_TOO_DEEP:
        return _("Something in the text is nested too deeply to be set on paper.")
    if status in (pdf.EXIT_TOO_LARGE, -signal.SIGABRT, -signal.SIGTRAP, -signal.SIGSEGV):
        return _("It needed more memory than a report may use. A plan this large may have to be split.")
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return _("It was stopped before it was finished.")
    if status == pdf.EXIT_NO_PANGO:
        return _("The library Pango is missing on this computer. docs/running.md says how to install it.")
    return _("The pages could not be set: %(words)s") % {"words": said or status}
