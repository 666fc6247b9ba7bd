import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from milestones import tasks
from milestones.models import Slip, SlipNotice
from stakeholders.models import Heartbeat, Notice
from tests.builders import TODAY, make_district, make_milestone, make_plan

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def missed(cast):
    """A date missed in Cedar and one in Dune."""
    make_milestone(make_plan(cast.cedar), by=cast.alice, due=YESTERDAY)
    make_milestone(make_plan(cast.dune), by=cast.charlie, due=YESTERDAY)


def flag_slips(capsys, *arguments: str) -> dict:
    call_command("flag_slips", "--json", *arguments)
    return json.loads(capsys.readouterr().out)


def test_it_prints_what_it_did(missed, capsys):
    said = flag_slips(capsys, "--today", "2026-11-17")

    assert said == {"today": "2026-11-17", "districts": 2, "new_slips": 2, "open_slips": 2, "notices": 2}
    assert Slip.objects.count() == Notice.objects.count() == 2


def test_a_dry_run_says_the_same_and_changes_nothing(missed, capsys, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as woken:
        dry = flag_slips(capsys, "--today", "2026-11-17", "--dry-run")

    assert woken == []
    assert [model.objects.count() for model in (Slip, Notice, SlipNotice)] == [0, 0, 0]
    assert flag_slips(capsys, "--today", "2026-11-17") == dry


def test_one_district_leaves_the_others_alone(missed, capsys):
    said = flag_slips(capsys, "--today", "2026-11-17", "--district", "dune")

    assert (said["districts"], said["new_slips"], said["open_slips"], said["notices"]) == (1, 1, 1, 1)
    assert Slip.objects.get().district.slug == "dune"


def test_without_a_date_each_district_goes_by_its_own(cast, capsys):
    """At 6:30 in Greenwich it is November 17 in New York and still the 16th in Honolulu."""
    for name, zone in (("east", "America/New_York"), ("west", "Pacific/Honolulu")):
        district = make_district(name, time_zone=zone)
        make_milestone(make_plan(district), by=cast.alice, due=YESTERDAY)

    with time_machine.travel(datetime(2026, 11, 17, 6, 30, tzinfo=UTC)):
        said = flag_slips(capsys)

    assert Slip.objects.get().district.slug == "east"
    assert (said["today"], said["districts"], said["new_slips"]) == ("2026-11-16", 4, 1)


def test_without_json_it_says_it_in_words(missed, capsys):
    call_command("flag_slips", "--today", "2026-11-17")

    assert capsys.readouterr().out == "2026-11-17: districts 2, new slips 2, open slips 2, notices 2\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--district", "nowhere"],
        *(["--today", day] for day in ("2026-02-30", "tomorrow", "20261117", "2026-W47-2", "")),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_written(missed, arguments):
    with pytest.raises(CommandError) as refusal:
        call_command("flag_slips", *arguments)

    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)
    assert not Slip.objects.exists()


def test_a_district_that_could_not_be_done_is_named_at_the_end(missed, capsys):
    make_district("mars", time_zone="Mars/Olympus")

    with (
        time_machine.travel(datetime(2026, 11, 17, 18, tzinfo=UTC)),
        pytest.raises(CommandError, match="mars") as end,
    ):
        call_command("flag_slips", "--json")

    assert end.value.returncode == 1
    assert json.loads(capsys.readouterr().out)["new_slips"] == 2


def test_nothing_to_look_at_is_no_error(db, capsys):
    assert flag_slips(capsys, "--today", "2026-11-17")["districts"] == 0
    assert flag_slips(capsys)["new_slips"] == 0


def test_the_sweep_does_the_same_and_says_that_it_came_round(missed):
    with time_machine.travel(datetime(2026, 11, 17, 18, tzinfo=UTC), tick=False):
        tasks.sweep()
        tasks.sweep()

    assert Slip.objects.count() == Notice.objects.count() == 2
    assert Heartbeat.objects.get(name="slips").at == datetime(2026, 11, 17, 18, tzinfo=UTC)
