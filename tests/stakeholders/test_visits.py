from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stakeholders.models import Membership, Visit

NOON = datetime(2026, 11, 17, 12, tzinfo=ZoneInfo("America/Denver"))


@pytest.fixture
def bob(cast, client):
    with time_machine.travel(NOON, tick=False):
        client.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    return client


def visits() -> list[datetime]:
    return [visit.at for visit in Visit.objects.filter(page="district").order_by("at")]


def open_at(client, *, minutes: int, url="/d/cedar/people/"):
    with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
        return client.get(url)


def test_any_page_of_a_district_counts_and_once_an_hour_is_enough(bob):
    for minutes, url in (
        (0, "roles/"),
        (30, "people/"),
        (59, "plan/"),
        (60, "help"),
        (61, "people/"),
        (90, "roles/"),
    ):
        open_at(bob, minutes=minutes, url=f"/d/cedar/{url}")

    assert [at - NOON for at in visits()] == [timedelta(0), timedelta(minutes=61)]


def test_a_page_that_notes_the_visit_makes_one_query_more_and_the_next_none(bob):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            open_at(bob, minutes=5)
        return len(seen)

    first, second, third = queries(), queries(), queries()

    assert second == third == first - 1


def test_who_may_not_come_in_leaves_no_visit(cast, bob):
    Membership.objects.filter(person=cast.bob).update(ended_at=NOON)

    assert open_at(bob, minutes=0).status_code == 404
    assert open_at(bob, minutes=0, url="/d/dune/people/").status_code == 404
    assert visits() == []
