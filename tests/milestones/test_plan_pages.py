"""The plan at a glance, starting one without a file, its title and dates, its list."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from milestones import glance as glancing
from milestones.models import Milestone
from tests.builders import TODAY, make_initiative, make_milestone, make_plan, make_step
from tests.filling import offered, send
from vision.models import Goal, Initiative, Plan

pytestmark = pytest.mark.usefixtures("on_today")
PLAN = "/d/cedar/plan/"


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


def test_without_a_plan_the_page_teaches_and_offers_a_file_or_an_empty_page(alice):
    page = alice.get(PLAN).content.decode()

    assert "/d/cedar/import/" in page
    assert "/d/cedar/plans/new/" in page


def test_a_viewer_without_a_plan_is_offered_nothing_to_press(cast, signed_in):
    page = signed_in(cast.vera).get(PLAN).content.decode()

    assert "/d/cedar/import/" not in page
    assert "/plans/new/" not in page


def test_it_shows_each_initiative_with_its_counts_worst_word_dates_and_what_comes_next(alice, cast, plan):
    step = make_step(plan, lead=cast.coordinator, by=cast.alice)
    make_milestone(plan, "Missed", step=step, by=cast.alice, due=TODAY - timedelta(days=3))
    make_milestone(plan, "Later", step=step, by=cast.alice, due=date(2027, 3, 1))
    make_milestone(plan, "Soon", step=step, by=cast.alice, due=date(2026, 12, 4))

    page = alice.get(PLAN)

    (line,) = page.context["glance"].folds[0].lines
    assert {str(word): n for word, n in line.roll_up.in_words} == {"slipped": 1, "awaiting": 2}
    assert line.roll_up.word == "slipped"
    assert (line.roll_up.first_on, line.roll_up.expected_on) == (date(2027, 3, 1), date(2027, 3, 1))
    assert line.next.title == "Soon"
    body = page.content.decode()
    assert '<span class="pill pill--slipped">Slipped</span>' in body
    assert f"/d/cedar/milestones/?initiative={step.initiative_id}&word=slipped" in body.replace("&amp;", "&")


def test_a_goal_shows_the_worst_word_of_its_initiatives(alice, cast, plan):
    fine = make_milestone(plan, "Fine", by=cast.alice, lead=cast.coordinator)
    fine.check_in(by=cast.alice, today=TODAY, says="on-track")
    late = make_initiative(plan, "Late one")
    step = make_step(plan, "Step", initiative=late)
    make_milestone(plan, "Missed", step=step, by=cast.alice, due=TODAY - timedelta(days=1))

    (fold,) = alice.get(PLAN).context["glance"].folds

    assert fold.roll_up.word == "slipped"
    assert fold.roll_up.total == 2


def test_what_was_archived_is_nowhere_on_it(alice, cast, plan):
    milestone = make_milestone(plan, by=cast.alice, lead=cast.coordinator)
    alice.post(f"/d/cedar/initiatives/{milestone.step.initiative_id}/archive/")

    page = alice.get(PLAN)

    assert page.context["glance"].roll_up.total == 0
    assert page.context["glance"].initiatives == 0


def test_a_very_large_plan_opens_one_goal_at_a_time(alice, cast, plan, monkeypatch):
    monkeypatch.setattr(glancing, "UNFOLDED", 3)
    goals = [Goal.objects.create(plan=plan, title=f"Goal {n}", position=n) for n in range(2)]
    for goal in goals:
        for n in range(2):
            Initiative.objects.create(goal=goal, title=f"{goal.title}, initiative {n}")

    first = alice.get(PLAN).content.decode()
    second = alice.get(PLAN, {"goal": goals[1].pk}).content.decode()

    assert "Goal 0, initiative 1" in first
    assert "Goal 1, initiative 1" not in first
    assert f'href="?goal={goals[1].pk}#goal-{goals[1].pk}"' in first
    assert "Goal 1, initiative 1" in second


def test_htmx_gets_the_goal_that_it_asks_for_and_nothing_else(alice, plan, monkeypatch):
    monkeypatch.setattr(glancing, "UNFOLDED", 1)
    make_initiative(plan, goal=Goal.objects.create(plan=plan, title="Another goal"))
    goal = Goal.objects.create(plan=plan, title="Only this", position=1)
    Initiative.objects.create(goal=goal, title="The initiative")

    fragment = alice.get(PLAN, {"goal": goal.pk}, headers={"HX-Request": "true"}).content.decode()

    assert "The initiative" in fragment
    assert "Another goal" not in fragment
    assert "<html" not in fragment


@pytest.mark.parametrize("odd", ["abc", "-1", "9" * 30, "１", "' or 1=1"])
def test_odd_parameters_are_ignored(alice, plan, odd, monkeypatch):
    monkeypatch.setattr(glancing, "UNFOLDED", 1)
    make_initiative(plan)
    make_initiative(plan, "Second")

    assert alice.get(PLAN, {"goal": odd, "page": odd}).status_code == 200


def test_a_plan_is_started_without_a_file(alice, cast):
    form = offered(alice.get("/d/cedar/plans/new/"))
    answer = alice.post("/d/cedar/plans/new/", {**form, "title": "Our plan"})

    plan = Plan.objects.get()
    assert answer.url == f"/d/cedar/plans/{plan.pk}/"
    assert (plan.district, plan.title, plan.adopted_on) == (cast.cedar, "Our plan", None)
    assert (plan.starts_on, plan.ends_on) == (
        date(2026, 7, 1),
        date(2029, 6, 30),
    )  # suggested: three fiscal years
    assert plan.history.get().history_user == cast.alice


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " \u200b "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"starts_on": "2026-02-29"}, "starts_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"ends_on": "9999-12-31"}, "ends_on"),
        ({"starts_on": "2027-07-01", "ends_on": "2027-06-30"}, "ends_on"),
        ({"starts_on": "2000-07-01", "ends_on": "2026-06-30"}, "ends_on"),
        ({"ends_on": "٢٠٢٧-٠٦-٣٠"}, "ends_on"),
    ],
)
def test_nonsense_is_a_field_error_and_what_was_typed_is_kept(alice, wrong, field):
    answer = send(alice, "/d/cedar/plans/new/", **{"title": "Our plan", **wrong})

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert (
        answer.context["form"]["title"].value()
        == wrong.get("title", "Our plan").replace("\u200b", "").strip()
    )
    assert not Plan.objects.exists()


def test_title_and_dates_are_edited_and_the_district_is_not(alice, cast, plan):
    send(alice, f"/d/cedar/plans/{plan.pk}/edit/", title="New title", district=cast.dune.pk, adopted_on="")

    plan.refresh_from_db()
    assert (plan.title, plan.district, plan.version) == ("New title", cast.cedar, 2)
    assert plan.adopted_on


@pytest.mark.parametrize(
    ("change", "field"), [({"ends_on": "2026-12-03"}, "ends_on"), ({"starts_on": "2026-12-05"}, "starts_on")]
)
def test_a_plan_is_not_cut_short_over_an_open_milestone(alice, cast, plan, change, field):
    milestone = make_milestone(plan, due=date(2026, 12, 4), by=cast.alice)

    refused = send(alice, f"/d/cedar/plans/{plan.pk}/edit/", **change)
    milestone.drop(by=cast.alice, today=TODAY, reason="Not needed")
    accepted = send(alice, f"/d/cedar/plans/{plan.pk}/edit/", **change)

    assert refused.status_code == 422
    assert "Dec. 4, 2026" in refused.context["form"].errors[field][0]
    assert accepted.status_code == 302


def test_a_stale_edit_shows_both_and_overwrites_nothing(alice, cast, plan):
    form = offered(alice.get(f"/d/cedar/plans/{plan.pk}/edit/"))
    plan.title = "Sue’s title"
    plan.save_edit(by=cast.sue, version=1, fields=["title"])

    answer = alice.post(f"/d/cedar/plans/{plan.pk}/edit/", {**form, "title": "Alice’s title"})

    assert answer.status_code == 409
    assert "Sue" in answer.content.decode()
    assert "Alice" in answer.content.decode()
    plan.refresh_from_db()
    assert plan.title == "Sue’s title"


def test_the_list_says_which_plan_opens_first(alice, cast, plan):
    make_plan(cast.cedar, title="Next plan", starts_on=date(2028, 7, 1), ends_on=date(2031, 6, 30))

    page = alice.get("/d/cedar/plans/")

    assert page.context["current"] == plan
    assert [row.title for row in page.context["page"]] == ["Next plan", "Technology plan"]


def test_a_plan_is_archived_and_brought_back_with_all_that_is_in_it(alice, cast, plan):
    milestone = make_milestone(plan, by=cast.alice)
    alice.post(f"/d/cedar/plans/{plan.pk}/archive/")
    gone = alice.get(f"/d/cedar/plans/{plan.pk}/").status_code
    alice.post(f"/d/cedar/plans/{plan.pk}/bring-back/")

    assert gone == 404
    assert alice.get(f"/d/cedar/milestones/{milestone.pk}/").status_code == 200


def test_the_history_tells_of_the_adoption_and_of_edits(alice, plan):
    send(alice, f"/d/cedar/plans/{plan.pk}/edit/", title="Technology plan 2025–28")

    page = alice.get(f"/d/cedar/plans/{plan.pk}/history/").content.decode()

    assert "Technology plan<ins> 2025–28</ins>" in page
    assert "Adopted on" in page
    assert "Jul 1, 2026" in page


@pytest.mark.parametrize("who", ["vera", "bob"])
@pytest.mark.parametrize("url", ["new/", "{plan}/edit/", "{plan}/gaps/", "{plan}/adopt/"])
def test_members_who_only_read_may_not_change_it(cast, signed_in, plan, who, url):
    client = signed_in(getattr(cast, who))

    assert client.get("/d/cedar/plans/" + url.format(plan=plan.pk)).status_code == 403
    assert client.post("/d/cedar/plans/" + url.format(plan=plan.pk)).status_code in (403, 405)


def test_an_outsider_finds_nothing(cast, signed_in, plan):
    charlie = signed_in(cast.charlie)

    for url in ("plan/", "plans/", f"plans/{plan.pk}/", f"plans/{plan.pk}/edit/"):
        assert charlie.get(f"/d/cedar/{url}").status_code == 404
    assert charlie.get(f"/d/dune/plans/{plan.pk}/").status_code == 404
    assert charlie.post(f"/d/dune/plans/{plan.pk}/archive/").status_code == 404


@pytest.mark.parametrize("verb", ["archive", "bring-back"])
def test_what_writes_refuses_get(alice, plan, verb):
    assert alice.get(f"/d/cedar/plans/{plan.pk}/{verb}/").status_code == 405


@pytest.mark.parametrize("pk", ["0", "9223372036854775808", "1" + "0" * 30, "1e3", "-1"])
def test_ids_that_no_row_has_are_not_found(alice, pk):
    assert alice.get(f"/d/cedar/plans/{pk}/").status_code == 404


def test_the_number_of_queries_is_the_same_with_20_milestones_and_with_300(alice, cast, plan):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert alice.get(PLAN).status_code == 200
        return len(seen)

    step = make_step(plan, lead=cast.coordinator, by=cast.alice)
    fill(step, 20)
    few = queries()
    for n in range(14):
        fill(make_step(plan, f"Step {n}", initiative=make_initiative(plan, f"Initiative {n}")), 20)

    assert queries() == few
    assert few <= 13


def fill(step, count):
    Milestone.objects.bulk_create(
        Milestone(
            district_id=step.district_id,
            step=step,
            title=f"Milestone {n}",
            due=TODAY + timedelta(days=n),
            first_due=TODAY + timedelta(days=n),
        )
        for n in range(count)
    )
