import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from stakeholders.addresses import read_addresses
from stakeholders.invitations import invite
from stakeholders.models import Level, Membership
from tests.builders import make_district, make_person

PASSWORD = "four quiet words of chalk"
HTMX = {"HTTP_HX_REQUEST": "true"}


def ask_for_code(client, email: str, **extra):
    return client.post("/sign-in/", {"email": email, **extra})


def code_in(message) -> str:
    return re.search(r"^\s+(\d{6})$", message.body, re.M).group(1)


def test_a_code_by_mail_lets_a_person_in(client, cast):
    asked = ask_for_code(client, "alice@example.org")
    answer = client.post("/sign-in/code/", {"code": code_in(mail.outbox[0])})

    assert asked.url == "/sign-in/code/"
    assert answer.url == "/"
    assert client.get("/").url == "/d/cedar/"


def test_the_code_page_takes_a_pasted_code_and_fills_from_the_mail(client, cast):
    ask_for_code(client, "alice@example.org")

    page = client.get("/sign-in/code/").content.decode()

    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert "maxlength" not in page  # a pasted code may come with spaces


def test_a_code_with_spaces_is_taken(client, cast):
    ask_for_code(client, "alice@example.org")
    code = code_in(mail.outbox[0])

    answer = client.post("/sign-in/code/", {"code": f" {code[:3]} {code[3:]} "})

    assert answer.url == "/"


def test_signing_in_leads_to_the_page_that_was_asked_for(client, cast):
    first = client.get("/account/")
    ask_for_code(client, "alice@example.org", next="/account/")

    answer = client.post("/sign-in/code/", {"code": code_in(mail.outbox[0]), "next": "/account/"})

    assert first.url == "/sign-in/?next=/account/"
    assert answer.url == "/account/"


def test_it_never_leads_to_another_site(client, cast):
    ask_for_code(client, "alice@example.org", next="//evil.example/")

    answer = client.post("/sign-in/code/", {"code": code_in(mail.outbox[0]), "next": "//evil.example/"})

    assert answer.url == "/"


def test_a_wrong_code_is_422_and_three_of_them_end_it(client, cast):
    ask_for_code(client, "alice@example.org")
    wrong = "000000" if code_in(mail.outbox[0]) != "000000" else "111111"

    answers = [client.post("/sign-in/code/", {"code": wrong}) for _ in range(3)]
    late = client.post("/sign-in/code/", {"code": code_in(mail.outbox[0])})

    assert [answer.status_code for answer in answers] == [422, 422, 302]
    assert late.url == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_a_code_works_once(client, cast):
    ask_for_code(client, "alice@example.org")
    code = code_in(mail.outbox[0])
    client.post("/sign-in/code/", {"code": code})
    client.post("/sign-out/")

    again = client.post("/sign-in/code/", {"code": code})

    assert again.url == "/sign-in/"


def test_a_code_is_over_after_a_quarter_of_an_hour(client, cast):
    with time_machine.travel("2026-11-17 16:00Z"):
        ask_for_code(client, "alice@example.org")

    with time_machine.travel("2026-11-17 16:15:01Z"):
        answer = client.post("/sign-in/code/", {"code": code_in(mail.outbox[0])})

    assert answer.status_code == 302
    assert "_auth_user_id" not in client.session


def test_sending_again_gives_a_new_code(client, cast):
    ask_for_code(client, "alice@example.org")
    ask_for_code(client, "alice@example.org")

    answer = client.post("/sign-in/code/", {"code": code_in(mail.outbox[1])})

    assert len(mail.outbox) == 2
    assert answer.url == "/"


def test_another_address_can_be_used_while_a_code_is_awaited(client, cast):
    ask_for_code(client, "alise@example.org")

    assert client.get("/sign-in/").status_code == 200
    assert client.get("/sign-in/password/").status_code == 200


def test_known_and_unknown_addresses_get_the_same_answer(client, cast, django_assert_num_queries):
    def pages(email):
        asked = ask_for_code(client, email)
        shown = client.get(asked.url).content.decode()
        wrong = client.post(asked.url, {"code": "12345x"})
        texts = [
            re.sub(r'value="[\w-]{64}"', "", text).replace(email, "")
            for text in (shown, wrong.content.decode())
        ]
        client.cookies.clear()
        return asked.status_code, asked.url, wrong.status_code, *texts

    known = pages("alice@example.org")
    unknown = pages("nobody@example.org")

    assert known == unknown
    assert [message.to for message in mail.outbox] == [["alice@example.org"], ["nobody@example.org"]]


def test_an_unknown_address_is_told_so_in_its_own_mailbox_only(client, cast):
    ask_for_code(client, "nobody@example.org")

    assert "does not know this address" in mail.outbox[0].body
    assert not re.search(r"\d{6}", mail.outbox[0].body)


def test_somebody_invited_who_asks_for_a_code_gets_the_link_again(client, cast):
    ivy, _unread = read_addresses("Ivy Green <ivy@example.org>")
    invite(ivy, district=cast.cedar, level=Level.COMMITTEE, words="", by=cast.sue, now=timezone.now())

    ask_for_code(client, "ivy@example.org")

    letter = mail.outbox[-1].body
    assert "You are invited to the technology plan of Cedar School District" in letter
    link = re.search(r"https?://[^/]+(/invitations/\S+)", letter)[1]
    assert "ivy@example.org" in client.get(link).content.decode()


def test_no_code_lets_an_unknown_address_in(client, cast):
    ask_for_code(client, "nobody@example.org")
    ask_for_code(client, "nobody@example.org")

    answer = client.post("/sign-in/code/", {"code": ""})

    assert answer.status_code == 422


def test_codes_are_not_sent_without_end(client, cast):
    answers = [ask_for_code(client, "alice@example.org") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert "Wait 60 minutes and try again" in answers[-1].content.decode()
    assert answers[-1]["Retry-After"] == "3600"
    assert len(mail.outbox) == 3


def test_something_that_is_no_address_is_422_and_kept(client, db):
    answer = ask_for_code(client, "not an address")

    assert answer.status_code == 422
    assert 'value="not an address"' in answer.content.decode()
    assert "E-mail address: Enter a valid email address." in answer.content.decode()
    assert mail.outbox == []


def test_a_person_who_may_no_longer_sign_in_gets_no_code(client, cast):
    cast.alice.is_active = False
    cast.alice.save()

    ask_for_code(client, "alice@example.org")

    assert "does not know this address" in mail.outbox[0].body


def test_a_password_lets_a_person_in(client, cast):
    cast.alice.set_password(PASSWORD)
    cast.alice.save()

    answer = client.post("/sign-in/password/", {"login": "Alice@example.org", "password": PASSWORD})

    assert answer.url == "/"


@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_address_are_told_the_same(client, cast, email):
    answer = client.post("/sign-in/password/", {"login": email, "password": "not it at all"})

    assert answer.status_code == 422
    assert "This address and password do not go together" in answer.content.decode()


def test_nobody_signs_up(client, db):
    page = client.get("/sign-up/")

    assert "added by their district" in page.content.decode()
    assert client.post("/sign-up/", {"email": "new@example.org", "password1": PASSWORD}).status_code == 405


def test_signing_out_takes_a_button(client, signed_in, cast):
    signed_in(cast.alice)

    page = client.get("/sign-out/")
    still_in = "_auth_user_id" in client.session
    client.post("/sign-out/")

    assert page.status_code == 200
    assert still_in
    assert "_auth_user_id" not in client.session


# --- where one lands ---------------------------------------------------------------------------


def test_somebody_of_two_districts_chooses(client, signed_in, cast):
    Membership.objects.create(district=cast.dune, person=cast.alice, level=Level.VIEWER)

    page = signed_in(cast.alice).get("/").content.decode()

    assert 'href="/d/cedar/"' in page
    assert 'href="/d/dune/"' in page


def test_somebody_of_no_district_is_told_whom_to_ask(client, signed_in, cast):
    Membership.objects.filter(person=cast.alice).update(ended_at=timezone.now())

    page = signed_in(cast.alice).get("/").content.decode()

    assert "belong to no district yet" in page
    assert "Cedar" not in page


def test_the_account_page_shows_levels_and_roles_of_today(client, signed_in, cast):
    ended = cast.alice.appointments.create(
        role=cast.superintendent, person=cast.alice, starts_on=timezone.now().date() - timedelta(days=9)
    )
    ended.ends_on = timezone.now().date() - timedelta(days=3)
    ended.save()

    page = signed_in(cast.alice).get("/account/").content.decode()

    assert "alice@example.org" in page
    assert "Technology Coordinator" in page
    assert "Superintendent" not in page


@pytest.mark.parametrize("url", ["/account/", "/account/password/", "/help/"])
def test_pages_outside_of_a_district_keep_the_way_back_to_the_only_one(client, signed_in, cast, url):
    page = signed_in(cast.alice).get(url).content.decode()

    assert 'href="/d/cedar/updates/"' in page
    assert "aria-current" not in page


def test_somebody_of_two_districts_has_no_navigation_there(client, signed_in, cast):
    Membership.objects.create(district=cast.dune, person=cast.alice, level=Level.VIEWER)

    assert "/updates/" not in signed_in(cast.alice).get("/help/").content.decode()


# --- passwords ---------------------------------------------------------------------------------


def test_a_person_without_a_password_sets_one(client, signed_in, cast):
    answer = signed_in(cast.alice).post("/account/password/", {"new": PASSWORD})

    cast.alice.refresh_from_db()
    assert answer.url == "/account/"
    assert cast.alice.check_password(PASSWORD)
    assert client.get("/account/").status_code == 200


def test_changing_a_password_needs_the_old_one(client, signed_in, cast):
    cast.alice.set_password(PASSWORD)
    cast.alice.save()

    answer = signed_in(cast.alice).post(
        "/account/password/", {"old": "wrong", "new": "another four quiet words"}
    )

    cast.alice.refresh_from_db()
    assert answer.status_code == 422
    assert cast.alice.check_password(PASSWORD)


def test_a_forgotten_password_is_replaced_after_a_sign_in_by_code(client, cast):
    cast.alice.set_password(PASSWORD)
    cast.alice.save()
    ask_for_code(client, "alice@example.org")
    client.post("/sign-in/code/", {"code": code_in(mail.outbox[0])})

    answer = client.post("/account/password/", {"new": "another four quiet words"})

    cast.alice.refresh_from_db()
    assert answer.url == "/account/"
    assert cast.alice.check_password("another four quiet words")


def test_a_code_stands_for_the_old_password_for_a_quarter_of_an_hour_only(client, cast):
    cast.alice.set_password(PASSWORD)
    cast.alice.save()
    with time_machine.travel("2026-11-17 16:00Z"):
        ask_for_code(client, "alice@example.org")
        client.post("/sign-in/code/", {"code": code_in(mail.outbox[0])})

    with time_machine.travel("2026-11-17 16:15:01Z"):
        answer = client.post("/account/password/", {"new": "another four quiet words"})

    cast.alice.refresh_from_db()
    assert answer.status_code == 422
    assert cast.alice.check_password(PASSWORD)


@pytest.mark.parametrize("new", ["short", "passwordpassword" * 100, "alice@example.org", ""])
def test_a_poor_password_is_422(client, signed_in, cast, new):
    answer = signed_in(cast.alice).post("/account/password/", {"new": new})

    cast.alice.refresh_from_db()
    assert answer.status_code == 422
    assert not cast.alice.has_usable_password()


def test_guessing_the_old_password_ends_in_waiting(client, signed_in, cast):
    cast.alice.set_password(PASSWORD)
    cast.alice.save()
    signed_in(cast.alice)

    codes = [
        client.post("/account/password/", {"old": f"guess {n}", "new": PASSWORD}).status_code
        for n in range(7)
    ]

    assert codes[0] == 422
    assert codes[-1] == 429


# --- looking around ----------------------------------------------------------------------------


@pytest.fixture
def sample(cast):
    district = make_district("juniper-flats", is_sample=True)
    return {
        "superintendent": make_person(district, "Kim", Level.LEADER),
        "coordinator": make_person(district, "Dana", Level.EDITOR),
        "committee": make_person(district, "Maria", Level.COMMITTEE),
        "board": make_person(district, "Ruth", Level.VIEWER),
    }


@pytest.mark.parametrize("who", ["superintendent", "coordinator", "committee", "board"])
def test_the_four_people_of_the_sample_can_be_looked_through(client, settings, sample, who):
    settings.SAMPLE_SIGN_IN = True

    answer = client.post(f"/look-around/{who}/")

    assert answer.url == "/"
    assert client.session["_auth_user_id"] == str(sample[who].pk)


def test_the_sign_in_page_offers_them_by_name(client, settings, sample):
    settings.SAMPLE_SIGN_IN = True

    page = client.get("/sign-in/").content.decode()

    assert "Superintendent, Kim" in page
    assert page.count("/look-around/") == 4


def test_without_the_setting_nobody_can_and_nothing_is_offered(client, settings, sample):
    settings.SAMPLE_SIGN_IN = False

    assert client.post("/look-around/superintendent/").status_code == 404
    assert client.get("/look-around/superintendent/").status_code == 404
    assert "look-around" not in client.get("/sign-in/").content.decode()


def test_looking_around_needs_a_button(client, settings, sample):
    settings.SAMPLE_SIGN_IN = True

    assert client.get("/look-around/superintendent/").status_code == 405
    assert client.post("/look-around/nobody/").status_code == 404


@pytest.mark.parametrize("reason", ["of a real district", "of both", "runs the installation", "left"])
def test_only_people_of_the_sample_alone_can_be_looked_through(client, settings, sample, cast, reason):
    settings.SAMPLE_SIGN_IN = True
    kim = sample["superintendent"]
    memberships = Membership.objects.filter(person=kim)
    if reason == "of a real district":
        memberships.update(district=cast.cedar)
    elif reason == "of both":
        Membership.objects.create(district=cast.cedar, person=kim, level=Level.VIEWER)
    elif reason == "runs the installation":
        kim.is_staff = True
        kim.save()
    else:
        memberships.update(ended_at=timezone.now())

    assert client.post("/look-around/superintendent/").status_code == 404
    assert "_auth_user_id" not in client.session
