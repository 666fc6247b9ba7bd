import re
from datetime import timedelta

import pytest
from django.utils import timezone

from stakeholders.memberships import bring_back, end
from stakeholders.models import Level, Membership, Notice, Person, SignInCode
from stakeholders.notices import decide, send_notices
from tests.builders import make_person
from tests.filling import offered, send


def of(person) -> Membership:
    return Membership.objects.get(person=person, district__slug="cedar")


def page_of(person, rest="") -> str:
    return f"/d/cedar/people/{of(person).pk}/{rest}"


# Levels


def test_a_leader_gives_another_level_and_it_counts_at_the_next_request(cast, signed_in):
    bob = type(signed_in(cast.sue))()
    bob.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    assert bob.get("/d/cedar/plans/new/").status_code == 403

    answer = send(signed_in(cast.sue), page_of(cast.bob, "level/"), level="editor")

    assert answer.url == page_of(cast.bob)
    assert bob.get("/d/cedar/plans/new/").status_code == 200


def test_the_page_tells_who_changed_the_level_and_when(cast, signed_in):
    client = signed_in(cast.sue)
    send(client, page_of(cast.bob, "level/"), level="editor")

    answer = client.get(page_of(cast.bob))

    told = answer.context["story"][0]
    assert (told.who, told.words) == ("Sue", "Level changed from committee to editor.")
    assert told.at.date() == timezone.now().date()


def test_the_only_leader_is_neither_lowered_nor_ended_and_the_page_says_why(cast, signed_in):
    client = signed_in(cast.sue)

    level = send(client, page_of(cast.sue, "level/"), level="editor", sure="on")
    page, ending = (
        client.get(page_of(cast.sue, "end/")),
        client.post(page_of(cast.sue, "end/"), {"sure": "on", "anyway": "on"}),
    )

    assert level.status_code == ending.status_code == 422
    assert "a district keeps one" in level.content.decode()
    assert "a district keeps one" in page.content.decode()
    assert (of(cast.sue).level, of(cast.sue).ended_at) == ("leader", None)


def test_ones_own_level_is_lowered_only_when_that_is_meant(cast, signed_in):
    make_person(cast.cedar, "Ken", Level.LEADER)
    client = signed_in(cast.sue)

    assert send(client, page_of(cast.sue, "level/"), level="editor").status_code == 422
    assert of(cast.sue).level == "leader"
    assert send(client, page_of(cast.sue, "level/"), level="editor", sure="on").status_code == 302
    assert of(cast.sue).level == "editor"


def test_a_leader_who_may_not_sign_in_is_no_other_leader(cast, signed_in):
    ken = make_person(cast.cedar, "Ken", Level.LEADER)
    Person.objects.filter(pk=ken.pk).update(is_active=False)

    assert (
        send(signed_in(cast.sue), page_of(cast.sue, "level/"), level="editor", sure="on").status_code == 422
    )


def test_two_leaders_who_change_one_level_see_both(cast, signed_in):
    client = signed_in(cast.sue)
    form = offered(client.get(page_of(cast.bob, "level/")))
    send(client, page_of(cast.bob, "level/"), level="editor")

    answer = client.post(page_of(cast.bob, "level/"), {**form, "level": "viewer"})

    assert answer.status_code == 409
    assert of(cast.bob).level == "editor"


@pytest.mark.parametrize("level", ["", "owner", "LEADER", "x" * 300])
def test_a_level_that_there_is_not_is_refused(cast, signed_in, level):
    assert send(signed_in(cast.sue), page_of(cast.bob, "level/"), level=level).status_code == 422


# Ending and bringing back


def test_ended_access_is_gone_at_the_next_request_and_other_districts_are_left_alone(cast, signed_in):
    Membership.objects.create(district=cast.dune, person=cast.bob, level=Level.VIEWER)
    bob = type(signed_in(cast.sue))()
    bob.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")

    answer = send(signed_in(cast.sue), page_of(cast.bob, "end/"))

    assert answer.url == page_of(cast.bob)
    assert bob.get("/d/cedar/").status_code == 404
    assert bob.get("/d/dune/").status_code == 200


def test_no_notice_goes_to_somebody_whose_access_has_ended(cast, mailoutbox):
    decide(
        district=cast.cedar,
        person=cast.bob,
        kind="slips",
        day=cast.cedar.today(timezone.now()),
        subject="x",
        body="x",
    )

    end(of(cast.bob), by=cast.sue, now=timezone.now())
    send_notices(timezone.now)

    assert mailoutbox == []
    assert Notice.objects.get().withdrawn_at


def test_whoever_holds_roles_is_asked_to_hand_over_first(cast, signed_in):
    client = signed_in(cast.sue)

    page = client.get(page_of(cast.alice, "end/")).content.decode()
    first = send(client, page_of(cast.alice, "end/"))
    second = send(client, page_of(cast.alice, "end/"), anyway="on")

    assert "Technology Coordinator" in page
    assert f"/d/cedar/people/{cast.alice.pk}/hand-over/" in page
    assert (first.status_code, second.status_code) == (422, 302)
    assert "roles are still held" in client.get(page_of(cast.alice)).content.decode()


def test_a_leader_may_end_their_own_access_when_that_is_meant(cast, signed_in):
    make_person(cast.cedar, "Ken", Level.LEADER)
    client = signed_in(cast.sue)

    assert send(client, page_of(cast.sue, "end/"), anyway="on").status_code == 422
    assert send(client, page_of(cast.sue, "end/"), anyway="on", sure="on").url == "/"
    assert client.get("/d/cedar/").status_code == 404


def test_access_comes_back_at_its_level_and_both_are_on_record(cast, signed_in):
    client = signed_in(cast.sue)
    send(client, page_of(cast.bob, "end/"))

    client.post(page_of(cast.bob, "bring-back/"))

    assert (of(cast.bob).level, of(cast.bob).ended_at) == ("committee", None)
    words = [told.words for told in client.get(page_of(cast.bob)).context["story"]]
    assert words[:2] == ["Access came back, as committee.", "Access ended."]


def test_ending_and_bringing_back_twice_changes_nothing_more(cast):
    for verb in (end, end, bring_back, bring_back):
        verb(of(cast.bob), by=cast.sue, now=timezone.now())

    assert of(cast.bob).version == 3
    assert of(cast.bob).history.count() == 3


def test_who_left_stands_under_a_fold_and_the_name_stays(cast, signed_in):
    send(signed_in(cast.sue), page_of(cast.bob, "end/"))

    answer = signed_in(cast.alice).get("/d/cedar/people/")

    assert [row.person.name for row in answer.context["ended"]] == ["Bob"]
    assert "Bob" not in [row.person.name for row in answer.context["page"]]


# One-time codes


def test_a_code_is_shown_once_and_lets_its_person_in(cast, signed_in, client):
    answer = signed_in(cast.sue).post(page_of(cast.vera, "code/"))

    code = re.search(r"\b(\d{4}) (\d{4})\b", answer.content.decode())
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    vera = type(client)()
    vera.post("/first-sign-in/", {"email": cast.vera.email, "code": "".join(code.groups())})
    assert vera.get("/d/cedar/people/").status_code == 200
    told = signed_in(cast.sue).get(page_of(cast.vera)).context["story"][0]
    assert (told.who, told.words) == ("Sue", "A one-time code was handed over.")


@pytest.mark.parametrize(
    "why", ["signed in before", "other district", "left another", "staff", "superuser", "ended", "off"]
)
def test_no_code_for_an_account_that_holds_more_than_this_membership(cast, signed_in, why):
    vera = Person.objects.filter(pk=cast.vera.pk)
    if why == "signed in before":
        vera.update(last_login=timezone.now())
    elif why == "staff":
        vera.update(is_staff=True)
    elif why == "superuser":
        vera.update(is_superuser=True)
    elif why == "off":
        vera.update(is_active=False)
    elif why == "ended":
        end(of(cast.vera), by=cast.sue, now=timezone.now())
    else:
        ended = timezone.now() if why == "left another" else None
        Membership.objects.create(district=cast.dune, person=cast.vera, ended_at=ended)
    client = signed_in(cast.sue)

    page, answer = client.get(page_of(cast.vera)), client.post(page_of(cast.vera, "code/"))

    assert "Make a one-time code" not in page.content.decode()
    assert answer.status_code == 302
    assert not SignInCode.objects.exists()


def test_a_code_from_a_leader_proves_no_address(cast, signed_in):
    Person.objects.filter(pk=cast.vera.pk).update(proven_at=timezone.now() - timedelta(days=1))

    signed_in(cast.sue).post(page_of(cast.vera, "code/"))

    assert Person.objects.get(pk=cast.vera.pk).proven_at is None


# Who may


@pytest.mark.parametrize("rest", ["", "level/", "end/", "bring-back/", "code/"])
def test_a_member_of_another_district_is_not_there(cast, signed_in, rest):
    charlie = Membership.objects.get(person=cast.charlie)
    client = signed_in(cast.sue)
    url = f"/d/cedar/people/{charlie.pk}/{rest}"

    answers = [client.post(url, {"level": "viewer"})] + (
        [client.get(url)] if rest in ("", "level/", "end/") else []
    )

    assert {answer.status_code for answer in answers} <= {404, 405}
    charlie.refresh_from_db()
    assert (charlie.level, charlie.ended_at) == ("leader", None)


def test_editors_read_a_persons_page_and_change_nothing(cast, signed_in):
    client = signed_in(cast.alice)

    page = client.get(page_of(cast.bob)).content.decode()

    assert "bob@example.org" in page
    assert "End access" not in page
    for rest in ("level/", "end/", "bring-back/", "code/"):
        assert client.post(page_of(cast.bob, rest)).status_code == 403
    assert signed_in(cast.bob).get(page_of(cast.bob)).status_code == 403


# One's own name


def test_ones_own_name_is_changed_on_the_account_page(cast, signed_in):
    client = signed_in(cast.bob)

    answer = send(client, "/account/name/", name="  Robert\tBobson ")

    assert answer.url == "/account/"
    assert Person.objects.get(pk=cast.bob.pk).name == "Robert Bobson"


@pytest.mark.parametrize("name", ["", "\u200b", "x" * 151, "a\0b"])
def test_a_name_that_says_nothing_is_refused_and_kept_in_the_field(cast, signed_in, name):
    answer = signed_in(cast.bob).post("/account/name/", {"name": name})

    assert answer.status_code == 422
    assert Person.objects.get(pk=cast.bob.pk).name == "Bob"
