"""The page for whoever runs the installation."""

from datetime import timedelta

import pytest
from django.utils import timezone

from district_plan.kept import kept
from stakeholders.models import Heartbeat, Invitation, Notice
from tests.builders import TODAY, make_person

NOW = timezone.now()


@pytest.fixture(autouse=True)
def asked_for_the_first_time():
    kept.clear()


@pytest.fixture
def operator(db, signed_in):
    person = make_person(None, "Olive", is_staff=True)
    return signed_in(person)


def refused(cast, n: int = 1) -> Notice:
    row = Notice.objects.create(
        district=cast.cedar,
        person=cast.alice,
        kind=f"slip{n}",
        local_day=TODAY,
        subject=f"Was due: Lincoln <b>{n}</b>",
        body="",
        message_id=f"<{n}@x>",
    )
    Notice.objects.filter(pk=row.pk).update(parked_at=NOW, attempts=3, error="550 no such mailbox")
    return row


def test_it_says_what_could_not_be_done_and_why(operator, cast):
    refused(cast)

    page = operator.get("/running/").content.decode()

    assert "Was due: Lincoln &lt;b&gt;1&lt;/b&gt; → alice@example.org" in page
    assert "550 no such mailbox" in page
    assert "Cedar School District" in page


def test_it_says_what_the_installation_is_made_of(operator, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_HOST_PASSWORD = "mail.example.org", "geheim"

    page = operator.get("/running/").content.decode()

    for words in ("0.2.0", "SQL", "mail.example.org", " free of ", "never", "Not everything runs."):
        assert words in page
    assert "geheim" not in page
    assert settings.SECRET_KEY not in page


def test_the_last_copy_is_remembered_and_an_old_one_needs_care(operator, cast):
    Heartbeat.beat("backup", now=NOW - timedelta(days=9))
    assert "9 days ago · <strong>needs your care" in operator.get("/running/").content.decode()

    Heartbeat.beat("backup", now=NOW)
    assert "0 days ago</dd>" in operator.get("/running/").content.decode()


def test_one_can_be_tried_again(operator, cast):
    one, other = refused(cast, 1), refused(cast, 2)

    answer = operator.post(f"/running/notices/{one.pk}/retry/", follow=True)

    one.refresh_from_db()
    other.refresh_from_db()
    assert "1 waits again" in answer.content.decode()
    assert (one.parked_at, one.attempts) == (None, 0)
    assert other.parked_at


def test_all_of_a_kind_can_be_tried_again(operator, cast):
    refused(cast, 1), refused(cast, 2)
    invitation = Invitation.objects.create(
        district=cast.cedar,
        email="new@example.org",
        invited_by=cast.sue,
        made_at=NOW,
        expires_at=NOW + timedelta(days=14),
        message_id="<9@x>",
    )
    Invitation.objects.update(parked_at=NOW)

    operator.post("/running/notices/retry/")

    invitation.refresh_from_db()
    assert not Notice.objects.filter(parked_at__isnull=False).exists()
    assert invitation.parked_at


def test_one_can_be_left_as_it_is_and_is_listed_no_more(operator, cast):
    row = refused(cast)

    page = operator.post(f"/running/notices/{row.pk}/leave/", follow=True).content.decode()
    again = operator.post(f"/running/notices/{row.pk}/leave/", follow=True).content.decode()

    assert "Left as it is" in page
    assert "Was due: Lincoln" not in page
    assert "It had been dealt with already." in again
    row.refresh_from_db()
    assert row.sent_at is None


def test_a_list_that_is_long_is_cut_and_says_so(operator, cast, django_assert_max_num_queries):
    for n in range(30):
        refused(cast, n)

    with django_assert_max_num_queries(32):
        page = operator.get("/running/").content.decode()

    assert page.count("550 no such mailbox") == 25
    assert "And 5 more." in page


@pytest.mark.parametrize(
    "address", ["/running/nothing/retry/", "/running/nothing/1/retry/", "/running/x/1/leave/"]
)
def test_a_kind_that_does_not_exist_is_not_found(operator, address):
    assert operator.post(address).status_code == 404


def test_what_is_not_parked_is_not_touched(operator, cast):
    row = refused(cast)
    Notice.objects.filter(pk=row.pk).update(parked_at=None, sent_at=NOW)

    page = operator.post(f"/running/notices/{row.pk}/retry/", follow=True).content.decode()

    assert "nothing to try again" in page
    assert Notice.objects.get().sent_at


@pytest.mark.parametrize("who", ["sue", "alice", "vera"])
def test_there_is_no_such_page_for_anybody_else(signed_in, cast, who):
    row = refused(cast)
    client = signed_in(getattr(cast, who))

    answers = [client.get("/running/"), client.post(f"/running/notices/{row.pk}/retry/")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == client.get("/nowhere/").content
    row.refresh_from_db()
    assert row.parked_at


def test_whoever_is_signed_out_is_sent_to_sign_in(client, db):
    assert client.get("/running/")["Location"].startswith("/sign-in/")


def test_only_whoever_runs_it_finds_the_link(operator, signed_in, cast):
    assert 'href="/running/"' in operator.get("/account/").content.decode()
    assert 'href="/running/"' not in signed_in(cast.sue).get("/account/").content.decode()
