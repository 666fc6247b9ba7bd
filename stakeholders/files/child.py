"""Run a reader in a process of its own, with little memory and a wall clock, so that whatever a parser trips over costs
one refusal. A reader is a module with `if __name__ == "__main__": answer(function)`.
"""

import contextlib
import json
import resource
import subprocess
import sys
from pathlib import Path

from stakeholders.files.shapes import Refused

ROOT = Path(__file__).resolve().parents[2]
TOO_SLOW = "The file takes too long to read. Save it again, without pictures and other sheets."
TOO_MUCH = "The file cannot be read; it needs more memory than it should."


def ask(module, *words, data, seconds, memory):
    """What the reader `module` answers to `words` and the bytes `data`. Raises Refused when it refuses, takes too long
    or too much. Nothing that it writes elsewhere comes out: it could be somebody's data."""
    command = [sys.executable, "-m", module, *words, str(seconds), str(memory)]
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            timeout=seconds,
            cwd=ROOT,
            env={},  # the child needs none of our secrets
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(TOO_SLOW) from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise Refused(TOO_MUCH) from None
    if "refused" in answer:
        raise Refused(answer["refused"])
    return answer["read"]


def answer(read):
    """In the child: print what `read(*words)` returns."""
    *words, seconds, memory = sys.argv[1:]
    limits = [
        (resource.RLIMIT_AS, int(memory)),
        (resource.RLIMIT_CPU, int(float(seconds)) + 1),
        (resource.RLIMIT_CORE, 0),
    ]
    for limit, most in limits:
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit on memory; the clock stays
            resource.setrlimit(limit, (most, most))
    try:
        said = {"read": read(*words)}
    except Refused as refusal:
        said = {"refused": str(refusal)}
    except (MemoryError, RecursionError):
        said = {"refused": TOO_MUCH}
    json.dump(said, sys.stdout)
