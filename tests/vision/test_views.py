import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import make_initiative, make_plan
from tests.filling import offered, send
from vision.models import Goal, Initiative, Theme, Vision

VISION = "/d/cedar/vision/"
EDIT = "/d/cedar/vision/edit/"


@pytest.fixture
def vision(cast):
    return Vision.objects.create(district=cast.cedar, statement="Every learner can make and share knowledge.")


@pytest.fixture
def access(vision):
    return Theme.objects.create(vision=vision, title="Access", position=0)


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def test_without_a_vision_the_page_teaches_and_offers_to_write_one(alice):
    page = alice.get(VISION)

    assert page.status_code == 200
    assert EDIT in page.content.decode()


def test_a_viewer_reads_and_is_offered_nothing_to_change(cast, signed_in, access):
    page = signed_in(cast.vera).get(VISION).content.decode()

    assert "Every learner can make" in page
    assert "Access" in page
    assert EDIT not in page


def test_the_vision_is_written_and_then_edited(cast, alice):
    send(alice, EDIT, statement="First words")
    answer = send(alice, EDIT, statement="Better words", how_we_know="We see it")

    assert answer.status_code == 302
    vision = Vision.objects.get()
    assert (vision.statement, vision.how_we_know, vision.version) == ("Better words", "We see it", 2)
    assert vision.history.first().history_user == cast.alice


def test_two_people_who_write_the_first_vision_make_one(alice, cast):
    form = offered(alice.get(EDIT))
    Vision.objects.create(district=cast.cedar, statement="Theirs")

    answer = alice.post(EDIT, {**form, "statement": "Mine"})

    assert Vision.objects.count() == 1
    assert answer.status_code == 409
    assert "Mine" in answer.content.decode()
    assert "Theirs" in answer.content.decode()


@pytest.mark.parametrize("statement", ["", "  ", "\u200b", "x" * 4001, "a\0b"])
def test_a_statement_that_says_nothing_or_too_much_is_a_field_error(alice, vision, statement):
    answer = send(alice, EDIT, statement=statement)

    assert answer.status_code == 422
    assert answer.context["form"].errors["statement"]
    vision.refresh_from_db()
    assert vision.version == 1


def test_a_stale_edit_shows_both_texts_and_keeps_both(alice, cast, vision):
    form = offered(alice.get(EDIT))
    vision.statement = "What Sue wrote meanwhile"
    vision.save_edit(by=cast.sue, version=1, fields=["statement"])

    answer = alice.post(EDIT, {**form, "statement": "What Alice wrote"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "What <ins>Alice</ins> wrote" in page
    assert "<ins>Sue</ins>" in page
    vision.refresh_from_db()
    assert vision.statement == "What Sue wrote meanwhile"


def test_use_mine_saves_over_what_was_seen(alice, cast, vision):
    form = offered(alice.get(EDIT))
    vision.statement = "What Sue wrote meanwhile"
    vision.save_edit(by=cast.sue, version=1, fields=["statement"])
    conflict = alice.post(EDIT, {**form, "statement": "What Alice wrote"})

    answer = alice.post(EDIT, offered(conflict))

    assert answer.status_code == 302
    vision.refresh_from_db()
    assert vision.statement == "What Alice wrote"
    assert [h.statement for h in vision.history.all()][1] == "What Sue wrote meanwhile"


@pytest.mark.parametrize("version", ["", "0", "99", "x", "-1", "9" * 30])
def test_a_version_that_was_tampered_with_is_a_stale_edit(alice, vision, version):
    assert send(alice, EDIT, statement="Mine", version=version).status_code == 409


def test_a_theme_is_added_last_edited_and_moved(alice, access):
    send(alice, "/d/cedar/vision/themes/new/", title="Teaching")
    teaching = Theme.objects.get(title="Teaching")
    send(alice, f"/d/cedar/vision/themes/{teaching.pk}/edit/", title="Teaching well", words="In a sentence")
    alice.post(f"/d/cedar/vision/themes/{teaching.pk}/move/", {"to": "up"})

    assert list(Theme.objects.values_list("title", flat=True)) == ["Teaching well", "Access"]


def test_the_same_theme_sent_twice_is_added_once(alice, access):
    assert send(alice, "/d/cedar/vision/themes/new/", title="Access").status_code == 422
    assert Theme.objects.count() == 1


def test_an_archived_theme_leaves_the_page_and_can_be_brought_back(alice, access):
    alice.post(f"/d/cedar/vision/themes/{access.pk}/archive/")
    gone = alice.get(VISION).content.decode()
    alice.post(f"/d/cedar/vision/themes/{access.pk}/bring-back/")
    back = alice.get(VISION).content.decode()

    assert f"theme-{access.pk}" not in gone
    assert f"theme-{access.pk}" in back


def test_the_page_says_what_serves_a_theme_and_what_serves_none(alice, cast, access):
    plan = make_plan(cast.cedar)
    served = make_initiative(plan, "Serves itself")
    served.set_themes([access], by=cast.alice)
    goal = Goal.objects.create(plan=plan, title="Another goal")
    goal.set_themes([access], by=cast.alice)
    make_initiative(plan, "Through its goal", goal=goal)
    make_initiative(plan, "Serves nothing", goal=served.goal)
    Theme.objects.create(vision=access.vision, title="Unserved", position=1)

    page = alice.get(VISION)

    cells = {row.initiative.title: row.cells[0][1] for row in page.context["rows"]}
    assert cells == {
        "Serves itself": "serves it",
        "Through its goal": "through its goal",
        "Serves nothing": "",
    }
    assert [theme.title for theme in page.context["unserved"]] == ["Unserved"]
    assert "serves no theme yet" in page.content.decode()


@pytest.mark.parametrize("what", ["archive", "move", "bring-back"])
def test_what_writes_refuses_get(alice, access, what):
    assert alice.get(f"/d/cedar/vision/themes/{access.pk}/{what}/").status_code == 405


@pytest.mark.parametrize("url", ["edit/", "themes/new/", "themes/{theme}/edit/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_committee_member_may_not_edit_and_an_outsider_finds_nothing(cast, signed_in, access, url, method):
    url = VISION + url.format(theme=access.pk)

    assert getattr(signed_in(cast.bob), method)(url).status_code == 403
    assert getattr(signed_in(cast.charlie), method)(url).status_code == 404


def test_a_theme_of_another_district_is_not_found(cast, alice):
    theirs = Theme.objects.create(
        vision=Vision.objects.create(district=cast.dune, statement="v"), title="Theirs"
    )

    assert alice.get(f"/d/cedar/vision/themes/{theirs.pk}/edit/").status_code == 404
    assert alice.post(f"/d/cedar/vision/themes/{theirs.pk}/archive/").status_code == 404


def test_the_history_tells_who_changed_what(alice, cast, vision):
    vision.statement = "Every learner can make and share wisdom."
    vision.save_edit(by=cast.sue, version=1, fields=["statement"])

    page = alice.get(f"{VISION}history/").content.decode()

    assert "<del>knowledge.</del><ins>wisdom.</ins>" in page
    assert "Sue" in page


def test_the_number_of_queries_does_not_grow(alice, cast, access):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert alice.get(VISION).status_code == 200
        return len(seen)

    plan = make_plan(cast.cedar)
    make_initiative(plan).set_themes([access], by=cast.alice)
    few = queries()
    goal = plan.goals.get()
    for n in range(40):
        Initiative.objects.create(goal=goal, title=f"Initiative {n}").set_themes([access], by=cast.alice)

    assert queries() == few
