"""A copy is of one instant, however many write meanwhile; and a copy that was interrupted is none."""

import json
import re
import signal

import pytest

from tests.district_plan.backup.copies import prints
from tests.district_plan.processes import wait_for
from tests.installation import Installation

pytestmark = pytest.mark.slow

WRITERS = 3
# Each step of a writer is one transaction over tables that a copy reads at different times, and a file before it.
WRITE = """
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from milestones.models import Milestone
from reports.models import Report
from stakeholders.models import Building, District, Role
from vision.models import Plan
who = sys.argv[1]
plan = Plan.objects.get()
district = District.objects.create(slug=who, name="0", time_zone="America/Denver")
n = 0
while True:
    n += 1
    file = default_storage.save(f"reports/{who}-{n}.pdf", ContentFile(f"{who} {n}".encode()))
    with transaction.atomic():
        District.objects.filter(pk=district.pk).update(name=str(n))
        Milestone.objects.filter(pk=Milestone.objects.order_by("pk").values("pk")[int(who[-1])]["pk"]).update(title=f"{n}")
        Building.objects.create(district=district, name=str(n))
        Report.objects.create(plan=plan, number=f"{who}-{n}", as_of="2026-11-22", requested_at=timezone.now(), pdf=file)
        Role.objects.create(district=district, title=str(n))
    if n == 3:
        print("writing", flush=True)
"""
STEPS = """
import json
from milestones.models import Milestone
from reports.models import Report
from stakeholders.models import Building, District, Role
found = {}
milestones = Milestone.objects.order_by("pk")
for who in ("writer-0", "writer-1", "writer-2"):
    district = District.objects.get(slug=who)
    reports = list(Report.objects.filter(number__startswith=who).order_by("pk"))
    for n, report in enumerate(reports, 1):
        assert report.pdf.read() == f"{who} {n}".encode()
    found[who] = [
        int(district.name),
        int(milestones[int(who[-1])].title),
        *(sorted(int(x) for x in names) == list(range(1, int(district.name) + 1)) for names in (
            Building.objects.filter(district=district).values_list("name", flat=True),
            Role.objects.filter(district=district).values_list("title", flat=True),
            range(1, len(reports) + 1),
        )),
    ]
print(json.dumps(found))
"""


LIMITED = """
import resource, signal
from django.core.management import execute_from_command_line
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
"""


@pytest.fixture(scope="module")
def busy(tmp_path_factory, django_db_setup, django_db_blocker):
    """An installation with enough rows that a copy takes a second or more."""
    with django_db_blocker.unblock(), Installation(tmp_path_factory.mktemp("busy")) as installation:
        installation.manage("load_scale", "--milestones", "8000")
        yield installation


@pytest.fixture
def writers(busy):
    processes = [
        busy.start("-c", f"import os, sys, django; django.setup()\n{WRITE}", f"writer-{n}")
        for n in range(WRITERS)
    ]
    for process in processes:
        assert process.stdout.readline() == "writing\n", process.stderr.read()
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def test_a_copy_is_of_one_instant_while_others_write(busy, writers, tmp_path, django_db_blocker):
    before = steps(busy)
    made = busy.manage("backup", str(tmp_path / "copy.zip"), "--json")
    after = steps(busy)
    for process in writers:
        process.kill()
        process.wait()
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["missing_files"] == []

    with django_db_blocker.unblock(), Installation(tmp_path / "elsewhere") as elsewhere:
        put_back = elsewhere.manage("restore", str(tmp_path / "copy.zip"))
        assert put_back.returncode == 0, put_back.stderr
        found = json.loads(elsewhere.python(STEPS))
        unchanged = ("milestones_stepowner", "milestones_actionstep", "stakeholders_person", "vision_plan")
        here, there = prints(elsewhere), prints(busy)
        assert {table: here[table] for table in unchanged} == {table: there[table] for table in unchanged}

    for who, (n, milestone, *whole) in found.items():
        assert n == milestone
        assert whole == [True, True, True]
        assert before[who] <= n <= after[who]
        assert after[who] > before[who] + 5, "nobody wrote meanwhile"


def steps(installation: Installation) -> dict[str, int]:
    found = installation.python(
        "import json; from stakeholders.models import District\n"
        "writers = District.objects.filter(slug__startswith='writer')\n"
        "print(json.dumps(dict(writers.values_list('slug', 'name'))))"
    )
    return {who: int(n) for who, n in json.loads(found).items()}


def test_a_copy_that_is_killed_half_way_has_no_name(busy, tmp_path):
    process = busy.start("manage.py", "backup", str(tmp_path / "copy.zip"))
    wait_for(lambda: [path for path in tmp_path.iterdir() if path.stat().st_size > 20_000])
    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "copy.zip").exists()
    assert busy.manage("backup", str(tmp_path / "copy.zip")).returncode == 0


def test_a_copy_without_room_says_so_and_leaves_nothing(busy, tmp_path):
    code = LIMITED + f"execute_from_command_line(['manage.py', 'backup', {str(tmp_path / 'copy.zip')!r}])"
    process = busy.start("-c", code)
    _out, err = process.communicate(timeout=120)

    assert process.returncode == 1
    assert re.fullmatch(r"CommandError: No copy was made: .*\n", err)
    assert list(tmp_path.iterdir()) == []
