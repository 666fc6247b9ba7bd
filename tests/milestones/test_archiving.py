"""Archiving takes a row and all that is under it out of every page; bringing it back returns what went with it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from milestones import archiving
from milestones.archiving import archive, bring_back
from milestones.models import ActionStep, Milestone, Slip
from tests.builders import TODAY, make_initiative, make_milestone, make_plan, make_step
from vision.models import Goal, Initiative

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


@pytest.fixture
def milestone(cast, plan):
    return make_milestone(plan, by=cast.alice, lead=cast.coordinator, due=TODAY - timedelta(days=5))


def archived_days(plan):
    plan.refresh_from_db()
    rows = [plan, *(m.objects.get() for m in (Goal, Initiative, ActionStep, Milestone))]
    return {row.archived_on for row in rows}


def test_everything_under_it_goes_along(cast, plan, milestone):
    archive(plan, by=cast.alice, today=TODAY)

    assert archived_days(plan) == {TODAY}


def test_everything_that_went_along_comes_back(cast, plan, milestone):
    archive(plan, by=cast.alice, today=TODAY)
    bring_back(plan, by=cast.alice, today=TOMORROW)

    assert archived_days(plan) == {None}


def test_what_had_been_archived_before_stays_so(cast, plan, milestone):
    archive(milestone, by=cast.alice, today=TODAY)
    archive(plan, by=cast.alice, today=TOMORROW)
    bring_back(plan, by=cast.alice, today=TOMORROW)

    milestone.refresh_from_db()
    assert milestone.archived_on == TODAY
    assert ActionStep.objects.get().archived_on is None


def test_what_is_beside_it_stays(cast, plan, milestone):
    other = make_milestone(
        plan, by=cast.alice, step=make_step(plan, initiative=make_initiative(plan, "Other"))
    )

    archive(milestone.step.initiative, by=cast.alice, today=TODAY)

    other.refresh_from_db()
    plan.refresh_from_db()
    assert other.archived_on is plan.archived_on is None


def test_each_row_has_it_in_its_history_with_who(cast, plan, milestone):
    archive(plan, by=cast.alice, today=TODAY)
    bring_back(plan, by=cast.sue, today=TODAY)

    for row in (plan, milestone, milestone.step, milestone.step.initiative):
        told = [(h.archived_on, h.history_user, h.history_type) for h in row.history.all()[:2]]
        assert told == [(None, cast.sue, "~"), (TODAY, cast.alice, "~")]


def test_a_date_that_was_missed_is_written_down_and_ends(cast, plan, milestone):
    archive(plan, by=cast.alice, today=TODAY)

    slip = Slip.objects.get()
    assert (slip.due, slip.slipped_on) == (milestone.due, milestone.due + timedelta(days=1))
    assert (slip.closed_on, slip.ended) == (TODAY, "archived")


def test_brought_back_it_has_slipped_again(cast, plan, milestone):
    archive(plan, by=cast.alice, today=TODAY)
    bring_back(plan, by=cast.alice, today=TOMORROW)

    slip = Slip.objects.get()
    assert (slip.closed_on, slip.ended) == (None, "")


def test_an_older_slip_that_had_ended_is_left_alone(cast, plan, milestone):
    older = Slip.objects.create(
        milestone=milestone,
        due=date(2026, 9, 1),
        slipped_on=date(2026, 9, 2),
        closed_on=date(2026, 9, 9),
        ended="moved",
    )

    archive(plan, by=cast.alice, today=TODAY)
    bring_back(plan, by=cast.alice, today=TODAY)

    older.refresh_from_db()
    assert (older.closed_on, older.ended) == (date(2026, 9, 9), "moved")


def test_what_is_done_or_not_due_yet_gets_no_slip(cast, plan):
    make_milestone(plan, "Later", by=cast.alice)
    done = make_milestone(plan, "Done", by=cast.alice, due=TODAY - timedelta(days=2))
    Milestone.objects.filter(pk=done.pk).update(done_on=TODAY - timedelta(days=3), done_by=cast.alice)

    archive(plan, by=cast.alice, today=TODAY)

    assert not Slip.objects.exists()


def test_the_number_of_statements_does_not_grow_with_the_rows(cast, plan, milestone):
    def statements():
        with CaptureQueriesContext(connection) as seen:
            archive(plan, by=cast.alice, today=TODAY)
            bring_back(plan, by=cast.alice, today=TODAY)
        return len(seen)

    few = statements()
    for n in range(30):
        make_milestone(plan, f"Milestone {n}", by=cast.alice, due=TODAY - timedelta(days=n + 1))

    assert statements() == few


def test_more_rows_than_one_statement_names_go_along_too(cast, plan, milestone, monkeypatch):
    monkeypatch.setattr(archiving, "AT_ONCE", 2)
    for n in range(5):
        make_milestone(plan, f"Milestone {n}", by=cast.alice)

    archive(plan, by=cast.alice, today=TODAY)

    assert set(Milestone.objects.values_list("archived_on", flat=True)) == {TODAY}
