import re

import pytest
from django.core.management import CommandError, call_command

from stakeholders.models import Appointment, District, Level, Membership, Person, Role, SignInCode
from tests.builders import make_person

CEDAR = ["add_district", "elm", "--name", "Elm School District", "--time-zone", "America/Denver"]
ADD_KIM = [
    "add_person",
    "Kim@Elm.example.org",
    "--name",
    "Kim Lee",
    "--district",
    "cedar",
    "--level",
    "leader",
]


def test_a_district_is_added(db, capsys):
    call_command(*CEDAR, "--state", "co", "--nces-id", "0801234")

    elm = District.objects.get()
    assert (elm.slug, elm.name, elm.time_zone) == ("elm", "Elm School District", "America/Denver")
    assert (elm.state, elm.nces_id) == ("CO", "0801234")
    assert "add_person EMAIL --name NAME --district elm --level leader" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["cedar", "--name", "Cedar", "--time-zone", "America/Denver"], "slug"),  # there is one
        (["a b", "--name", "Elm", "--time-zone", "America/Denver"], "slug"),
        (["elm", "--name", " ", "--time-zone", "America/Denver"], "name"),
        (["elm", "--name", "Elm", "--time-zone", "Denver"], "time_zone"),
        (["elm", "--name", "Elm", "--time-zone", "America/Denver", "--state", "COL"], "state"),
        (["elm", "--name", "Elm", "--time-zone", "America/Denver", "--nces-id", "801234"], "nces_id"),
    ],
)
def test_a_district_with_a_wrong_value_is_refused_in_one_line(cast, arguments, names):
    with pytest.raises(CommandError, match=f"{names}: ") as refusal:
        call_command("add_district", *arguments)

    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)
    assert District.objects.count() == 2


def test_a_person_is_added_and_comes_in_with_the_printed_code(cast, capsys, client):
    call_command(*ADD_KIM, "--role", "Superintendent")

    out = capsys.readouterr().out
    code = re.search(r"code     (\d{4} \d{4})", out).group(1)
    answer = client.post("/first-sign-in/", {"email": "kim@elm.example.org", "code": code})
    kim = Person.objects.get(email="kim@elm.example.org")
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(kim.pk)
    assert "http://localhost:8000/first-sign-in/" in out
    assert Membership.objects.get(person=kim).level == Level.LEADER
    assert kim in cast.superintendent.holders(today=cast.cedar.today(kim.joined_at))
    assert not kim.has_usable_password()
    assert not kim.is_staff


def test_adding_again_changes_nothing_but_the_level_and_the_code(cast, capsys):
    call_command(*ADD_KIM, "--role", "Technician")
    call_command(*[*ADD_KIM[:-1], "editor"], "--role", "technician")

    kim = Person.objects.get(email="kim@elm.example.org")
    assert Membership.objects.get(person=kim).level == Level.EDITOR
    assert Role.objects.filter(title__iexact="technician").count() == 1
    assert Appointment.objects.filter(person=kim).count() == 1
    assert SignInCode.objects.count() == 1


def test_a_known_person_keeps_name_and_other_districts_and_an_ended_membership_stands_again(cast, capsys):
    Membership.objects.create(
        district=cast.cedar, person=cast.charlie, level=Level.VIEWER, ended_at="2026-01-01T00:00Z"
    )

    call_command(
        "add_person", "charlie@example.org", "--name", "C.", "--district", "cedar", "--level", "editor"
    )

    cast.charlie.refresh_from_db()
    assert cast.charlie.name == "Charlie"
    levels = dict(
        Membership.objects.standing().filter(person=cast.charlie).values_list("district__slug", "level")
    )
    assert levels == {"cedar": "editor", "dune": "leader"}


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({1: "kim"}, "email"),
        ({3: " "}, "name"),
        ({5: "nowhere"}, "nowhere"),
        ({7: "boss"}, "boss"),
    ],
)
def test_a_person_with_a_wrong_value_is_refused_in_one_line(cast, change, names):
    arguments = [change.get(n, argument) for n, argument in enumerate(ADD_KIM)]
    before = Person.objects.count()

    with pytest.raises(CommandError, match=names) as refusal:
        call_command(*arguments)

    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)
    assert Person.objects.count() == before


def test_a_role_title_that_is_too_long_leaves_nothing_behind(cast):
    with pytest.raises(CommandError, match="title: "):
        call_command(*ADD_KIM, "--role", "T" * 201)

    assert not Person.objects.filter(email="kim@elm.example.org").exists()


def test_somebody_who_was_switched_off_is_not_let_in_by_the_way(cast):
    make_person(cast.dune, "Gone", is_active=False)

    with pytest.raises(CommandError, match="may not sign in"):
        call_command(
            "add_person", "gone@example.org", "--name", "Gone", "--district", "cedar", "--level", "viewer"
        )

    assert not SignInCode.objects.exists()
