"""“Is it you?”: whoever came in a while ago shows it before ways to sign in are changed."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from tests.coming_in import app_code, by_code, code_in, with_app

PAGE = "/account/confirm/"
PASSWORD = "four quiet words of chalk"


@pytest.fixture
def later(client, cast):
    """Sue came in by code half an hour ago."""
    cast.sue.set_password(PASSWORD)
    cast.sue.save()
    by_code(client, cast.sue)
    with time_machine.travel(timezone.now() + timedelta(minutes=30), tick=False):
        yield client


def test_a_while_after_coming_in_it_is_asked_and_leads_back(later):
    asked = later.get("/account/app/")
    answer = later.post(PAGE, {"way": "password", "password": PASSWORD, "next": "/account/app/"})

    assert asked.url == f"{PAGE}?next=/account/app/"
    assert answer.url == "/account/app/"
    assert later.get("/account/app/").status_code == 200


def test_what_a_button_asked_for_is_asked_for_again_on_its_page(later):
    assert later.post("/account/app/remove/").url == f"{PAGE}?next=/account/"


def test_a_code_to_one_s_own_address_shows_it(later):
    later.post(PAGE, {"way": "send", "next": "/account/app/"})
    page = later.get(f"{PAGE}?next=/account/app/").content.decode()

    answer = later.post(PAGE, {"way": "code", "code": code_in(mail.outbox[-1]), "next": "/account/app/"})

    assert mail.outbox[-1].to == ["sue@example.org"]
    assert "Go on with the code" in page
    assert answer.url == "/account/app/"


def test_that_code_works_once_and_for_a_quarter_of_an_hour(later):
    later.post(PAGE, {"way": "send"})
    code = code_in(mail.outbox[-1])
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert later.post(PAGE, {"way": "code", "code": code}).status_code == 422
    assert later.post(PAGE, {"way": "code", "code": code}).status_code == 302
    assert later.post(PAGE, {"way": "code", "code": code}).status_code == 422


def test_the_app_shows_it(later, cast):
    with_app(cast.sue)

    assert (
        later.post(PAGE, {"way": "app", "code": app_code(at=timezone.now().timestamp())}).status_code == 302
    )
    assert later.get("/account/recovery-codes/").status_code == 200


@pytest.mark.parametrize(
    "post",
    [
        {"way": "password", "password": "wrong"},
        {"way": "code", "code": "000000"},
        {"way": "code", "code": ""},
        {"way": "app", "code": "000000"},
        {"way": "passkey", "credential": "{}"},
        {"way": "nothing"},
        {},
    ],
    ids=str,
)
def test_what_is_wrong_shows_nothing(later, post):
    assert later.post(PAGE, post).status_code == 422
    assert later.get("/account/app/").status_code == 302


def test_it_never_leads_to_another_site(later):
    answer = later.post(PAGE, {"way": "password", "password": PASSWORD, "next": "https://evil.example/"})

    assert answer.url == "/account/"


def test_guessing_here_waits_too(later):
    answers = [later.post(PAGE, {"way": "password", "password": str(n)}).status_code for n in range(6)]

    assert answers == [422] * 5 + [429]


def test_showing_it_gives_the_session_a_new_id(later):
    before = later.cookies["sessionid"].value

    later.post(PAGE, {"way": "password", "password": PASSWORD})

    assert later.cookies["sessionid"].value != before


def test_one_s_own_proof_does_not_count_for_the_next_person(later, cast):
    later.post(PAGE, {"way": "password", "password": PASSWORD})
    later.post("/sign-out/")
    later.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")

    assert later.get("/account/app/").status_code == 302
