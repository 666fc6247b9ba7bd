"""Each constraint of this floor, with an insert that it must refuse."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tests.builders import make_initiative, make_plan
from vision.models import Goal, GoalTheme, InitiativeTheme, Plan, Theme, Vision


def refused(model, **fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**fields)
    return True


def test_a_plan_ends_after_it_starts(cast):
    day = date(2026, 7, 1)

    assert refused(Plan, district=cast.cedar, title="Backwards", starts_on=day, ends_on=day)
    assert refused(Plan, district=cast.cedar, title="Backwards", starts_on=day, ends_on=date(2025, 7, 1))


def test_a_district_has_one_vision(cast):
    Vision.objects.create(district=cast.cedar, statement="Every learner")
    Vision.objects.create(district=cast.dune, statement="Every learner")

    assert refused(Vision, district=cast.cedar, statement="Another one")


def test_a_goal_serves_a_theme_once(cast):
    goal = Goal.objects.create(plan=make_plan(cast.cedar), title="Connected")
    theme = Theme.objects.create(
        vision=Vision.objects.create(district=cast.cedar, statement="v"), title="Access"
    )
    GoalTheme.objects.create(goal=goal, theme=theme)

    assert refused(GoalTheme, goal=goal, theme=theme)


def test_an_initiative_serves_a_theme_once(cast):
    initiative = make_initiative(make_plan(cast.cedar))
    theme = Theme.objects.create(
        vision=Vision.objects.create(district=cast.cedar, statement="v"), title="Access"
    )
    InitiativeTheme.objects.create(initiative=initiative, theme=theme)

    assert refused(InitiativeTheme, initiative=initiative, theme=theme)


def test_a_row_takes_its_district_from_its_parent(cast):
    plan = make_plan(cast.cedar)
    vision = Vision.objects.create(district=cast.cedar, statement="v")

    goal = Goal.objects.create(plan=plan, title="Connected", district=cast.dune)
    theme = Theme.objects.create(vision=vision, title="Access", district=cast.dune)

    assert goal.district == theme.district == cast.cedar
