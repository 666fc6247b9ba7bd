"""What an import does in a district: who comes in, who stays as they are, and what the same file does again."""

from datetime import UTC, datetime, timedelta

import pytest

from stakeholders.importing.apply import NotDone, apply_import
from stakeholders.importing.choices import Choices
from stakeholders.importing.keeping import keep_reading
from stakeholders.importing.lists import blocks_of_csv, read_list
from stakeholders.importing.proposals import compare
from stakeholders.importing.undo import undo_import
from stakeholders.models import (
    Appointment,
    Building,
    Level,
    Membership,
    PeopleImport,
    PeopleImportRow,
    Person,
    Role,
    SignInCode,
    Visit,
    Workplace,
)
from tests.builders import TODAY, make_person, make_role
from tests.stakeholders.importing.rosters import STAFF, User, read, roster_1_2

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
LIST = "E-mail,Name,Role,School,Level\n{}\n"


def keep(district, found, by, **choices) -> PeopleImport:
    job = keep_reading(district, found, file_name="roster.zip", by=by, now=NOW)
    Choices(**choices).keep(job)
    return job


def bring_in(cast, found=None, *, now=NOW, district=None, by=None, **choices) -> PeopleImport:
    job = keep(district or cast.cedar, found or read(roster_1_2()), by or cast.sue, **choices)
    apply_import(job, by=by or cast.sue, now=now, today=TODAY)
    return job


def people_list(*lines: str):
    return read_list(blocks_of_csv(LIST.format("\n".join(lines)).encode()))


def would(job, cast) -> tuple[dict, dict]:
    comparison = compare(job, by=cast.sue, today=TODAY)
    return comparison.counts(), comparison.building_counts()


def member(district, email: str) -> Membership:
    return Membership.objects.in_district(district).get(person__email=email)


def everything() -> dict:
    """All rows of what an import may touch."""
    return {
        model: list(model.objects.order_by("pk").values())
        for model in (Person, Membership, Building, Workplace, Role, Appointment)
    }


def test_staff_come_in_as_viewers_without_a_password_and_schools_become_buildings(cast):
    bring_in(cast)

    ana = member(cast.cedar, "ana.rivera@example.org")
    assert (ana.person.name, ana.level, ana.source_id) == ("Ana Rivera", Level.VIEWER, "u1")
    assert not ana.person.has_usable_password()
    assert (ana.person.last_login, ana.person.proven_at) == (None, None)
    assert [str(place.building) for place in ana.workplaces.all()] == ["Lincoln School"]
    lincoln = Building.objects.in_district(cast.cedar).get(name="Lincoln School")
    assert (lincoln.source_id, lincoln.nces_id) == ("s1", "080234500123")
    assert Workplace.objects.count() == 4
    assert ana.history.get().history_user == cast.sue


def test_the_same_file_again_changes_nothing(cast):
    bring_in(cast)
    before = everything()

    again = keep(cast.cedar, read(roster_1_2()), cast.sue)

    assert would(again, cast) == ({"same": 4}, {"same": 2})
    assert not compare(again, by=cast.sue, today=TODAY).would_change
    apply_import(again, by=cast.sue, now=NOW, today=TODAY)
    assert everything() == before


def test_a_file_that_waits_is_not_kept_twice(cast):
    first = keep_reading(cast.cedar, read(roster_1_2()), file_name="a.zip", by=cast.sue, now=NOW)

    assert keep_reading(cast.cedar, read(roster_1_2()), file_name="a.zip", by=cast.sue, now=NOW) == first


def test_an_import_is_carried_out_once(cast):
    job = bring_in(cast)

    with pytest.raises(NotDone):
        apply_import(PeopleImport.objects.get(pk=job.pk), by=cast.sue, now=NOW, today=TODAY)
    assert Membership.objects.in_district(cast.cedar).count() == 8


def test_levels_are_chosen_by_role_and_groups_and_rows_can_stay_out(cast):
    found = read(roster_1_2())
    job = keep(
        cast.cedar,
        found,
        cast.sue,
        levels={"principal": "editor", "teacher": "committee"},
        left_groups=["aide"],
    )
    job.rows.filter(email="lou.haddad@example.org").update(left_out=True)

    apply_import(job, by=cast.sue, now=NOW, today=TODAY)

    assert member(cast.cedar, "ana.rivera@example.org").level == Level.EDITOR
    assert member(cast.cedar, "tom.okafor@example.org").level == Level.COMMITTEE
    assert not Person.objects.filter(
        email__in=["mei.lindqvist@example.org", "lou.haddad@example.org"]
    ).exists()
    kept = set(job.rows.values_list("name", flat=True)) | set(job.rows.values_list("email", flat=True))
    assert kept == {""}, "of who came in or stayed out, the import keeps no name of its own"


def test_who_is_here_keeps_name_level_and_address(cast):
    users = [User("u1", "Susan Otherwise", ("teacher",), email="SUE@example.org")]

    bring_in(cast, read(roster_1_2(users)), levels={"teacher": "viewer"})

    sue = member(cast.cedar, "sue@example.org")
    assert (sue.level, sue.person.name, sue.source_id) == (Level.LEADER, "Sue", "u1")
    moved = [User("u1", "Susan Otherwise", ("teacher",), email="other@example.org")]
    job = keep(cast.cedar, read(roster_1_2(moved)), cast.sue)
    [one] = compare(job, by=cast.sue, today=TODAY).people
    assert "the address is sue@example.org" in one.note
    assert not Person.objects.filter(email="other@example.org").exists()


def test_a_level_in_the_file_changes_a_member_only_when_ticked(cast):
    lines = ["vera@example.org,Vera,,,editor", "sue@example.org,Sue,,,viewer"]

    bring_in(cast, people_list(*lines))
    assert member(cast.cedar, "vera@example.org").level == Level.VIEWER

    job = bring_in(cast, people_list(*lines, "alice@example.org,Alice,,,"), change_levels=True)
    assert member(cast.cedar, "vera@example.org").level == Level.EDITOR
    assert member(cast.cedar, "sue@example.org").level == Level.LEADER, (
        "nobody loses rights by one's own file"
    )
    undo_import(job, by=cast.sue, now=NOW)
    assert member(cast.cedar, "vera@example.org").level == Level.VIEWER


def test_who_left_stays_outside_unless_let_back(cast):
    Membership.objects.filter(person=cast.vera).update(ended_at=NOW - timedelta(days=9), level=Level.EDITOR)
    file = people_list("vera@example.org,Vera,,,leader")

    job = bring_in(cast, file)
    assert job.outcome["people"] == {"ended": 1}
    assert member(cast.cedar, "vera@example.org").ended_at

    job = bring_in(cast, file, let_back=True)
    assert (
        member(cast.cedar, "vera@example.org").ended_at,
        member(cast.cedar, "vera@example.org").level,
    ) == (
        None,
        Level.EDITOR,  # never more than before
    )
    undo_import(job, by=cast.sue, now=NOW)
    assert member(cast.cedar, "vera@example.org").ended_at == NOW - timedelta(days=9)


def test_who_is_not_in_the_file_stays_unless_ticked_and_leaders_and_holders_stay_always(cast):
    leader = make_person(cast.cedar, "Lea", Level.LEADER)
    make_role(cast.cedar, "Librarian", cast.bob)
    all_of_them = list(Membership.objects.in_district(cast.cedar).values_list("pk", flat=True))
    job = keep(cast.cedar, read(roster_1_2()), cast.sue)
    missing = {
        one.member.person.name: bool(one.stays) for one in compare(job, by=cast.sue, today=TODAY).missing
    }
    assert missing == {"Alice": True, "Bob": True, "Lea": True, "Sue": True, "Vera": False}
    job.delete()

    job = bring_in(cast, end=all_of_them)

    ended = Membership.objects.in_district(cast.cedar).exclude(ended_at=None)
    assert [one.person for one in ended] == [cast.vera]
    assert member(cast.cedar, leader.email).ended_at is None
    undo_import(job, by=cast.sue, now=NOW)
    assert member(cast.cedar, "vera@example.org").ended_at is None


def test_a_ticked_title_appoints_and_an_unticked_one_does_not(cast):
    file = people_list(
        "ana@example.org,Ana,technology COORDINATOR,,", "tom@example.org,Tom,Data Coach; Librarian,,"
    )

    job = bring_in(cast, file, appoint=["technology COORDINATOR", "Data Coach"])

    assert sorted(str(one) for one in cast.coordinator.holders(today=TODAY)) == ["Alice", "Ana"]
    assert [str(one) for one in Role.objects.get(title="Data Coach").holders(today=TODAY)] == ["Tom"]
    assert not Role.objects.filter(title="Librarian").exists()
    again = keep(cast.cedar, file, cast.sue, appoint=["technology COORDINATOR", "Data Coach"])
    assert would(again, cast)[0] == {"same": 2}
    undo_import(job, by=cast.sue, now=NOW)
    assert not Role.objects.filter(title="Data Coach").exists()
    assert not Person.objects.filter(email__in=["ana@example.org", "tom@example.org"]).exists()


def test_who_moves_leaves_the_old_building_but_not_one_that_somebody_typed(cast):
    bring_in(cast)
    mei = member(cast.cedar, "mei.lindqvist@example.org")
    lincoln = Building.objects.get(name="Lincoln School")
    Workplace.objects.create(
        membership=mei, building=Building.objects.create(district=cast.cedar, name="Office")
    )
    users = [*STAFF[:2], User("u3", "Mei Lindqvist", ("aide",), ("s1",)), STAFF[3]]

    job = bring_in(cast, read(roster_1_2(users)))

    assert job.outcome["people"] == {"same": 3, "changed": 1}
    assert [str(place.building) for place in mei.workplaces.all()] == ["Lincoln School", "Office"]
    undo_import(job, by=cast.sue, now=NOW)
    assert [str(place.building) for place in mei.workplaces.all()] == ["Office", "Ridge School"]
    assert not lincoln.workplaces.filter(membership=mei).exists()


def test_buildings_are_known_by_id_then_number_then_name_and_keep_their_names(cast):
    ridge = Building.objects.create(district=cast.cedar, name="ridge school")
    lincoln = Building.objects.create(district=cast.cedar, name="Abe Lincoln", nces_id="080234500123")

    job = bring_in(cast)

    assert job.outcome["buildings"] == {"same": 2}
    ridge.refresh_from_db()
    lincoln.refresh_from_db()
    assert [(one.name, one.source_id) for one in (ridge, lincoln)] == [
        ("ridge school", "s2"),
        ("Abe Lincoln", "s1"),
    ]
    assert Building.objects.in_district(cast.cedar).count() == 2
    undo_import(job, by=cast.sue, now=NOW)
    ridge.refresh_from_db()
    assert ridge.source_id == ""


def test_an_archived_building_stays_archived_and_nobody_works_there(cast):
    Building.objects.create(district=cast.cedar, name="Ridge School", archived_on=TODAY)

    bring_in(cast)

    assert [one.name for one in Building.objects.in_district(cast.cedar).live()] == ["Lincoln School"]
    assert not Workplace.objects.filter(building__name="Ridge School").exists()


def test_who_has_no_address_or_no_proper_one_stays_out_with_the_reason(cast):
    users = [
        User("u1", "Ana Rivera", ("teacher",), email=""),
        User("u2", "Tom Okafor", ("teacher",), email="tom at school"),
    ]

    job = bring_in(cast, read(roster_1_2(users)))

    rows = job.rows.filter(what="person")
    assert [(row.name, row.email, row.became) for row in rows] == [
        ("Ana Rivera", "", "not understood"),
        ("Tom Okafor", "", "not understood"),
    ]
    assert "no e-mail address" in rows[0].reason


def test_an_address_outside_of_the_districts_own_is_said(cast):
    cast.cedar.email_domains = "cedar.example"
    cast.cedar.save()

    job = keep(cast.cedar, read(roster_1_2()), cast.sue)

    assert "not one of the district's own" in job.rows.get(email="ana.rivera@example.org").reason


def test_undo_takes_everything_back_that_nobody_has_touched(cast):
    before = everything()
    job = bring_in(cast)

    undo_import(job, by=cast.sue, now=NOW)

    assert everything() == before
    assert job.left == []
    with pytest.raises(NotDone):
        undo_import(PeopleImport.objects.get(pk=job.pk), by=cast.sue, now=NOW)


def come_in(cast, person):
    Person.objects.filter(pk=person.pk).update(last_login=NOW)


def get_a_role(cast, person):
    make_role(cast.cedar, "Librarian", person)


def get_a_level(cast, person):
    Membership.objects.filter(person=person).update(level=Level.EDITOR)


def lose_access(cast, person):
    Membership.objects.filter(person=person).update(ended_at=NOW + timedelta(days=1))


def get_a_code(cast, person):
    SignInCode.make(person, now=NOW)


@pytest.mark.parametrize(
    ("touch", "why"),
    [
        (come_in, "has come in"),
        (get_a_role, "something to do"),
        (get_a_level, "level was changed"),
        (lose_access, "access was ended"),
        (get_a_code, "something to do"),
    ],
)
def test_undo_leaves_who_was_touched_since_and_says_why(cast, touch, why):
    job = bring_in(cast)
    touch(cast, Person.objects.get(email="ana.rivera@example.org"))

    undo_import(job, by=cast.sue, now=NOW)

    assert [line for line in job.left if line.startswith("Ana Rivera") and why in line]
    assert Membership.objects.in_district(cast.cedar).filter(source_id__startswith="u").count() == 1
    assert Person.objects.filter(email="ana.rivera@example.org").exists()


def test_undo_leaves_a_building_that_is_in_use(cast):
    job = bring_in(cast)
    Role.objects.create(district=cast.cedar, title="Head", building=Building.objects.get(name="Ridge School"))

    undo_import(job, by=cast.sue, now=NOW)

    assert [one.name for one in Building.objects.in_district(cast.cedar)] == ["Ridge School"]
    assert job.left == ["The building “Ridge School”: it is in use, or was changed."]


def test_the_same_people_in_two_districts_are_known_to_each_only_as_their_own(cast):
    bring_in(cast, district=cast.dune, by=cast.charlie)
    ours = keep(cast.cedar, read(roster_1_2()), cast.sue)
    assert would(ours, cast) == ({"new": 4}, {"new": 2}), "what another district knows makes no difference"
    assert "ana" not in str([row.reason for row in ours.rows.all()]).lower()

    apply_import(ours, by=cast.sue, now=NOW, today=TODAY)
    undo_import(ours, by=cast.sue, now=NOW)

    assert ours.left == []
    assert Person.objects.filter(email="ana.rivera@example.org").count() == 1
    assert Membership.objects.in_district(cast.dune).count() == 5
    assert Building.objects.in_district(cast.dune).count() == 2
    assert not Building.objects.in_district(cast.cedar).exists()


def test_whoever_another_district_knows_by_now_is_not_forgotten(cast):
    job = bring_in(cast)
    bring_in(cast, read(roster_1_2(STAFF[:1])), district=cast.dune, by=cast.charlie)
    tom = Person.objects.get(email="tom.okafor@example.org")
    Visit.objects.create(district=cast.dune, person=tom, page="dashboard", at=NOW)

    undo_import(job, by=cast.sue, now=NOW)

    assert job.left == [], "and Cedar is not told of it"
    assert member(cast.dune, "ana.rivera@example.org")
    assert Person.objects.filter(pk=tom.pk).exists()
    assert not Membership.objects.in_district(cast.cedar).exclude(source_id="").exists()
    assert not Person.objects.filter(email="mei.lindqvist@example.org").exists()


def test_a_member_of_another_district_is_not_taken_away_with_an_import(cast):
    users = [User("u1", "Charlie", ("teacher",), email="charlie@example.org")]

    job = bring_in(cast, read(roster_1_2(users)))
    undo_import(job, by=cast.sue, now=NOW)

    assert member(cast.dune, "charlie@example.org").level == Level.LEADER
    assert not Membership.objects.in_district(cast.cedar).filter(person=cast.charlie).exists()


def test_comparing_asks_the_same_number_of_questions_for_three_people_and_for_three_hundred(
    cast, django_assert_max_num_queries
):
    users = [User(f"t{n}", f"Person{n} Invented", ("teacher",)) for n in range(300)]
    few, many = (
        keep(cast.cedar, read(roster_1_2(users[:3])), cast.sue),
        keep(cast.cedar, read(roster_1_2(users)), cast.sue),
    )

    for job in (few, many):
        with django_assert_max_num_queries(8):
            compare(job, by=cast.sue, today=TODAY)


def test_bringing_in_takes_few_statements_for_many_people(cast, django_assert_max_num_queries):
    users = [User(f"t{n}", f"Person{n} Invented", ("teacher",)) for n in range(300)]
    job = keep(cast.cedar, read(roster_1_2(users)), cast.sue)

    with django_assert_max_num_queries(60):
        apply_import(job, by=cast.sue, now=NOW, today=TODAY)


def test_rows_say_only_what_the_table_knows(cast):
    from django.db import IntegrityError, transaction

    job = bring_in(cast)
    row = job.rows.first()
    for model, pk, odd in [
        (PeopleImportRow, row.pk, {"what": "kid"}),
        (PeopleImportRow, row.pk, {"state": "odd"}),
        (PeopleImportRow, row.pk, {"became": "odd"}),
        (PeopleImportRow, row.pk, {"level": "king"}),
        (PeopleImport, job.pk, {"kind": "odd"}),
        (PeopleImport, job.pk, {"undone_at": NOW, "applied_at": None}),
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(pk=pk).update(**odd)
    for model in (Building, Membership):
        one, two = model.objects.in_district(cast.cedar).exclude(source_id="")[:2]
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(pk=one.pk).update(source_id=two.source_id)
