from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stakeholders.models import Level, Membership, Person, Visit
from tests.builders import make_person, make_role

PAGE = "/d/cedar/people/"


def names(answer) -> list[str]:
    return [row.person.name for row in answer.context["page"]]


def test_members_stand_with_level_and_roles_by_name(cast, signed_in):
    answer = signed_in(cast.vera).get(PAGE)

    assert names(answer) == ["Alice", "Bob", "Sue", "Vera"]
    assert "Technology Coordinator" in answer.content.decode()


def test_addresses_and_visits_and_who_left_are_shown_to_editors_and_leaders_only(cast, signed_in):
    Membership.objects.filter(person=cast.bob).update(ended_at=timezone.now())

    for person, sees in ((cast.vera, False), (cast.alice, True), (cast.sue, True)):
        page = signed_in(person).get(PAGE).content.decode()
        assert ("sue@example.org" in page) == sees
        assert ("Last visit" in page) == sees
        assert ("Bob" in page) == sees


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ali", ["Alice"]),
        ("ALI", ["Alice"]),
        ("%", []),
        ("_", []),
        ("a", ["Alice", "Vera"]),
        ("e a", ["Alice", "Vera"]),
        ("' OR 1=1 --", []),
        ("\\", []),
        ("x" * 500, []),
        ("  ", ["Alice", "Bob", "Sue", "Vera"]),
    ],
)
def test_search_is_literal_and_every_word_counts(cast, signed_in, q, found):
    assert names(signed_in(cast.vera).get(PAGE, {"q": q})) == found


def test_a_search_by_address_is_for_those_who_see_addresses(cast, signed_in):
    assert names(signed_in(cast.alice).get(PAGE, {"q": "bob@example"})) == ["Bob"]
    assert names(signed_in(cast.vera).get(PAGE, {"q": "bob@example"})) == []


def test_the_list_is_narrowed_to_a_level_and_counts_the_others(cast, signed_in):
    answer = signed_in(cast.alice).get(PAGE, {"level": "committee"})

    assert names(answer) == ["Bob"]
    assert [n for _value, _label, n in answer.context["levels"]] == [4, 1, 1, 1, 1]
    assert names(signed_in(cast.alice).get(PAGE, {"level": "owner"})) == ["Alice", "Bob", "Sue", "Vera"]


def test_nobody_found_says_so_and_leads_on(cast, signed_in):
    page = signed_in(cast.alice).get(PAGE, {"q": "zzz"}).content.decode()

    assert "Nobody is like that" in page


def test_who_is_alone_here_is_led_to_inviting(cast, signed_in):
    page = signed_in(cast.charlie).get("/d/dune/people/").content.decode()

    assert "You are the only one here so far" in page
    assert "/d/dune/people/invite/" in page


def test_the_last_visit_is_a_day_of_the_district(cast, signed_in):
    Visit.objects.filter(person=cast.bob).delete()
    at = timezone.now() - timedelta(days=3)
    Visit.objects.create(district=cast.cedar, person=cast.bob, page="district", at=at)
    Visit.objects.create(district=cast.dune, person=cast.bob, page="district", at=timezone.now())

    [bob] = [row for row in signed_in(cast.alice).get(PAGE).context["page"] if row.person == cast.bob]

    assert bob.visited_on == cast.cedar.today(at)


def test_a_name_of_two_hundred_letters_or_none_and_hostile_ones_stand_as_text(cast, signed_in):
    make_person(cast.cedar, "W" * 150)
    Person.objects.filter(pk=cast.bob.pk).update(name="")
    Person.objects.filter(pk=cast.vera.pk).update(name="<b>Vera</b>")

    page = signed_in(cast.alice).get(PAGE).content.decode()

    assert "No name yet" in page
    assert "<b>Vera" not in page


def test_a_thousand_people_make_as_many_queries_as_four(cast, signed_in):
    client = signed_in(cast.sue)

    def queries(**asked) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(PAGE, asked).status_code == 200
        return len(seen)

    make_person(cast.cedar, "Eva")
    Membership.objects.filter(person__name="Eva").update(ended_at=timezone.now())
    few = [queries(), queries(q="e", level="viewer"), queries(page=2)]
    people = Person.objects.bulk_create(
        Person(email=f"p{n}@example.org", name=f"Pat {n}") for n in range(1000)
    )
    Membership.objects.bulk_create(
        Membership(
            district=cast.cedar, person=p, level=Level.VIEWER, ended_at=timezone.now() if n % 9 == 0 else None
        )
        for n, p in enumerate(people)
    )
    make_role(cast.cedar, "Teacher", *people[:80])

    assert [queries(), queries(q="e", level="viewer"), queries(page=2)] == few
    assert max(few) <= 12
