"""What a leader sets for the whole district, and whom it then names."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from stakeholders.models import District, Membership
from tests.builders import make_district, make_person
from tests.filling import offered, send

PAGE, EDIT, HISTORY = (f"/d/cedar/settings/{rest}" for rest in ("", "edit/", "history/"))


@pytest.fixture
def sue(cast, signed_in):
    return signed_in(cast.sue)


def test_a_leader_changes_the_settings_and_the_history_says_who(sue, cast):
    answer = send(
        sue,
        EDIT,
        name="Cedar Valley Schools",
        state="wy",
        nces_id="0601234",
        fiscal_year_starts="9",
        in_charge=cast.alice.pk,
        email_domains="@Cedar.org, students.cedar.org\ncedar.org",
        microsoft_tenant="72F0A1B2-0C3D-4E5F-8A9B-001122334455",
    )

    assert answer.status_code == 302
    cedar = District.objects.get(slug="cedar")
    assert (cedar.name, cedar.state, cedar.nces_id, cedar.fiscal_year_starts) == (
        "Cedar Valley Schools", "WY", "0601234", 9,
    )  # fmt: skip
    assert cedar.domains == ["cedar.org", "students.cedar.org"]
    assert cedar.microsoft_tenant == "72f0a1b2-0c3d-4e5f-8a9b-001122334455"
    told = sue.get(HISTORY).content.decode()
    assert "Sue" in told
    assert "September" in told
    assert "Cedar Valley Schools" in sue.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "\u200b"),
        ("name", "x" * 201),
        ("name", "a\0"),
        ("state", "Colorado"),
        ("state", "1A"),
        ("nces_id", "123"),
        ("nces_id", "１２３４５６７"),
        ("fiscal_year_starts", "0"),
        ("fiscal_year_starts", "13"),
        ("fiscal_year_starts", "1e309"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", ""),
        ("in_charge", "9" * 30),
        ("email_domains", "not a domain"),
        ("email_domains", "\n".join(f"d{n}.org" for n in range(21))),
        ("email_domains", "x" * 1001),
        ("microsoft_tenant", "contoso"),
        ("second_factor_for", "everybody"),
    ],
)
def test_a_value_that_cannot_be_is_an_error_at_its_field_and_the_page_keeps_the_districts_name(
    sue, cast, field, value
):
    answer = send(sue, EDIT, **{"name": "Typed", field: value})

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert answer.context["district"].name == "Cedar School District"
    assert District.objects.get(slug="cedar").version == 1


def test_only_members_who_are_here_can_be_in_charge(sue, cast):
    gone = make_person(cast.cedar, "Gone")
    Membership.objects.filter(person=gone).update(ended_at=timezone.now())

    for person in (cast.charlie, gone):
        answer = send(sue, EDIT, in_charge=person.pk)
        assert answer.context["form"].errors["in_charge"]


def test_a_stale_edit_shows_both_texts(sue, cast):
    form = offered(sue.get(EDIT))
    send(sue, EDIT, name="First", time_zone="America/Chicago")

    answer = sue.post(EDIT, {**form, "name": "Second", "time_zone": "America/New_York"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Second" in page
    assert "First" in page
    assert "Central (Chicago)" in page
    assert District.objects.get(slug="cedar").name == "First"


def test_members_read_what_concerns_them_and_leaders_alone_the_rest(cast, signed_in):
    District.objects.filter(slug="cedar").update(email_domains="cedar.org")
    vera = signed_in(cast.vera)

    page = vera.get(PAGE)

    assert page.status_code == 200
    assert "cedar.org" not in page.content.decode()
    assert [vera.get(url).status_code for url in (EDIT, HISTORY)] == [403, 403]
    charlie = signed_in(cast.charlie)
    assert [charlie.get(url).status_code for url in (PAGE, EDIT, HISTORY)] == [404, 404, 404]


def test_whoever_is_in_charge_is_named_where_somebody_is_told_no(cast, signed_in):
    District.objects.filter(slug="cedar").update(in_charge=cast.alice)
    vera = signed_in(cast.vera)

    for url in (EDIT, PAGE, "/help/", "/account/", "/d/cedar/roles/999999/"):
        assert "Access and help: Alice" in vera.get(url).content.decode() or url == "/help/"
    assert "alice@example.org" in vera.get("/help/").content.decode()


def test_somebody_who_has_left_is_named_no_more(cast, signed_in):
    District.objects.filter(slug="cedar").update(in_charge=cast.alice)
    Membership.objects.filter(person=cast.alice).update(ended_at=timezone.now())

    assert "Alice" not in signed_in(cast.vera).get(PAGE).content.decode()


def test_an_outsider_learns_nobodys_name(cast, signed_in):
    District.objects.filter(slug="cedar").update(in_charge=cast.alice)

    assert b"Alice" not in signed_in(cast.charlie).get(PAGE).content


def test_somebody_whose_access_has_ended_reads_whom_to_ask(cast, signed_in):
    District.objects.filter(slug="cedar").update(in_charge=cast.alice)
    Membership.objects.filter(person=cast.bob).update(ended_at=timezone.now())

    page = signed_in(cast.bob).get("/").content.decode()

    assert "In Cedar School District, ask Alice" in page


def test_the_page_says_how_many_are_asked_for_a_second_step_and_warns_who_asks_without_one(sue, cast):
    page = sue.get(EDIT)

    assert [(s["asked"], s["without"], s["you"]) for s in page.context["second_steps"]] == [
        (1, 1, True),
        (2, 2, True),
    ]
    answer = sue.post(EDIT, {**offered(page), "second_factor_for": "editors"}, follow=True)
    assert "You have no second step yourself yet" in answer.content.decode()


def test_naming_who_is_in_charge_costs_a_page_no_query(cast, signed_in):
    vera = signed_in(cast.vera)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            vera.get("/d/cedar/roles/")
        return len(seen)

    before = queries()
    District.objects.filter(slug="cedar").update(in_charge=cast.alice)

    assert queries() == before


# --- a new time zone --------------------------------------------------------------------------------


def test_a_new_time_zone_counts_from_the_next_local_day():
    district = District(time_zone="America/New_York")
    late = datetime(2026, 11, 18, 4, 30, tzinfo=UTC)  # 11:30 pm in New York, 10:30 pm in Chicago

    district.time_zone = "America/Chicago"
    district.keep_the_day(zone="America/New_York", now=late)

    assert district.today(late) == date(2026, 11, 17)
    assert district.today(datetime(2026, 11, 18, 5, 30, tzinfo=UTC)) == date(
        2026, 11, 18
    )  # New York's midnight
    assert district.today(datetime(2026, 11, 19, 5, 30, tzinfo=UTC)) == date(2026, 11, 18)  # Chicago's day


ZONES = ["America/New_York", "America/Denver", "America/Phoenix", "Pacific/Honolulu", "Pacific/Guam",
         "America/Adak", "America/Puerto_Rico", "UTC"]  # fmt: skip


@given(
    first=st.sampled_from(ZONES),
    then=st.lists(st.tuples(st.sampled_from(ZONES), st.integers(0, 40)), min_size=1, max_size=4),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
)
def test_no_day_is_skipped_and_none_comes_twice_however_often_the_zone_changes(first, then, start):
    district = District(time_zone=first)
    changes = {hours: zone for zone, hours in then}

    days = []
    for hour in range(120):
        now = datetime.fromtimestamp(start.timestamp() + hour * 3600, UTC)
        if hour in changes and changes[hour] != district.time_zone:
            before, district.time_zone = district.time_zone, changes[hour]
            district.keep_the_day(zone=before, now=now)
        days.append(district.today(now))

    steps = {(later - earlier).days for earlier, later in pairwise(days)}
    assert steps <= {0, 1}


def test_a_change_on_the_page_keeps_the_day(sue, cast):
    send(sue, EDIT, time_zone="Pacific/Guam")

    cedar = District.objects.get(slug="cedar")
    assert (cedar.time_zone, cedar.time_zone_before) == ("Pacific/Guam", "America/Denver")
    assert cedar.today(timezone.now()) == make_district("other").today(timezone.now())
    assert "Until" in sue.get(PAGE).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "half", [{"time_zone_before": "UTC"}, {"time_zone_since": datetime(2026, 1, 1, tzinfo=UTC)}]
)
def test_the_database_keeps_both_halves_of_a_change_of_zone(half):
    district = make_district()

    with pytest.raises(IntegrityError), transaction.atomic():
        District.objects.filter(pk=district.pk).update(**half)
