"""`manage.py import_plan`: what it prints, how it ends, what it makes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from milestones.models import ActionStep, ImportRow, Milestone, PlanImport
from stakeholders.models import Role
from tests.builders import make_plan, make_role
from tests.milestones.importing.files import workbook
from vision.models import Goal, Plan

pytestmark = pytest.mark.django_db
CSV = (
    "Goal 1: Access,,,,,\nObjective A: Wireless,,,,,\nAction Step,Who,Timeline,Cost,Evidence,Status\n"
    "Hang antennas,NM / Librarian,Fall 2025,$5,Survey,Begun\nTest them,,By March 30 of each year,,,\n=1,NM,May 2026,,,\n"
    "NM = Network Manager,,,,,\n"
)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def run(capsys):
    def run(*words):
        call_command("import_plan", *map(str, words))
        return capsys.readouterr().out

    return run


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "our-plan.csv"
    path.write_text(CSV)
    return path


def test_it_prints_one_json_object_with_every_row(cast, run, file):
    said = json.loads(run("cedar", file, "--dry-run", "--json"))

    assert list(said) == ["rows", "counts"]
    assert said["counts"] == {"understood": 1, "partly": 1, "not_understood": 1}
    assert said["rows"][0] == {
        "source": "line 4",
        "goal": "Goal 1: Access",
        "objective": "Objective A: Wireless",
        "step": "Hang antennas",
        "owners": ["Network Manager", "Librarian"],
        "when": "Fall 2025",
        "kind": "one-time",
        "due": ["2025-12-31"],
        "cost": "$5",
        "evidence": "Survey",
        "status": "Begun",
        "state": "understood",
        "missing": [],
        "reason": "NM is Network Manager (the file's legend).",
    }
    assert said["rows"][1]["missing"] == ["owner", "plan dates"]
    assert said["rows"][2]["reason"]


def test_a_dry_run_changes_nothing(cast, run, file):
    run("cedar", file, "--dry-run")

    assert not Plan.objects.exists()
    assert not PlanImport.objects.exists()
    assert not ActionStep.objects.exists()


def test_dates_of_the_plan_turn_each_year_into_days(cast, run, file):
    said = json.loads(
        run("cedar", file, "--starts", "2025-07-01", "--ends", "2027-06-30", "--dry-run", "--json")
    )

    assert said["rows"][1]["due"] == ["2026-03-30", "2027-03-30"]
    assert said["rows"][1]["missing"] == ["owner"]


def test_it_makes_plan_goals_steps_owners_and_milestones(cast, run, file):
    run("cedar", file, "--plan", "Plan 2025", "--starts", "2025-07-01", "--ends", "2027-06-30")

    plan = Plan.objects.get(title="Plan 2025")
    first, second = ActionStep.objects.in_plan(plan).order_by("position")
    assert (first.initiative.goal.title, first.initiative.title) == (
        "Goal 1: Access",
        "Objective A: Wireless",
    )
    assert (first.lead.title, [role.title for role in first.support]) == ("Network Manager", ["Librarian"])
    assert (first.written_who, first.written_when, first.written_cost) == (
        "NM / Librarian",
        "Fall 2025",
        "$5",
    )
    assert (first.written_evidence, first.written_status) == ("Survey", "Begun")
    assert [one.due.isoformat() for one in first.milestones.all()] == ["2025-12-31"]
    assert first.milestones.get().first_due is None
    assert (second.kind, second.lead, second.milestones.count()) == ("recurring", None, 2)
    assert [row.became for row in ImportRow.objects.all()] == ["new", "new", "not understood"]


def test_the_same_file_again_adds_nothing(cast, run, file):
    run("cedar", file)
    before = ActionStep.objects.count(), Goal.objects.count(), Role.objects.count(), Milestone.objects.count()

    said = run("cedar", file)

    assert "0 new, 2 same" in said
    assert (
        ActionStep.objects.count(),
        Goal.objects.count(),
        Role.objects.count(),
        Milestone.objects.count(),
    ) == before
    assert Plan.objects.get().title == "our plan"


def test_two_rows_that_read_alike_are_two_steps_and_stay_two(cast, run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Action,Who,When\n1. Plan,Librarian,May 2026\n1. Plan,Librarian,June 2026\n")
    run("cedar", path)

    said = run("cedar", path)

    assert ActionStep.objects.count() == 2
    assert "0 new, 2 same" in said


def test_a_plan_of_that_title_is_filled_and_its_dates_count(cast, run, file):
    plan = make_plan(cast.cedar, title="Technology plan")

    said = json.loads(run("cedar", file, "--plan", "technology plan", "--json"))

    assert said["rows"][1]["due"] == ["2026-03-30", "2027-03-30", "2028-03-30"]
    assert ActionStep.objects.in_plan(plan).count() == 2


def test_milestones_of_an_adopted_plan_say_that_they_came_later(cast, run, file):
    make_plan(cast.cedar, title="Adopted", adopted_by=cast.sue)

    run("cedar", file, "--plan", "Adopted")

    milestone = Milestone.objects.order_by("due").first()
    assert (milestone.first_due, milestone.added_after_adoption) == (milestone.due, True)


def test_a_date_outside_the_plan_makes_no_milestone_and_says_so(cast, run, file):
    said = run("cedar", file, "--starts", "2030-07-01", "--ends", "2031-06-30")

    assert "Outside the plan, so no milestone was made: 2025-12-31" in said
    assert ActionStep.objects.count() == 2
    assert "2025-12-31" in ImportRow.objects.first().note


def test_a_role_of_the_district_is_used_and_another_districts_is_not(cast, run, tmp_path):
    make_role(cast.dune, "Librarian")
    path = tmp_path / "a.csv"
    path.write_text("Action,Who,When\nWire,Tech. Coordinator,May 2026\nLend,Librarian,May 2026\n")

    run("cedar", path)

    wire, lend = ActionStep.objects.order_by("position")
    assert wire.lead == cast.coordinator
    assert lend.lead.district == cast.cedar


def test_long_cells_are_kept_in_the_import_and_cut_in_the_step(cast, run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"Goal,Action,Who,When,Cost\n{'g' * 900},{'s' * 4000},Librarian,May 2026,{'c' * 5000}\n")

    run("cedar", path)

    step = ActionStep.objects.get()
    assert (len(step.title), len(step.written_cost), len(step.initiative.goal.title)) == (1000, 2000, 500)
    assert len(ImportRow.objects.get().row["step"]) == 4000


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere", "FILE"], "no district"),
        (["cedar", "missing.csv"], "cannot be read"),
        (["cedar", "FOLDER"], "cannot be read"),
        (["cedar", "FILE", "--starts", "2025-07-01"], "go together"),
        (["cedar", "FILE", "--starts", "2025-07-01", "--ends", "soon"], "must be a date"),
        (["cedar", "FILE", "--starts", "2025-07-01", "--ends", "2025-02-30"], "must be a date"),
        (["cedar", "FILE", "--starts", "2025-07-01", "--ends", "2024-07-01"], "must come after"),
        (["cedar", "PROGRAM"], "a program"),
    ],
)
def test_bad_arguments_and_unreadable_files_end_with_2_and_one_line(cast, file, tmp_path, words, says):
    program = tmp_path / "plan.xlsx"
    program.write_bytes(b"MZ\x90")
    places = {"FILE": file, "FOLDER": tmp_path, "PROGRAM": program}

    with pytest.raises(CommandError, match=says) as caught:
        call_command("import_plan", *(str(places.get(word, word)) for word in words))

    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)
    assert not PlanImport.objects.exists()


@pytest.mark.slow
def test_from_the_command_line_bad_arguments_are_one_line_too():
    done = subprocess.run(
        [sys.executable, "manage.py", "import_plan", "cedar"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_workbook_of_many_steps_is_imported_in_few_statements(
    cast, run, tmp_path, django_assert_max_num_queries
):
    rows = [[f"Goal {n // 100}", f"Step {n}", f"Role {n % 20}", f"Fall {2025 + n % 3}"] for n in range(400)]
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(("Plan", [["Goal", "Action", "Who", "When"], *rows])))

    with django_assert_max_num_queries(200):
        run("cedar", path)

    assert (ActionStep.objects.count(), Milestone.objects.count()) == (400, 400)
