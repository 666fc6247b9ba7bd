"""The school calendar: which days count, and how they come in and go again."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stakeholders.calendar.school_days import SchoolCalendar, days_off_since
from stakeholders.models import CalendarEntry, CalendarImport, DayKind, DayOff, District
from stakeholders.models.school_calendar import OFF
from tests.builders import TODAY, make_milestone, make_plan
from tests.filling import offered, send

pytestmark = pytest.mark.usefixtures("on_today")
PAGE = "/d/cedar/settings/calendar/"
NEW, SEVERAL = PAGE + "new/", PAGE + "several/"
THANKSGIVING = {
    "title": "Thanksgiving break",
    "kind": "break",
    "first_day": "2026-11-25",
    "last_day": "2026-11-27",
}


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def make_entry(district, title="Winter break", first=date(2026, 12, 21), last=date(2027, 1, 1), kind="break"):
    return CalendarEntry.objects.create(
        district=district, title=title, kind=kind, first_day=first, last_day=last
    )


def calendar_file(*events: str, name: str = "school.ics") -> SimpleUploadedFile:
    """A file whose events are given by their lines; each has a title and a first day at least."""
    inside = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\n{event}\r\nEND:VEVENT\r\n" for n, event in enumerate(events)
    )
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n"
    return SimpleUploadedFile(name, text.encode())


def days_of(first: str, last_exclusive: str, title: str) -> str:
    return f"DTSTART;VALUE=DATE:{first}\r\nDTEND;VALUE=DATE:{last_exclusive}\r\nSUMMARY:{title}"


SCHOOL = (
    days_of("20261125", "20261128", "Thanksgiv\r\n ing break"),
    days_of("20270405", "20270417", "State testing"),
    days_of("20261109", "20261110", "Holiday concert"),
)


def bring_in(client, file) -> str:
    """Upload a file and return the address of its preview."""
    answer = client.post(SEVERAL, {"file": file, "lines": "", "school_year": "2027"})
    assert answer.status_code == 302, answer.context["form"].errors
    return answer.url


def take(client, url, **changes):
    """Add what the preview offers, as it offers it but for `changes`."""
    return client.post(url, {**offered(client.get(url)), **changes})


# --- which days count -------------------------------------------------------------------------------

spans = st.lists(
    st.tuples(st.integers(-40, 40), st.integers(0, 15), st.sampled_from(DayKind.values), st.booleans()),
    max_size=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(entries=spans, after=st.integers(-50, 50), age=st.integers(0, 40))
def test_the_calendar_in_hand_and_the_query_count_the_same_days(cast, entries, after, age):
    CalendarEntry.objects.all().delete()
    DayOff.objects.all().delete()
    for n, (start, more, kind, removed) in enumerate(entries):
        first = TODAY + timedelta(days=start)
        entry = make_entry(cast.cedar, f"{n}", first, first + timedelta(days=more), kind)
        if removed:
            entry.archive(by=cast.alice, today=TODAY)
    make_entry(cast.dune, "Theirs", TODAY - timedelta(days=50), TODAY + timedelta(days=50))
    milestone = make_milestone(make_plan(cast.cedar), by=cast.alice, due=TODAY + timedelta(days=after))
    calendar = SchoolCalendar.of(cast.cedar)

    counted = type(milestone).objects.annotate(n=days_off_since("due", today=TODAY)).get(pk=milestone.pk).n

    assert counted == calendar.days_off(milestone.due, TODAY)
    naive = {
        day for e in CalendarEntry.objects.in_district(cast.cedar).live() if e.kind in OFF for day in e.days
    }
    assert counted == sum(milestone.due < day <= TODAY for day in naive)
    on = calendar.day_of_age(milestone.due, age)
    assert calendar.days_counted(milestone.due, on) == age
    assert age == 0 or calendar.days_counted(milestone.due, on - timedelta(days=1)) == age - 1


def test_the_index_by_day_follows_every_change(cast):
    def off():
        return set(DayOff.objects.in_district(cast.cedar).values_list("day", flat=True))

    first = make_entry(cast.cedar, "A", date(2026, 12, 21), date(2026, 12, 23))
    second = make_entry(cast.cedar, "B", date(2026, 12, 23), date(2026, 12, 24), "day-off")
    assert off() == {date(2026, 12, d) for d in (21, 22, 23, 24)}
    second.kind = "testing"
    second.save_edit(by=cast.alice, version=1, fields=["kind"])
    assert off() == {date(2026, 12, d) for d in (21, 22, 23)}
    first.archive(by=cast.alice, today=TODAY)
    assert off() == set()
    first.bring_back(by=cast.alice)
    assert off() == {date(2026, 12, d) for d in (21, 22, 23)}


@pytest.mark.parametrize(
    "facts",
    [{"kind": "party"}, {"last_day": date(2026, 12, 20)}],
)
def test_the_database_refuses_what_is_no_entry(cast, facts):
    entry = make_entry(cast.cedar)

    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarEntry.objects.filter(pk=entry.pk).update(**facts)


def test_the_database_refuses_the_same_days_under_the_same_title(cast):
    make_entry(cast.cedar)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_entry(cast.cedar, "WINTER break")
    make_entry(cast.dune)


def test_the_database_refuses_an_undo_of_what_was_not_carried_out(cast):
    kept = CalendarImport.objects.create(district=cast.cedar, file_name="x", made_at="2026-11-17T12:00Z")

    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarImport.objects.filter(pk=kept.pk).update(undone_at="2026-11-17T12:00Z")


# --- one at a time ----------------------------------------------------------------------------------


def test_an_entry_is_added_changed_removed_and_brought_back(alice, cast):
    assert send(alice, NEW, **THANKSGIVING).status_code == 302
    entry = CalendarEntry.objects.get()
    send(alice, f"{PAGE}{entry.pk}/edit/", last_day="2026-11-29")
    assert "Nov 25–29, 2026" in alice.get(PAGE).content.decode()

    alice.post(f"{PAGE}{entry.pk}/archive/")
    assert not CalendarEntry.objects.live().exists()
    assert "1 removed entry" in alice.get(PAGE).content.decode()
    alice.post(f"{PAGE}{entry.pk}/bring-back/")

    entry.refresh_from_db()
    assert entry.archived_on is None
    assert entry.version == 2
    told = alice.get(f"{PAGE}{entry.pk}/history/").content.decode()
    assert "Brought back" in told
    assert "Alice" in told


def test_without_a_last_day_it_is_one_day(alice):
    send(alice, NEW, **{**THANKSGIVING, "last_day": ""})

    entry = CalendarEntry.objects.get()
    assert entry.first_day == entry.last_day == date(2026, 11, 25)


def test_a_form_sent_twice_makes_one_entry(alice):
    send(alice, NEW, **THANKSGIVING)

    assert send(alice, NEW, **{**THANKSGIVING, "title": "THANKSGIVING BREAK"}).status_code == 422
    assert CalendarEntry.objects.count() == 1


def test_an_entry_that_was_made_again_is_not_brought_back_beside_it(alice, cast):
    old = make_entry(cast.cedar)
    old.archive(by=cast.alice, today=TODAY)
    make_entry(cast.cedar)

    answer = alice.post(f"{PAGE}{old.pk}/bring-back/", follow=True)

    assert "again" in answer.content.decode()
    assert CalendarEntry.objects.live().count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "x" * 201), ("title", "a\0"), ("kind", "party"), ("kind", ""),
        ("first_day", "2026-02-29"), ("first_day", "0001-01-01"), ("first_day", "9999-12-31"), ("first_day", ""),
        ("last_day", "2026-11-24"), ("last_day", "2027-11-24"), ("last_day", "soon"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_an_error_at_its_field(alice, field, value):
    answer = send(alice, NEW, **{**THANKSGIVING, field: value})

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not CalendarEntry.objects.exists()


def test_a_stale_edit_shows_both_texts(alice, cast):
    entry = make_entry(cast.cedar)
    form = offered(alice.get(f"{PAGE}{entry.pk}/edit/"))
    send(alice, f"{PAGE}{entry.pk}/edit/", title="First")

    answer = alice.post(f"{PAGE}{entry.pk}/edit/", {**form, "title": "Second"})

    assert answer.status_code == 409
    assert "First" in answer.content.decode()


def test_members_read_it_and_outsiders_find_nothing(cast, signed_in):
    entry = make_entry(cast.cedar)
    vera = signed_in(cast.vera)
    assert vera.get(PAGE).status_code == 200
    assert "Bring in several" not in vera.get(PAGE).content.decode()
    for url in (NEW, SEVERAL, f"{PAGE}{entry.pk}/edit/"):
        assert vera.get(url).status_code == 403

    charlie = signed_in(cast.charlie)
    for url in (PAGE, NEW, f"{PAGE}{entry.pk}/edit/", f"/d/dune/settings/calendar/{entry.pk}/edit/"):
        assert charlie.get(url).status_code == 404


@pytest.mark.parametrize("year", ["", "2027", "abc", "-1", "99999999", "２０２７", "2025"])
def test_any_school_year_can_be_asked_for(alice, cast, year):
    make_entry(cast.cedar)

    assert alice.get(PAGE, {"year": year}).status_code == 200


# --- several at once --------------------------------------------------------------------------------


def test_a_file_is_read_looked_at_taken_over_and_taken_back(alice, cast):
    url = bring_in(alice, calendar_file(*SCHOOL))
    rows = alice.get(url).context["form"].rows()
    assert [(one.title, one.first, one.last, one.kind) for one, _field in rows] == [
        ("Holiday concert", date(2026, 11, 9), date(2026, 11, 9), ""),
        ("Thanksgiving break", date(2026, 11, 25), date(2026, 11, 27), "break"),
        ("State testing", date(2027, 4, 5), date(2027, 4, 16), "testing"),
    ]

    assert take(alice, url).status_code == 302

    assert list(CalendarEntry.objects.values_list("title", "kind")) == [
        ("Thanksgiving break", "break"),
        ("State testing", "testing"),
    ]
    kept = CalendarImport.objects.get()
    alice.post(f"{SEVERAL}{kept.pk}/undo/")
    assert not CalendarEntry.objects.live().exists()
    assert not DayOff.objects.exists()
    assert "taken back before" in alice.post(f"{SEVERAL}{kept.pk}/undo/", follow=True).content.decode()


def test_the_same_file_again_adds_nothing(alice):
    take(alice, bring_in(alice, calendar_file(*SCHOOL)))

    url = bring_in(alice, calendar_file(*SCHOOL))
    page = alice.get(url)
    assert [one.title for one in page.context["there"]] == ["Thanksgiving break", "State testing"]
    take(alice, url)
    alice.post(url, {"kind_0": "break"})  # the button pressed twice

    assert CalendarEntry.objects.count() == 2


def test_what_a_title_suggests_may_be_changed(alice):
    url = bring_in(alice, calendar_file(*SCHOOL))

    take(alice, url, kind_0="other", kind_1="", kind_2="break")

    assert list(CalendarEntry.objects.values_list("title", "kind")) == [
        ("Holiday concert", "other"),
        ("State testing", "break"),
    ]


def test_a_kind_that_is_none_is_an_error_at_its_line(alice):
    url = bring_in(alice, calendar_file(*SCHOOL))

    answer = take(alice, url, kind_1="party")

    assert answer.status_code == 422
    assert not CalendarEntry.objects.exists()


def test_undo_leaves_what_somebody_has_changed_since(alice, cast):
    take(alice, bring_in(alice, calendar_file(*SCHOOL)))
    entry = CalendarEntry.objects.get(kind="testing")
    send(alice, f"{PAGE}{entry.pk}/edit/", title="State tests")

    alice.post(f"{SEVERAL}{CalendarImport.objects.get().pk}/undo/")

    assert list(CalendarEntry.objects.live().values_list("title", flat=True)) == ["State tests"]


def test_what_was_read_can_be_put_away(alice):
    url = bring_in(alice, calendar_file(*SCHOOL))

    assert alice.post(f"{url}discard/").status_code == 302
    assert alice.get(url).status_code == 404
    assert not CalendarImport.objects.exists()


def test_lines_are_read_in_the_school_year_that_was_chosen(alice):
    lines = "Nov 25 - Nov 27 Thanksgiving break\n\n1/18: MLK Day\nDec 21 – Jan 3, 2027 Winter break\nMay 8 Pumpkin day"

    answer = alice.post(SEVERAL, {"lines": lines, "school_year": "2027"})
    take(alice, answer.url)

    assert list(CalendarEntry.objects.values_list("title", "kind", "first_day", "last_day")) == [
        ("Thanksgiving break", "break", date(2026, 11, 25), date(2026, 11, 27)),
        ("Winter break", "break", date(2026, 12, 21), date(2027, 1, 3)),
        ("MLK Day", "day-off", date(2027, 1, 18), date(2027, 1, 18)),
        ("Pumpkin day", "other", date(2027, 5, 8), date(2027, 5, 8)),
    ]


def test_lines_that_tell_no_day_are_named_and_what_was_typed_is_kept(alice):
    lines = "Nov 25 Thanksgiving\nsome day\nFeb 30 No day\nNov 27 - Nov 25 Backwards\nNov 3"

    answer = alice.post(SEVERAL, {"lines": lines, "school_year": "2027"})

    assert answer.status_code == 422
    (words,) = answer.context["form"].errors["lines"]
    assert words == (
        "Line 2: no day was found in it. Line 3: there is no such day. "
        "Line 4: its last day comes before its first. Line 5: it does not say what is on that day."
    )
    assert "some day" in answer.content.decode()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 422),
        ({"lines": "Nov 25 x", "school_year": "1e309"}, 422),
        ({"lines": "Nov 25 x", "school_year": "1999"}, 422),
        ({"lines": "\n".join(["Nov 25 x"] * 201), "school_year": "2027"}, 422),
        ({"lines": "Nov 25 x" + "\0", "school_year": "2027"}, 422),
        ({"lines": "9" * 20_001, "school_year": "2027"}, 422),
    ],
)
def test_what_cannot_be_read_is_refused(alice, sent, status):
    assert alice.post(SEVERAL, sent).status_code == status
    assert not CalendarImport.objects.exists()


def test_a_file_that_is_too_large_is_refused_as_such(alice):
    answer = alice.post(
        SEVERAL, {"file": SimpleUploadedFile("big.ics", b"x" * 5_300_000), "school_year": "2027"}
    )

    assert answer.status_code == 413


def test_another_persons_reading_stays_when_a_new_one_is_made(alice, cast):
    theirs = CalendarImport.objects.create(
        district=cast.cedar, file_name="theirs", made_by=cast.sue, made_at="2026-11-17T12:00Z"
    )
    bring_in(alice, calendar_file(*SCHOOL))
    bring_in(alice, calendar_file(*SCHOOL))

    assert CalendarImport.objects.count() == 2
    assert CalendarImport.objects.filter(pk=theirs.pk).exists()


def test_pages_take_as_many_queries_for_a_full_calendar_as_for_an_empty_one(alice, cast):
    url = bring_in(alice, calendar_file(*SCHOOL))

    def queries(page):
        with CaptureQueriesContext(connection) as seen:
            assert alice.get(page).status_code == 200
        return len(seen)

    before = [queries(page) for page in (PAGE, url, "/d/cedar/settings/")]
    for n in range(60):
        make_entry(cast.cedar, f"Day {n}", TODAY + timedelta(days=n), TODAY + timedelta(days=n))

    assert [queries(page) for page in (PAGE, url, "/d/cedar/settings/")] == before


# --- where it is said -------------------------------------------------------------------------------


def test_a_due_date_in_a_break_is_said_in_lists_and_where_a_date_is_chosen(alice, cast):
    make_entry(cast.cedar)
    milestone = make_milestone(
        make_plan(cast.cedar, adopted_by=cast.sue),
        by=cast.alice,
        lead=cast.coordinator,
        due=date(2026, 12, 24),
    )

    for url in (
        f"/d/cedar/milestones/{milestone.pk}/",
        f"/d/cedar/steps/{milestone.step_id}/",
        "/d/cedar/updates/",
        "/d/cedar/milestones/",
        "/d/cedar/",
    ):
        assert "in Winter break" in alice.get(url).content.decode(), url
    for url in (
        f"/d/cedar/steps/{milestone.step_id}/milestones/new/",
        f"/d/cedar/milestones/{milestone.pk}/move/",
    ):
        page = alice.get(url).content.decode()
        assert "Dec 21, 2026 – Jan 1, 2027 Winter break" in page, url


def test_the_timeline_shades_the_days_on_which_school_is_closed(alice, cast):
    make_entry(cast.cedar)
    make_entry(cast.cedar, "State testing", kind="testing")
    make_milestone(make_plan(cast.cedar, adopted_by=cast.sue), by=cast.alice, due=date(2026, 12, 4))

    page = alice.get("/d/cedar/")

    (band,) = page.context["board"].timeline.bands
    assert band.stretch.words == "Winter break"
    assert 'fill="#e9edf1"' in page.content.decode()


def test_removing_the_district_removes_its_calendar(cast):
    from reports.sample.remove import remove_district

    make_entry(cast.cedar)
    make_entry(cast.dune)
    remove_district(District.objects.get(pk=cast.cedar.pk))

    assert CalendarEntry.objects.count() == CalendarEntry.history.count() == 1
