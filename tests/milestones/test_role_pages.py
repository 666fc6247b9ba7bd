from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stakeholders.models import Appointment, Building, Direction, Membership, Person, Role, RoleArea
from tests.builders import make_initiative, make_milestone, make_plan, make_role, make_step
from tests.filling import offered, send
from vision.models import Initiative

pytestmark = pytest.mark.usefixtures("on_today")


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def librarian(cast):
    return make_role(cast.cedar, "Library Media Specialist")


def page_of(role, rest=""):
    return f"/d/cedar/roles/{role.pk}/{rest}"


def test_roles_that_nobody_holds_come_first_and_stand_out(alice, librarian):
    page = alice.get("/d/cedar/roles/")

    assert [role.title for role in page.context["page"]] == [
        "Library Media Specialist",
        "Superintendent",
        "Technology Coordinator",
    ]
    assert page.context["vacant"] == 1
    assert "nobody holds this role" in page.content.decode()


def test_an_appointment_that_ended_or_has_not_begun_holds_nothing(alice, cast, librarian):
    librarian.appointments.create(person=cast.bob, starts_on=date(2025, 1, 1), ends_on=date(2026, 11, 16))
    librarian.appointments.create(person=cast.vera, starts_on=date(2026, 11, 18))

    assert alice.get(page_of(librarian)).context["role"].held_now == []


def test_the_last_day_counts(alice, cast, librarian):
    librarian.appointments.create(person=cast.bob, starts_on=date(2025, 1, 1), ends_on=date(2026, 11, 17))

    page = alice.get(page_of(librarian)).content.decode()

    assert "Bob, since Jan 1, 2025" in page


def test_the_list_counts_what_a_role_leads_and_helps_with_archived_steps_apart(alice, cast, librarian):
    plan = make_plan(cast.cedar)
    make_step(plan, "Leads", lead=librarian, by=cast.alice)
    gone = make_step(plan, "Archived", lead=librarian, by=cast.alice)
    make_step(plan, "Helps").set_owners(lead=None, support=[librarian], by=cast.alice)
    alice.post(f"/d/cedar/steps/{gone.pk}/archive/")

    (row,) = [r for r in alice.get("/d/cedar/roles/").context["page"] if r == librarian]

    assert (row.leads, row.helps) == (1, 1)


def test_the_page_lists_its_steps_what_it_leads_first_and_what_it_sponsors(alice, cast, librarian):
    plan = make_plan(cast.cedar)
    helps = make_step(plan, "Helps")
    helps.set_owners(lead=None, support=[librarian], by=cast.alice)
    make_milestone(plan, "Due", by=cast.alice, step=make_step(plan, "Leads", lead=librarian, by=cast.alice))
    Initiative.objects.update(sponsor=librarian)

    page = alice.get(page_of(librarian))

    assert [(line.step.title, line.step.leads) for line in page.context["lines"]] == [
        ("Leads", True),
        ("Helps", False),
    ]
    assert [one.title for one in page.context["sponsored"]] == ["Reliable Wi-Fi"]
    assert "nobody to answer for it" in page.content.decode()


def test_a_role_is_added_and_renamed_and_the_history_tells_it(alice, cast):
    send(alice, "/d/cedar/roles/new/", title="Network Tech")
    role = Role.objects.get(title="Network Tech")
    send(alice, page_of(role, "edit/"), title="Network Technician")

    role.refresh_from_db()
    assert (role.title, role.version, role.district) == ("Network Technician", 2, cast.cedar)
    assert "<del>Tech</del><ins>Technician</ins>" in alice.get(page_of(role, "history/")).content.decode()


@pytest.mark.parametrize(
    "title", ["Superintendent", "SUPERINTENDENT", " superintendent ", "", "\u200b", "x" * 201, "a\0"]
)
def test_a_title_that_is_taken_or_says_nothing_is_a_field_error(alice, cast, librarian, title):
    assert send(alice, "/d/cedar/roles/new/", title=title).context["form"].errors["title"]
    answer = send(alice, page_of(librarian, "edit/"), title=title)

    assert answer.status_code == 422
    assert answer.context["form"].errors["title"]


def test_two_districts_may_have_a_role_of_the_same_title(alice, cast):
    make_role(cast.dune, "Principal")

    assert send(alice, "/d/cedar/roles/new/", title="Principal").status_code == 302


def test_its_own_title_in_other_capitals_is_no_clash(alice, librarian):
    assert send(alice, page_of(librarian, "edit/"), title="Library media specialist").status_code == 302


def test_a_stale_rename_shows_both(alice, cast, librarian):
    form = offered(alice.get(page_of(librarian, "edit/")))
    librarian.title = "Librarian"
    librarian.save_edit(by=cast.sue, version=1, fields=["title"])

    answer = alice.post(page_of(librarian, "edit/"), {**form, "title": "Media Specialist"})

    assert answer.status_code == 409
    assert "Librarian" in answer.content.decode()


def test_viewers_read_and_outsiders_find_nothing(cast, signed_in, librarian):
    vera = signed_in(cast.vera)
    assert vera.get(page_of(librarian)).status_code == 200
    assert vera.post(page_of(librarian, "edit/")).status_code == 403
    assert vera.get("/d/cedar/roles/new/").status_code == 403

    charlie = signed_in(cast.charlie)
    for url in (
        "/d/cedar/roles/",
        page_of(librarian),
        page_of(librarian, "edit/"),
        f"/d/dune/roles/{librarian.pk}/",
    ):
        assert charlie.get(url).status_code == 404


@pytest.mark.parametrize("url", ["/d/cedar/roles/", "/d/cedar/roles/{role}/"])
def test_the_number_of_queries_does_not_grow(alice, cast, librarian, url):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert alice.get(url.format(role=librarian.pk)).status_code == 200
        return len(seen)

    plan = make_plan(cast.cedar)
    make_milestone(plan, by=cast.alice, step=make_step(plan, "Step", lead=librarian, by=cast.alice))
    few = queries()
    for n in range(30):
        make_role(cast.cedar, f"Role {n}", cast.bob)
        initiative = make_initiative(plan, f"Initiative {n}")
        make_milestone(
            plan,
            by=cast.alice,
            step=make_step(plan, "S", initiative=initiative, lead=librarian, by=cast.alice),
        )

    assert queries() == few


def test_the_page_tells_who_serves_who_is_next_and_who_was_here_before(alice, cast, librarian):
    make_role(cast.cedar, "Library Media Specialist", cast.bob, since=date(2025, 1, 1))
    make_role(cast.cedar, "Network Technician", cast.bob)
    librarian.appointments.create(person=cast.vera, starts_on=date(2026, 1, 1), part="deputises")
    librarian.appointments.create(person=cast.sue, starts_on=date(2027, 7, 1))
    librarian.appointments.create(person=cast.alice, starts_on=date(2020, 7, 1), ends_on=date(2024, 12, 31))

    page = alice.get(page_of(librarian))

    service = page.context["service"]
    assert [[one.person.name for one in group] for group in (service.now, service.later, service.before)] == [
        ["Vera", "Bob"],
        ["Sue"],
        ["Alice"],
    ]
    words = page.content.decode()
    assert "also holds:" in words
    assert "Vera, deputy" in words
    assert "nobody holds this role" not in words


def test_a_post_that_leads_much_and_may_do_nothing_is_said_calmly(alice, cast):
    make_step(make_plan(cast.cedar), lead=cast.coordinator, by=cast.alice)
    Role.objects.filter(pk=cast.coordinator.pk).update(
        in_cabinet=False, decides_alone=False, may_spend=0, directs_others=False, hours_a_week=6
    )

    page = " ".join(alice.get(page_of(cast.coordinator)).content.decode().split())
    table = " ".join(alice.get("/d/cedar/roles/powers/").content.decode().split())

    assert (
        "Leads 1 step. Does not sit in the cabinet. May not decide alone. May not spend. Directs nobody. Has 6 hours a"
        " week for technology." in page
    )
    assert "it says nothing about whoever holds it" in page
    assert "1 role leads steps, sits outside the cabinet" in table


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("show=vacant", ["Library Media Specialist"]),
        ("show=technical", ["Technology Coordinator"]),
        ("show=untagged", ["Library Media Specialist", "Superintendent"]),
        ("show=both", []),
        ("show=nonsense", ["Library Media Specialist", "Superintendent", "Technology Coordinator"]),
        ("building={lincoln}", ["Library Media Specialist"]),
        ("building={lincoln}&show=technical", []),
        ("building=99999999999999999999", []),
    ],
)
def test_the_list_is_narrowed(alice, cast, librarian, query, shown):
    Role.objects.filter(pk=cast.coordinator.pk).update(side="technical")
    lincoln = Building.objects.create(district=cast.cedar, name="Lincoln")
    Role.objects.filter(pk=librarian.pk).update(building=lincoln)

    page = alice.get(f"/d/cedar/roles/?{query.format(lincoln=lincoln.pk)}")

    assert [role.title for role in page.context["page"]] == shown


def test_sixty_roles_and_a_thousand_people_take_as_many_queries(alice, cast, librarian):
    def queries():
        counts = []
        for url in (
            "/d/cedar/roles/",
            "/d/cedar/roles/powers/",
            "/d/cedar/roles/areas/",
            page_of(cast.coordinator),
        ):
            with CaptureQueriesContext(connection) as seen:
                assert alice.get(url).status_code == 200
            counts.append(len(seen))
        return counts

    librarian.areas.create(area="data")
    cast.superintendent.directions.create(other=librarian)
    few = queries()
    people = Person.objects.bulk_create(Person(email=f"p{n}@example.org", name=f"P {n}") for n in range(1000))
    Membership.objects.bulk_create(Membership(district=cast.cedar, person=one) for one in people)
    roles = Role.objects.bulk_create(Role(district=cast.cedar, title=f"Role {n}") for n in range(60))
    Appointment.objects.bulk_create(
        Appointment(district=cast.cedar, role=roles[n % 60], person=one, starts_on=date(2025, 1, 1))
        for n, one in enumerate(people)
    )
    RoleArea.objects.bulk_create(RoleArea(district=cast.cedar, role=one, area="team") for one in roles)
    Direction.objects.bulk_create(
        Direction(district=cast.cedar, role=one, other=cast.coordinator) for one in roles
    )

    assert queries() == few
