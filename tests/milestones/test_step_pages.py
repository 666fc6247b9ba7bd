from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from milestones.models import ActionStep, Measure, Milestone, StepGoal
from stakeholders.models import Building, Role
from tests.builders import TODAY, make_initiative, make_milestone, make_plan, make_role, make_step
from tests.filling import offered, send
from vision.models import Goal

pytestmark = pytest.mark.usefixtures("on_today")


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


@pytest.fixture
def step(cast, plan):
    return make_step(plan, lead=cast.coordinator, by=cast.alice)


@pytest.fixture
def new(plan):
    return f"/d/cedar/initiatives/{make_initiative(plan).pk}/steps/new/"


def page_of(step, rest=""):
    return f"/d/cedar/steps/{step.pk}/{rest}"


def test_a_step_is_added_with_who_leads_and_who_helps(alice, cast, new):
    send(alice, new, title="Cable", lead=cast.coordinator.pk, support=[cast.superintendent.pk])

    step = ActionStep.objects.get(title="Cable")
    assert (step.lead, step.support, step.district) == (cast.coordinator, [cast.superintendent], cast.cedar)
    assert step.history.first().history_user == cast.alice


def test_a_role_that_is_new_is_added_by_its_title(alice, cast, new):
    send(alice, new, title="Cable", new_role="Network Technician")

    role = Role.objects.get(title="Network Technician")
    assert (role.district, ActionStep.objects.get(title="Cable").lead) == (cast.cedar, role)


def test_a_title_that_the_district_has_is_that_role(alice, cast, new):
    send(alice, new, title="Cable", new_role="technology  coordinator".replace("  ", " "))

    assert ActionStep.objects.get(title="Cable").lead == cast.coordinator
    assert Role.objects.in_district(cast.cedar).count() == 2


def test_a_step_may_have_no_owner_and_the_page_says_so(alice, new):
    send(alice, new, title="Cable")

    step = ActionStep.objects.get(title="Cable")
    page = alice.get(page_of(step)).content.decode()
    assert step.lead is None
    assert "no owner" in page
    assert page_of(step, "edit/#id_lead") in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "\u200b"}, "title"),
        ({"title": "x" * 1001}, "title"),
        ({"kind": "sometimes"}, "kind"),
        ({"kind": "ongoing"}, "review_on"),
        ({"kind": "one-time", "review_on": "2027-01-01"}, "review_on"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"check_in_days": "0"}, "check_in_days"),
        ({"check_in_days": "367"}, "check_in_days"),
        ({"check_in_days": "1e309"}, "check_in_days"),
        ({"check_in_days": "9" * 30}, "check_in_days"),
        ({"lead": "9" * 30}, "lead"),
        ({"lead": "x\0"}, "lead"),
        ({"support": ["9" * 30]}, "support"),
        ({"building": "-1"}, "building"),
        ({"initiative": "0"}, "initiative"),
        ({"new_role": "x" * 201}, "new_role"),
    ],
)
def test_nonsense_is_a_field_error(alice, new, wrong, field):
    answer = send(alice, new, **{"title": "Cable", "notes": "Kept", **wrong})

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert "Kept" in answer.content.decode()
    assert not ActionStep.objects.exists()


def test_a_role_in_the_list_and_a_new_one_are_one_too_many(alice, cast, new):
    answer = send(alice, new, title="Cable", lead=cast.coordinator.pk, new_role="Another")

    assert answer.context["form"].errors["new_role"]
    assert not Role.objects.filter(title="Another").exists()


def test_rows_of_another_district_are_field_errors(alice, cast, step):
    role = make_role(cast.dune, "Their coordinator")
    building = Building.objects.create(district=cast.dune, name="Their school")
    initiative = make_initiative(make_plan(cast.dune), "Their initiative")

    answer = send(
        alice,
        page_of(step, "edit/"),
        lead=role.pk,
        support=[role.pk],
        building=building.pk,
        initiative=initiative.pk,
        also_serves=[initiative.goal_id],
    )

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"lead", "support", "building", "initiative", "also_serves"}
    assert "Their" not in answer.content.decode()
    step.refresh_from_db()
    assert (step.version, step.lead) == (1, cast.coordinator)


def test_owners_and_further_goals_are_edited_and_told_in_the_history(alice, cast, plan, step):
    goal = Goal.objects.create(plan=plan, title="Another goal")

    send(
        alice,
        page_of(step, "edit/"),
        lead=cast.superintendent.pk,
        support=[cast.coordinator.pk],
        also_serves=[goal.pk],
    )

    step = ActionStep.objects.get(pk=step.pk)
    assert (step.lead, step.support) == (cast.superintendent, [cast.coordinator])
    assert StepGoal.objects.get().goal == goal
    history = alice.get(page_of(step, "history/")).content.decode()
    for words in (
        "Superintendent leads",
        "Technology Coordinator no longer leads",
        "Also serves the goal “Another goal”",
    ):
        assert words in history
    assert "Another goal" in alice.get(page_of(step)).content.decode()


def test_a_stale_edit_changes_neither_words_nor_owners(alice, cast, step):
    form = offered(alice.get(page_of(step, "edit/")))
    step.title = "Sue was first"
    step.save_edit(by=cast.sue, version=1, fields=["title"])

    answer = alice.post(page_of(step, "edit/"), {**form, "title": "Alice", "lead": "", "new_role": "New one"})

    step = ActionStep.objects.get(pk=step.pk)
    assert answer.status_code == 409
    assert (step.title, step.lead) == ("Sue was first", cast.coordinator)
    assert not Role.objects.filter(title="New one").exists()
    assert "<ins>Technology Coordinator</ins>" in answer.content.decode()


def test_use_mine_keeps_what_was_chosen(alice, cast, step):
    form = offered(alice.get(page_of(step, "edit/")))
    step.title = "Sue was first"
    step.save_edit(by=cast.sue, version=1, fields=["title"])
    conflict = alice.post(page_of(step, "edit/"), {**form, "title": "Alice", "lead": cast.superintendent.pk})

    answer = alice.post(page_of(step, "edit/"), offered(conflict))

    step = ActionStep.objects.get(pk=step.pk)
    assert answer.status_code == 302
    assert (step.title, step.lead) == ("Alice", cast.superintendent)


def test_a_step_with_open_milestones_does_not_become_ongoing(alice, cast, plan, step):
    make_milestone(plan, step=step, by=cast.alice)

    answer = send(alice, page_of(step, "edit/"), kind="ongoing", review_on="2027-06-30")

    assert answer.status_code == 422
    assert "1 open milestone" in answer.content.decode()


def test_a_step_does_not_start_after_its_milestone(alice, cast, plan, step):
    make_milestone(plan, step=step, by=cast.alice, due=date(2026, 12, 4))

    assert send(alice, page_of(step, "edit/"), starts_on="2026-12-05").status_code == 422
    assert send(alice, page_of(step, "edit/"), starts_on="2026-12-04").status_code == 302


def test_what_was_written_stands_beside_what_was_understood(alice, cast, plan, step):
    ActionStep.objects.filter(pk=step.pk).update(
        written_who="TC / Board of Ed.", written_when="Fall 2026", written_cost="$92,000", written_status=""
    )
    make_milestone(plan, step=step, by=cast.alice, due=date(2026, 12, 31))

    cells = {c.label: (c.written, c.understood) for c in alice.get(page_of(step)).context["cells"]}

    assert cells == {
        "Who": ("TC / Board of Ed.", "Technology Coordinator leads"),
        "When": ("Fall 2026", "Dec 31, 2026"),
        "Cost": ("$92,000", "kept as written"),
    }


def test_an_ongoing_step_shows_its_review_and_takes_no_milestone(alice, cast, plan):
    step = make_step(plan, "Keep watch", kind="ongoing", review_on=date(2027, 1, 29))

    page = alice.get(page_of(step)).content.decode()
    answer = alice.post(page_of(step, "milestones/new/"), {"title": "", "due": "2027-01-29"})

    assert "Jan 29" in page
    assert page_of(step, "milestones/new/") not in page
    assert answer.status_code == 422
    assert not Milestone.objects.exists()


# --- adding dates


def test_a_milestone_is_added_inside_the_plan(alice, step):
    answer = send(alice, page_of(step, "milestones/new/"), title="Lincoln is cabled", due="2027-01-15")

    milestone = Milestone.objects.get()
    assert answer.status_code == 302
    assert (milestone.title, milestone.due, milestone.step) == ("Lincoln is cabled", date(2027, 1, 15), step)


@pytest.mark.parametrize(
    "due", ["2025-06-30", "2028-07-01", "0001-01-01", "9999-12-31", "", "2027-02-29", "soon"]
)
def test_a_date_outside_the_plan_or_no_date_is_a_field_error(alice, step, due):
    answer = send(alice, page_of(step, "milestones/new/"), title="Kept", due=due)

    assert answer.status_code == 422
    assert answer.context["form"].errors["due"]
    assert "Kept" in answer.content.decode()
    assert not Milestone.objects.exists()


def test_a_milestone_before_its_step_starts_is_a_field_error(alice, step):
    ActionStep.objects.filter(pk=step.pk).update(starts_on=date(2027, 1, 1))

    assert send(alice, page_of(step, "milestones/new/"), due="2026-12-31").status_code == 422
    assert send(alice, page_of(step, "milestones/new/"), due="2027-01-01").status_code == 302


def test_the_same_milestone_sent_twice_is_added_once(alice, step):
    sent = {"title": "Once", "due": "2027-01-15"}
    first = alice.post(page_of(step, "milestones/new/"), sent)
    second = alice.post(page_of(step, "milestones/new/"), sent)

    assert (first.status_code, second.status_code) == (302, 422)
    assert Milestone.objects.count() == 1


def test_a_step_of_every_year_gets_one_milestone_a_plan_year_and_none_twice(alice, cast, plan):
    step = make_step(plan, "Review", kind="recurring", lead=cast.coordinator, by=cast.alice)
    url = page_of(step, "milestones/each-year/")

    first = send(alice, url, title="", month="3", day="30")
    second = send(alice, url, title="", month="3", day="30")

    assert (first.status_code, second.status_code) == (302, 422)
    assert [m.due for m in step.milestones.all()] == [date(2026, 3, 30), date(2027, 3, 30), date(2028, 3, 30)]


@pytest.mark.parametrize(
    ("month", "day"), [("2", "30"), ("6", "31"), ("13", "1"), ("0", "1"), ("1", "0"), ("x", "y")]
)
def test_a_day_that_no_month_has_is_an_error(alice, plan, month, day):
    step = make_step(plan, "Review", kind="recurring")

    assert send(alice, page_of(step, "milestones/each-year/"), month=month, day=day).status_code == 422
    assert not Milestone.objects.exists()


def test_only_a_step_of_every_year_has_that_form(alice, step):
    assert alice.get(page_of(step, "milestones/each-year/")).status_code == 404


# --- who may


@pytest.mark.parametrize("rest", ["edit/", "milestones/new/", "measures/new/"])
@pytest.mark.parametrize("who", ["bob", "vera"])
def test_members_who_only_read_may_not_change_it(cast, signed_in, step, who, rest):
    client = signed_in(getattr(cast, who))

    assert client.get(page_of(step)).status_code == 200
    assert client.get(page_of(step, rest)).status_code == 403
    assert client.post(page_of(step, rest)).status_code == 403


def test_an_outsider_finds_nothing(cast, signed_in, step):
    charlie = signed_in(cast.charlie)

    for rest in ("", "edit/", "history/", "milestones/new/", "measures/new/"):
        assert charlie.get(page_of(step, rest)).status_code == 404
        assert charlie.get(page_of(step, rest).replace("cedar", "dune")).status_code == 404


@pytest.mark.parametrize("verb", ["archive", "bring-back", "move"])
def test_what_writes_refuses_get(alice, step, verb):
    assert alice.get(page_of(step, f"{verb}/")).status_code == 405


def test_archiving_takes_its_milestones_along_and_bringing_back_returns_them(alice, cast, plan, step):
    milestone = make_milestone(plan, step=step, by=cast.alice)
    alice.post(page_of(step, "archive/"))
    milestone.refresh_from_db()
    gone = milestone.archived_on
    alice.post(page_of(step, "bring-back/"))

    milestone.refresh_from_db()
    assert (gone, milestone.archived_on) == (TODAY, None)


def test_the_number_of_queries_does_not_grow(alice, cast, plan, step):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert alice.get(page_of(step)).status_code == 200
        return len(seen)

    make_milestone(plan, step=step, by=cast.alice)
    Measure.objects.create(step=step, name="Rooms", target=96).add_reading(by=cast.alice, on=TODAY, value=3)
    few = queries()
    for n in range(60):
        make_milestone(plan, f"M {n}", step=step, by=cast.alice)
    for n in range(5):
        measure = Measure.objects.create(step=step, name=f"Measure {n}", target=96)
        for value in range(9):
            measure.add_reading(by=cast.alice, on=TODAY, value=value)

    assert queries() == few
