from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stakeholders.models import Appointment, HandOver, Membership
from tests.builders import TODAY, make_milestone, make_person, make_plan, make_role, make_step
from vision.models import Initiative

pytestmark = pytest.mark.usefixtures("on_today")


@pytest.fixture
def sue(cast, signed_in):
    return signed_in(cast.sue)


@pytest.fixture
def librarian(cast):
    return make_role(cast.cedar, "Library Media Specialist", cast.alice)


@pytest.fixture
def lead(cast):
    return Appointment.objects.get(role=cast.coordinator, person=cast.alice)


@pytest.fixture
def library(cast, librarian):
    return Appointment.objects.get(role=librarian)


def page_of(person):
    return f"/d/cedar/people/{person.pk}/hand-over/"


def holders(role, day=TODAY):
    return [person.name for person in role.holders(today=day)]


def test_the_page_says_what_moves(sue, cast, lead, library):
    plan = make_plan(cast.cedar, adopted_by=cast.sue)
    make_step(plan, "Led", lead=cast.coordinator, by=cast.alice)
    both = make_step(plan, "Led and helped with")
    both.set_owners(lead=cast.coordinator, support=[library.role], by=cast.alice)
    make_step(plan, "Helped with").set_owners(lead=None, support=[library.role], by=cast.alice)
    Initiative.objects.update(sponsor=library.role)
    late = make_milestone(plan, by=cast.alice, lead=cast.coordinator)
    late.move_due(by=cast.alice, today=TODAY, to=date(2027, 1, 8), reason="vendor")

    page = sue.get(page_of(cast.alice))

    load = page.context["load"]
    assert (load.leads, load.helps, load.sponsors, load.requests) == (3, 1, 1, 1)
    words = " ".join(page.content.decode().split())
    assert (
        "2 roles change hands. With it go: 3 steps led, 1 helped with, 1 initiative sponsored, 1 request"
        in words
    )
    assert "leads 3 steps · helps with 0" in words


def test_all_goes_to_the_same_person_but_where_another_is_chosen(sue, cast, lead, library):
    answer = sue.post(
        page_of(cast.alice),
        {"first_day": "2026-11-17", "to_all": cast.bob.pk, f"to_{library.pk}": cast.vera.pk},
        follow=True,
    )

    assert answer.status_code == 200
    assert (holders(cast.coordinator), holders(library.role)) == (["Bob"], ["Vera"])
    page = answer.content.decode()
    assert "Handed over: what Alice held" in page
    assert "Undo all of it" in page


def test_nothing_is_left_vacant_unless_somebody_chose_so(sue, cast, lead, library):
    told = {"first_day": "2026-11-17", f"to_{lead.pk}": cast.bob.pk}

    forgotten = sue.post(page_of(cast.alice), told)
    chosen = sue.post(page_of(cast.alice), {**told, f"to_{library.pk}": "vacant"}, follow=True)

    assert forgotten.status_code == 422
    assert "on purpose" in forgotten.content.decode()
    assert f'<option value="{cast.bob.pk}" selected>' in forgotten.content.decode()
    assert holders(library.role) == []
    assert "nobody holds this role" in chosen.content.decode()


def test_a_shared_role_can_be_left_to_whoever_shares_it(sue, cast, lead):
    make_role(cast.cedar, "Technology Coordinator", cast.bob)

    page = sue.get(page_of(cast.alice)).content.decode()
    sue.post(page_of(cast.alice), {"first_day": "2026-11-17", f"to_{lead.pk}": "vacant"})

    assert "Leave it to Bob" in page
    assert holders(cast.coordinator) == ["Bob"]


def test_sent_twice_it_is_one_hand_over(sue, cast, lead):
    told = {"first_day": "2026-11-17", "to_all": cast.bob.pk}

    first, second = sue.post(page_of(cast.alice), told), sue.post(page_of(cast.alice), told)

    assert first.url == second.url
    assert HandOver.objects.count() == 1
    assert Appointment.objects.filter(person=cast.bob).count() == 1


def test_access_ends_with_it_and_comes_back_with_the_undo(sue, cast, signed_in, client, lead):
    told = {"first_day": "2026-11-17", "to_all": cast.bob.pk, "end_access": "on"}
    done = sue.post(page_of(cast.alice), told)
    assert not Membership.objects.standing().filter(person=cast.alice).exists()

    answer = sue.post(f"{done.url}undo/", follow=True)

    assert "everything is as it was before" in answer.content.decode()
    assert '<td data-l="Now with">Alice' in answer.content.decode()
    assert Membership.objects.standing().filter(person=cast.alice).exists()
    assert holders(cast.coordinator) == ["Alice"]


def test_a_leader_may_hand_over_and_leave(sue, cast):
    make_person(cast.cedar, "Ann", "leader")
    held = Appointment.objects.get(person=cast.sue)

    told = {"first_day": "2026-11-17", f"to_{held.pk}": cast.alice.pk, "end_access": "on"}
    answer = sue.post(page_of(cast.sue), told)

    assert answer.url == "/"
    assert holders(cast.superintendent) == ["Alice"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"first_day": ""}, "first_day"),
        ({"first_day": "0001-01-01"}, "first_day"),
        ({"first_day": "9999-12-31"}, "first_day"),
        ({"first_day": "2024-07-01"}, "first_day"),  # the very day on which Alice began
        ({"to_all": "alice"}, "to_all"),
        ({"to_all": "charlie"}, "to_all"),
        ({"to_all": "9" * 40}, "to_all"),
        ({"to_all": "vacant"}, "to_all"),
        ({"first_day": "2026-11-18", "end_access": "on"}, "end_access"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(sue, cast, lead, typed, field):
    named = {"alice": cast.alice.pk, "charlie": cast.charlie.pk}
    told = {"first_day": "2026-11-17", "to_all": cast.bob.pk, **typed}

    answer = sue.post(page_of(cast.alice), {k: named.get(v, v) for k, v in told.items()})

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert holders(cast.coordinator) == ["Alice"]


def test_whoever_holds_nothing_is_said_so(sue, cast):
    page = sue.get(page_of(cast.vera)).content.decode()

    assert "Vera holds no role here, now or later." in page


def test_leaders_hand_over_and_nobody_else(cast, signed_in):
    for person in (cast.alice, cast.bob):
        answer = signed_in(person).get(page_of(cast.alice))
        assert answer.status_code == 403
        assert "Leaders may do this" in answer.content.decode()
    assert signed_in(cast.charlie).get(page_of(cast.alice)).status_code == 404


def test_the_page_takes_as_many_queries_with_eight_roles_and_many_members(sue, cast):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert sue.get(page_of(cast.alice)).status_code == 200
        return len(seen)

    few = queries()
    for n in range(8):
        make_role(cast.cedar, f"Role {n}", cast.alice)
        make_person(cast.cedar, f"P{n}")

    assert queries() == few
