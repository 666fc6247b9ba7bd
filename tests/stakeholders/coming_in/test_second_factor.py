"""App and codes on paper: setting up, the second step, removing; and a district that asks for it."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from stakeholders.coming_in.second_factor import FactorAdapter, factors_of
from stakeholders.models import District, Level, Membership, SecondFactorFor, SignInCode
from tests.coming_in import app_code, by_code, is_in, with_app

PASSWORD = "four quiet words of chalk"


def set_up(client) -> str:
    """Set up an app on the pages; return its secret."""
    page = client.get("/account/app/").content.decode()
    secret = re.search(r'class="key">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    answer = client.post("/account/app/", {"code": app_code(secret)})
    assert answer.url == "/account/recovery-codes/"
    return secret


def session_id(client) -> str:
    return client.cookies["sessionid"].value


# --- setting up --------------------------------------------------------------------------------


def test_an_app_is_set_up_and_codes_on_paper_come_with_it(client, cast):
    by_code(client, cast.sue)

    set_up(client)

    page = client.get("/account/recovery-codes/").content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", page)) == 10
    assert "10 left" in client.get("/account/").content.decode()
    assert is_in(client)


def test_the_code_of_another_app_sets_up_nothing(client, cast):
    by_code(client, cast.sue)
    client.get("/account/app/")

    answer = client.post("/account/app/", {"code": "000000"})

    assert answer.status_code == 422
    assert not Authenticator.objects.exists()


def test_the_key_stays_the_same_until_it_is_used(client, cast):
    by_code(client, cast.sue)

    pages = [re.search(r'class="key">(.*?)<', client.get("/account/app/").content.decode())[1] for _ in "ab"]

    assert pages[0] == pages[1]


def test_the_secret_lies_encrypted_in_the_database(client, cast, settings):
    by_code(client, cast.sue)
    secret = set_up(client)

    kept = Authenticator.objects.get(type="totp").data["secret"]

    assert secret not in kept
    assert FactorAdapter().decrypt(kept) == secret
    settings.SECRET_KEY = "another"
    with pytest.raises(ValueError, match="another SECRET_KEY"):
        FactorAdapter().decrypt(kept)


@pytest.mark.parametrize("path", ["app/", "passkeys/add/", "recovery-codes/", "app/remove/"])
def test_whoever_came_in_a_while_ago_shows_first_who_they_are(client, cast, path):
    with_app(cast.sue)
    by_code(client, cast.sue)
    client.post("/sign-in/second-step/", {"code": app_code()})

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        answer = client.post(f"/account/{path}")

    assert answer.url.startswith("/account/confirm/?next=")
    assert Authenticator.objects.filter(type="totp").exists()


# --- the second step ---------------------------------------------------------------------------


def test_with_an_app_a_code_from_the_mailbox_alone_lets_nobody_in(client, cast):
    with_app(cast.sue)

    answer = by_code(client, cast.sue)

    assert answer.url == "/sign-in/second-step/"
    assert not is_in(client)
    assert client.get("/d/cedar/people/").status_code == 302
    assert client.get("/account/").status_code == 302


def test_the_app_s_code_lets_in_and_leads_on(client, cast):
    with_app(cast.sue)
    by_code(client, cast.sue, next="/d/cedar/people/")

    page = client.get("/sign-in/second-step/")
    answer = client.post("/sign-in/second-step/", {"code": app_code()})

    assert 'autocomplete="one-time-code"' in page.content.decode()
    assert answer.url == "/d/cedar/people/"
    assert is_in(client)


def test_after_a_password_it_is_asked_for_too(client, cast):
    cast.sue.set_password(PASSWORD)
    cast.sue.save()
    with_app(cast.sue)

    answer = client.post("/sign-in/password/", {"login": "sue@example.org", "password": PASSWORD})

    assert answer.url == "/sign-in/second-step/"
    assert not is_in(client)


def test_after_a_one_time_code_it_is_asked_for_too(client, cast):
    with_app(cast.sue)
    code = SignInCode.make(cast.sue, now=timezone.now())

    answer = client.post("/first-sign-in/", {"email": "sue@example.org", "code": code})

    assert answer.url == "/sign-in/second-step/"
    assert not is_in(client)


def test_a_wrong_code_is_422_in_words(client, cast):
    with_app(cast.sue)
    by_code(client, cast.sue)

    answer = client.post("/sign-in/second-step/", {"code": "000000"})

    assert answer.status_code == 422
    assert "That is not right" in answer.content.decode()


@pytest.mark.parametrize(
    "post", [{}, {"code": ""}, {"code": "9" * 9999}, {"credential": "{}"}, {"credential": "[1]"}]
)
def test_nonsense_is_422(client, cast, post):
    with_app(cast.sue)
    by_code(client, cast.sue)

    assert client.post("/sign-in/second-step/", post).status_code == 422


def test_an_app_s_code_works_once(client, cast):
    with_app(cast.sue)
    code, other = app_code(), Client()
    by_code(client, cast.sue)
    client.post("/sign-in/second-step/", {"code": code})
    by_code(other, cast.sue)

    answer = other.post("/sign-in/second-step/", {"code": code})

    assert answer.status_code == 422
    assert not is_in(other)


def test_a_code_from_paper_works_once(client, cast):
    with_app(cast.sue)
    paper = factors_of(cast.sue)["paper"].wrap().get_unused_codes()[3]
    by_code(client, cast.sue)
    client.post("/sign-in/second-step/", {"code": paper})
    assert is_in(client)
    assert factors_of(cast.sue)["codes_left"] == 9

    other = Client()
    by_code(other, cast.sue)
    other.post("/sign-in/second-step/", {"code": paper})

    assert not is_in(other)


def test_without_the_key_the_app_is_shut_and_paper_is_too_but_nothing_breaks(client, cast, settings):
    with_app(cast.sue)
    Authenticator.objects.filter(type="totp").update(data={"secret": "of another installation"})
    by_code(client, cast.sue)

    assert client.post("/sign-in/second-step/", {"code": app_code()}).status_code == 422


def test_nobody_is_half_in_for_long(client, cast):
    with_app(cast.sue)
    by_code(client, cast.sue)

    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        answer = client.post("/sign-in/second-step/", {"code": app_code(at=timezone.now().timestamp())})

    assert answer.status_code == 302
    assert not is_in(client)


# --- removing, renewing ------------------------------------------------------------------------


def test_removing_the_app_takes_the_paper_with_it(client, cast):
    with_app(cast.sue)
    by_code(client, cast.sue)
    client.post("/sign-in/second-step/", {"code": app_code()})

    answer = client.post("/account/app/remove/")

    assert answer.url == "/account/"
    assert not Authenticator.objects.exists()
    assert client.post("/account/app/remove/").url == "/account/"  # sent twice


def test_new_codes_on_paper_end_the_ones_before(client, cast):
    by_code(client, cast.sue)
    set_up(client)
    before = factors_of(cast.sue)["paper"].wrap().get_unused_codes()

    client.post("/account/recovery-codes/")

    after = factors_of(cast.sue)["paper"].wrap().get_unused_codes()
    assert len(after) == 10
    assert not set(before) & set(after)


def test_without_a_second_step_there_are_no_codes_on_paper(client, cast):
    by_code(client, cast.sue)

    assert client.post("/account/recovery-codes/").url == "/account/"
    assert not Authenticator.objects.exists()


def test_the_session_gets_a_new_id_when_a_factor_comes_or_goes(client, cast):
    by_code(client, cast.sue)
    ids = [session_id(client)]
    set_up(client)
    ids.append(session_id(client))
    client.post("/account/recovery-codes/")
    ids.append(session_id(client))
    client.post("/account/app/remove/")
    ids.append(session_id(client))

    assert len(set(ids)) == 4
    assert not any(client.session.__class__().exists(old) for old in ids[:-1])
    assert client.get("/account/").status_code == 200


# --- a district asks for it --------------------------------------------------------------------


@pytest.fixture
def cedar_asks(cast):
    def ask(of: str) -> None:
        District.objects.filter(pk=cast.cedar.pk).update(second_factor_for=of)

    return ask


@pytest.mark.parametrize(
    ("of", "asked"),
    [(SecondFactorFor.NOBODY, ""), (SecondFactorFor.LEADERS, "sue"), (SecondFactorFor.EDITORS, "sue alice")],
)
def test_it_is_asked_of_whom_the_district_says(cast, cedar_asks, of, asked):
    cedar_asks(of)

    for who in ("sue", "alice", "bob", "vera"):
        client = Client()
        by_code(client, getattr(cast, who))
        assert client.get("/d/cedar/people/").status_code == (403 if who in asked.split() else 200), who


def test_it_is_asked_at_the_next_request_and_the_page_leads_to_setting_up(client, cast, cedar_asks):
    by_code(client, cast.sue)
    assert client.get("/d/cedar/people/").status_code == 200
    cedar_asks(SecondFactorFor.LEADERS)

    page = client.get("/d/cedar/people/")
    change = client.post("/d/cedar/plans/new/", {"title": "x"})

    assert page.status_code == change.status_code == 403
    assert "Cedar School District asks leaders for a second step" in page.content.decode()
    assert 'href="/account/app/"' in page.content.decode()
    set_up(client)
    assert client.get("/d/cedar/people/").status_code == 200


def test_a_session_from_before_shows_the_second_step_without_signing_out(client, cast, cedar_asks):
    by_code(client, cast.sue)
    with_app(cast.sue)
    cedar_asks(SecondFactorFor.LEADERS)

    page = client.get("/d/cedar/people/").content.decode()
    answer = client.post("/account/confirm/", {"way": "app", "code": app_code(), "next": "/d/cedar/people/"})

    assert 'href="/account/confirm/?next=/d/cedar/people/"' in page
    assert answer.url == "/d/cedar/people/"
    assert client.get("/d/cedar/people/").status_code == 200


def test_other_districts_of_the_same_person_are_open(client, cast, cedar_asks):
    Membership.objects.create(district=cast.dune, person=cast.sue, level=Level.LEADER)
    cedar_asks(SecondFactorFor.EDITORS)
    by_code(client, cast.sue)

    assert client.get("/d/cedar/people/").status_code == 403
    assert client.get("/d/dune/people/").status_code == 200
    assert client.get("/").status_code == 200


def test_an_outsider_learns_nothing_of_it(client, cast, cedar_asks):
    cedar_asks(SecondFactorFor.EDITORS)
    by_code(client, cast.charlie)

    assert client.get("/d/cedar/people/").status_code == 404


def test_with_htmx_the_page_is_the_same(client, cast, cedar_asks):
    cedar_asks(SecondFactorFor.LEADERS)
    by_code(client, cast.sue)

    answer = client.get("/d/cedar/people/", headers={"HX-Request": "true"})

    assert answer.status_code == 403
    assert 'id="main"' in answer.content.decode()


def test_what_was_set_up_before_the_address_was_proven_counts_no_more(client, cast):
    """Whoever was handed a one-time code may not leave an app of theirs behind for the address's owner."""
    type(cast.sue).objects.filter(pk=cast.sue.pk).update(proven_at=None, last_login=timezone.now())
    with_app(cast.sue)

    answer = by_code(client, cast.sue)

    assert answer.url == "/"
    assert not Authenticator.objects.exists()
