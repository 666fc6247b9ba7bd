from datetime import date, timedelta
from decimal import Decimal

import pytest

from milestones.models import Measure, Reading
from milestones.numbers import plain, with_latest
from tests.builders import TODAY, make_plan, make_step
from tests.filling import offered, send

pytestmark = pytest.mark.usefixtures("on_today")


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def step(cast):
    return make_step(make_plan(cast.cedar), lead=cast.coordinator, by=cast.alice)


@pytest.fixture
def measure(step):
    return Measure.objects.create(
        step=step, name="Agreements signed", unit="agreements", baseline=0, target=58
    )


def shown(measure):
    return with_latest(Measure.objects.filter(pk=measure.pk))[0]


def page_of(measure, rest=""):
    return f"/d/cedar/measures/{measure.pk}/{rest}"


def test_a_measure_is_added_and_edited(alice, cast, step):
    send(
        alice,
        f"/d/cedar/steps/{step.pk}/measures/new/",
        name="Rooms tested",
        unit="rooms",
        target="96",
        direction="more",
    )
    measure = Measure.objects.get()
    send(alice, page_of(measure, "edit/"), target="98.5", direction="hold")

    measure.refresh_from_db()
    assert (measure.name, measure.target, measure.direction) == ("Rooms tested", Decimal("98.5"), "hold")
    assert (measure.district, measure.version) == (cast.cedar, 2)
    assert "Keep it there" in alice.get(page_of(measure, "history/")).content.decode().replace(
        "keep it there", "Keep it there"
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "\u200b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"target": "NaN"}, "target"),
        ({"target": "1e309"}, "target"),
        ({"target": "1,000"}, "target"),
        ({"baseline": "Infinity"}, "baseline"),
        ({"direction": "up"}, "direction"),
        ({"target_on": "9999-12-31"}, "target_on"),
    ],
)
def test_nonsense_is_a_field_error(alice, step, wrong, field):
    answer = send(alice, f"/d/cedar/steps/{step.pk}/measures/new/", **{"name": "Rooms", **wrong})

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not Measure.objects.exists()


def test_a_stale_edit_shows_both(alice, cast, measure):
    form = offered(alice.get(page_of(measure, "edit/")))
    measure.name = "Agreements signed by both"
    measure.save_edit(by=cast.sue, version=1, fields=["name"])

    answer = alice.post(page_of(measure, "edit/"), {**form, "name": "Agreements"})

    assert answer.status_code == 409
    assert "Sue" in answer.content.decode()


def test_a_number_is_added_by_an_editor_and_by_whoever_owns_the_step(cast, signed_in, measure):
    vera = signed_in(cast.vera)
    assert (
        vera.post(page_of(measure, "readings/new/"), {"on": "2026-11-17", "value": "41"}).status_code == 403
    )
    cast.coordinator.appointments.create(person=cast.vera, starts_on=date(2026, 1, 1))

    answer = vera.post(page_of(measure, "readings/new/"), {"on": "2026-11-17", "value": "41"})

    assert answer.status_code == 302
    assert [(r.value, r.by) for r in Reading.objects.all()] == [(Decimal(41), cast.vera)]


def test_the_same_number_sent_twice_counts_once(alice, measure):
    for _again in range(2):
        alice.post(page_of(measure, "readings/new/"), {"on": "2026-11-17", "value": "41"})

    assert Reading.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"on": "2026-11-18"}, "on"),
        ({"on": "0001-01-01"}, "on"),
        ({"on": ""}, "on"),
        ({"value": "many"}, "value"),
        ({"value": "NaN"}, "value"),
        ({"value": "1e309"}, "value"),
        ({"note": "x" * 301}, "note"),
    ],
)
def test_a_number_that_makes_no_sense_is_a_field_error(alice, measure, wrong, field):
    answer = send(alice, page_of(measure, "readings/new/"), **{"value": "41", **wrong})

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not Reading.objects.exists()


def test_what_is_counted_toward_a_target_is_told_as_so_many_of_so_many(cast, measure):
    assert shown(measure).words == "Nothing counted yet"
    measure.add_reading(by=cast.alice, on=TODAY - timedelta(days=40), value=Decimal(20))
    measure.add_reading(by=cast.alice, on=TODAY, value=Decimal(41))

    one = shown(measure)

    assert one.words == "41 of 58 agreements"
    assert one.counts_up
    assert one.bar == "70.7"
    assert one.line.points.split()[0].startswith("4.0,")


@pytest.mark.parametrize("direction", ["less", "hold"])
def test_a_bar_is_drawn_only_for_what_is_counted_up(cast, measure, direction):
    Measure.objects.filter(pk=measure.pk).update(direction=direction)
    measure.add_reading(by=cast.alice, on=TODAY, value=Decimal(12))

    one = shown(measure)

    assert not one.counts_up
    assert one.words == "12 agreements, target 58"
    assert one.line is None  # one point is no line


def test_a_measure_whose_numbers_are_all_the_same_has_a_line(cast, measure):
    for days in (0, 0, 9):
        measure.add_reading(by=cast.alice, on=TODAY - timedelta(days=days), value=Decimal(58))
    Measure.objects.filter(pk=measure.pk).update(target=None)

    assert len(shown(measure).line.points.split()) == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("41.00", "41"),
        ("0.50", "0.5"),
        ("1234567.80", "1,234,567.8"),
        ("-3.00", "-3"),
        ("100", "100"),
        ("0.00", "0"),
    ],
)
def test_numbers_are_written_without_needless_decimals(value, text):
    assert plain(Decimal(value)) == text


def test_a_measure_is_archived_and_brought_back(alice, cast, step, measure):
    alice.post(page_of(measure, "archive/"))
    gone = alice.get(page_of(measure)).status_code
    alice.post(page_of(measure, "bring-back/"))

    assert gone == 404
    assert alice.get(page_of(measure)).status_code == 200


def test_viewers_may_not_and_outsiders_find_nothing(cast, signed_in, measure):
    for verb in ("edit/", "archive/", "bring-back/", "readings/new/"):
        assert signed_in(cast.vera).post(page_of(measure, verb)).status_code == 403
        assert signed_in(cast.charlie).post(page_of(measure, verb)).status_code == 404
        assert (
            signed_in(cast.charlie).post(page_of(measure, verb).replace("cedar", "dune")).status_code == 404
        )


@pytest.mark.parametrize("verb", ["archive/", "bring-back/"])
def test_what_writes_refuses_get(alice, measure, verb):
    assert alice.get(page_of(measure, verb)).status_code == 405
