from datetime import timedelta

import pytest

from milestones.models import Milestone
from milestones.prepared import Prepared
from milestones.rollup import roll_up, roll_up_by
from tests.builders import TODAY, make_milestone, make_plan


@pytest.fixture
def plans(cast):
    plans = [make_plan(cast.cedar, adopted_by=cast.sue), make_plan(cast.dune, adopted_by=cast.charlie)]
    for number, plan in enumerate(plans):
        for days in range(-3, 4):
            make_milestone(plan, f"{number}/{days}", due=TODAY + timedelta(days=days))
    return plans


def soon(*, plan, today):
    rows = Milestone.objects.in_plan(plan).filter(due__gt=today, due__lte=today + timedelta(days=2))
    return rows.order_by("due").values("title", "due", "done_on")


def test_it_gives_what_the_query_gives_on_every_day_and_for_every_id(plans):
    prepared = Prepared(soon)

    for plan in plans:
        for days in range(-4, 5):
            today = TODAY + timedelta(days=days)
            assert prepared(plan=plan.pk, today=today) == list(soon(plan=plan.pk, today=today))


def test_rows_keep_their_types(plans):
    row = Prepared(soon)(plan=plans[0].pk, today=TODAY)[0]

    assert row == {"title": "0/1", "due": TODAY + timedelta(days=1), "done_on": None}


def test_only_values_can_be_prepared(plans):
    prepared = Prepared(lambda *, plan, today: Milestone.objects.in_plan(plan))

    with pytest.raises(ValueError, match="values"):
        prepared(plan=plans[0].pk, today=TODAY)


def test_the_prepared_roll_up_is_the_roll_up(plans):
    for days in (-5, 0, 2, 400):
        today = TODAY + timedelta(days=days)
        live = Milestone.objects.live().in_plan(plans[0])

        assert roll_up(plans[0], today=today) == roll_up_by("step__initiative", live, today=today)
