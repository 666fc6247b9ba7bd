"""Known and unknown addresses take the same time: nobody learns from a clock who is here (safety.md 6, 41)."""

import time
from statistics import median

import pytest
from django.test import Client
from django.utils import timezone

from stakeholders.models import SignInCode
from tests.builders import make_person

TIMES = 60  # of each, in turn
WITHIN = 0.010  # seconds between the medians
PASSWORD = "four quiet words of chalk"


def ask_for_code(client: Client, email: str) -> int:
    return client.post("/sign-in/", {"email": email}).status_code


def try_password(client: Client, email: str) -> int:
    return client.post("/sign-in/password/", {"login": email, "password": "not the password"}).status_code


def try_one_time_code(client: Client, email: str) -> int:
    return client.post("/first-sign-in/", {"email": email, "code": "00000000"}).status_code


def taken(do, email: str, n: int) -> float:
    """Return the seconds that one request takes, from a place of its own: nobody waits."""
    client = Client(REMOTE_ADDR=f"10.{n // 250}.{n % 250}.7")
    start = time.perf_counter()
    status = do(client, email)
    after = time.perf_counter()
    assert status in (302, 422)
    return after - start


def medians(do, times: int = TIMES) -> tuple[float, float]:
    """Return the medians for addresses that are known and for others, asked in turn so that both meet the same weather."""
    known, unknown = [], []
    for n in range(times):
        unknown.append(taken(do, f"nobody-{n}@example.org", 2 * n))
        known.append(taken(do, f"person-{n}@example.org", 2 * n + 1))
    return median(known), median(unknown)


@pytest.fixture
def people(cast, settings):
    """A crowd with passwords that take as long to check as in earnest."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    kept = None
    for n in range(TIMES):
        person = make_person(cast.cedar, f"Person-{n}")
        if kept is None:
            person.set_password(PASSWORD)
            kept = person.password
        type(person).objects.filter(pk=person.pk).update(password=kept)
        if n % 2:
            SignInCode.make(person, now=timezone.now())


@pytest.mark.slow
@pytest.mark.parametrize("do", [ask_for_code, try_one_time_code], ids=lambda do: do.__name__)
def test_known_and_unknown_take_the_same_time(people, do):
    do(Client(REMOTE_ADDR="10.99.0.1"), "warm-up@example.org")

    known, unknown = medians(do)

    assert abs(known - unknown) < WITHIN, f"{known * 1000:.1f} ms and {unknown * 1000:.1f} ms"


@pytest.mark.slow
def test_a_password_takes_the_same_time(people):
    """A check takes a quarter of a second, so the bound is a part of it: one check more or less would show."""
    try_password(Client(REMOTE_ADDR="10.99.0.1"), "warm-up@example.org")

    known, unknown = medians(try_password, times=12)

    assert abs(known - unknown) < max(WITHIN, 0.15 * unknown), (
        f"{known * 1000:.1f} ms and {unknown * 1000:.1f} ms"
    )
