from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from stakeholders import appointing
from stakeholders.appointing import NotAppointed, NothingToHandOver, appoint, change_dates, end_appointment
from stakeholders.editing import StaleEdit
from stakeholders.models import Appointment, HandOver, Level, Membership, Role
from tests.builders import TODAY, make_person, make_role

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 17, 19, tzinfo=UTC)
NEXT_YEAR = date(2027, 7, 1)


@pytest.fixture
def librarian(cast):
    return make_role(cast.cedar, "Library Media Specialist")


def appoint_bob(cast, role, **more):
    told = {"by": cast.sue, "today": TODAY, "starts_on": TODAY, **more}
    return appoint(cast.bob, role, **told)


def hand_over(cast, successors, *, person=None, **more):
    told = {"by": cast.sue, "now": NOW, "today": TODAY, "first_day": TODAY, **more}
    return appointing.hand_over(person or cast.alice, successors, district=cast.cedar, **told)


def only(role, person) -> Appointment:
    return Appointment.objects.select_related("role__district", "district").get(role=role, person=person)


# One appointment


def test_the_history_says_who_appointed_whom(cast, librarian):
    made = appoint_bob(cast, librarian, ends_on=NEXT_YEAR)

    record = made.history.get()
    assert (record.history_user, record.person, record.ends_on) == (cast.sue, cast.bob, NEXT_YEAR)
    assert made.district == cast.cedar


def test_asked_for_twice_it_is_one_appointment(cast, librarian):
    assert appoint_bob(cast, librarian) == appoint_bob(cast, librarian)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2027, 1, 31), None),  # on its last day
        (date(2026, 1, 1), date(2026, 11, 17)),  # to its first day
        (date(2026, 1, 1), None),
        (date(2026, 12, 1), date(2026, 12, 2)),
    ],
)
@pytest.mark.parametrize("part", Appointment.Part)
def test_two_appointments_of_one_person_to_one_role_never_share_a_day(
    cast, librarian, starts_on, ends_on, part
):
    appoint_bob(cast, librarian, ends_on=date(2027, 1, 31))

    with pytest.raises(NotAppointed, match="Bob is in this role already, from Nov 17, 2026 to Jan 31, 2027"):
        appoint_bob(cast, librarian, starts_on=starts_on, ends_on=ends_on, part=part)


def test_the_day_after_the_last_one_is_free_and_so_are_other_people(cast, librarian):
    appoint_bob(cast, librarian, ends_on=date(2027, 1, 31))

    appoint_bob(cast, librarian, starts_on=date(2027, 2, 1))
    appoint(cast.vera, librarian, by=cast.sue, today=TODAY, starts_on=TODAY)

    assert librarian.appointments.count() == 3


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "field"),
    [
        (date(1, 1, 1), None, "starts_on"),
        (date(9999, 12, 31), None, "starts_on"),
        (TODAY, TODAY - DAY, "ends_on"),
        (TODAY, date(9999, 12, 31), "ends_on"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(cast, librarian, starts_on, ends_on, field):
    with pytest.raises(NotAppointed) as no:
        appoint_bob(cast, librarian, starts_on=starts_on, ends_on=ends_on)

    assert no.value.field == field
    assert not librarian.appointments.exists()


def test_only_members_are_appointed(cast, librarian):
    Membership.objects.filter(person=cast.bob).update(ended_at=NOW)

    for person in (cast.bob, cast.charlie):
        with pytest.raises(NotAppointed, match="no member of the district"):
            appoint(person, librarian, by=cast.sue, today=TODAY, starts_on=TODAY)


def test_the_last_day_counts_and_a_sharer_goes_on(cast):
    appoint_bob(cast, cast.coordinator)

    end_appointment(only(cast.coordinator, cast.alice), by=cast.sue, today=TODAY, last_day=TODAY)

    assert {p.name for p in cast.coordinator.holders(today=TODAY)} == {"Alice", "Bob"}
    assert [p.name for p in cast.coordinator.holders(today=TODAY + DAY)] == ["Bob"]


def test_of_two_who_change_the_dates_the_second_is_told(cast):
    one = only(cast.coordinator, cast.alice)
    change_dates(one, by=cast.sue, today=TODAY, starts_on=date(2024, 8, 1), ends_on=None, version=1)

    with pytest.raises(StaleEdit):
        change_dates(one, by=cast.sue, today=TODAY, starts_on=date(2024, 9, 1), ends_on=None, version=1)

    assert only(cast.coordinator, cast.alice).starts_on == date(2024, 8, 1)


def test_changed_dates_may_not_run_into_the_next_appointment(cast, librarian):
    first = appoint_bob(cast, librarian, ends_on=date(2026, 12, 31))
    appoint_bob(cast, librarian, starts_on=date(2027, 1, 1))

    with pytest.raises(NotAppointed):
        end_appointment(first, by=cast.sue, today=TODAY, last_day=date(2027, 1, 1))


def test_a_deputy_does_not_fill_a_vacant_post(cast, librarian):
    appoint_bob(cast, librarian, part=Appointment.Part.DEPUTISES)

    (row,) = Role.objects.filter(pk=librarian.pk).with_holders(today=TODAY)
    assert (row.held_now, [one.person for one in row.deputies_now]) == ([], [cast.bob])
    assert librarian in Role.objects.vacant(today=TODAY)
    assert [r.is_holder for r in Role.objects.served_by(cast.bob, today=TODAY)] == [False]


@pytest.mark.parametrize(
    "facts", [{"part": "rules"}, {"ends_on": date(2024, 6, 30)}], ids=lambda facts: next(iter(facts))
)
def test_the_database_refuses_what_no_appointment_can_be(cast, facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.coordinator.appointments.update(**facts)


def test_the_database_refuses_a_second_appointment_without_an_end(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(role=cast.coordinator, person=cast.alice, starts_on=TODAY)


# Everything that somebody holds


def test_everything_passes_on_from_the_day_given(cast, librarian):
    also = appoint(cast.alice, librarian, by=cast.sue, today=TODAY, starts_on=date(2025, 1, 1))
    lead = only(cast.coordinator, cast.alice)

    hand_over(cast, {lead: cast.bob, also: None}, first_day=NEXT_YEAR)

    assert [p.name for p in cast.coordinator.holders(today=NEXT_YEAR - DAY)] == ["Alice"]
    assert [p.name for p in cast.coordinator.holders(today=NEXT_YEAR)] == ["Bob"]
    assert not librarian.holders(today=NEXT_YEAR).exists()


def test_a_role_that_was_forgotten_stops_all_of_it(cast, librarian):
    appoint(cast.alice, librarian, by=cast.sue, today=TODAY, starts_on=TODAY)

    with pytest.raises(NotAppointed, match="Look at them once more"):
        hand_over(cast, {only(cast.coordinator, cast.alice): cast.bob})

    assert [p.name for p in cast.coordinator.holders(today=TODAY)] == ["Alice"]
    assert not HandOver.objects.exists()


def test_what_would_begin_later_passes_on_with_its_own_dates(cast, librarian):
    later = appoint(
        cast.alice, librarian, by=cast.sue, today=TODAY, starts_on=NEXT_YEAR, ends_on=date(2028, 6, 30)
    )

    hand_over(cast, {only(cast.coordinator, cast.alice): cast.bob, later: cast.vera})

    vera = librarian.appointments.get()
    assert (vera.person, vera.starts_on, vera.ends_on) == (cast.vera, NEXT_YEAR, date(2028, 6, 30))


def test_a_deputy_who_follows_is_no_deputy_any_more(cast):
    appoint_bob(cast, cast.coordinator, starts_on=date(2026, 1, 1), part=Appointment.Part.DEPUTISES)

    hand_over(cast, {only(cast.coordinator, cast.alice): cast.bob})

    (row,) = Role.objects.filter(pk=cast.coordinator.pk).with_holders(today=TODAY)
    assert ([one.person for one in row.held_now], row.deputies_now) == ([cast.bob], [])


def test_whoever_holds_it_already_goes_on_as_before(cast):
    bob = appoint_bob(cast, cast.coordinator)

    hand_over(cast, {only(cast.coordinator, cast.alice): cast.bob})

    assert [one.pk for one in cast.coordinator.appointments.holding(TODAY)] == [bob.pk]


def test_nothing_goes_back_to_whoever_leaves_or_to_a_stranger(cast):
    lead = only(cast.coordinator, cast.alice)

    for person in (cast.alice, cast.charlie):
        with pytest.raises(NotAppointed) as no:
            hand_over(cast, {lead: person})
        assert no.value.field == f"to_{lead.pk}"

    assert [p.name for p in cast.coordinator.holders(today=TODAY)] == ["Alice"]


def test_a_second_time_there_is_nothing_left(cast):
    hand_over(cast, {only(cast.coordinator, cast.alice): cast.bob})

    with pytest.raises(NothingToHandOver):
        hand_over(cast, {})


def test_access_ends_with_it_here_and_nowhere_else(cast):
    Membership.objects.create(district=cast.dune, person=cast.alice)

    hand_over(cast, {only(cast.coordinator, cast.alice): cast.bob}, end_access=True)

    standing = Membership.objects.standing().filter(person=cast.alice)
    assert [m.district for m in standing] == [cast.dune]


def test_access_does_not_end_before_the_roles_have_passed_on(cast):
    with pytest.raises(NotAppointed) as no:
        hand_over(
            cast, {only(cast.coordinator, cast.alice): cast.bob}, first_day=TODAY + DAY, end_access=True
        )

    assert no.value.field == "end_access"
    assert Membership.objects.standing().filter(person=cast.alice).exists()


def test_the_only_leader_keeps_the_access(cast):
    lead = only(cast.superintendent, cast.sue)

    with pytest.raises(NotAppointed, match="only leader"):
        hand_over(cast, {lead: cast.alice}, person=cast.sue, end_access=True)

    make_person(cast.cedar, "Ann", Level.LEADER)
    hand_over(cast, {lead: cast.alice}, person=cast.sue, end_access=True)
    assert not Membership.objects.standing().filter(person=cast.sue).exists()


def state(cast):
    rows = Appointment.objects.order_by("role", "person", "starts_on")
    return list(rows.values_list("role", "person", "part", "starts_on", "ends_on")), list(
        Membership.objects.order_by("pk").values_list("person", "ended_at")
    )


def test_undone_on_the_same_day_everything_is_as_before(cast, librarian):
    appoint_bob(cast, cast.coordinator, starts_on=date(2026, 1, 1), part=Appointment.Part.DEPUTISES)
    today = appoint(cast.alice, librarian, by=cast.sue, today=TODAY, starts_on=TODAY)
    before = state(cast)
    done = hand_over(cast, {only(cast.coordinator, cast.alice): cast.bob, today: cast.vera}, end_access=True)
    assert state(cast) != before

    for _twice in range(2):
        appointing.undo_hand_over(done, by=cast.sue, now=NOW, today=TODAY)

    assert state(cast) == before
    assert done.undone_by == cast.sue


def test_it_cannot_be_undone_on_another_day_or_over_a_later_change(cast):
    done = hand_over(cast, {only(cast.coordinator, cast.alice): cast.bob})

    with pytest.raises(NotAppointed, match="on the day"):
        appointing.undo_hand_over(done, by=cast.sue, now=NOW + DAY, today=TODAY + DAY)
    end_appointment(only(cast.coordinator, cast.bob), by=cast.sue, today=TODAY, last_day=NEXT_YEAR)
    with pytest.raises(NotAppointed, match="changed"):
        appointing.undo_hand_over(done, by=cast.sue, now=NOW, today=TODAY)

    assert [p.name for p in cast.coordinator.holders(today=TODAY)] == ["Bob"]


def test_the_outcome_says_what_was_left_vacant(cast, librarian):
    also = appoint(cast.alice, librarian, by=cast.sue, today=TODAY, starts_on=date(2025, 1, 1))

    done = hand_over(cast, {only(cast.coordinator, cast.alice): cast.bob, also: None})

    assert [(one.role.title, one.to) for one in appointing.outcome(done)] == [
        ("Library Media Specialist", None),
        ("Technology Coordinator", cast.bob),
    ]
