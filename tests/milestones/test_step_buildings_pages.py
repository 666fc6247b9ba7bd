"""A step in many buildings: its table, one word for several, spreading it, and adapting it for one building."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from milestones.adoption import adopt_plan
from milestones.models import CheckIn, Milestone, StepBuilding
from stakeholders.models import Building
from tests.builders import (
    TODAY,
    make_building,
    make_in_buildings,
    make_milestone,
    make_plan,
    make_role,
    make_step,
)
from tests.filling import offered, send

pytestmark = pytest.mark.usefixtures("on_today")
DUE = date(2026, 12, 4)


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def step(cast):
    return make_step(make_plan(cast.cedar), "Hand out devices", lead=cast.coordinator, by=cast.alice)


@pytest.fixture
def schools(cast):
    return [make_building(cast.cedar, name) for name in ("Adams", "Byrd", "Clark")]


@pytest.fixture
def milestones(cast, step, schools):
    return make_in_buildings(step, *schools, by=cast.alice)


def adopt(cast, step):
    adopt_plan(step.initiative.goal.plan, by=cast.sue, today=TODAY - timedelta(days=60))


def page_of(step, rest=""):
    return f"/d/cedar/steps/{step.pk}/buildings/{rest}"


def names(page):
    return [m.building.name for m in page.context["page"]]


# Elsewhere: one line


def test_the_steps_page_shows_one_line_that_opens_the_table(alice, cast, step, milestones):
    alone = make_milestone(step.initiative.goal.plan, "Alone", by=cast.alice, step=step)
    Milestone.objects.filter(pk=milestones[0].pk).update(done_on=TODAY, done_by=cast.alice)

    page = alice.get(f"/d/cedar/steps/{step.pk}/")

    assert list(page.context["page"]) == [alone]
    html = page.content.decode()
    opens = f"{page_of(step)}?of={milestones[0].pk}"
    assert f'href="{opens}"' in html
    assert f'href="{opens}&amp;word=complete">1 complete</a>' in html
    assert "3 buildings" in html


def test_a_single_building_stays_a_row_and_is_named(alice, cast, step, schools):
    make_in_buildings(step, schools[0], by=cast.alice)

    page = alice.get(f"/d/cedar/steps/{step.pk}/")

    assert not page.context["lines"]
    assert "Adams: Ready" in page.content.decode()


def test_the_initiatives_page_shows_the_line_and_the_single_ones(alice, cast, step, milestones):
    make_milestone(step.initiative.goal.plan, "Alone", by=cast.alice, step=step)

    (one,) = alice.get(f"/d/cedar/initiatives/{step.initiative_id}/").context["steps"]

    assert [line.buildings for line in one.lines] == [3]
    assert (len(one.milestones), one.more) == (1, 0)


def test_the_list_folds_them_and_opens_exactly_what_it_counts(alice, cast, step, milestones):
    alone = make_milestone(step.initiative.goal.plan, "Alone", by=cast.alice, step=step)
    Milestone.objects.filter(pk__in=[milestones[0].pk, alone.pk]).update(due=TODAY - timedelta(days=1))
    Milestone.objects.filter(pk=milestones[1].pk).update(due=TODAY - timedelta(days=2))

    folded = alice.get("/d/cedar/milestones/?word=slipped")
    line, single = folded.context["page"]
    opened = alice.get(f"/d/cedar/milestones/?word=slipped&of={line.milestone.pk}")

    assert (folded.context["total"], line.size, dict(line.roll_up.counts)) == (3, 2, {"slipped": 2})
    assert (single.milestone, single.size, opened.context["total"]) == (alone, 1, 2)
    assert {row.milestone.pk for row in opened.context["page"]} == {m.pk for m in milestones[:2]}
    assert f"?word=slipped&amp;of={milestones[1].pk}" in folded.content.decode()


def test_the_list_takes_as_many_queries_for_three_hundred_buildings(alice, cast, step, milestones):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            page = alice.get("/d/cedar/milestones/")
        return len(seen), page.context["total"], len(page.context["page"])

    few = queries()
    more = Building.objects.bulk_create(Building(district=cast.cedar, name=f"S{n}") for n in range(297))
    make_in_buildings(step, *more, by=cast.alice)

    assert few[1:] == (3, 1)
    assert queries() == (few[0], 300, 1)


# The table


def test_it_is_narrowed_by_word_and_by_name_and_sorted(alice, step, milestones):
    Milestone.objects.filter(pk=milestones[2].pk).update(due=TODAY - timedelta(days=1))
    Milestone.objects.filter(pk=milestones[0].pk).update(due=DUE + timedelta(days=1))

    assert names(alice.get(page_of(step))) == ["Adams", "Byrd", "Clark"]
    assert names(alice.get(page_of(step, "?word=slipped"))) == ["Clark"]
    assert names(alice.get(page_of(step, "?q=BY"))) == ["Byrd"]
    assert names(alice.get(page_of(step, "?sort=due"))) == ["Clark", "Byrd", "Adams"]
    assert names(alice.get(page_of(step, "?sort=word")))[0] == "Clark"


def test_it_is_narrowed_to_one_title(alice, cast, step, schools, milestones):
    more = make_in_buildings(step, *schools[:2], by=cast.alice, title="Something else")

    page = alice.get(page_of(step, f"?of={more[0].pk}"))

    assert {m.pk for m in page.context["page"]} == {m.pk for m in more}
    assert page.context["table"].total == 2


@pytest.mark.parametrize(
    "asked", ["word=nonsense", "sort=x", "of=abc", "of=٣", "page=9999", "q=%00", "show=archived"]
)
def test_what_is_not_understood_narrows_nothing_and_breaks_nothing(signed_in, cast, step, milestones, asked):
    assert len(names(signed_in(cast.vera).get(page_of(step, f"?{asked}")))) == 3


def test_of_a_line_that_is_not_there_nothing_is_shown(alice, step, milestones):
    assert names(alice.get(page_of(step, f"?of={10**17}"))) == []


def test_the_table_of_three_hundred_takes_as_many_queries_as_that_of_three(alice, cast, step, milestones):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert alice.get(page_of(step)).status_code == 200
        return len(seen)

    post = make_role(cast.cedar, "Principal", cast.vera)
    StepBuilding.objects.create(step=step, building=milestones[0].building, lead=post)
    few = queries()
    more = Building.objects.bulk_create(Building(district=cast.cedar, name=f"S{n}") for n in range(297))
    made = make_in_buildings(step, *more, by=cast.alice)
    for one in made[:40]:
        StepBuilding.objects.create(step=step, building=one.building, lead=post)

    assert queries() == few


def test_a_step_without_buildings_says_what_to_do(alice, signed_in, cast, step):
    assert "This step has no milestone in a building yet" in alice.get(page_of(step)).content.decode()


# One word for several


def test_one_word_is_recorded_for_each_ticked_building(alice, cast, step, milestones):
    ticked = [m.pk for m in milestones[:2]]

    page = alice.post(
        page_of(step), {"milestones": ticked, "does": "on-track", "words": "All fine"}, follow=True
    )

    said = CheckIn.objects.order_by("pk")
    assert [(c.milestone_id, c.says, c.words, c.role) for c in said] == [
        (pk, "on-track", "All fine", cast.coordinator) for pk in ticked
    ]
    assert "Saved for 2 buildings." in page.content.decode()


def test_sent_twice_it_says_one_thing(alice, step, milestones):
    for _time in range(2):
        alice.post(page_of(step), {"all_shown": "on", "does": "on-track"})

    assert CheckIn.objects.count() == 3


def test_done_is_recorded_with_what_shows_it_and_can_be_undone(alice, step, milestones):
    ticked = [m.pk for m in milestones]
    alice.post(page_of(step), {"milestones": ticked, "does": "done", "words": "Signed lists"})
    done = list(Milestone.objects.values_list("done_on", "evidence"))

    alice.post(page_of(step), {"milestones": ticked, "does": "undo"})

    assert done == [(TODAY, "Signed lists")] * 3
    assert not Milestone.objects.filter(done_on__isnull=False).exists()


def test_editors_archive_several_and_bring_them_back(alice, step, milestones):
    alice.post(page_of(step), {"milestones": [m.pk for m in milestones[:2]], "does": "archive"})
    shown = alice.get(page_of(step, "?show=archived"))
    alice.post(page_of(step, "?show=archived"), {"all_shown": "on", "does": "bring-back"})

    assert names(shown) == ["Adams", "Byrd"]
    assert Milestone.objects.live().count() == 3


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"does": "on-track"},
        {"does": "nonsense", "all_shown": "on"},
        {"milestones": "9" * 40, "does": "done"},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_saved(alice, step, milestones, sent):
    assert alice.post(page_of(step), sent).status_code == 422
    assert not CheckIn.objects.exists()


def test_all_of_them_or_none(alice, cast, step, milestones):
    milestones[1].complete(by=cast.alice, today=TODAY, done_on=TODAY)

    page = alice.post(page_of(step), {"milestones": [m.pk for m in milestones], "does": "on-track"})

    assert page.status_code == 422
    assert "Byrd: Ready: It was finished" in page.content.decode()
    assert CheckIn.objects.count() == 1


def test_who_leads_in_one_building_speaks_for_that_one(cast, signed_in, step, milestones):
    post = make_role(cast.cedar, "Principal, Byrd", cast.vera)
    StepBuilding.objects.create(step=step, building=milestones[1].building, lead=post)
    vera = signed_in(cast.vera)

    foreign = vera.post(page_of(step), {"milestones": [milestones[0].pk], "does": "on-track"})
    vera.post(page_of(step), {"all_shown": "on", "does": "on-track"})

    assert foreign.status_code == 422
    assert CheckIn.objects.get().milestone == milestones[1]
    assert [m.can_say for m in vera.get(page_of(step)).context["page"]] == [False, True, False]


def test_who_leads_nothing_here_reads_and_says_nothing(cast, signed_in, step, milestones):
    bob = signed_in(cast.bob)

    assert 'name="does"' not in bob.get(page_of(step)).content.decode()
    assert bob.post(page_of(step), {"all_shown": "on", "does": "on-track"}).status_code == 403


# Spreading


def test_all_buildings_get_the_milestone_and_sent_twice_it_says_so(alice, step, schools):
    sent = {"title": "Ready", "due": "2026-12-04", "everywhere": "on"}
    first = alice.post(page_of(step, "add/"), sent)
    again = alice.post(page_of(step, "add/"), sent)

    assert first.url == page_of(step)
    assert (again.status_code, Milestone.objects.count()) == (422, 3)
    assert "has this milestone already" in again.content.decode()


def test_some_buildings_are_chosen_and_archived_ones_are_no_choice(alice, cast, step, schools):
    Building.objects.filter(pk=schools[2].pk).update(archived_on=TODAY)
    sent = {"title": "Ready", "due": "2026-12-04", "buildings": [schools[0].pk]}

    alice.post(page_of(step, "add/"), sent)
    gone = alice.post(page_of(step, "add/"), {**sent, "buildings": [schools[2].pk]})

    assert [m.building for m in Milestone.objects.all()] == [schools[0]]
    assert gone.status_code == 422


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"due": ""}, "This field is required"),
        ({"due": "2040-01-01"}, "is outside the plan"),
        ({"everywhere": ""}, "Choose all buildings, or at least one"),
        ({"title": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_cannot_be_spread_is_kept_and_explained(alice, step, schools, changes, why):
    page = alice.post(page_of(step, "add/"), {"due": "2026-12-04", "everywhere": "on", **changes})

    assert page.status_code == 422
    assert why in page.content.decode()
    assert not Milestone.objects.exists()


# Adapting


def adapt(step, building, rest=""):
    return page_of(step, f"{building.pk}/{rest}")


def test_note_and_lead_are_kept_with_their_history_and_taken_back(alice, cast, step, schools, milestones):
    post = make_role(cast.cedar, "Principal, Adams")
    here = adapt(step, schools[0])

    saved = send(alice, here, differs="The gym comes last.", lead=post.pk)
    row = StepBuilding.objects.get()
    told = alice.get(here + "history/").content.decode()
    alice.post(here + "undo/", {"version": row.version})
    row.refresh_from_db()

    assert saved.url == f"/d/cedar/buildings/{schools[0].pk}/"
    assert row.history.last().history_user == cast.alice
    assert "Added" in told
    assert (row.differs, row.lead) == ("", None)


def test_taking_back_goes_to_what_stood_before(alice, step, schools, milestones):
    here = adapt(step, schools[0])
    send(alice, here, differs="First")
    send(alice, here, differs="Second")

    alice.post(here + "undo/", {"version": StepBuilding.objects.get().version})

    assert StepBuilding.objects.get().differs == "First"


@pytest.mark.parametrize("version", ["", "1", "x", "9" * 30, "123456789x"])
def test_a_take_back_of_something_older_takes_nothing_back(alice, step, schools, milestones, version):
    here = adapt(step, schools[0])
    send(alice, here, differs="First")
    send(alice, here, differs="Second")

    alice.post(here + "undo/", {"version": version})

    assert StepBuilding.objects.get().differs == "Second"


def test_of_two_who_adapt_at_once_the_second_sees_both_texts(alice, cast, step, schools, milestones):
    here = adapt(step, schools[0])
    seen = offered(alice.get(here))
    StepBuilding.objects.create(step=step, building=schools[0], differs="Saved meanwhile")

    page = alice.post(here, {**seen, "differs": "Mine"})

    assert page.status_code == 409
    assert "Saved meanwhile" in page.content.decode()
    mine = {**seen, "differs": "Mine", "version": page.context["form"]["version"].value()}
    alice.post(here, mine)
    assert StepBuilding.objects.get().differs == "Mine"


def with_initial(page, milestone, **changes):
    """What a browser sends: the date's hidden field tells which date its reader saw."""
    name = f"due_{milestone.pk}"
    return {**offered(page), f"initial-{name}": milestone.due.isoformat(), **changes}


def test_while_the_plan_is_a_draft_a_buildings_date_moves_at_once(alice, step, schools, milestones):
    here, one = adapt(step, schools[0]), milestones[0]

    alice.post(here, with_initial(alice.get(here), one, **{f"due_{one.pk}": "2027-01-15"}))

    one.refresh_from_db()
    milestones[1].refresh_from_db()
    assert (one.due, milestones[1].due) == (date(2027, 1, 15), DUE)


def test_after_adoption_an_editor_asks_and_says_what_it_waits_for(alice, cast, step, schools, milestones):
    adopt(cast, step)
    here, one = adapt(step, schools[0]), milestones[0]
    sent = with_initial(alice.get(here), one, **{f"due_{one.pk}": "2027-01-15"}, differs="Testing weeks")

    without = alice.post(here, sent)
    asked = alice.post(here, {**sent, "reason": "calendar"}, follow=True)

    one.refresh_from_db()
    move = one.moves.get()
    assert without.status_code == 422
    assert (one.due, move.to_due, move.reason, move.decided_on) == (DUE, date(2027, 1, 15), "calendar", None)
    assert "A leader is asked for the new date" in asked.content.decode()


def test_after_adoption_a_leaders_own_change_is_agreed_at_once(cast, signed_in, step, schools, milestones):
    adopt(cast, step)
    sue, here, one = signed_in(cast.sue), adapt(step, schools[0]), milestones[0]

    sue.post(here, with_initial(sue.get(here), one, **{f"due_{one.pk}": "2027-01-15"}, reason="calendar"))

    one.refresh_from_db()
    assert (one.due, one.first_due, one.moves.get().decided_by) == (date(2027, 1, 15), DUE, cast.sue)


def test_a_date_that_moved_meanwhile_is_not_moved_back(alice, step, schools, milestones):
    here, one = adapt(step, schools[0]), milestones[0]
    seen = with_initial(alice.get(here), one)
    Milestone.objects.filter(pk=one.pk).update(due=date(2027, 2, 1))

    alice.post(here, {**seen, "differs": "Only a note"})
    wanted = alice.post(here, {**seen, f"due_{one.pk}": "2027-01-15", "version": 1})

    one.refresh_from_db()
    assert one.due == date(2027, 2, 1)
    assert wanted.status_code == 422
    assert "It was moved meanwhile" in wanted.content.decode()


def test_a_date_that_is_refused_saves_no_note_either(alice, step, schools, milestones):
    here, one = adapt(step, schools[0]), milestones[0]
    sent = with_initial(alice.get(here), one, **{f"due_{one.pk}": "1999-01-15"}, differs="A note")

    page = alice.post(here, sent)

    assert page.status_code == 422
    assert page.context["form"]["differs"].value() == "A note"
    assert not StepBuilding.objects.exists()


def test_who_leads_there_writes_the_note_and_does_not_choose_who_leads(
    cast, signed_in, step, schools, milestones
):
    post = make_role(cast.cedar, "Principal, Adams", cast.vera)
    row = StepBuilding.objects.create(step=step, building=schools[0], lead=post)
    vera = signed_in(cast.vera)

    send(vera, adapt(step, schools[0]), differs="In our words", lead=cast.coordinator.pk)

    row.refresh_from_db()
    assert (row.differs, row.lead) == ("In our words", post)
    assert vera.get(adapt(step, schools[1])).status_code == 403


def test_a_role_or_building_of_another_district_is_no_choice(alice, cast, step, schools, milestones):
    theirs = make_role(cast.dune, "Principal")

    page = send(alice, adapt(step, schools[0]), lead=theirs.pk)

    assert page.status_code == 422
    assert alice.get(adapt(step, make_building(cast.dune, "Elsewhere"))).status_code == 404
    assert alice.get(adapt(step, schools[0], "history/")).status_code == 404  # nothing is adapted there


def test_the_list_of_a_role_has_what_it_leads_in_a_building(alice, cast, step, schools, milestones):
    post = make_role(cast.cedar, "Principal, Adams")
    StepBuilding.objects.create(step=step, building=schools[0], lead=post)

    (line,) = alice.get(f"/d/cedar/milestones/?role={post.pk}").context["page"]

    assert line.milestone == milestones[0]
    assert alice.get(f"/d/cedar/milestones/?role={cast.coordinator.pk}").context["total"] == 3


def test_an_exported_plan_tells_the_date_of_each_building(alice, cast, step, milestones):
    milestones[0].complete(by=cast.alice, today=TODAY, done_on=TODAY)

    text = alice.get(f"/d/cedar/plans/{step.initiative.goal.plan_id}/export/csv/").content.decode("utf-8-sig")

    assert "Buildings:\nAdams: 2026-11-17 done (Ready)\nByrd: 2026-12-04 (Ready)\n" in text
