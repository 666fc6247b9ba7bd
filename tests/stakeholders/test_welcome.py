import pytest

from stakeholders.models import Building, Level, Membership
from stakeholders.welcome import words_of_welcome
from tests.builders import TODAY, make_role

HEADING = "Welcome to the technology plan of Cedar School District"


@pytest.fixture
def new(cast):
    Membership.objects.update(welcomed_at=None)


def test_each_level_has_a_sentence_of_its_own(cast, new):
    said = {m.level: words_of_welcome(m, today=TODAY) for m in Membership.objects.filter(district=cast.cedar)}

    assert {said[level][0] for level in Level} == {words[0] for words in said.values()}
    assert len({words[0] for words in said.values()}) == 4


def test_a_role_of_the_district_and_one_of_a_building_have_theirs(cast, new):
    lincoln = make_role(cast.cedar, "Principal of Lincoln", cast.bob)
    lincoln.building = Building.objects.create(district=cast.cedar, name="Lincoln")
    lincoln.save()
    make_role(cast.cedar, "Librarian", cast.bob)
    make_role(cast.dune, "Sheriff", cast.bob)

    said = words_of_welcome(Membership.objects.get(person=cast.bob), today=TODAY)

    assert len(said) == 3
    assert "You hold Librarian" in said[1]
    assert "You hold Principal of Lincoln" in said[2]


def test_it_stands_on_the_first_page_until_it_is_put_away_for_good(cast, new, signed_in):
    client = signed_in(cast.bob)
    assert HEADING in client.get("/d/cedar/").content.decode()

    answer = client.post("/d/cedar/welcome/")

    assert answer.url == "/d/cedar/"
    assert HEADING not in client.get("/d/cedar/").content.decode()
    assert HEADING in signed_in(cast.vera).get("/d/cedar/").content.decode()


def test_putting_it_away_twice_keeps_the_first_time(cast, new, signed_in):
    client = signed_in(cast.bob)
    client.post("/d/cedar/welcome/")
    first = Membership.objects.get(person=cast.bob).welcomed_at
    client.post("/d/cedar/welcome/")

    assert Membership.objects.get(person=cast.bob).welcomed_at == first
