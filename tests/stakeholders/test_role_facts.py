from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from stakeholders.areas import coverage
from stakeholders.models import Area, Direction, RoleArea
from stakeholders.powers import has_no_say, sentences, unsaid
from tests.builders import TODAY, make_role


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"in_cabinet": True}, "Sits in the cabinet."),
        ({"in_cabinet": False}, "Does not sit in the cabinet."),
        ({"decides_alone": True}, "May decide alone."),
        ({"decides_alone": True, "decides_what": "Cables."}, "May decide alone about: Cables."),
        ({"decides_alone": False}, "May not decide alone."),
        ({"may_spend": Decimal(0)}, "May not spend."),
        ({"may_spend": Decimal("12500.00")}, "May spend up to $12,500."),
        ({"may_spend": Decimal("99.50")}, "May spend up to $99.50."),
        ({"directs_others": False}, "Directs nobody."),
        ({"directs_others": True}, "Directs others."),
        ({"hours_a_week": Decimal(0)}, "Has no hours set aside for technology."),
        ({"hours_a_week": Decimal(1)}, "Has 1 hour a week for technology."),
        ({"hours_a_week": Decimal("7.5")}, "Has 7.5 hours a week for technology."),
    ],
)
def test_each_fact_is_a_sentence(cast, facts, told):
    for name, value in facts.items():
        setattr(cast.coordinator, name, value)

    assert sentences(cast.coordinator) == [told]


def test_what_nobody_has_said_is_no_no(cast):
    assert sentences(cast.coordinator) == []
    assert len(unsaid(cast.coordinator)) == 6
    assert not has_no_say(cast.coordinator)


def test_whom_it_directs_is_named(cast):
    cast.superintendent.directs_others = True
    Direction.objects.create(role=cast.superintendent, other=cast.coordinator)

    assert sentences(cast.superintendent) == ["Directs: Technology Coordinator."]


@pytest.mark.parametrize(
    "facts",
    [
        {"side": "north"},
        {"decides_what": "Cables"},
        {"decides_what": "Cables", "decides_alone": False},
        {"may_spend": Decimal(-1)},
        {"hours_a_week": Decimal(-1)},
        {"hours_a_week": Decimal("168.5")},
    ],
    ids=str,
)
def test_the_database_refuses_what_no_role_can_be(cast, facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        type(cast.coordinator).objects.filter(pk=cast.coordinator.pk).update(**facts)


def test_the_database_refuses_a_role_that_directs_itself_or_another_twice(cast):
    Direction.objects.create(role=cast.superintendent, other=cast.coordinator)

    for other in (cast.superintendent, cast.coordinator):
        with pytest.raises(IntegrityError), transaction.atomic():
            Direction.objects.create(role=cast.superintendent, other=other)


def test_the_database_refuses_an_area_that_there_is_not_and_one_twice(cast):
    RoleArea.objects.create(role=cast.coordinator, area=Area.DATA)

    for area in ("cables", Area.DATA):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleArea.objects.create(role=cast.coordinator, area=area)


def test_blanks_come_first_and_then_what_a_vacant_post_covers(cast, django_assert_num_queries):
    covered = {Area.DATA: cast.coordinator, Area.ETHICS: make_role(cast.cedar, "Librarian")}
    for area, role in covered.items():
        RoleArea.objects.create(role=role, area=area)
    RoleArea.objects.create(role=make_role(cast.dune, "Elsewhere"), area=Area.TEAM)

    with django_assert_num_queries(3):
        rows = coverage(cast.cedar, today=TODAY)

    assert len(rows) == 10
    assert all(not one.roles for one in rows[:8])
    assert [(one.area, one.only_vacant) for one in rows[8:]] == [(Area.ETHICS, True), (Area.DATA, False)]
