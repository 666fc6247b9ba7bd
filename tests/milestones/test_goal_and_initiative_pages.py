from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from milestones.models import Milestone
from milestones.views import initiative as initiative_views
from tests.builders import TODAY, make_initiative, make_milestone, make_plan, make_role, make_step
from tests.filling import offered, send
from vision.models import Goal, Initiative, Theme, Vision

pytestmark = pytest.mark.usefixtures("on_today")


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


@pytest.fixture
def initiative(plan):
    return make_initiative(plan)


@pytest.fixture
def access(cast):
    return Theme.objects.create(
        vision=Vision.objects.create(district=cast.cedar, statement="v"), title="Access"
    )


def page_of(initiative):
    return f"/d/cedar/initiatives/{initiative.pk}/"


# --- goals


def test_a_goal_is_added_with_its_themes_and_comes_last(alice, cast, plan, access):
    Goal.objects.create(plan=plan, title="First")

    send(alice, f"/d/cedar/plans/{plan.pk}/goals/new/", title="Second", themes=[access.pk])

    goal = Goal.objects.get(title="Second")
    assert (goal.position, list(goal.themes.all()), goal.district) == (1, [access], cast.cedar)


def test_the_same_goal_sent_twice_is_added_once(alice, plan):
    form = offered(alice.get(f"/d/cedar/plans/{plan.pk}/goals/new/"))
    first = alice.post(f"/d/cedar/plans/{plan.pk}/goals/new/", {**form, "title": "Once"})
    second = alice.post(f"/d/cedar/plans/{plan.pk}/goals/new/", {**form, "title": "Once"})

    assert (first.status_code, second.status_code) == (302, 422)
    assert Goal.objects.filter(title="Once").count() == 1


def test_a_goal_is_edited_and_its_themes_with_it(alice, cast, initiative, access):
    goal = initiative.goal
    goal.set_themes([access], by=cast.alice)

    send(alice, f"/d/cedar/goals/{goal.pk}/edit/", title="Better words", themes=None)

    goal.refresh_from_db()
    assert (goal.title, goal.version, goal.themes.count()) == ("Better words", 2, 0)
    history = alice.get(f"/d/cedar/goals/{goal.pk}/history/").content.decode()
    assert "No longer serves the theme “Access”" in history


def test_a_stale_edit_changes_neither_words_nor_themes(alice, cast, initiative, access):
    goal = initiative.goal
    form = offered(alice.get(f"/d/cedar/goals/{goal.pk}/edit/"))
    goal.title = "Sue was first"
    goal.save_edit(by=cast.sue, version=1, fields=["title"])

    answer = alice.post(f"/d/cedar/goals/{goal.pk}/edit/", {**form, "title": "Alice", "themes": [access.pk]})

    goal.refresh_from_db()
    assert answer.status_code == 409
    assert (goal.title, goal.themes.count()) == ("Sue was first", 0)
    assert "<ins>Access</ins>" in answer.content.decode()


@pytest.mark.parametrize("foreign", ["theirs", "9" * 30, "0", "x"])
def test_a_theme_of_another_district_is_a_field_error(alice, cast, plan, foreign):
    theirs = Theme.objects.create(
        vision=Vision.objects.create(district=cast.dune, statement="v"), title="Theirs"
    )
    wanted = theirs.pk if foreign == "theirs" else foreign

    answer = send(alice, f"/d/cedar/plans/{plan.pk}/goals/new/", title="A goal", themes=[wanted])

    assert answer.status_code == 422
    assert answer.context["form"].errors["themes"]
    assert "Theirs" not in answer.content.decode()


def test_the_goal_page_lists_its_initiatives_and_their_steps(alice, cast, plan, initiative):
    make_milestone(plan, by=cast.alice, lead=cast.coordinator, due=TODAY - timedelta(days=1))
    make_initiative(plan, "Without steps", goal=initiative.goal)

    page = alice.get(f"/d/cedar/goals/{initiative.goal_id}/")

    first, second = page.context["parts"]
    assert first.steps[0].roll_up.word == "slipped"
    assert (second.initiative.title, second.steps) == ("Without steps", [])
    assert "Technology Coordinator" in page.content.decode()


# --- initiatives


def test_an_initiative_is_added_to_its_goal(alice, cast, initiative, access):
    url = f"/d/cedar/goals/{initiative.goal_id}/initiatives/new/"

    send(alice, url, title="Second", sponsor=cast.superintendent.pk, themes=[access.pk], why="Because")

    added = Initiative.objects.get(title="Second")
    assert (added.goal, added.sponsor, added.why) == (initiative.goal, cast.superintendent, "Because")
    assert list(added.themes.all()) == [access]


def test_a_sponsor_of_another_district_is_a_field_error(alice, cast, initiative):
    theirs = make_role(cast.dune, "Their superintendent")

    answer = send(alice, f"{page_of(initiative)}edit/", sponsor=theirs.pk)

    assert answer.status_code == 422
    assert answer.context["form"].errors["sponsor"]


def test_it_can_go_to_another_goal_of_its_plan_and_of_no_other(alice, cast, plan, initiative):
    here = Goal.objects.create(plan=plan, title="Also here")
    elsewhere = Goal.objects.create(plan=make_plan(cast.cedar), title="In another plan")

    assert send(alice, f"{page_of(initiative)}edit/", goal=elsewhere.pk).status_code == 422
    assert send(alice, f"{page_of(initiative)}edit/", goal=here.pk).status_code == 302
    initiative.refresh_from_db()
    assert initiative.goal == here


def test_the_page_shows_why_who_and_every_date(alice, cast, plan, initiative, access):
    send(
        alice,
        f"{page_of(initiative)}edit/",
        why="A third do homework on a phone.",
        summary="Waits for wiring.",
    )
    initiative.set_themes([access], by=cast.alice)
    milestone = make_milestone(plan, "Labs wired", by=cast.alice, lead=cast.coordinator)
    milestone.move_due(by=cast.sue, today=TODAY, to=date(2027, 1, 15), reason="vendor", may_approve=True)

    page = alice.get(page_of(initiative)).content.decode()

    for words in (
        "A third do homework on a phone.",
        "Waits for wiring.",
        "Access",
        "Labs wired",
        "(Alice)",
        "Dec 4",
        "Jan 15",
        "moved once",
        "+6 weeks",
    ):
        assert words in page


def test_a_vacant_role_and_a_step_without_an_owner_stand_out(alice, cast, plan, initiative):
    make_step(plan, "Led by nobody", lead=make_role(cast.cedar, "Library Media Specialist"), by=cast.alice)
    ownerless = make_step(plan, "Without an owner")

    page = alice.get(page_of(initiative)).content.decode()

    assert "nobody holds this role" in page
    assert "no owner" in page
    assert f"/d/cedar/steps/{ownerless.pk}/edit/#id_lead" in page


def test_a_step_for_forty_buildings_shows_its_first_milestones_and_a_count(alice, cast, plan, initiative):
    step = make_step(plan, lead=cast.coordinator, by=cast.alice)
    for n in range(initiative_views.MILESTONES_A_STEP + 4):
        make_milestone(plan, f"Building {n}", step=step, by=cast.alice, due=TODAY + timedelta(days=n))

    page = alice.get(page_of(initiative))

    (shown,) = page.context["steps"]
    assert [m.title for m in shown.milestones[:2]] == ["Building 0", "Building 1"]
    assert shown.more == 4
    assert "and 4 more" in page.content.decode()


def test_moving_up_and_down_changes_the_order_of_reading(alice, plan, initiative):
    second = make_initiative(plan, "Second", goal=initiative.goal)

    alice.post(f"{page_of(second)}move/", {"to": "up"})

    assert list(Initiative.objects.values_list("title", flat=True)) == ["Second", "Reliable Wi-Fi"]


def test_what_was_archived_can_be_brought_back_while_its_goal_is_there(alice, plan, initiative):
    milestone = make_milestone(plan)
    alice.post(f"{page_of(initiative)}archive/")

    assert alice.get(page_of(initiative)).status_code == 404
    assert initiative.title in alice.get(f"/d/cedar/goals/{initiative.goal_id}/").content.decode()
    alice.post(f"{page_of(initiative)}bring-back/")

    milestone.refresh_from_db()
    assert alice.get(page_of(initiative)).status_code == 200
    assert milestone.archived_on is None


def test_nothing_comes_back_into_a_goal_that_is_archived(alice, initiative):
    alice.post(f"{page_of(initiative)}archive/")
    alice.post(f"/d/cedar/goals/{initiative.goal_id}/archive/")

    assert alice.post(f"{page_of(initiative)}bring-back/").status_code == 404


@pytest.mark.parametrize("title", ["", "  ", "\u200b\ufeff", "a\0b", "x" * 501])
def test_a_title_that_says_nothing_or_too_much_is_a_field_error(alice, initiative, title):
    answer = send(alice, f"{page_of(initiative)}edit/", title=title, why="Kept")

    assert answer.status_code == 422
    assert answer.context["form"].errors["title"]
    assert "Kept" in answer.content.decode()


def test_hostile_text_is_shown_as_text(alice, initiative):
    hostile = '<script>alert(1)</script>"><img onerror=x> {{ 7*7 }} {% debug %} ${7*7} \u202egnp.exe'

    send(alice, f"{page_of(initiative)}edit/", title=hostile)

    page = alice.get(page_of(initiative)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert "\u202e" not in page


@pytest.mark.parametrize("what", ["goals/{goal}", "initiatives/{initiative}"])
@pytest.mark.parametrize("verb", ["edit", "archive", "bring-back", "move"])
def test_viewers_may_not_and_outsiders_find_nothing(cast, signed_in, initiative, what, verb):
    url = f"/d/cedar/{what}/{verb}/".format(goal=initiative.goal_id, initiative=initiative.pk)

    assert signed_in(cast.vera).post(url).status_code == 403
    assert signed_in(cast.charlie).post(url).status_code == 404
    assert signed_in(cast.charlie).post(url.replace("cedar", "dune")).status_code == 404


@pytest.mark.parametrize("verb", ["archive", "bring-back", "move"])
def test_what_writes_refuses_get(alice, initiative, verb):
    assert alice.get(f"{page_of(initiative)}{verb}/").status_code == 405
    assert alice.get(f"/d/cedar/goals/{initiative.goal_id}/{verb}/").status_code == 405


@pytest.mark.parametrize("url", ["/d/cedar/goals/{goal}/", "/d/cedar/initiatives/{initiative}/"])
def test_the_number_of_queries_is_the_same_with_20_milestones_and_with_300(
    alice, cast, plan, initiative, url
):
    url = url.format(goal=initiative.goal_id, initiative=initiative.pk)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert alice.get(url).status_code == 200
        return len(seen)

    roles = [make_role(cast.cedar, f"Role {n}", cast.bob) for n in range(30)]
    fill(plan, cast, roles[:1], 20)
    few = queries()
    fill(plan, cast, roles, 280)

    assert queries() == few


def fill(plan, cast, roles, count):
    for n in range(0, count, 20):
        role = roles[n % len(roles)]
        step = make_step(plan, f"Step {len(roles)} {n}", lead=role, by=cast.alice)
        Milestone.objects.bulk_create(
            Milestone(district=cast.cedar, step=step, title=f"M {k}", due=TODAY + timedelta(days=k))
            for k in range(20)
        )
