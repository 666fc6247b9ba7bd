"""Each constraint of this floor, with an insert that it must refuse."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from milestones.models import (
    ActionStep,
    CheckIn,
    DateMove,
    ImportRow,
    Measure,
    Milestone,
    PlanImport,
    Slip,
    SlipNotice,
    StepBuilding,
    StepGoal,
    StepOwner,
)
from stakeholders.models import Building, Notice
from tests.builders import TODAY, make_milestone, make_plan

DUE = date(2026, 12, 4)
YESTERDAY = TODAY - timedelta(days=1)
NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)


@pytest.fixture
def rows(cast):
    """A milestone, and the least that a row of each other model needs."""
    milestone = make_milestone(make_plan(cast.cedar), by=cast.alice, lead=cast.coordinator, due=DUE)
    step = milestone.step
    slip = Slip.objects.create(milestone=milestone, due=YESTERDAY, slipped_on=TODAY)
    notice = Notice.objects.create(
        district=cast.cedar,
        person=cast.alice,
        kind="slips",
        local_day=TODAY,
        subject="s",
        body="b",
        message_id="m",
    )
    asked = {
        "milestone": milestone,
        "from_due": DUE,
        "to_due": TODAY,
        "reason": "vendor",
        "asked_by": cast.alice,
    }
    read = {"district": cast.cedar, "file_name": "plan.csv", "fingerprint": "f", "made_at": NOON}
    return {
        PlanImport: read,
        ImportRow: {
            "plan_import": PlanImport.objects.create(**read),
            "position": 1,
            "source": "line 2",
            "became": "new",
        },
        CheckIn: {"milestone": milestone, "by": cast.alice, "on": TODAY, "says": "on-track"},
        DateMove: {**asked, "asked_on": TODAY},
        Slip: {"milestone": milestone, "due": DUE, "slipped_on": DUE + timedelta(days=1)},
        SlipNotice: {"slip": slip, "notice": notice},
        Measure: {"step": step, "name": "Agreements signed"},
        Milestone: {"step": step, "due": DUE},
        ActionStep: {"initiative": step.initiative, "title": "Another step"},
        StepOwner: {"step": step, "role": cast.superintendent, "part": "support"},
        StepGoal: {"step": step, "goal": step.initiative.goal},
        StepBuilding: {
            "step": step,
            "building": Building.objects.create(district=cast.cedar, name="Lincoln"),
        },
    }


REFUSED = {
    "check_in_says_or_undoes": (CheckIn, {"says": "splendid"}),
    "check_in_done_has_a_day": (CheckIn, {"says": "done"}),
    "check_in_slipping_has_a_date": (CheckIn, {"says": "slipping"}),
    "move_is_asked_or_decided": (DateMove, {"decided_on": TODAY}),
    "move_moves": (DateMove, {"to_due": DUE}),
    "slip_is_after_due": (Slip, {"slipped_on": DUE}),
    "slip_is_open_or_ended": (Slip, {"closed_on": DUE + timedelta(days=2)}),
    "measure_direction_is_known": (Measure, {"direction": "up"}),
    "milestone_done_has_a_person": (Milestone, {"done_on": TODAY}),
    "milestone_pause_has_a_reason": (Milestone, {"paused_until": DUE}),
    "milestone_drop_has_a_reason": (Milestone, {"dropped_on": TODAY}),
    "milestone_not_done_and_dropped": (
        Milestone,
        {"done_on": TODAY, "done_by": "alice", "dropped_on": TODAY, "drop_reason": "No money"},
    ),
    "milestone_confirmed_in_words": (Milestone, {"confirmed_on": TODAY}),
    "step_kind_is_known": (ActionStep, {"kind": "sometimes"}),
    "step_check_in_interval": (ActionStep, {"check_in_days": 0}),
    "step_review_is_for_ongoing": (ActionStep, {"kind": "one-time", "review_on": DUE}),
    "import_undone_was_applied": (PlanImport, {"undone_at": NOON}),
    "import_row_became_is_known": (ImportRow, {"became": "guessed"}),
    "owner_part_is_known": (StepOwner, {"part": "watches"}),
}
# Refused the second time: (model, what is written first, what is written then).
REFUSED_TWICE = {
    "move_asked_once": (DateMove, {}, {"to_due": DUE + timedelta(days=9)}),
    "slip_once_per_due_date": (Slip, {}, {"slipped_on": DUE + timedelta(days=3)}),
    "slip_notice_once": (SlipNotice, {}, {}),
    "owner_once_per_step": (StepOwner, {}, {}),
    "step_has_one_lead": (StepOwner, None, {"part": "lead"}),
    "step_goal_once": (StepGoal, {}, {}),
    "step_building_once": (StepBuilding, {}, {"differs": "The gym comes last"}),
    "import_row_once": (ImportRow, {}, {"source": "line 3"}),
}


def test_every_constraint_of_this_floor_is_tried():
    declared = {
        constraint.name
        for model in apps.get_app_config("milestones").get_models()
        for constraint in model._meta.constraints
    }

    assert declared == {*REFUSED, *REFUSED_TWICE}


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses(cast, rows, name):
    model, wrong = REFUSED[name]
    people = {key: cast.alice for key, value in wrong.items() if value == "alice"}

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.create(**{**rows[model], **wrong, **people})


@pytest.mark.parametrize("name", REFUSED_TWICE)
def test_the_database_refuses_a_second_one(rows, name):
    model, first, second = REFUSED_TWICE[name]
    if first is not None:
        model.objects.create(**{**rows[model], **first})

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**{**rows[model], **second})


def test_the_same_rows_pass_when_nothing_is_wrong(rows):
    for model, good in rows.items():
        assert isinstance(model.objects.create(**good), models.Model)


def test_a_check_in_is_undone_once(cast, rows):
    check_in = CheckIn.objects.create(**rows[CheckIn])
    reversal = {**rows[CheckIn], "says": "", "undoes": check_in}
    CheckIn.objects.create(**reversal)

    with pytest.raises(IntegrityError), transaction.atomic():
        CheckIn.objects.create(**reversal)
