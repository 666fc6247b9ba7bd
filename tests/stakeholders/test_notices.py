from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr

import pytest
from django.db import IntegrityError, transaction
from kombu.exceptions import OperationalError

from stakeholders import notices, outbox, tasks
from stakeholders.models import Heartbeat, Membership, Notice
from stakeholders.notices import decide, send_notices
from stakeholders.outbox import wake_sender
from tests.builders import make_person
from tests.smtp import Sink

DAY = date(2026, 11, 17)


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sink(settings):
    sink = Sink().start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 5
    yield sink
    sink.stop()


def notice_for(person, district, **fields) -> Notice:
    facts = {
        "kind": "slips",
        "day": DAY,
        "subject": "2 dates have passed",
        "body": "Lincoln is cabled",
        **fields,
    }
    return decide(district=district, person=person, **facts)


def run_until_quiet(clock: Clock, *, minutes: int = 120) -> None:
    """Let the sender come every minute."""
    for _minute in range(minutes):
        send_notices(clock)
        clock.forward(minutes=1)


def state(notice: Notice) -> str:
    notice.refresh_from_db()
    facts = {"sent": notice.sent_at, "withdrawn": notice.withdrawn_at, "parked": notice.parked_at}
    return next((word for word, at in facts.items() if at), "waiting")


def test_what_was_decided_arrives_once(cast, sink, clock):
    notice = notice_for(cast.alice, cast.cedar)

    first, second = send_notices(clock), send_notices(clock)

    assert (first.sent, second.sent) == (1, 0)
    assert state(notice) == "sent"
    [letter] = sink.letters
    assert (letter.to, letter.id) == ("alice@example.org", notice.message_id)
    assert letter.message["Subject"] == "2 dates have passed"
    assert letter.message["From"] == '"Technology plan, Cedar School District" <plan@localhost>'
    assert letter.message["To"] == "Alice <alice@example.org>"
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert letter.message.get_content_type() == "text/plain"
    assert letter.message.get_content().strip() == "Lincoln is cabled"


def test_a_second_notice_of_a_kind_for_a_person_and_day_cannot_be_decided(cast):
    notice_for(cast.alice, cast.cedar)

    with pytest.raises(IntegrityError), transaction.atomic():
        notice_for(cast.alice, cast.cedar)

    notice_for(cast.alice, cast.cedar, day=DAY + timedelta(days=1))
    notice_for(cast.alice, cast.dune)
    notice_for(cast.bob, cast.cedar)
    assert len(set(Notice.objects.values_list("message_id", flat=True))) == Notice.objects.count() == 4


@pytest.mark.parametrize("gone", ["membership ended", "may not sign in", "never was one"])
def test_whoever_is_no_member_any_more_gets_nothing(cast, sink, clock, gone):
    notice = notice_for(cast.alice, cast.cedar)
    if gone == "membership ended":
        Membership.objects.filter(person=cast.alice).update(ended_at=clock())
    elif gone == "may not sign in":
        type(cast.alice).objects.filter(pk=cast.alice.pk).update(is_active=False)
    else:
        Membership.objects.filter(person=cast.alice).delete()

    outcome = send_notices(clock)

    assert (outcome.sent, outcome.withdrawn) == (0, 1)
    assert (state(notice), sink.letters) == ("withdrawn", [])


def test_an_address_that_is_refused_is_parked_after_three_tries_and_the_others_get_theirs(cast, sink, clock):
    people = [cast.alice, cast.sue, cast.bob]
    refused, *others = [notice_for(person, cast.cedar) for person in people]
    sink.answer_to["alice@example.org"] = "550 5.1.1 No such person"

    run_until_quiet(clock)

    assert state(refused) == "parked"
    assert (refused.attempts, refused.error) == (3, "550 5.1.1 No such person")
    assert [state(notice) for notice in others] == ["sent", "sent"]
    assert sorted(letter.to for letter in sink.letters) == ["bob@example.org", "sue@example.org"]


def test_three_refusals_are_half_an_hour_apart(cast, sink, clock):
    notice = notice_for(cast.alice, cast.cedar)
    sink.answer_to["alice@example.org"] = "550 mailbox is being moved"
    run_until_quiet(clock, minutes=10)
    assert state(notice) == "waiting"
    sink.answer_to.clear()

    run_until_quiet(clock, minutes=30)

    assert state(notice) == "sent"


def test_not_now_costs_no_try(cast, sink, clock):
    notice = notice_for(cast.alice, cast.cedar)
    sink.answer_to["alice@example.org"] = "450 greylisted, come back"
    run_until_quiet(clock, minutes=20)
    assert (state(notice), notice.attempts, notice.error) == ("waiting", 0, "450 greylisted, come back")
    sink.answer_to.clear()

    run_until_quiet(clock, minutes=5)

    assert state(notice) == "sent"
    assert sink.copies == {notice.message_id: 1}


def test_not_now_is_not_heard_for_ever(cast, sink, clock):
    notice = notice_for(cast.alice, cast.cedar)
    sink.answer_to["alice@example.org"] = "452 mailbox full"
    clock.forward(days=3, minutes=1)

    send_notices(clock)

    assert (state(notice), notice.error) == ("parked", "452 mailbox full")


def test_a_mail_server_that_is_away_costs_nothing_but_time(cast, sink, clock):
    notice, other = notice_for(cast.alice, cast.cedar), notice_for(cast.sue, cast.cedar)
    sink.stop()
    run_until_quiet(clock, minutes=10)
    assert (state(notice), notice.attempts, notice.lease_until) == ("waiting", 0, None)
    sink.start()

    send_notices(clock)

    assert (state(notice), state(other)) == ("sent", "sent")


@pytest.mark.parametrize("answer", ["drop", "421 closing down", "451 disk full"])
def test_a_line_that_breaks_after_the_text_is_tried_again_under_the_same_message_id(
    cast, sink, clock, answer
):
    lost, other = notice_for(cast.alice, cast.cedar), notice_for(cast.sue, cast.cedar)
    sink.after_data = lambda letter: (
        answer if letter.to == "alice@example.org" and len(sink.letters) == 1 else None
    )

    first = send_notices(clock)
    assert (first.sent, first.put_off, state(other), lost.attempts) == (1, 1, "sent", 0)
    clock.forward(minutes=2, seconds=1)
    send_notices(clock)

    assert state(lost) == "sent"
    assert sink.copies == {lost.message_id: 2, other.message_id: 1}


def test_a_server_that_says_nothing_to_a_letter_gets_it_again(cast, sink, clock, settings):
    settings.EMAIL_TIMEOUT = 0.2
    notice = notice_for(cast.alice, cast.cedar)
    sink.pause = 0.5
    assert send_notices(clock).put_off == 1
    sink.pause = 0
    clock.forward(minutes=2, seconds=1)

    send_notices(clock)

    assert (state(notice), notice.attempts) == ("sent", 1)
    assert set(sink.copies) == {notice.message_id}


def test_a_server_that_keeps_breaking_the_line_is_left_alone_for_this_run(cast, sink, clock):
    waiting = [notice_for(make_person(cast.cedar, f"Person{n}"), cast.cedar) for n in range(6)]
    sink.after_data = lambda letter: "drop"

    outcome = send_notices(clock)

    assert (outcome.sent, outcome.put_off) == (0, 3)
    sink.after_data = lambda letter: None
    clock.forward(minutes=2, seconds=1)
    assert send_notices(clock).sent == 6
    assert {state(notice) for notice in waiting} == {"sent"}


def test_a_sender_that_dies_between_yes_and_our_note_of_it_is_followed_by_the_same_message_id(
    cast, sink, clock, monkeypatch
):
    notice = notice_for(cast.alice, cast.cedar)

    def dies(*args, **facts):
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_write", dies)
        with pytest.raises(SystemExit):
            send_notices(clock)
    assert (send_notices(clock).sent, len(sink.letters)) == (0, 1)  # the lease still stands
    clock.forward(seconds=121)

    assert send_notices(clock).sent == 1

    assert sink.copies == {notice.message_id: 2}
    assert state(notice) == "sent"


def test_two_senders_never_hold_the_same_notice(cast, clock):
    notice = notice_for(cast.alice, cast.cedar)

    first, second = (
        outbox._claim(notices.KIND, notice.pk, now=clock()),
        outbox._claim(notices.KIND, notice.pk, now=clock()),
    )

    assert (first, second) == (notice, None)


def test_what_a_sender_died_over_comes_last(cast, sink, clock):
    notices_of = [notice_for(person, cast.cedar) for person in (cast.alice, cast.sue, cast.bob)]
    assert outbox._claim(notices.KIND, notices_of[0].pk, now=clock())
    clock.forward(seconds=121)

    send_notices(clock)

    assert [letter.to.split("@")[0] for letter in sink.letters] == ["sue", "bob", "alice"]


def test_what_ended_three_senders_is_parked_and_stops_nobody(cast, sink, clock):
    poison, other = notice_for(cast.alice, cast.cedar), notice_for(cast.sue, cast.cedar)
    for _time in range(3):
        assert outbox._claim(notices.KIND, poison.pk, now=clock())
        clock.forward(seconds=121)

    outcome = send_notices(clock)

    assert (outcome.parked, outcome.sent) == (1, 1)
    assert (state(poison), state(other)) == ("parked", "sent")
    assert poison.error


def test_a_run_ends_in_time_and_the_rest_is_sent_by_the_next(cast, sink, clock):
    for n in range(5):
        notice_for(make_person(cast.cedar, f"Person{n}"), cast.cedar)
    sink.after_data = lambda letter: clock.forward(seconds=20)

    assert (send_notices(clock).sent, send_notices(clock).sent) == (3, 2)


@pytest.mark.parametrize(
    "name",
    ["Alice\r\nBcc: all@example.org", "Zoë Ångström", 'A "quoted", name <x@y>', "", "名前" * 70, "\x00\x1b["],
)
def test_no_name_keeps_a_notice_from_its_person(cast, sink, clock, name):
    notice = notice_for(cast.alice, cast.cedar)
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(name=name.replace("\x00", ""))
    type(cast.cedar).objects.filter(pk=cast.cedar.pk).update(name=f"Cédar\n{name}".replace("\x00", "")[:200])

    send_notices(clock)

    assert state(notice) == "sent"
    [letter] = sink.letters
    assert parseaddr(str(letter.message["To"]))[1] == "alice@example.org"
    assert letter.message["Bcc"] is None


def test_an_address_that_cannot_be_written_is_parked_and_stops_nobody(cast, sink, clock):
    wrong, right = notice_for(cast.alice, cast.cedar), notice_for(cast.sue, cast.cedar)
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(email="alice\n@example.org")

    run_until_quiet(clock)

    assert (state(wrong), state(right)) == ("parked", "sent")


def test_without_a_mail_server_notices_are_written_to_a_folder(cast, clock, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    send_notices(clock)
    nothing = list(tmp_path.glob("mail/*"))
    notice = notice_for(cast.alice, cast.cedar)

    send_notices(clock)

    [file] = tmp_path.glob("mail/*")
    assert nothing == []
    assert notice.message_id in file.read_text()
    assert state(notice) == "sent"


def test_a_broker_that_is_away_fails_nothing(cast, monkeypatch, caplog, django_capture_on_commit_callbacks):
    def away(*args, **options):
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.sweep, "apply_async", away)

    with django_capture_on_commit_callbacks(execute=True):
        notice_for(cast.alice, cast.cedar)
        wake_sender()

    assert Notice.objects.count() == 1
    assert "connection refused" in caplog.text


def test_the_sweep_sends_and_says_that_it_came_round(cast, mailoutbox):
    notice_for(cast.alice, cast.cedar)

    tasks.sweep()
    tasks.sweep()

    assert [mail.to for mail in mailoutbox] == [["Alice <alice@example.org>"]]
    assert Heartbeat.objects.get(name="notices").at
