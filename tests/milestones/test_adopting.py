"""A leader adopts a plan: the page says what that does, and then every first date stands."""

from datetime import date, timedelta

import pytest

from milestones.models import Milestone
from tests.builders import TODAY, make_milestone, make_plan, make_step

pytestmark = pytest.mark.usefixtures("on_today")


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar)


@pytest.fixture
def sue(cast, signed_in):
    return signed_in(cast.sue)


def adopt(plan):
    return f"/d/cedar/plans/{plan.pk}/adopt/"


def test_the_page_says_how_many_first_dates_it_sets_and_what_is_missing(cast, sue, plan):
    make_milestone(plan, "One", by=cast.alice, lead=cast.coordinator)
    make_milestone(plan, "Two", by=cast.alice, lead=cast.coordinator, due=TODAY - timedelta(days=3))
    make_step(plan, "Nobody leads this")

    page = sue.get(adopt(plan))

    assert (page.context["first_dates"], page.context["past"], page.context["gap_count"]) == (2, 1, 1)
    body = page.content.decode()
    assert "first date, of 2 milestones" in body
    assert "Nobody leads this" in body


def test_opening_the_page_changes_nothing(sue, cast, plan):
    milestone = make_milestone(plan, by=cast.alice)

    sue.get(adopt(plan))

    plan.refresh_from_db()
    milestone.refresh_from_db()
    assert plan.adopted_on is None
    assert milestone.first_due is None


def test_adopting_sets_every_first_date_and_says_how_many(cast, sue, plan):
    due = [date(2026, 12, 4), date(2027, 5, 1)]
    for day in due:
        make_milestone(plan, by=cast.alice, due=day)

    answer = sue.post(adopt(plan), follow=True)

    plan.refresh_from_db()
    assert (plan.adopted_on, plan.adopted_by) == (TODAY, cast.sue)
    assert list(Milestone.objects.values_list("first_due", flat=True)) == due
    assert "2 first dates are set" in answer.content.decode()


def test_a_dropped_or_archived_milestone_is_promised_to_nobody(cast, sue, plan):
    dropped = make_milestone(plan, "Dropped", by=cast.alice)
    dropped.drop(by=cast.alice, today=TODAY, reason="No money")
    archived = make_milestone(plan, "Archived", by=cast.alice, archived_on=TODAY)

    sue.post(adopt(plan))

    dropped.refresh_from_db()
    archived.refresh_from_db()
    assert dropped.first_due is archived.first_due is None


def test_a_milestone_added_later_keeps_its_own_first_date_and_says_so(cast, sue, plan):
    step = make_step(plan, lead=cast.coordinator, by=cast.alice)
    sue.post(adopt(plan))

    sue.post(f"/d/cedar/steps/{step.pk}/milestones/new/", {"title": "Came later", "due": "2027-03-01"})

    late = Milestone.objects.get(title="Came later")
    assert (late.first_due, late.added_after_adoption) == (date(2027, 3, 1), True)
    assert "added after adoption" in sue.get(f"/d/cedar/steps/{step.pk}/").content.decode()


def test_adopting_twice_is_refused_and_changes_nothing(cast, sue, plan):
    sue.post(adopt(plan))
    added = make_milestone(plan, by=cast.alice)
    plan.refresh_from_db()
    version = plan.history.count()

    answer = sue.post(adopt(plan), follow=True)

    assert "This plan has been adopted" in answer.content.decode()
    assert plan.history.count() == version
    added.refresh_from_db()
    assert added.added_after_adoption is False  # it was made with the plan in hand as it stood before


@pytest.mark.parametrize("who", ["alice", "bob", "vera"])
def test_only_leaders_adopt(cast, signed_in, plan, who):
    client = signed_in(getattr(cast, who))

    assert client.post(adopt(plan)).status_code == 403
    assert "Adopt this plan" not in client.get("/d/cedar/plan/").content.decode()
    plan.refresh_from_db()
    assert plan.adopted_on is None


def test_an_outsider_finds_nothing_to_adopt(cast, signed_in, plan):
    charlie = signed_in(cast.charlie)

    assert charlie.post(adopt(plan)).status_code == 404
    assert charlie.post(f"/d/dune/plans/{plan.pk}/adopt/").status_code == 404


def test_the_gaps_lead_to_where_they_are_mended(cast, signed_in, plan):
    step = make_step(plan, "No owner, no date")
    ongoing = make_step(
        plan, "Ongoing without a review", kind="ongoing", lead=cast.coordinator, by=cast.alice
    )
    make_milestone(plan, "Whole", by=cast.alice, lead=cast.coordinator)

    page = signed_in(cast.alice).get(f"/d/cedar/plans/{plan.pk}/gaps/")

    rows = {row.title: (row.has_lead, row.has_date) for row in page.context["page"]}
    assert rows == {"No owner, no date": (False, False), "Ongoing without a review": (True, False)}
    body = page.content.decode()
    assert f"/d/cedar/steps/{step.pk}/edit/#id_lead" in body
    assert f"/d/cedar/steps/{step.pk}/milestones/new/" in body
    assert f"/d/cedar/steps/{ongoing.pk}/edit/#id_review_on" in body
