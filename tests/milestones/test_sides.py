import pytest

from milestones.archiving import archive
from milestones.models import StepBuilding
from milestones.sides import Sides, sides_of
from stakeholders.models import Building, Role
from tests.builders import TODAY, make_initiative, make_plan, make_role, make_step

pytestmark = pytest.mark.usefixtures("on_today")


@pytest.mark.parametrize(
    ("sides", "missing"),
    [
        ([], ""),
        (["technical"], "instructional"),
        (["instructional", "instructional"], "technical"),
        (["instructional", "technical"], ""),
        (["both"], ""),
        (["both", "technical"], ""),
        (["technical", ""], ""),  # a tag that is missing is no finding
        ([""], ""),
    ],
)
def test_a_side_is_missing_when_all_are_tagged_and_none_is_of_it(sides, missing):
    assert Sides(dict(enumerate(sides))).missing == missing


@pytest.fixture
def initiative(cast):
    plan = make_plan(cast.cedar)
    initiative = make_initiative(plan)
    step = make_step(plan, initiative=initiative)
    step.set_owners(lead=cast.coordinator, support=[make_role(cast.cedar, "Network")], by=cast.alice)
    gone = make_step(plan, "Archived", initiative=initiative, lead=cast.superintendent, by=cast.alice)
    archive(gone, by=cast.alice, today=TODAY)
    return initiative


def test_the_page_and_the_plans_gaps_say_who_has_no_hand_in_it(cast, signed_in, initiative):
    Role.objects.in_district(cast.cedar).update(side="technical")
    Role.objects.filter(pk=cast.superintendent.pk).update(side="instructional")  # of an archived step only

    for url in (f"initiatives/{initiative.pk}", f"plans/{initiative.goal.plan_id}/gaps"):
        page = signed_in(cast.alice).get(f"/d/cedar/{url}/").content.decode()
        assert "Nobody on the instructional side leads or helps here." in page


def test_where_tags_are_missing_editors_read_how_many(cast, signed_in, initiative):
    Role.objects.filter(pk=cast.coordinator.pk).update(side="technical")

    page = signed_in(cast.alice).get(f"/d/cedar/initiatives/{initiative.pk}/").content.decode()
    viewers = signed_in(cast.vera).get(f"/d/cedar/initiatives/{initiative.pk}/").content.decode()

    assert "1 role that leads or helps here is not tagged" in page
    assert "side leads or helps here" not in page
    assert "not tagged" not in viewers


def test_several_initiatives_are_told_in_two_queries(cast, initiative, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert list(sides_of([initiative, 999_999])) == [initiative.pk]


def test_whoever_leads_in_one_building_has_a_hand_in_it(cast, initiative):
    Role.objects.in_district(cast.cedar).update(side="technical")
    principal = Role.objects.create(district=cast.cedar, title="Principal", side="instructional")
    lincoln = Building.objects.create(district=cast.cedar, name="Lincoln")
    assert sides_of([initiative])[initiative.pk].missing == "instructional"

    StepBuilding.objects.create(step=initiative.steps.first(), building=lincoln, lead=principal)

    assert not sides_of([initiative])[initiative.pk].missing
