"""Guessing: it costs time that grows, the owner still comes in, and nobody is shut out for good."""

import re
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
import time_machine
from django.core import mail
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from stakeholders.coming_in import delays
from stakeholders.coming_in.delays import TooSoon
from stakeholders.models import Delay, Person, SignInCode
from tests.coming_in import app_code, by_code, code_in, is_in, with_app
from tests.installation import Installation

NOW = datetime(2026, 11, 17, 16, tzinfo=UTC)
PASSWORD = "four quiet words of chalk"
OTHER_PLACE = {"REMOTE_ADDR": "198.51.100.9"}


def asked_from(address: str, **cookies):
    request = RequestFactory().post("/", REMOTE_ADDR=address)
    request.COOKIES.update(cookies)
    return request


def may(
    kind: str, account: str = "sue@example.org", address: str = "192.0.2.1", *, now=NOW, **cookies
) -> bool:
    try:
        delays.claim(kind, account=account, request=asked_from(address, **cookies), now=now)
    except TooSoon:
        return False
    return True


def place(n: int) -> str:
    """Return one of a thousand network addresses."""
    return f"10.0.{n % 250}.{n // 250}"


# --- the rule ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["password", "code", "one-time code", "second step"])
@pytest.mark.parametrize("places", ["one", "many"])
def test_a_thousand_guesses_in_an_hour_get_at_most_a_hundred_checks(db, kind, places):
    checked = sum(
        may(
            kind,
            address="192.0.2.1" if places == "one" else place(n),
            now=NOW + timedelta(seconds=3.6 * n),
        )
        for n in range(1000)
    )

    assert 10 <= checked <= {"one": 15, "many": 100}[places]


def test_the_wait_doubles_up_to_a_quarter_of_an_hour():
    rule = delays.SECRET.pair

    assert [rule.wait(n) for n in range(4, 14)] == [0, 15, 30, 60, 120, 240, 480, 900, 900, 900]
    assert rule.wait(10**6) == 900


def test_whoever_asks_too_soon_is_told_for_how_long_and_waits_no_longer_for_asking(db):
    for _ in range(5):
        assert may("password")
    for _ in range(50):
        assert not may("password")

    with pytest.raises(TooSoon) as refusal:
        delays.claim("password", account="sue@example.org", request=asked_from("192.0.2.1"), now=NOW)

    assert (refusal.value.seconds, refusal.value.words) == (15, "15 seconds")
    assert may("password", now=NOW + timedelta(seconds=15))


def test_after_an_hour_it_begins_anew(db):
    for _ in range(6):
        may("password")

    assert all(may("password", now=NOW + timedelta(hours=1, seconds=n)) for n in range(5))


def test_the_owner_comes_in_from_another_place(db):
    for _ in range(100):
        may("password")

    assert may("password", address="198.51.100.9")


def test_while_a_thousand_places_guess_the_owner_s_own_browser_is_not_delayed(db):
    request = asked_from("198.51.100.9")
    delays.remember_device(request, response := HttpResponse(), account="sue@example.org")
    known = {delays.COOKIE: response.cookies[delays.COOKIE].value}
    for n in range(1000):
        may("password", address=place(n))

    assert not may("password", address="198.51.100.9")
    assert may("password", address="198.51.100.9", **known)


def test_a_known_browser_is_known_to_its_own_account_only_and_has_its_own_limit(db):
    delays.remember_device(asked_from("1.2.3.4"), response := HttpResponse(), account="sue@example.org")
    cookie = response.cookies[delays.COOKIE]
    for _ in range(5):
        may("password", account="bob@example.org", **{delays.COOKIE: cookie.value})

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not may("password", account="bob@example.org", **{delays.COOKIE: cookie.value})
    assert sum(may("password", **{delays.COOKIE: cookie.value}) for _ in range(20)) == 5


@pytest.mark.parametrize("cookie", ["", ".", "x", "x.y", "x." + "0" * 64, "é.é", "x" * 5000])
def test_a_cookie_that_was_made_up_is_nothing(db, cookie):
    assert delays.known_device(asked_from("1.2.3.4", **{delays.COOKIE: cookie}), "sue@example.org") == ""


def test_one_place_that_tries_many_addresses_is_slowed_down(db):
    tried = [may("password", account=f"p{n}@example.org") for n in range(100)]

    assert all(tried[:30])
    assert not any(tried[30:])
    assert may("password", account="q@example.org", now=NOW + timedelta(seconds=1))


def test_what_was_right_costs_nothing(db):
    for _ in range(200):
        request = asked_from("192.0.2.1")
        delays.claim("password", account="sue@example.org", request=request, now=NOW).forgive()

    assert may("password")


def test_guesses_between_good_ones_still_cost(db):
    for _ in range(5):
        may("password")
        delays.claim(
            "password", account="bob@example.org", request=asked_from("192.0.2.1"), now=NOW
        ).forgive()

    assert not may("password")


@pytest.mark.parametrize("kind", ["password", "code"])
def test_one_way_in_does_not_delay_another(db, kind):
    for _ in range(50):
        may(kind)

    assert may({"password": "code", "code": "password"}[kind])


def test_at_most_five_mails_an_hour_go_to_one_address_whoever_asks(db):
    sent = [may("mail", address=place(n), now=NOW + timedelta(seconds=3 * n)) for n in range(1000)]

    assert sum(sent) == 4  # the fifth is kept for a browser that is known to this address
    assert may("mail", now=NOW + timedelta(hours=2))


def test_one_place_has_three_of_them(db):
    assert [may("mail") for _ in range(5)] == [True, True, True, False, False]
    assert may("mail", address="198.51.100.9")


def test_the_rows_name_nobody(db):
    may("password")

    kept = str(list(Delay.objects.values()))

    assert "sue" not in kept
    assert "192.0.2" not in kept


def test_a_clock_that_was_set_back_shuts_nobody_out(db):
    for n in range(6):
        may("password", now=NOW + timedelta(hours=n))

    assert may("password", now=NOW - timedelta(days=1))


def test_old_rows_are_removed(db):
    may("password")
    may("password", account="new@example.org", now=NOW + timedelta(hours=23))

    delays.forget_old(now=NOW + timedelta(hours=25))

    assert Delay.objects.count() == 3


@pytest.mark.parametrize(
    ("proxies", "passed_on", "source"),
    [
        (0, "203.0.113.5", "127.0.0.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),  # what a visitor wrote there themselves counts not
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.1", "203.0.113.5"),
        (2, "203.0.113.5", "127.0.0.1"),
        (1, "nonsense", ""),
        (1, "", ""),
        (1, "2001:db8::1", "2001:db8::"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
    ],
)
def test_who_asks_is_read_from_as_many_proxies_as_there_are(settings, proxies, passed_on, source):
    settings.PROXIES = proxies

    assert delays.source_of(RequestFactory().get("/", HTTP_X_FORWARDED_FOR=passed_on)) == source


AT_ONCE = """
from datetime import UTC, datetime
from threading import Barrier, Thread
from django.db import connections
from django.test import RequestFactory
from stakeholders.coming_in import delays
now, got, ready = datetime(2026, 11, 17, tzinfo=UTC), [], Barrier(12)
def guess():
    ready.wait()
    for _ in range(4):
        try:
            delays.claim("password", account="sue@example.org", request=RequestFactory().post("/"), now=now)
            got.append(1)
        except delays.TooSoon:
            pass
    connections.close_all()
together = [Thread(target=guess) for _ in range(12)]
for thread in together: thread.start()
for thread in together: thread.join()
print(len(got))
"""


@pytest.mark.slow
def test_processes_and_threads_at_once_have_five_tries_between_them(
    tmp_path, django_db_setup, django_db_blocker
):
    with django_db_blocker.unblock(), Installation(tmp_path) as installation:
        outs: list[str] = []
        runs = [Thread(target=lambda: outs.append(installation.python(AT_ONCE))) for _ in range(2)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()

    assert sum(int(out) for out in outs) <= 5


# --- on the pages ------------------------------------------------------------------------------


def test_the_page_says_how_long_to_wait_and_another_place_gets_in(client, cast):
    cast.sue.set_password(PASSWORD)
    cast.sue.save()
    answers = [
        client.post("/sign-in/password/", {"login": "sue@example.org", "password": f"no {n}"})
        for n in range(6)
    ]

    other = Client(**OTHER_PLACE)
    other.post("/sign-in/password/", {"login": "Sue@Example.org ", "password": PASSWORD})

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "Wait 15 seconds and try again" in answers[-1].content.decode()
    assert "not locked" in answers[-1].content.decode()
    assert answers[-1]["Retry-After"] == "15"
    assert is_in(other)


def test_the_right_password_too_soon_is_not_looked_at(client, cast):
    cast.sue.set_password(PASSWORD)
    cast.sue.save()
    for n in range(5):
        client.post("/sign-in/password/", {"login": "sue@example.org", "password": f"no {n}"})

    assert (
        client.post("/sign-in/password/", {"login": "sue@example.org", "password": PASSWORD}).status_code
        == 429
    )
    with time_machine.travel(timezone.now() + timedelta(seconds=16)):
        client.post("/sign-in/password/", {"login": "sue@example.org", "password": PASSWORD})
    assert is_in(client)


def test_the_browser_in_which_one_was_signed_in_is_known(client, cast):
    by_code(client, cast.sue)

    assert delays.COOKIE in client.cookies
    assert "sue" not in client.cookies[delays.COOKIE].value


def guess_password(client, n: int) -> int:
    return client.post("/sign-in/password/", {"login": "sue@example.org", "password": f"no {n}"}).status_code


def guess_one_time_code(client, n: int) -> int:
    return client.post("/first-sign-in/", {"email": "sue@example.org", "code": f"{n:08}"}).status_code


def guess_code(client, n: int) -> int:
    if client.get("/sign-in/code/").status_code != 200 and (
        client.post("/sign-in/", {"email": "sue@example.org"}).status_code == 429
    ):
        return 429
    answer = client.post("/sign-in/code/", {"code": "000000"})
    return 422 if answer.status_code == 302 else answer.status_code


def guess_second_step(client, n: int) -> int:
    if client.get("/sign-in/second-step/").status_code != 200:
        code = SignInCode.make(Person.objects.get(email="sue@example.org"), now=timezone.now())
        client.post("/first-sign-in/", {"email": "sue@example.org", "code": code})
    return client.post("/sign-in/second-step/", {"code": f"{n:08}" if n % 2 else f"{n:06}"}).status_code


@pytest.mark.slow
@pytest.mark.parametrize("guess", [guess_password, guess_one_time_code, guess_code, guess_second_step])
def test_a_thousand_guesses_on_the_pages_get_at_most_a_hundred_checks(cast, guess):
    """A guess every 3.6 seconds for an hour, each time from another place."""
    if guess is guess_second_step:
        with_app(cast.sue)
    else:
        SignInCode.make(cast.sue, now=NOW)
    client, answers = Client(), []
    with time_machine.travel(NOW, tick=False) as clock:
        for n in range(1000):
            client.defaults["REMOTE_ADDR"] = place(n)
            answers.append(guess(client, n))
            clock.shift(3.6)

    assert set(answers) <= {422, 429}
    assert 1 < answers.count(422) <= 100


@pytest.mark.slow
def test_a_thousand_requests_send_at_most_five_mails(cast):
    with time_machine.travel(NOW, tick=False) as clock:
        for n in range(1000):
            client = Client(REMOTE_ADDR=place(n))
            client.post("/sign-in/", {"email": "sue@example.org"})
            clock.shift(3.6)

    assert 1 < len(mail.outbox) <= 5
    assert all(re.fullmatch(r"\d{6}", code_in(message)) for message in mail.outbox)


def test_the_second_step_waits_too(client, cast):
    with_app(cast.sue)
    by_code(client, cast.sue)

    codes = [client.post("/sign-in/second-step/", {"code": f"{n:06}"}).status_code for n in range(6)]

    assert codes == [422] * 5 + [429]
    with time_machine.travel(timezone.now() + timedelta(seconds=16)):
        client.post("/sign-in/second-step/", {"code": app_code(at=timezone.now().timestamp())})
    assert is_in(client)


def test_the_admin_pages_have_no_door_of_their_own(client, cast):
    answer = client.post("/admin/login/?next=/admin/", {"username": "sue@example.org", "password": "x"})

    assert answer.url == "/sign-in/?next=/admin/"
