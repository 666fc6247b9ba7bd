"""A step in many buildings: each building has a milestone of its own, and pages show them as one line."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import RestrictedError
from django.test.utils import CaptureQueriesContext

from milestones.adoption import adopt_plan
from milestones.flagging import flag_slips
from milestones.in_buildings import folded, lines_of
from milestones.models import ActionStep, Milestone, Slip, StepBuilding
from milestones.refusals import Refused
from milestones.rollup import roll_up
from milestones.spreading import add_for_buildings
from milestones.status import Word
from stakeholders.models import Building
from tests.builders import TODAY, make_building, make_milestone, make_plan, make_step

DUE = date(2026, 12, 4)


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar)


@pytest.fixture
def step(cast, plan):
    return make_step(plan, "Hand out devices", lead=cast.coordinator, by=cast.alice)


@pytest.fixture
def schools(cast):
    return [make_building(cast.cedar, name) for name in ("Adams", "Byrd", "Clark")]


def spread(step, schools, cast, *, due=DUE, title="Devices are there"):
    return add_for_buildings(step, schools, by=cast.alice, today=TODAY, due=due, title=title)


def test_each_building_gets_a_milestone_of_its_own_with_its_history(cast, step, schools):
    made = spread(step, schools, cast)

    assert [m.building for m in made] == schools
    assert {m.due for m in Milestone.objects.all()} == {DUE}
    assert {m.district_id for m in Milestone.objects.all()} == {cast.cedar.pk}
    assert Milestone.history.filter(history_user=cast.alice, history_type="+").count() == 3


def test_it_is_called_by_its_building(step, schools, cast):
    (made, *_rest) = spread(step, schools, cast)

    assert made.name == "Adams: Devices are there"
    assert made.words == "Devices are there"


@pytest.mark.parametrize("due", [DUE, DUE + timedelta(days=30)])
def test_sent_twice_makes_one_set_whatever_the_date(step, schools, cast, due):
    spread(step, schools, cast)

    again = spread(step, schools, cast, due=due)

    assert again == []
    assert Milestone.objects.count() == 3


def test_buildings_can_be_added_later(step, schools, cast):
    spread(step, schools[:1], cast)

    later = spread(step, schools, cast)

    assert [m.building for m in later] == schools[1:]


def test_what_comes_back_every_year_may_be_there_once_a_date(step, schools, cast):
    ActionStep.objects.update(kind="recurring")
    step.refresh_from_db()
    spread(step, schools, cast)

    again = spread(step, schools, cast)
    next_year = spread(step, schools, cast, due=date(2027, 12, 3))

    assert (again, len(next_year)) == ([], 3)


def test_a_building_of_another_district_is_refused_and_nothing_is_added(step, schools, cast):
    elsewhere = make_building(cast.dune, "Elsewhere")

    with pytest.raises(Refused):
        spread(step, [*schools, elsewhere], cast)

    assert not Milestone.objects.exists()


def test_a_day_outside_the_plan_is_refused(step, schools, cast):
    with pytest.raises(Refused):
        spread(step, schools, cast, due=date(2035, 1, 1))


def test_what_is_added_to_an_adopted_plan_says_so_and_has_its_first_date(plan, step, schools, cast):
    spread(step, schools[:1], cast)
    adopt_plan(plan, by=cast.sue, today=date(2026, 7, 1))
    step = ActionStep.objects.get(pk=step.pk)

    (late,) = spread(step, schools[1:2], cast)

    first, second = Milestone.objects.order_by("pk")
    assert (first.first_due, first.added_after_adoption) == (DUE, False)
    assert (second.first_due, second.added_after_adoption) == (DUE, True)
    assert late.pk == second.pk


def test_each_slips_by_itself_by_the_one_rule(plan, step, schools, cast):
    early, late, done = spread(step, schools, cast, due=TODAY - timedelta(days=3))
    adopt_plan(plan, by=cast.sue, today=TODAY - timedelta(days=90))
    done = Milestone.objects.get(pk=done.pk)
    done.complete(by=cast.alice, today=TODAY, done_on=TODAY - timedelta(days=4))
    early = Milestone.objects.get(pk=early.pk)
    early.move_due(by=cast.sue, today=TODAY, to=DUE, reason="vendor", may_approve=True)

    flag_slips({TODAY: [cast.cedar]})

    assert list(Slip.objects.open().values_list("milestone", flat=True)) == [late.pk]
    rolled = roll_up(plan, today=TODAY)[step.initiative_id]
    assert dict(rolled.counts) == {Word.COMPLETE: 1, Word.SLIPPED: 1, Word.AWAITING: 1}


def test_a_line_counts_by_word_and_keeps_the_range_of_dates(step, schools, cast):
    first, _second, third = spread(step, schools, cast)
    Milestone.objects.filter(pk=first.pk).update(done_on=TODAY, done_by=cast.alice)
    Milestone.objects.filter(pk=third.pk).update(due=DUE + timedelta(days=7))

    (line,) = lines_of(Milestone.objects.live(), [step], today=TODAY).values()

    assert (line.buildings, line.words, line.word) == (3, "Devices are there", Word.AWAITING)
    assert dict(line.roll_up.counts) == {Word.COMPLETE: 1, Word.AWAITING: 2}
    assert line.due == (DUE, DUE + timedelta(days=7))
    assert line.expected == (TODAY, DUE + timedelta(days=7))


def test_one_building_alone_is_no_line_and_neither_are_two_titles(step, schools, cast):
    spread(step, schools[:1], cast)
    spread(step, schools[1:2], cast, title="Something else")
    make_milestone(step.initiative.goal.plan, "Of the whole district", by=cast.alice, step=step)

    assert lines_of(Milestone.objects.live(), [step], today=TODAY) == {}
    assert Milestone.objects.singly().count() == 3


def test_an_archived_twin_makes_no_line(step, schools, cast):
    first, second = spread(step, schools[:2], cast)
    Milestone.objects.filter(pk=first.pk).update(archived_on=TODAY)

    assert list(Milestone.objects.live().singly()) == [second]


def test_folding_keeps_one_of_each_line_and_every_single_one(step, schools, cast):
    spread(step, schools, cast)
    alone = make_milestone(step.initiative.goal.plan, "Alone", by=cast.alice, step=step)
    twin = make_milestone(step.initiative.goal.plan, "Alone", by=cast.alice, step=step)

    kept = {m.pk: m.line_size for m in folded(Milestone.objects.live())}

    assert sorted(kept.values()) == [1, 1, 3]
    assert {alone.pk, twin.pk} < set(kept)


def test_many_buildings_are_added_in_a_few_statements(cast, step):
    places = Building.objects.bulk_create(Building(district=cast.cedar, name=f"S{n}") for n in range(300))

    with CaptureQueriesContext(connection) as seen:
        spread(step, places, cast)
        lines_of(Milestone.objects.live(), [step], today=TODAY)

    assert len(seen) < 40


def test_a_building_with_a_past_cannot_be_deleted(step, schools, cast):
    spread(step, schools, cast)

    with pytest.raises(RestrictedError):
        schools[0].delete()


@pytest.mark.parametrize("twin", ["Adams", "ADAMS"])
def test_a_name_is_known_once_in_any_case(cast, schools, twin):
    with pytest.raises(IntegrityError), transaction.atomic():
        Building.objects.create(district=cast.cedar, name=twin)


def test_a_step_is_adapted_once_for_a_building(step, schools):
    StepBuilding.objects.create(step=step, building=schools[0])

    with pytest.raises(IntegrityError), transaction.atomic():
        StepBuilding.objects.create(step=step, building=schools[0])
