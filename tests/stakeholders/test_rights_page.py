"""The page that says who may do what here, and to the one who looks: what you may, and why."""

import re

import pytest
from django.utils.timezone import now

from stakeholders.models import Level, Membership
from tests.builders import make_person, make_role

PAGE = "/d/cedar/rights/"


def line(page: str, action: str) -> str:
    """Return what stands beside an action, as plain words."""
    row = re.search(rf"<tr><th scope=\"row\">{re.escape(action)}.*?</tr>", page, re.DOTALL)
    assert row, action
    return " ".join(re.sub(r"<[^>]+>", " ", row[0].removeprefix(action)).split())


def test_a_viewer_reads_what_is_not_hers_and_whose_it_is(signed_in, cast):
    page = signed_in(cast.vera).get(PAGE).content.decode()

    assert "You are here as <b>viewer</b> of Cedar School District" in page
    assert "You hold no role here" in page
    assert line(page, "Adopt a plan").endswith("no Leaders")
    assert line(page, "Read the vision").endswith("yes Every member")
    assert line(page, "Give an update").endswith(
        "no Editors and leaders; and whoever holds a role that leads or supports the step, "
        "or leads it in the building, or is its deputy"
    )


def test_whoever_holds_a_role_may_on_its_steps(signed_in, cast):
    make_role(cast.cedar, "Librarian", cast.vera)

    page = signed_in(cast.vera).get(PAGE).content.decode()

    assert "on your roles’ steps as Librarian" in line(page, "Give an update")
    assert " no " in line(page, "Adopt a plan")


def test_a_role_in_another_district_gives_nothing_here(signed_in, cast):
    make_role(cast.dune, "Librarian", cast.vera)

    page = signed_in(cast.vera).get(PAGE).content.decode()

    assert "Librarian" not in page


def test_a_leader_may_as_a_leader(signed_in, cast):
    page = signed_in(cast.sue).get(PAGE).content.decode()

    assert line(page, "Adopt a plan").endswith("yes as leader Leaders")
    assert "If you need more here" not in page


def asked(page: str) -> str:
    found = re.search(r"If you need more here, ask ([^<]*)\.</p>", page)
    return found[1] if found else ""


@pytest.mark.parametrize("path", [PAGE, "/d/cedar/plans/new/"])
def test_one_reads_whom_to_ask_for_more(path, signed_in, cast):
    cast.cedar.in_charge = cast.alice
    cast.cedar.save()

    page = signed_in(cast.vera).get(path).content.decode()

    assert asked(page) == "Alice, Sue"


def test_whoever_left_is_not_named(signed_in, cast):
    gone = make_person(cast.cedar, "Gina", Level.LEADER)
    Membership.objects.filter(person=gone).update(ended_at=now())
    make_person(cast.cedar, "Ines", Level.LEADER, is_active=False)
    cast.cedar.in_charge = gone
    cast.cedar.save()

    page = signed_in(cast.vera).get(PAGE).content.decode()

    assert asked(page) == "Sue"


def test_a_refusal_leads_to_the_table(signed_in, cast):
    answer = signed_in(cast.vera).get("/d/cedar/plans/new/")

    assert answer.status_code == 403
    assert f'href="{PAGE}"' in answer.content.decode()


@pytest.mark.parametrize("path", ["/d/cedar/people/", "/help/"])
def test_people_and_help_lead_to_the_table(path, signed_in, cast):
    assert f'href="{PAGE}"' in signed_in(cast.vera).get(path).content.decode()


def test_it_makes_few_queries_however_many_roles_one_holds(signed_in, cast, django_assert_max_num_queries):
    client = signed_in(cast.vera)
    for number in range(20):
        make_role(cast.cedar, f"Role {number}", cast.vera)

    with django_assert_max_num_queries(6):
        client.get(PAGE)
