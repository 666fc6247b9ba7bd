from datetime import UTC, date, datetime

import pytest
import time_machine

from stakeholders.models import Appointment, Building, Direction, Role, RoleArea
from tests.builders import make_person, make_role
from tests.filling import offered, send

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def noon():
    with time_machine.travel(datetime(2026, 11, 17, 19, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def sue(cast, signed_in):
    return signed_in(cast.sue)


def page_of(role, rest=""):
    return f"/d/cedar/roles/{role.pk}/{rest}"


def test_a_leader_appoints_a_deputy_from_a_day_to_come(sue, cast):
    url = page_of(cast.coordinator, "appoint/")

    answer = send(sue, url, person=cast.bob.pk, part="deputises", starts_on="2027-07-01")

    assert answer.url == page_of(cast.coordinator)
    made = Appointment.objects.get(person=cast.bob)
    assert (made.part, made.starts_on, made.ends_on) == ("deputises", date(2027, 7, 1), None)
    page = sue.get(page_of(cast.coordinator)).content.decode()
    assert '<span class="state">next</span>' in page


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"person": ""}, "person"),
        ({"person": "charlie"}, "person"),
        ({"person": "alice"}, "person"),  # holds it already
        ({"person": "9" * 30}, "person"),
        ({"part": "rules"}, "part"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"starts_on": ""}, "starts_on"),
        ({"ends_on": "2026-11-16"}, "ends_on"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(sue, cast, typed, field):
    named = {"alice": cast.alice.pk, "charlie": cast.charlie.pk}
    told = {"person": cast.bob.pk, "starts_on": "2026-11-17", **typed}

    answer = send(sue, page_of(cast.coordinator, "appoint/"), **{k: named.get(v, v) for k, v in told.items()})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Appointment.objects.filter(person=cast.bob).exists()


def test_two_of_one_name_are_told_apart(sue, cast):
    twin = make_person(cast.cedar, "bob2")
    type(twin).objects.filter(pk=twin.pk).update(name="Bob")

    page = sue.get(page_of(cast.coordinator, "appoint/")).content.decode()

    assert "Bob (bob@example.org)" in page
    assert "Bob (bob2@example.org)" in page
    assert "Vera (vera" not in page


def test_a_leader_ends_an_appointment_and_the_history_tells_it(sue, cast):
    one = Appointment.objects.get(role=cast.coordinator)

    send(sue, f"/d/cedar/appointments/{one.pk}/", ends_on="2026-12-31")

    assert [p.name for p in cast.coordinator.holders(today=date(2026, 12, 31))] == ["Alice"]
    assert not cast.coordinator.holders(today=date(2027, 1, 1)).exists()
    page = sue.get(page_of(cast.coordinator, "history/")).content.decode()
    assert "Alice holds it from Jul 1, 2024 to Dec 31, 2026" in page


def test_a_stale_change_of_dates_shows_both(sue, cast):
    one = Appointment.objects.get(role=cast.coordinator)
    url = f"/d/cedar/appointments/{one.pk}/"
    form = offered(sue.get(url))
    send(sue, url, ends_on="2027-06-30")

    answer = sue.post(url, {**form, "ends_on": "2026-12-31"})

    assert answer.status_code == 409
    assert Appointment.objects.get(pk=one.pk).ends_on == date(2027, 6, 30)


@pytest.mark.parametrize("ends_on", ["2024-06-30", "9999-12-31", "soon"])
def test_a_last_day_that_cannot_be_is_a_field_error(sue, cast, ends_on):
    one = Appointment.objects.get(role=cast.coordinator)

    answer = send(sue, f"/d/cedar/appointments/{one.pk}/", ends_on=ends_on)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["ends_on"]


def test_everybody_else_reads_who_appoints(cast, signed_in):
    for person in (cast.alice, cast.vera):
        client = signed_in(person)
        page = client.get(page_of(cast.coordinator)).content.decode()
        assert "Leaders appoint; in most districts that is the superintendent." in page
        assert "/appoint/" not in page
        assert client.post(page_of(cast.coordinator, "appoint/")).status_code == 403


# What a role may do


def test_an_editor_says_what_a_role_may_do(cast, signed_in):
    alice = signed_in(cast.alice)
    lincoln = Building.objects.create(district=cast.cedar, name="Lincoln")

    send(
        alice,
        page_of(cast.superintendent, "edit/"),
        building=lincoln.pk,
        side="both",
        in_cabinet="True",
        decides_alone="True",
        decides_what="Contracts",
        may_spend="25000",
        directs_others="True",
        directs=[cast.coordinator.pk],
        hours_a_week="2.5",
        areas=["leadership", "business"],
    )

    page = " ".join(alice.get(page_of(cast.superintendent)).content.decode().split())
    for words in (
        "Sits in the cabinet. May decide alone about: Contracts. May spend up to $25,000. Directs: Technology"
        " Coordinator. Has 2.5 hours a week for technology.",
        "Leadership &amp; Vision; Business Management",
        "Lincoln · instructional and technical",
    ):
        assert words in page
    assert "Not said yet" not in page
    history = alice.get(page_of(cast.superintendent, "history/")).content.decode()
    for words in (
        "Directs “Technology Coordinator”",
        "Covers Leadership &amp; Vision",
        "May spend up to, in dollars",
    ):
        assert words in history


def test_what_is_unticked_goes_and_what_is_left_open_is_not_said(cast, signed_in):
    alice = signed_in(cast.alice)
    url = page_of(cast.superintendent, "edit/")
    send(alice, url, directs_others="True", directs=[cast.coordinator.pk], areas=["data"], in_cabinet="False")

    send(alice, url, directs_others="", directs=None, areas=None, in_cabinet="")

    row = Role.objects.get(pk=cast.superintendent.pk)
    assert (row.directs_others, row.in_cabinet) == (None, None)
    assert not Direction.objects.exists()
    assert not RoleArea.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"decides_what": "Cables"}, "decides_alone"),
        ({"decides_what": "x" * 301, "decides_alone": "True"}, "decides_what"),
        ({"directs": ["coordinator"]}, "directs_others"),
        ({"directs": ["itself"], "directs_others": "True"}, "directs"),
        ({"directs": ["dune"], "directs_others": "True"}, "directs"),
        ({"may_spend": "-1"}, "may_spend"),
        ({"may_spend": "NaN"}, "may_spend"),
        ({"may_spend": "1e99"}, "may_spend"),
        ({"hours_a_week": "169"}, "hours_a_week"),
        ({"areas": ["cables"]}, "areas"),
        ({"side": "north"}, "side"),
        ({"in_cabinet": "perhaps"}, "in_cabinet"),
        ({"building": "999999999"}, "building"),
    ],
    ids=str,
)
def test_facts_that_cannot_be_are_said_at_their_field(cast, signed_in, typed, field):
    rows = {
        "coordinator": cast.coordinator,
        "itself": cast.superintendent,
        "dune": make_role(cast.dune, "Elsewhere"),
    }
    told = {
        k: [rows[one].pk if one in rows else one for one in v] if isinstance(v, list) else v
        for k, v in typed.items()
    }

    answer = send(signed_in(cast.alice), page_of(cast.superintendent, "edit/"), **told)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_a_stale_edit_of_the_facts_shows_both(cast, signed_in):
    alice, url = signed_in(cast.alice), page_of(cast.coordinator, "edit/")
    form = offered(alice.get(url))
    send(alice, url, hours_a_week="6", areas=["data"])

    answer = alice.post(url, {**form, "hours_a_week": "20"})

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Hours a week for technology" in page
    assert "Data Management" in page


def test_the_page_of_areas_says_how_many_are_blank(cast, signed_in):
    RoleArea.objects.create(role=make_role(cast.cedar, "Librarian"), area="data")

    page = signed_in(cast.vera).get("/d/cedar/roles/areas/").content.decode()

    assert "No role covers 9 of the 10 areas." in page
    assert "Editors and leaders say on a role’s page what it covers." in page
    assert page.index("Leadership &amp; Vision") < page.index("Data Management")
