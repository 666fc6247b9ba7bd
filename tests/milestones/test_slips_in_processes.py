"""Flagging and telling by real processes: several at once, and a sender that is killed again and again."""

import json
import os
import random
import signal
from collections import Counter
from threading import Event, Timer

import pytest

from tests.district_plan.processes import free_port
from tests.installation import Installation
from tests.smtp import Sink

pytestmark = pytest.mark.slow

MAKE = """
from django.core.management import call_command
call_command("flush", interactive=False, verbosity=0)
from datetime import date, timedelta
from milestones.models import ActionStep, Milestone
from stakeholders.models import Appointment, Level, Membership, Person, Role
from tests.builders import make_district, make_initiative, make_plan
for name in ("cedar", "dune", "elm"):
    district = make_district(name)
    initiative = make_initiative(make_plan(district))
    for n in range({people}):
        person = Person.objects.create(email=f"{{name}}-{{n}}@example.org", name=f"{{name}} {{n}}")
        Membership.objects.create(district=district, person=person, level=Level.COMMITTEE)
        role = Role.objects.create(district=district, title=f"Role {{n}}")
        Appointment.objects.create(role=role, person=person, starts_on=date(2026, 1, 1))
        step = ActionStep.objects.create(initiative=initiative, title=f"Step {{n}}")
        step.set_owners(lead=role, by=person)
        Milestone.objects.bulk_create(
            Milestone(district=district, step=step, title=f"{{name}} {{n}} {{m}}", due=date(2026, 11, 16) - timedelta(m))
            for m in range({milestones})
        )
"""
# Each process says that it is ready and begins with all the others, at a word.
AT_A_WORD = """
from django.core.management import call_command
print("ready", flush=True)
sys.stdin.readline()
call_command("flag_slips", json=True, today="2026-11-17")
"""
ROWS = """
from milestones.models import Slip, SlipNotice
from stakeholders.models import Notice
slips = list(Slip.objects.order_by("milestone", "due").values_list("milestone", "due", "slipped_on", "closed_on"))
told = sorted(SlipNotice.objects.values_list("slip", "notice__person"))
print(len(slips), len(told), Notice.objects.count(), hash(str((slips, told))))
"""


@pytest.fixture
def sink():
    sink = Sink().start()
    yield sink
    sink.stop()


@pytest.fixture(scope="module")
def installation(tmp_path_factory, django_db_setup, django_db_blocker):
    folder = tmp_path_factory.mktemp("installation")
    with django_db_blocker.unblock(), Installation(folder, PYTHONHASHSEED="0") as installation:
        yield installation


def test_four_processes_at_once_and_a_week_late_write_the_same_rows(installation):
    installation.python(MAKE.format(people=10, milestones=30))
    processes = [
        installation.start("-c", "import os, sys, django; django.setup()\n" + AT_A_WORD) for _ in range(4)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = []
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        said.append(json.loads(out))

    after_four = installation.python(ROWS)
    late = installation.manage("flag_slips", "--json", "--today", "2026-11-24")

    assert sum(each["new_slips"] for each in said) == 900
    assert sum(each["notices"] for each in said) == 30
    assert after_four.split()[:3] == ["900", "900", "30"]
    assert json.loads(late.stdout) == {
        "today": "2026-11-24",
        "districts": 3,
        "new_slips": 0,
        "open_slips": 900,
        "notices": 0,
    }
    assert installation.python(ROWS) == after_four


def test_the_command_prints_one_object_also_while_the_broker_is_away(installation):
    installation.python(MAKE.format(people=1, milestones=1))
    nobody_there = f"redis://127.0.0.1:{free_port()}/0"

    answer = installation.manage(
        "flag_slips", "--json", "--today", "2026-11-17", CELERY_BROKER_URL=nobody_there
    )

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("\n") == 1
    assert json.loads(answer.stdout)["notices"] == 3


def test_bad_arguments_end_with_2_and_one_line(installation):
    answer = installation.manage("flag_slips", "--json", "--district", "nowhere")

    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.count("\n") == 1
    assert "nowhere" in answer.stderr


# Starts a sender for each line that it reads and says its process id: no need to wait for imports twenty times.
SENDERS = """
from django.core.management import call_command
from django.db import connections
for line in sys.stdin:
    child = os.fork()
    if not child:
        call_command("send_notices", stdout=open(os.devnull, "w"))
        os._exit(0)
    print(child, flush=True)
    print("ended by", os.waitpid(child, 0)[1], flush=True)
"""
AFTER_THE_LEASES = """
from datetime import timedelta
from django.utils import timezone
from stakeholders.notices import send_notices
later = lambda: timezone.now() + timedelta(minutes=5)
print(sum(iter(lambda: send_notices(later).sent, 0)))
"""
NOTICES = """
import json
from stakeholders.models import Notice
print(json.dumps([[n.message_id, str(n.local_day), n.district.slug, n.person.email, bool(n.sent_at)]
                  for n in Notice.objects.select_related("district", "person")]))
"""


class Killer:
    """Kills a sender at one of its letters: before the server says yes, or a moment after it."""

    def __init__(self, sink: Sink):
        self.sink, self.chance = sink, random.Random(20)
        sink.after_data = self.look
        self.aim()

    def aim(self) -> None:
        self.letters, self.child, self.known = self.chance.randrange(1, 5), 0, Event()
        self.sink.pause = 0.002

    def at(self, child: int) -> None:
        self.child = child
        self.known.set()

    def look(self, letter) -> None:
        assert self.known.wait(30)
        self.letters -= 1
        if self.letters == 0:
            self.sink.pause = 1  # a sender that is slow to die sends little more
            moment = self.chance.choice([0, 0, 0.001, 0.003, 0.01])
            kill = Timer(moment, os.kill, (self.child, signal.SIGKILL))
            kill.start()
            if not moment:
                kill.join()


def test_every_notice_arrives_though_the_sender_is_killed_twenty_times(installation, sink):
    """Repeats only under the same Message-ID, and at most one a kill."""
    installation.python(MAKE.format(people=50, milestones=1))
    installation.manage("flag_slips", "--today", "2026-11-17")
    killer = Killer(sink)
    mail = {"EMAIL_URL": f"smtp://127.0.0.1:{sink.port}"}
    senders = installation.start("-c", "import os, sys, django; django.setup()\n" + SENDERS, **mail)
    for _kill in range(20):
        senders.stdin.write("send\n")
        senders.stdin.flush()
        killer.at(int(senders.stdout.readline()))
        assert senders.stdout.readline() == "ended by 9\n"
        killer.aim()
    killed_after = len(sink.letters)
    senders.communicate(timeout=30)

    sink.after_data = lambda letter: None
    rest = installation.start("-c", "import os, sys, django; django.setup()\n" + AFTER_THE_LEASES, **mail)
    out, err = rest.communicate(timeout=120)

    assert rest.returncode == 0, err
    notices = json.loads(installation.python(NOTICES))
    assert 20 <= killed_after < 150  # the kills came while there was something to send
    assert len(notices) == len({tuple(who) for _id, *who, _sent in notices}) == 150
    assert all(sent for *_, sent in notices)
    assert set(sink.copies) == {message_id for message_id, *_ in notices}
    repeats = sink.copies.total() - len(notices)
    assert 0 < repeats <= 20
    texts = Counter((letter.id, letter.to, letter.message.get_content()) for letter in sink.letters)
    assert len(texts) == 150
    assert int(out) >= repeats
