"""What many buildings reach, on the first page and in documents: one line, which counts and opens every one of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from milestones.models import Milestone
from milestones.status import Word
from reports.as_of import read_plan
from reports.content import board_content
from stakeholders.models import Building
from tests.builders import TODAY, make_building, make_in_buildings, make_milestone, make_plan, make_step

NOON = datetime(2026, 11, 17, 19, tzinfo=UTC)  # noon in Denver
SOON = TODAY + timedelta(days=20)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


@pytest.fixture
def step(cast, plan):
    return make_step(plan, "Hand out devices", lead=cast.coordinator, by=cast.alice)


@pytest.fixture
def sue(cast, signed_in):
    return signed_in(cast.sue)


def spread(cast, step, count, *, due=SOON, **more):
    places = [make_building(cast.cedar, f"School {n:02}") for n in range(count)]
    return make_in_buildings(step, *places, by=cast.alice, due=due, **more)


# The first page


def test_forty_buildings_due_on_one_day_are_one_entry_of_the_days_ahead(cast, plan, step, sue):
    made = spread(cast, step, 40)
    later = make_milestone(plan, "Later", by=cast.alice, due=SOON + timedelta(days=5))

    board = sue.get("/d/cedar/").context["board"]

    assert [(m.line_name, m.line_size) for m in board.ahead] == [("Ready (40 buildings)", 40), ("Later", 1)]
    assert board.ahead[0].opens == f"/d/cedar/steps/{step.pk}/buildings/?of={made[0].pk}&sort=due"
    assert board.ahead[1].opens == f"/d/cedar/milestones/{later.pk}/"
    assert board.due_soon == 41


def test_what_needs_attention_comes_once_and_is_counted_every_time(cast, plan, step, sue):
    made = spread(cast, step, 9)
    for one in made[:7]:
        one.check_in(by=cast.alice, today=TODAY, says="at-risk", words=f"Said at {one.building}")
    Milestone.objects.filter(pk=made[6].pk).update(due=TODAY - timedelta(days=1))
    other = make_milestone(plan, "Other", by=cast.alice, due=SOON)
    other.check_in(by=cast.alice, today=TODAY, says="at-risk", words="Other words")

    page = sue.get("/d/cedar/")

    board = page.context["board"]
    assert [(m.pk, m.line_size) for m in board.attention] == [(made[6].pk, 7), (other.pk, 1)]
    assert board.attention[0].last_words == "Said at School 06"
    assert board.needing_attention == 8
    opened = sue.get(f"/d/cedar/milestones/?show=attention&of={made[6].pk}")
    assert opened.context["total"] == 7
    assert sue.get("/d/cedar/milestones/?show=attention").context["total"] == 8


def test_the_first_page_takes_as_many_queries_for_three_hundred_buildings(cast, step, sue):
    def queries(path):
        with CaptureQueriesContext(connection) as seen:
            assert sue.get(path).status_code == 200
        return len(seen)

    made = spread(cast, step, 3, due=TODAY - timedelta(days=1))
    few = [queries("/d/cedar/"), queries("/d/cedar/plan/"), queries("/d/cedar/updates/")]
    more = Building.objects.bulk_create(Building(district=cast.cedar, name=f"S{n}") for n in range(297))
    make_in_buildings(step, *more, by=cast.alice, due=made[0].due)

    assert [queries("/d/cedar/"), queries("/d/cedar/plan/"), queries("/d/cedar/updates/")] == few


def test_the_plans_page_names_the_set_that_comes_next(cast, step, sue):
    spread(cast, step, 12)

    assert "Ready (12 buildings)" in sue.get("/d/cedar/plan/").content.decode()


# Documents


def say(plan, as_of=TODAY, before=None):
    return board_content(read_plan(plan, as_of=as_of), before=before)


def test_the_appendix_has_one_row_with_counts_and_the_buildings_to_look_at(cast, plan, step):
    made = spread(cast, step, 8)
    for one in made[:5]:
        one.complete(by=cast.alice, today=TODAY, done_on=TODAY)
    Milestone.objects.filter(pk=made[7].pk).update(due=TODAY - timedelta(days=3))

    (row,) = say(plan).initiatives[0].rows

    assert (row.name, row.pill.value) == ("Ready (8 buildings)", "slipped")
    assert row.note == "5 complete, 1 slipped, 2 awaiting first check-in. Look at: School 07."
    assert (row.now, row.now_words) == (SOON, "Nov 14, 2026 to Dec 7, 2026")
    assert len(row.each) == 8


def test_single_milestones_stay_as_they_are_and_name_their_building(cast, plan, step):
    spread(cast, step, 1)
    make_milestone(plan, "Alone", by=cast.alice, step=step)

    assert [row.name for row in say(plan).initiatives[0].rows] == ["Alone", "School 00: Ready"]


def test_what_was_finished_since_the_last_report_is_counted_building_by_building(cast, plan, step):
    made = spread(cast, step, 6)
    before = say(plan, TODAY - timedelta(days=5)).frozen()
    before["as_of"] = before["as_of"].isoformat()
    for one in before["goals"][0]["initiatives"]:
        one["now"] = one["now"].isoformat()
    for one in made[:4]:
        one.complete(by=cast.alice, today=TODAY, done_on=TODAY)

    content = say(plan, before=before)

    assert "4 milestones were finished." in content.changes
    (done,) = content.initiatives[0].done
    assert done.words == "Ready (4 buildings): done, the last one Nov 17, 2026."


def test_a_report_frozen_before_there_were_lines_is_still_read(cast, plan, step):
    made = spread(cast, step, 2)
    before = {
        "as_of": "2026-11-01",
        "goals": [{"initiatives": [{"id": step.initiative_id, "short": "Wi-Fi", "pill": None, "now": None, "rows": [
            {"id": one.pk, "pill": {"value": "awaiting"}} for one in made
        ]}]}],
    }  # fmt: skip
    made[0].complete(by=cast.alice, today=TODAY, done_on=TODAY)

    assert "1 milestone was finished." in say(plan, before=before).changes


def test_moved_dates_of_many_buildings_are_one_row(cast, plan, step):
    made = spread(cast, step, 3)
    for one in made[:2]:
        one.move_due(
            by=cast.sue, today=TODAY, to=date(2027, 1, 15), reason="vendor", words="Late", may_approve=True
        )

    (moved,) = say(plan).initiatives[0].moved

    assert (moved.name, moved.times) == ("Ready (2 buildings)", 1)
    assert moved.why == "A vendor or delivery. “Late”"
    assert moved.approved == "Sue: Nov 17, 2026"


def test_what_is_next_says_how_many_buildings(cast, plan, step):
    made = spread(cast, step, 5)
    Milestone.objects.filter(pk__in=[m.pk for m in made[:2]]).update(due=TODAY - timedelta(days=3))

    said = say(plan).initiatives[0]

    assert said.next == ["Agree on a new date for “Ready (2 buildings)”.", "Dec 7, 2026: Ready (3 buildings)"]
    assert said.reading == [
        "“Ready”: 2 buildings need attention, the worst of them slipped: School 00, School 01."
    ]


def test_an_earlier_day_has_each_buildings_own_date_and_word(cast, plan, step):
    here, there = spread(cast, step, 2, due=TODAY - timedelta(days=10))
    here.complete(by=cast.alice, today=TODAY - timedelta(days=5), done_on=TODAY - timedelta(days=12))

    def words(day):
        return {m.building: m.word for i in read_plan(plan, as_of=day).initiatives for m in i.milestones}

    assert words(TODAY - timedelta(days=20)) == {"School 00": Word.AWAITING, "School 01": Word.AWAITING}
    assert words(TODAY) == {"School 00": Word.COMPLETE, "School 01": Word.SLIPPED}
    assert there.pk
