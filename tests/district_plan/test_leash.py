import subprocess
import sys

import pytest

from district_plan import leash
from tests.district_plan.processes import runs, wait_for

# A parent that starts a tied child, says its id, and waits to be killed.
PARENT = """
import subprocess, sys
child = '''
import os, sys, time
from district_plan import leash
if sys.argv[1] == "watching":
    leash._libc = None
leash.die_with_parent(int(sys.argv[2]))
print(os.getpid(), flush=True)
time.sleep(600)
'''
import os
subprocess.run([sys.executable, "-c", child, sys.argv[1], str(os.getpid())])
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["by the kernel", "watching"])
def test_a_tied_process_ends_when_its_parent_is_killed(how):
    with subprocess.Popen([sys.executable, "-c", PARENT, how], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        assert runs(child)

        parent.kill()

        wait_for(lambda: not runs(child), seconds=5)


@pytest.mark.slow
def test_a_process_whose_parent_was_gone_before_ends_at_once():
    code = "from district_plan import leash; leash.die_with_parent(1 << 30); print('still here')"

    ended = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)

    assert (ended.returncode, ended.stdout) == (1, "")


def test_a_process_without_a_supervisor_is_not_tied(monkeypatch):
    monkeypatch.delenv(leash.SUPERVISOR, raising=False)

    leash.die_with_supervisor()
