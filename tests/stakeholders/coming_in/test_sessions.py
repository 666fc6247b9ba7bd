"""Where one is signed in: the list, ending what one does not know, and what ends sessions by itself."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.utils import timezone

from stakeholders.coming_in import sessions
from stakeholders.models import SignedIn
from tests.coming_in import by_code, code_in, is_in

PASSWORD = "four quiet words of chalk"
CHROMEBOOK = "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1 Version/19.1 Mobile/15E148 Safari/604.1"
FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 15.2; rv:146.0) Gecko/20100101 Firefox/146.0"


def browser(person, agent: str = "", address: str = "192.0.2.7") -> Client:
    """Come in with a browser of its own."""
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    by_code(client, person)
    assert is_in(client)
    return client


def place_of(client) -> SignedIn:
    return SignedIn.objects.get(session_key=client.session.session_key)


def still_in(client) -> bool:
    return client.get("/account/").status_code == 200


# --- the list ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROMEBOOK, "Chrome on Chromebook"),
        (EDGE, "Edge on Windows"),
        (IPHONE, "Safari on iPhone"),
        (FIREFOX, "Firefox on Mac"),
        ("curl/8", "A browser"),
        ("", "A browser"),
        ("<script>alert(1)</script>" * 100, "A browser"),
    ],
)
def test_a_place_is_named_in_plain_words(db, cast, agent, words):
    page = browser(cast.sue, agent).get("/account/").content.decode()

    assert f"<b>{words}</b>" in page
    assert "from the network address 192.0.2.7" in page
    assert "Here, now, since" in page


def test_of_the_browser_s_own_words_two_are_kept(cast):
    browser(cast.sue, EDGE)

    kept = SignedIn.objects.values().get()

    assert (kept["browser"], kept["system"]) == ("Edge", "Windows")
    assert "Mozilla" not in str(kept)


def test_only_one_s_own_places_are_listed(cast):
    browser(cast.alice, EDGE)
    here = browser(cast.sue, FIREFOX)

    page = here.get("/account/").content.decode()

    assert "Firefox on Mac" in page
    assert "Edge on Windows" not in page
    assert "/account/sessions/end-others/" not in page


def test_it_says_when_each_was_used_last_and_writes_that_now_and_then_only(cast, django_assert_num_queries):
    came = timezone.now()
    client = browser(cast.sue)
    with time_machine.travel(came + timedelta(minutes=10), tick=False):
        client.get("/help/")
        assert place_of(client).seen_at < came + timedelta(minutes=1)
    with time_machine.travel(came + timedelta(minutes=40), tick=False):
        client.get("/help/")
        assert place_of(client).seen_at > came + timedelta(minutes=39)


def test_a_session_from_before_the_list_is_listed_at_its_next_request(cast):
    client = browser(cast.sue)
    SignedIn.objects.all().delete()
    session = client.session
    del session[sessions.SEEN]
    session.save()

    client.get("/account/")

    assert place_of(client).person == cast.sue


def test_a_page_that_asks_nobody_who_they_are_touches_no_session(client, db, django_assert_num_queries):
    with django_assert_num_queries(1):  # the database is asked whether it is there
        answer = client.get("/healthz")

    assert "Cookie" not in answer.get("Vary", "")


def test_the_list_makes_few_queries_however_long_it_is(cast, django_assert_max_num_queries):
    client = browser(cast.sue)
    for number in range(60):
        store = client.session.__class__()
        store.create()
        SignedIn.objects.create(
            person=cast.sue,
            session_key=store.session_key,
            since=timezone.now(),
            seen_at=timezone.now() - timedelta(hours=number),
        )

    with django_assert_max_num_queries(14):
        page = client.get("/account/").content.decode()

    assert page.count("Sign out there") == 49  # the fifty newest; this one is among them


@pytest.mark.parametrize(("ticked", "hours"), [({}, 12), ({"stay": "1"}, 14 * 24)])
def test_on_a_shared_device_one_is_signed_out_after_half_a_day(client, cast, ticked, hours):
    client.post("/sign-in/", {"email": "sue@example.org"})
    client.post("/sign-in/code/", {"code": code_in(mail.outbox[0]), **ticked})
    came = timezone.now()

    with time_machine.travel(came + timedelta(hours=hours, minutes=-5), tick=False):
        before = client.session.exists(client.session.session_key) and Session.objects.get().expire_date
    with time_machine.travel(came + timedelta(hours=hours, minutes=5), tick=False):
        assert not still_in(client)
    assert abs(before - came - timedelta(hours=hours)) < timedelta(minutes=1)


# --- ending ------------------------------------------------------------------------------------


def test_signing_out_there_ends_that_place_and_no_other(cast):
    here, there, third = (browser(cast.sue) for _ in range(3))

    answer = here.post(f"/account/sessions/{place_of(there).pk}/end/", follow=True)

    assert "Signed out there." in answer.content.decode()
    assert not still_in(there)
    assert still_in(here)
    assert still_in(third)
    assert here.post("/account/sessions/999999/end/").url == "/account/"  # sent twice


def test_signing_out_everywhere_else_leaves_this_one(cast):
    here, there, third = (browser(cast.sue) for _ in range(3))
    alice = browser(cast.alice)

    answer = here.post("/account/sessions/end-others/", follow=True)

    assert "Signed out in 2 other places." in answer.content.decode()
    assert [still_in(client) for client in (here, there, third, alice)] == [True, False, False, True]
    assert "nowhere else" in here.post("/account/sessions/end-others/", follow=True).content.decode()


def test_nobody_signs_somebody_else_out(cast):
    sue, alice = browser(cast.sue), browser(cast.alice)

    alice.post(f"/account/sessions/{place_of(sue).pk}/end/")

    assert still_in(sue)


def test_switching_a_person_off_ends_every_session_for_good(cast):
    clients = [browser(cast.sue) for _ in range(3)]
    cast.sue.refresh_from_db()
    cast.sue.is_active = False
    cast.sue.save()

    assert not any(still_in(client) for client in clients)
    assert not SignedIn.objects.exists()
    cast.sue.is_active = True
    cast.sue.save()
    assert not any(still_in(client) for client in clients)


def test_a_new_password_ends_the_others_and_leaves_this_one(cast):
    here, there = browser(cast.sue), browser(cast.sue)

    answer = here.post("/account/password/", {"new": PASSWORD}, follow=True)

    assert "signed out everywhere else" in answer.content.decode()
    assert still_in(here)
    assert not still_in(there)
    assert place_of(here).person == cast.sue
    assert SignedIn.objects.count() == 1


def test_signing_out_removes_the_place_and_the_old_id_is_dead(cast):
    client = browser(cast.sue)
    old = client.cookies["sessionid"].value

    client.post("/sign-out/")

    assert not SignedIn.objects.exists()
    client.cookies["sessionid"] = old
    assert not still_in(client)


def test_the_id_changes_at_sign_in_and_the_one_before_is_dead(client, cast):
    client.post("/sign-in/", {"email": "sue@example.org"})
    before = client.cookies["sessionid"].value

    by_code(client, cast.sue)

    assert client.cookies["sessionid"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_somebody_else_signing_in_in_this_browser_takes_nothing_over(client, cast):
    by_code(client, cast.sue)
    client.post("/sign-out/")
    by_code(client, cast.bob)

    assert [row.person for row in SignedIn.objects.all()] == [cast.bob]


# --- purging -----------------------------------------------------------------------------------


def test_what_is_over_is_removed(cast):
    over, live = browser(cast.sue), browser(cast.alice)
    Session.objects.filter(session_key=over.session.session_key).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    page = live.get("/account/").content.decode()

    sessions.purge(now=timezone.now())

    assert page.count("<b>A browser</b>") == 1
    assert [row.person for row in SignedIn.objects.all()] == [cast.alice]
    assert Session.objects.count() == 1
    assert still_in(live)


def test_purging_nothing_writes_nothing(cast, django_assert_num_queries):
    browser(cast.sue)

    with django_assert_num_queries(2):
        sessions.purge(now=timezone.now())


def test_network_addresses_stand_nowhere_else(cast):
    client = browser(cast.sue, address="2001:db8:1:2:3:4:5:6")

    assert place_of(client).network == "2001:db8:1:2::"
    assert not re.search(r"2001:db8:1:2:3", str(list(SignedIn.objects.values())))
