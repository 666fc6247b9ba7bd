import pytest

from tests.builders import make_plan
from vision.models import Goal
from vision.ordering import last_position, move


@pytest.fixture
def goals(cast):
    plan = make_plan(cast.cedar)
    return [Goal.objects.create(plan=plan, title=title) for title in "ABCD"]


def order():
    return "".join(Goal.objects.values_list("title", flat=True))


def test_a_row_changes_places_with_its_neighbour(goals):
    move(goals[2], Goal.objects.all(), up=True)

    assert order() == "ACBD"


def test_it_moves_down_again(goals):
    move(goals[2], Goal.objects.all(), up=True)
    move(goals[2], Goal.objects.all(), up=False)

    assert order() == "ABCD"


@pytest.mark.parametrize(("at", "up"), [(0, True), (3, False)])
def test_at_either_end_nothing_happens(goals, at, up):
    move(goals[at], Goal.objects.all(), up=up)

    assert order() == "ABCD"


def test_moving_leaves_no_history_and_no_edit(goals):
    move(goals[0], Goal.objects.all(), up=False)

    goals[0].refresh_from_db()
    assert goals[0].version == 1
    assert goals[0].history.count() == 1


def test_what_is_added_comes_last(goals):
    move(goals[0], Goal.objects.all(), up=False)

    assert last_position(Goal.objects.all()) == 4
    assert last_position(Goal.objects.none()) == 0
