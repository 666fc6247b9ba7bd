import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from stakeholders.models import SignInCode
from tests.installation import Installation

PAGE = "/first-sign-in/"
NO = "it counts no more"


@pytest.fixture
def code(cast) -> str:
    return SignInCode.make(cast.sue, now=timezone.now())


def come_in(client, code: str, email: str = "sue@example.org"):
    return client.post(PAGE, {"email": email, "code": code})


def another(code: str) -> str:
    """Return a code that is wrong by one."""
    return f"{(int(code) + 1) % 10**8:08}"


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_a_code_lets_its_person_in(client, code):
    answer = come_in(client, code)

    assert answer.status_code == 302
    assert is_in(client)
    assert client.get("/").url == "/d/cedar/"


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}-{1} ", "{0}\u00a0{1}"])
def test_it_is_taken_as_it_was_printed_and_the_address_in_any_case(client, code, typed):
    answer = come_in(client, typed.format(code[:4], code[4:]), email=" Sue@Example.ORG ")

    assert answer.status_code == 302


def test_while_no_mail_is_sent_it_leads_to_setting_a_password(client, code, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = "var/mail"

    page = client.post(PAGE, {"email": "sue@example.org", "code": code}, follow=True)

    assert page.redirect_chain == [("/account/password/", 302)]
    assert "a password is your way back in" in page.content.decode()


def test_it_works_once(client, code):
    come_in(client, code)
    client.post("/sign-out/")

    answer = come_in(client, code)

    assert answer.status_code == 422
    assert not is_in(client)


def test_it_works_for_72_hours(client, code):
    with time_machine.travel(timezone.now() + timedelta(hours=72, minutes=1)):
        assert come_in(client, code).status_code == 422
    with time_machine.travel(timezone.now() + timedelta(hours=71, minutes=59)):
        assert come_in(client, code).status_code == 302


def test_after_five_wrong_tries_the_right_code_counts_no_more(client, code):
    for _try in range(5):
        assert come_in(client, another(code)).status_code == 422

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert come_in(client, code).status_code == 422
    assert not is_in(client)


def test_four_wrong_tries_are_forgiven(client, code):
    for _try in range(4):
        come_in(client, another(code))

    assert come_in(client, code).status_code == 302


def test_a_new_code_ends_the_one_before(client, cast, code):
    newer = SignInCode.make(cast.sue, now=timezone.now())

    assert come_in(client, newer).status_code == 302
    assert come_in(client, code).status_code == 422


def test_somebody_elses_code_does_not_fit(client, cast, code):
    assert come_in(client, code, email="alice@example.org").status_code == 422


def test_a_person_who_may_not_sign_in_stays_out(client, cast, code):
    cast.sue.is_active = False
    cast.sue.save()

    assert come_in(client, code).status_code == 422


def test_the_answer_is_the_same_for_an_unknown_address_and_a_wrong_code(client, code):
    addresses = ["sue@example.org", "bob@example.org", "nobody@example.org"]
    answers = [come_in(client, another(code), email=email) for email in addresses]

    pages = {
        re.sub(r'(csrfmiddlewaretoken" value=")[^"]*|\w+@example.org', "", answer.content.decode())
        for answer in answers
    }
    assert {answer.status_code for answer in answers} == {422}
    assert len(pages) == 1
    assert NO in pages.pop()


@pytest.mark.parametrize(
    ("email", "typed"),
    [("", ""), ("sue", "12345678"), ("sue@example.org", "\x00"), ("sue@example.org", "9" * 5000)],
)
def test_what_makes_no_sense_is_said_and_what_was_typed_is_kept(client, cast, email, typed):
    answer = come_in(client, typed, email=email)

    assert answer.status_code == 422
    assert f'value="{email}"' in answer.content.decode() or not email


def test_the_code_is_kept_as_a_keyed_hash_only(code, settings):
    kept = SignInCode.objects.get()
    assert code not in str(vars(kept))
    settings.SECRET_KEY = "another key"

    assert SignInCode.redeem(email="sue@example.org", code=code, now=timezone.now()) is None


def test_signing_in_gives_a_new_session(client, code):
    client.get(PAGE)
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key

    come_in(client, code)

    assert client.session.session_key != before


def test_guessing_on_and_on_is_slowed_down(client, cast):
    answers = [come_in(client, "12345678", email=f"person-{n}@example.org").status_code for n in range(40)]

    assert answers[0] == 422
    assert answers[-1] == 429


def test_the_sign_in_pages_lead_here(client, db):
    for page in ("/sign-in/", "/sign-in/password/"):
        assert f'href="{PAGE}"' in client.get(page).content.decode()


AT_ONCE = """
from threading import Barrier, Thread
from django.db import connections
from django.utils import timezone
from stakeholders.models import Person, SignInCode
sue = Person.objects.create_user("{who}@example.org", name="Sue")
right = SignInCode.make(sue, now=timezone.now())
typed, let_in, ready = {typed}, [], Barrier(8)
def redeem():
    ready.wait()
    let_in.append(SignInCode.redeem(email=sue.email, code=typed, now=timezone.now()))
    connections.close_all()
together = [Thread(target=redeem) for _ in range(8)]
for thread in together: thread.start()
for thread in together: thread.join()
print(len(let_in), sum(person == sue for person in let_in), SignInCode.objects.get(person=sue).tries)
"""


@pytest.mark.slow
def test_many_at_once_get_one_use_and_five_tries_between_them(tmp_path, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), Installation(tmp_path) as installation:
        right = installation.python(AT_ONCE.format(who="sue", typed="right")).split()
        wrong = installation.python(AT_ONCE.format(who="kim", typed="'1' + right")).split()

    assert right[:2] == ["8", "1"]
    assert wrong == ["8", "0", "5"]


@pytest.mark.django_db
def test_an_empty_installation_says_what_to_do_first(client):
    page = client.get("/sign-in/").content.decode()

    assert "Nobody can come in here yet" in page
    assert "manage.py add_person" in page
    assert 'href="/first-sign-in/"' in page


def test_once_somebody_belongs_here_that_is_not_said(client, cast):
    assert "Nobody can come in here yet" not in client.get("/sign-in/").content.decode()
