"""A deputy stands in: may say how things go, and is told where nobody holds the role. The post stays vacant."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from milestones import flagging
from milestones.access import may_check_in
from milestones.models import CheckIn, SlipNotice
from stakeholders.appointing import appoint, end_appointment, hand_over
from stakeholders.models import Appointment, District, Membership, Notice
from stakeholders.notices import send_notices
from tests.builders import TODAY, make_milestone, make_plan, make_role
from tests.smtp import Sink

DAY = timedelta(days=1)
NOON = datetime(2026, 11, 17, 19, tzinfo=UTC)
DEPUTISES = Appointment.Part.DEPUTISES


@pytest.fixture
def sink(settings):
    sink = Sink().start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield sink
    sink.stop()


@pytest.fixture
def late(cast):
    plan = make_plan(cast.cedar, adopted_by=cast.sue)
    return make_milestone(plan, by=cast.alice, due=TODAY - DAY, lead=cast.coordinator)


@pytest.fixture
def librarian(cast):
    return make_role(cast.cedar, "Library Media Specialist")


def deputise(cast, role, person=None):
    return appoint(person or cast.bob, role, by=cast.sue, today=TODAY, starts_on=TODAY, part=DEPUTISES)


def flag(day=TODAY):
    flagging.run({day: District.objects.filter(slug="cedar")})


def at(day):
    return lambda: NOON + (day - TODAY)


def told():
    return {row.notice.person.name for row in SlipNotice.objects.filter(notice__withdrawn_at=None)}


def test_a_deputy_may_say_how_it_goes_and_only_while_being_one(cast, late):
    bob = Membership.objects.get(person=cast.bob)
    assert not may_check_in(bob, late.step, today=TODAY)

    deputise(cast, cast.coordinator)

    right = may_check_in(bob, late.step, today=TODAY)
    assert (bool(right), right.role) == (True, cast.coordinator)
    assert right.words == "You are deputy for Technology Coordinator, which leads this."
    assert not may_check_in(bob, late.step, today=TODAY - DAY)


def test_who_holds_one_role_and_deputises_in_another_speaks_as_the_one_that_leads(cast, late):
    helps = make_role(cast.cedar, "Network Technician", cast.bob)
    late.step.set_owners(lead=cast.coordinator, support=[helps], by=cast.alice)
    deputise(cast, cast.coordinator)

    right = may_check_in(Membership.objects.get(person=cast.bob), late.step, today=TODAY)

    assert right.role == cast.coordinator


def test_a_deputys_list_of_updates_says_as_what_and_that_nobody_holds_it(cast, late, librarian, signed_in):
    late.step.set_owners(lead=librarian, by=cast.alice)
    deputise(cast, librarian)

    with time_machine.travel(NOON, tick=False):
        bob = signed_in(cast.bob)
        page = bob.get("/d/cedar/updates/")
        said = bob.post(f"/d/cedar/milestones/{late.pk}/check-in/", {"says": "at-risk", "words": "Waiting"})

    assert [(hat.role, hat.deputy, hat.vacant) for hat in page.context["mine"].hats] == [
        (librarian, True, True)
    ]
    assert "You lead as deputy for" in page.content.decode()
    assert said.status_code == 302
    assert CheckIn.objects.get().role == librarian
    assert [card.milestone for card in page.context["cards"]] == [late]


def test_while_somebody_holds_the_role_mail_goes_to_the_holder_alone(cast, late):
    deputise(cast, cast.coordinator)

    flag()

    assert told() == {"Alice"}


def test_where_nobody_holds_it_mail_goes_to_the_deputy_and_says_why(cast, late, librarian):
    late.step.set_owners(lead=librarian, by=cast.alice)
    deputise(cast, librarian)

    flag()

    assert told() == {"Bob"}
    assert (
        "You are deputy for Library Media Specialist, which nobody holds at present."
        in Notice.objects.get().body
    )


def test_a_holder_who_lost_access_is_no_holder_to_write_to(cast, late):
    deputise(cast, cast.coordinator)
    Membership.objects.filter(person=cast.alice).update(ended_at=NOON)

    flag()

    assert told() == {"Bob"}


# Mail that waits while a role changes hands


def pass_on(cast, to):
    held = Appointment.objects.get(role=cast.coordinator, person=cast.alice)
    when = {"now": NOON, "today": TODAY, "first_day": TODAY}
    hand_over(cast.alice, {held: to}, district=cast.cedar, by=cast.sue, end_access=True, **when)


def test_after_a_hand_over_no_mail_goes_to_the_leaver_and_the_successor_gets_it(cast, late, sink):
    flag()
    assert told() == {"Alice"}

    pass_on(cast, cast.bob)
    for _minute in range(3):
        send_notices(at(TODAY))
        flag()
    for day in (TODAY + DAY, TODAY + 2 * DAY):
        flag(day)
        send_notices(at(day))

    [letter] = sink.letters
    assert letter.to == "bob@example.org"
    assert "Lincoln is cabled" in letter.message.get_content()
    assert told() == {"Bob"}


def test_an_appointment_that_ended_while_the_mail_waited_takes_it_along(cast, late, sink):
    """The mail server was away for a night; who held the role yesterday is still a member."""
    flag()
    end_appointment(Appointment.objects.get(role=cast.coordinator), by=cast.sue, today=TODAY, last_day=TODAY)
    appoint(cast.bob, cast.coordinator, by=cast.sue, today=TODAY, starts_on=TODAY + DAY)

    tomorrow = TODAY + DAY
    send_notices(at(tomorrow))
    flag(tomorrow)
    send_notices(at(tomorrow))

    assert [letter.to for letter in sink.letters] == ["bob@example.org"]


def test_mail_whose_reader_still_holds_the_role_is_sent(cast, late, sink):
    flag()
    deputise(cast, cast.coordinator)

    send_notices(at(TODAY))

    assert [letter.to for letter in sink.letters] == ["alice@example.org"]


def test_mail_about_what_is_done_meanwhile_is_sent_as_it_was_decided(cast, late, sink):
    flag()
    late.refresh_from_db()
    late.complete(by=cast.alice, today=TODAY, done_on=TODAY)

    send_notices(at(TODAY))

    assert [letter.to for letter in sink.letters] == ["alice@example.org"]
    assert CheckIn.objects.count() == 1
