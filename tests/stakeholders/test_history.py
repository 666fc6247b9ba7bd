"""What became of a row, in words."""

from datetime import timedelta

import pytest

from stakeholders import history
from tests.builders import make_plan
from vision.models import Goal


@pytest.fixture
def goal(cast):
    return Goal.objects.create(plan=make_plan(cast.cedar), title="Every learner is connected")


@pytest.fixture
def vera(cast, signed_in):
    return signed_in(cast.vera)


def edit(goal, by, **fields):
    for name, value in fields.items():
        setattr(goal, name, value)
    goal.save_edit(by=by, version=goal.version, fields=fields)


def entries(client, goal, **query):
    return client.get(f"/d/cedar/goals/{goal.pk}/history/", query).context["entries"]


def test_a_row_that_was_never_changed_was_added(vera, goal):
    (only,) = entries(vera, goal)

    assert (only.happened, only.changes) == (["Added"], [])


def test_it_tells_who_changed_which_field_from_what_to_what_latest_first(vera, cast, goal):
    edit(goal, cast.alice, title="Every learner is well connected")
    goal.history.update(history_date=goal.history.first().history_date - timedelta(hours=1))
    edit(goal, cast.sue, words="At home, too")

    latest, before, *_rest = entries(vera, goal)

    assert (latest.who, latest.changes) == ("Sue", [("In more words", "<ins>At home, too</ins>")])
    assert before.who == "Alice"
    assert before.changes == [("Goal", "Every learner is <ins>well </ins>connected")]


def test_a_change_of_position_is_no_news(vera, goal):
    goal.position = 4
    goal.save()

    assert len(entries(vera, goal)) == 1


def test_it_is_told_in_pages_and_no_change_is_lost_between_them(vera, cast, goal, monkeypatch):
    monkeypatch.setattr(history, "PER_PAGE", 2)
    for n in range(4):
        edit(goal, cast.alice, title=f"Title {n}")
        goal.history.filter(title=f"Title {n}").update(
            history_date=goal.history.last().history_date + timedelta(hours=n + 1)
        )

    told = [change for n in (1, 2, 3) for one in entries(vera, goal, page=n) for change in one.changes]

    assert [words for _label, words in told] == [
        "Title <del>2</del><ins>3</ins>",
        "Title <del>1</del><ins>2</ins>",
        "Title <del>0</del><ins>1</ins>",
        "<del>Every</del><ins>Title</ins> <del>learner is connected</del><ins>0</ins>",
    ]


def test_the_time_is_that_of_the_district(vera, cast, goal):
    goal.history.update(history_date="2026-11-17T05:30:00Z")

    page = vera.get(f"/d/cedar/goals/{goal.pk}/history/").content.decode()

    assert "Nov 16, 2026" in page  # half past ten in the evening in Denver
    assert "10:30 p.m." in page
