"""An import goes back as one batch, and only while nobody has worked with it."""

from datetime import UTC, date, datetime

import pytest

from milestones.adoption import adopt_plan
from milestones.importing import proposals
from milestones.importing.apply import apply_import
from milestones.importing.reading import read_pasted
from milestones.importing.undo import undo_import
from milestones.models import ActionStep, ImportRow, Measure, Milestone, PlanImport, StepOwner
from milestones.refusals import Refused
from stakeholders.models import Appointment, Role
from tests.builders import TODAY, make_initiative, make_plan, make_step
from vision.models import Goal, Initiative, Plan

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
TEXT = (
    "Goal\tAction\tWho\tWhen\nAccess\tHang antennas\tNetwork Manager\tFall 2026\n"
    "\tTest\tTechnology Coordinator\tMay 2027\n"
)
MODELS = (Plan, Goal, Initiative, ActionStep, StepOwner, Milestone, Role)


def keep(cast, text=TEXT, plan=None):
    job = proposals.keep_reading(
        cast.cedar, read_pasted(text), file_name="a.txt", data=text.encode(), by=cast.alice, now=NOW
    )
    job.plan = plan
    if plan is None:
        job.plan_title, job.plan_starts_on, job.plan_ends_on = "New", date(2026, 7, 1), date(2029, 6, 30)
    job.save()
    return job


def carry_out(job, cast):
    return apply_import(job, by=cast.alice, now=NOW, today=TODAY)


def everything():
    return {model: set(model.objects.values_list("pk", flat=True)) for model in MODELS}


def test_undo_leaves_exactly_what_was_there_before(cast):
    plan = make_plan(cast.cedar)
    make_step(plan, lead=cast.coordinator)
    before = everything()
    job = keep(cast, plan=plan)
    carry_out(job, cast)
    assert everything() != before

    removed = undo_import(job, by=cast.sue, now=NOW)

    assert everything() == before
    assert (removed["steps"], removed["milestones"], removed["roles"]) == (2, 2, 1)
    assert (job.undone_by, job.is_standing) == (cast.sue, False)


def test_undo_of_a_new_plan_takes_the_plan_too_and_history_names_who(cast):
    job = keep(cast)
    carry_out(job, cast)
    made = Plan.objects.get()

    undo_import(job, by=cast.sue, now=NOW)

    assert not Plan.objects.exists()
    kinds = [
        (row.history_type, row.history_user) for row in Plan.history.filter(id=made.pk).order_by("history_id")
    ]
    assert kinds == [("+", cast.alice), ("-", cast.sue)]
    assert {row.history_user for row in ActionStep.history.filter(history_type="+")} == {cast.alice}


def test_the_file_can_be_imported_again_after_undo(cast):
    job = keep(cast)
    carry_out(job, cast)
    undo_import(job, by=cast.alice, now=NOW)

    outcome = carry_out(keep(cast), cast)

    assert (outcome.new, outcome.same) == (2, 0)


def checked_in(cast):
    Milestone.objects.first().check_in(by=cast.alice, today=TODAY, says="on-track")


def edited(cast):
    step = ActionStep.objects.first()
    step.title = "Changed"
    step.save_edit(by=cast.alice, version=1, fields=["title"])


def owned_otherwise(cast):
    ActionStep.objects.first().set_owners(lead=cast.superintendent, by=cast.alice)


def dated_further(cast):
    ActionStep.objects.first().add_milestone(by=cast.alice, today=TODAY, due=date(2027, 1, 1))


def measured(cast):
    Measure.objects.create(step=ActionStep.objects.first(), name="Rooms", unit="rooms")


def adopted(cast):
    adopt_plan(Plan.objects.get(), by=cast.sue, today=TODAY)


def appointed(cast):
    Appointment.objects.create(
        role=Role.objects.get(title="Network Manager"), person=cast.bob, starts_on=TODAY
    )


def filled_further(cast):
    Initiative.objects.create(goal=Goal.objects.get(), title="By hand")


def archived(cast):
    from milestones.archiving import archive

    archive(ActionStep.objects.first(), by=cast.alice, today=TODAY)


@pytest.mark.parametrize(
    "work",
    [
        checked_in,
        edited,
        owned_otherwise,
        dated_further,
        measured,
        adopted,
        appointed,
        filled_further,
        archived,
    ],
)
def test_undo_is_refused_once_somebody_has_worked_with_it(cast, work):
    job = keep(cast)
    carry_out(job, cast)
    work(cast)
    before = everything()

    with pytest.raises(Refused, match="people have worked with it since"):
        undo_import(job, by=cast.alice, now=NOW)

    assert everything() == before
    job.refresh_from_db()
    assert job.is_standing


def test_undo_is_not_troubled_by_work_elsewhere_in_the_plan(cast):
    plan = make_plan(cast.cedar)
    job = keep(cast, plan=plan)
    carry_out(job, cast)
    other = make_initiative(plan, goal=Goal.objects.create(plan=plan, title="Elsewhere"))
    make_step(plan, "By hand", lead=cast.coordinator, initiative=other)

    undo_import(job, by=cast.alice, now=NOW)

    assert [step.title for step in ActionStep.objects.all()] == ["By hand"]


def test_a_second_undo_and_a_second_import_are_refused(cast):
    job = keep(cast)
    carry_out(job, cast)
    with pytest.raises(Refused, match="has been imported"):
        carry_out(PlanImport.objects.get(), cast)
    undo_import(job, by=cast.alice, now=NOW)

    with pytest.raises(Refused):
        undo_import(job, by=cast.alice, now=NOW)


def test_a_failing_row_leaves_nothing_behind(cast, monkeypatch):
    before = everything()
    job = keep(cast)
    monkeypatch.setattr(ImportRow.objects, "bulk_create", lambda *args, **kwargs: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        carry_out(job, cast)

    assert everything() == before
    assert not PlanImport.objects.get().applied_at


def test_rows_that_were_left_out_and_not_understood_are_on_record(cast):
    job = keep(
        cast, "Action\tWho\tWhen\nA\tLibrarian\tMay 2027\nB\tLibrarian\tMay 2027\n=1\tLibrarian\tMay 2027\n"
    )
    job.left_out = ["line 3"]
    job.save()

    outcome = carry_out(job, cast)

    assert (outcome.new, outcome.left_out, outcome.not_read) == (1, 1, 1)
    assert [(row.source, row.became) for row in job.rows.all()] == [
        ("line 2", "new"),
        ("line 3", "left out"),
        ("line 4", "not understood"),
    ]


def test_an_import_into_a_plan_that_was_archived_meanwhile_is_refused(cast):
    plan = make_plan(cast.cedar)
    job = keep(cast, plan=plan)
    Plan.objects.update(archived_on=TODAY)

    with pytest.raises(Refused, match="archived meanwhile"):
        carry_out(job, cast)

    assert not PlanImport.objects.get().applied_at
