"""A large district: 300 buildings, 1,000 people, 60 roles, 400 milestones. Its pages make as many queries as a small one's.

Every page that somebody of a district may read is asked for before and after the crowd has come.
"""

import re
import time
from typing import NamedTuple

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from milestones.management.commands.load_scale import load_buildings, load_people
from milestones.models import ActionStep, Milestone, StepOwner
from tests.foreign_rows import READABLE
from tests.full_district import Rows
from tests.walk import Visitor

SANE = 2.0  # seconds of work for one page
# Pages that may ask more of a large district, each with the reason. A page of a list is short, or full.
MAY_ASK_MORE: dict[str, str] = {}


class Asked(NamedTuple):
    """What it took to answer for a page."""

    status: int
    queries: list[str]
    seconds: float


@pytest.fixture(scope="module")
def small_and_large(two_districts) -> tuple[dict[str, Asked], dict[str, Asked]]:
    """Every page of Dune as its leader reads it, before and after the crowd has come."""
    _cedar, dune = two_districts
    charlie = Visitor("Charlie", dune.leader).sign_in()
    before = ask_for_all(charlie, dune)
    load_buildings(dune.step, dune.editor, today=dune.today, count=300)
    load_people(dune.district, people=1000, roles=60)
    load_milestones(dune, 400)
    return before, ask_for_all(charlie, dune)


def ask_for_all(charlie: Visitor, rows: Rows) -> dict[str, Asked]:
    found = {}
    for address in READABLE:
        charlie.ask("GET", address.path(rows))  # what is remembered is remembered
        began = time.process_time()
        with CaptureQueriesContext(connection) as captured:
            answer = charlie.ask("GET", address.path(rows))
        queries = [query["sql"] for query in captured.captured_queries]
        found[address.name] = Asked(answer.status, queries, time.process_time() - began)
    return found


def load_milestones(rows: Rows, count: int) -> None:
    """Add steps of every initiative's kind, each with two milestones, led by the role of the district."""
    steps = ActionStep.objects.bulk_create(
        ActionStep(district=rows.district, initiative=rows.initiative, title=f"Step {n}", position=n + 9)
        for n in range(count // 2)
    )
    StepOwner.objects.bulk_create(
        StepOwner(district=rows.district, step=step, role=rows.role, part=StepOwner.Part.LEAD)
        for step in steps
    )
    Milestone.objects.bulk_create(
        Milestone(
            district=rows.district,
            step=steps[n // 2],
            title=f"Milestone {n}",
            due=rows.today,
            first_due=rows.today,
        )
        for n in range(count)
    )


@pytest.mark.parametrize("address", READABLE, ids=lambda address: address.name)
def test_a_page_of_a_large_district_makes_no_more_queries(address, small_and_large):
    small, large = (asked[address.name] for asked in small_and_large)

    more = "\n".join(sql[:200] for sql in without_numbers(large.queries, small.queries))
    assert large.status == small.status
    assert len(large.queries) <= len(small.queries) or address.name in MAY_ASK_MORE, more


@pytest.mark.parametrize("address", READABLE, ids=lambda address: address.name)
def test_a_page_of_a_large_district_takes_a_sane_time(address, small_and_large):
    assert small_and_large[1][address.name].seconds < SANE


def without_numbers(many: list[str], few: list[str]) -> list[str]:
    """Return the queries of `many` that are not among the `few`, nor differ from one of them in numbers only."""
    known = {re.sub(r"\d+", "?", sql) for sql in few}
    return [sql for sql in many if re.sub(r"\d+", "?", sql) not in known] or many
