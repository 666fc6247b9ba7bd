"""Which themes a goal or an initiative serves."""

import pytest

from tests.builders import TODAY, make_initiative, make_plan
from vision.models import GoalTheme, Theme, Vision


@pytest.fixture
def themes(cast):
    vision = Vision.objects.create(district=cast.cedar, statement="Every learner")
    return [Theme.objects.create(vision=vision, title=title) for title in ("Access", "Teaching", "Safety")]


@pytest.fixture
def initiative(cast):
    return make_initiative(make_plan(cast.cedar))


def served(row):
    return set(row.themes.values_list("title", flat=True))


def test_it_serves_what_it_was_given_and_nothing_else(cast, initiative, themes):
    initiative.set_themes(themes[:2], by=cast.alice)
    initiative.set_themes(themes[1:], by=cast.alice)

    assert served(initiative) == {"Teaching", "Safety"}


def test_each_change_is_in_the_history_with_who(cast, initiative, themes):
    initiative.goal.set_themes(themes[:1], by=cast.alice)
    initiative.goal.set_themes([], by=cast.sue)

    told = [(h.history_type, h.history_user) for h in GoalTheme.history.order_by("history_id")]
    assert told == [("+", cast.alice), ("-", cast.sue)]


def test_the_same_again_changes_nothing(cast, initiative, themes):
    initiative.goal.set_themes(themes, by=cast.alice)
    initiative.goal.set_themes(themes, by=cast.alice)

    assert GoalTheme.history.count() == 3


def test_a_theme_of_another_district_is_left_out(cast, initiative):
    theirs = Theme.objects.create(
        vision=Vision.objects.create(district=cast.dune, statement="v"), title="Theirs"
    )

    initiative.set_themes([theirs], by=cast.alice)

    assert served(initiative) == set()


def test_the_link_to_an_archived_theme_comes_back_with_it(cast, initiative, themes):
    initiative.set_themes(themes[:1], by=cast.alice)
    themes[0].archive(by=cast.alice, today=TODAY)
    initiative.set_themes([], by=cast.alice)

    themes[0].bring_back(by=cast.alice)

    assert served(initiative) == {"Access"}
