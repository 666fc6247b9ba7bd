import os
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from district_plan.jobs import look
from district_plan.kept import kept
from reports.models import Report
from stakeholders.models import Heartbeat, Notice
from stakeholders.queues import queue
from tests.builders import TODAY, make_plan

NOW = timezone.now()
TOKEN = "letters and digits by chance".replace(" ", "-")


@pytest.fixture(autouse=True)
def asked_for_the_first_time():
    kept.clear()


@pytest.fixture
def well(db, settings, tmp_path):
    """Beat, worker and sweeps did their work just now."""
    settings.BEAT_ALIVE_FILE = tmp_path / "beat-alive"
    settings.BEAT_ALIVE_FILE.touch()
    os.utime(settings.BEAT_ALIVE_FILE, (NOW.timestamp(), NOW.timestamp()))
    for name in settings.CELERY_BEAT_SCHEDULE:
        Heartbeat.beat(name, now=NOW)
    Heartbeat.beat("canary sent", now=NOW - timedelta(seconds=1.5))


def notice(cast, **facts) -> Notice:
    row = Notice.objects.create(
        district=cast.cedar,
        person=cast.alice,
        kind="slip",
        local_day=TODAY,
        subject="Late",
        body="",
        message_id="<1@x>",
    )
    Notice.objects.filter(pk=row.pk).update(**facts)
    return row


def letters(now):
    return next(state for state in look(now).queues if state.name == "notices")


def test_it_is_well_when_everything_was_done_lately(well):
    health = look(NOW)

    assert health.late == []
    assert health.latency == 1.5


@pytest.mark.parametrize(("seconds", "late"), [(169, []), (171, ["beat", "canary"])])
def test_a_worker_and_a_beat_that_are_silent_are_noticed_within_three_minutes(well, seconds, late):
    assert look(NOW + timedelta(seconds=seconds)).late == late


def test_beat_is_told_from_the_worker(well, settings):
    settings.BEAT_ALIVE_FILE.unlink()
    Heartbeat.objects.filter(name="canary sent").delete()

    assert look(NOW).late == ["beat"]


@pytest.mark.parametrize("name", [name for name in settings.CELERY_BEAT_SCHEDULE if name != "canary"])
def test_a_sweep_that_does_not_come_to_its_end_is_noticed(well, name):
    Heartbeat.beat(name, now=NOW - timedelta(seconds=301))

    assert look(NOW).late == [name]


def test_a_row_that_waits_too_long_is_noticed(well, cast):
    notice(cast, decided_at=NOW - timedelta(minutes=16))

    state = letters(NOW)

    assert look(NOW).late == ["notices"]
    assert (state.waiting, state.oldest, state.parked) == (1, 960, 0)


def test_a_row_that_was_put_off_waits_since_it_may_be_tried_again(well, cast):
    notice(cast, decided_at=NOW - timedelta(hours=1), lease_until=NOW - timedelta(minutes=1))

    assert look(NOW).late == []
    assert letters(NOW).oldest == 60


def test_what_was_given_up_is_counted_and_does_not_ring_for_ever(well, cast):
    notice(cast, decided_at=NOW - timedelta(days=1), parked_at=NOW)

    state = letters(NOW)

    assert (state.waiting, state.parked) == (0, 1)
    assert look(NOW).late == []


def test_nothing_ever_done_is_not_well(db, settings, tmp_path):
    settings.BEAT_ALIVE_FILE = tmp_path / "beat-alive"

    assert look(NOW).late == ["beat", *settings.CELERY_BEAT_SCHEDULE]


def test_anybody_gets_one_word(well, client, settings):
    settings.HEALTH_TOKEN = TOKEN

    answer = client.get("/healthz/jobs")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_anybody_gets_another_word_when_something_is_late(db, client):
    answer = client.get("/healthz/jobs")

    assert (answer.status_code, answer.content) == (503, b"late\n")


@pytest.mark.parametrize(("token", "brought"), [("", "Bearer "), (TOKEN, "Bearer x"), (TOKEN, "ä"), ("", "")])
def test_without_the_right_token_there_are_no_numbers(well, client, settings, token, brought):
    settings.HEALTH_TOKEN = token

    assert client.get("/healthz/jobs", headers={"Authorization": brought}).content == b"ok\n"


def test_with_the_token_there_are_numbers_and_no_names(well, client, settings, cast):
    settings.HEALTH_TOKEN = TOKEN
    notice(cast, parked_at=NOW, error="550 no such mailbox alice@example.org")

    answer = client.get("/healthz/jobs", headers={"Authorization": f"Bearer {TOKEN}"})

    found = answer.json()
    assert found["well"] is True
    assert found["queues"]["notices"] == {"waiting": 0, "oldest_seconds": None, "parked": 1}
    assert set(found["queues"]) == {"notices", "invitations", "reports"}
    assert "alice" not in answer.text.lower()
    assert "cedar" not in answer.text.lower()


def test_asking_often_costs_nothing_more(well, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        client.get("/healthz/jobs")
    with django_assert_max_num_queries(0):
        for _time in range(20):
            client.get("/healthz/jobs")


def test_a_report_that_is_tried_again_gets_three_new_tries(cast):
    report = Report.request(plan=make_plan(cast.cedar), by=None, now=NOW, as_of=TODAY)
    Report.objects.filter(pk=report.pk).update(state="failed", attempts=3, error="no memory")
    reports = queue("reports")

    assert reports.retry(report.pk) == 1

    report.refresh_from_db()
    assert (report.state, report.attempts, report.error) == ("requested", 0, "")
    assert reports.retry(report.pk) == 0


def test_a_letter_that_was_given_up_and_sent_anew_and_refused_again_is_listed_again(cast):
    row = notice(cast, parked_at=NOW)
    notices = queue("notices")

    assert notices.give_up(row.pk, now=NOW)
    assert not notices.parked().exists()
    Notice.objects.filter(pk=row.pk).update(parked_at=NOW + timedelta(days=1))

    assert notices.parked().get() == row
