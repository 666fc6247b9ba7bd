from datetime import date, timedelta

import pytest
from django.urls import reverse

from milestones.models import CheckIn, DateMove, Measure, Milestone, Slip
from tests.builders import TODAY, make_milestone, make_plan, make_role

DUE = date(2026, 12, 4)
LATER = "2027-04-16"
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("on_today")


@pytest.fixture
def milestone(cast):
    plan = make_plan(cast.cedar, adopted_by=cast.sue)
    return make_milestone(plan, by=cast.alice, lead=cast.coordinator, due=DUE)


@pytest.fixture
def measure(milestone):
    return Measure.objects.create(step=milestone.step, name="Rooms", unit="rooms", target=12)


def url(name, milestone, **more):
    return reverse(name, kwargs={"district": "cedar", "milestone": milestone.pk, **more})


def say(client, milestone, *, htmx=False, **said):
    return client.post(url("check_in", milestone), said, headers=HTMX if htmx else {})


def undo(client, milestone, check_in, *, htmx=False):
    return client.post(
        url("check_in_undo", milestone), {"check_in": check_in.pk}, headers=HTMX if htmx else {}
    )


def test_one_tap_saves_and_leads_back_to_the_card_which_is_folded_with_undo(signed_in, cast, milestone):
    client = signed_in(cast.alice)

    response = say(client, milestone, says="on-track")

    assert response["Location"] == f"/d/cedar/updates/#m-{milestone.pk}"
    row = CheckIn.objects.get()
    assert (row.says, row.by, row.role) == ("on-track", cast.alice, cast.coordinator)
    html = client.get("/d/cedar/updates/").content.decode()
    assert f'id="m-{milestone.pk}"' in html
    assert "Saved: still on track." in html
    assert f'id="m-{milestone.pk}-undo"' in html


def test_htmx_gets_the_folded_card_alone_and_a_sentence_for_the_status_region(signed_in, cast, milestone):
    response = say(signed_in(cast.alice), milestone, says="on-track", htmx=True)

    html = response.content.decode()
    assert html.count("<article") == 1
    assert "<html" not in html
    assert "card--saved" in html
    assert '<div id="say" hx-swap-oob="innerHTML">Lincoln is cabled. Saved: still on track.' in html
    assert f'id="m-{milestone.pk}-t" tabindex="-1"' in html


@pytest.mark.parametrize(
    ("says", "fields"),
    [
        ("done", ["done_on", "evidence"]),
        ("at-risk", ["words", "how_sure"]),
        ("slipping", ["expected", "how_sure", "reason", "words", "would_help", "off_track", "ask_to_move"]),
    ],
)
def test_the_form_opens_on_its_own_page_or_inside_the_card(signed_in, cast, milestone, says, fields):
    client, address = signed_in(cast.alice), url("check_in", milestone) + f"?says={says}"

    page, card = client.get(address), client.get(address, headers=HTMX)

    for response in (page, card):
        assert list(response.context["card"].form.fields) == fields
        for name in fields:
            assert f'name="{name}"' in response.content.decode()
    assert "<html" in page.content.decode()
    assert "<html" not in card.content.decode()
    assert "HX-Request" in card["Vary"]
    assert not CheckIn.objects.exists()


def test_done_has_today_filled_in_and_takes_words_or_a_link_as_evidence(signed_in, cast, milestone):
    client = signed_in(cast.alice)
    form = client.get(url("check_in", milestone) + "?says=done").content.decode()
    assert 'value="2026-11-17"' in form

    say(client, milestone, says="done", done_on="2026-11-16", evidence="https://example.org/rooms")

    milestone.refresh_from_db()
    assert (milestone.done_on, milestone.evidence, milestone.evidence_link) == (
        date(2026, 11, 16), "", "https://example.org/rooms",
    )  # fmt: skip


@pytest.mark.parametrize(
    "typed", ["javascript:alert(1)", "see https://example.org/ for more", "Nine of twelve"]
)
def test_what_is_not_a_plain_link_is_kept_as_words(signed_in, cast, milestone, typed):
    say(signed_in(cast.alice), milestone, says="done", done_on="2026-11-17", evidence=typed)

    milestone.refresh_from_db()
    assert (milestone.evidence, milestone.evidence_link) == (typed, "")


def test_slipping_says_whom_it_asks_which_move_it_is_and_who_sees_it(signed_in, cast, milestone):
    milestone.move_due(
        by=cast.sue, today=TODAY, to=DUE + timedelta(days=7), reason="vendor", may_approve=True
    )

    response = signed_in(cast.alice).get(url("check_in", milestone) + f"?says=slipping&expected={LATER}")

    html = response.content.decode()
    assert (
        "Saving asks Sue to agree to the new date, unless you untick that; until then Dec 11 stands." in html
    )
    assert "It would be the second move, 19 weeks after its first date." in html
    assert (
        "The board&#x27;s report gives the reason, and not your name." in html or "The board's report" in html
    )


def test_slipping_asks_and_the_folded_card_says_so(signed_in, cast, milestone):
    response = say(
        signed_in(cast.alice), milestone, htmx=True, says="slipping", expected=LATER, reason="person",
        how_sure="not", would_help="The substitute pool", ask_to_move="on",
    )  # fmt: skip

    assert DateMove.objects.asked().get().to_due == date(2027, 4, 16)
    assert CheckIn.objects.get().would_help == "The substitute pool"
    assert "A leader is asked for that date; until then Dec 4 stands." in response.content.decode()


def test_slipping_with_the_box_unticked_asks_nobody(signed_in, cast, milestone):
    say(signed_in(cast.alice), milestone, says="slipping", expected=LATER, reason="person")

    assert not DateMove.objects.exists()


def test_a_leader_is_not_asked_to_ask(signed_in, cast, milestone):
    client = signed_in(cast.sue)
    form = client.get(url("check_in", milestone) + "?says=slipping")
    assert "ask_to_move" not in form.context["card"].form.fields
    assert "records that you agreed" in form.content.decode()

    say(client, milestone, says="slipping", expected=LATER, reason="person")

    assert DateMove.objects.agreed().get().decided_by == cast.sue


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"says": "slipping", "expected": "soon", "reason": "vendor"}, "expected"),
        ({"says": "slipping", "expected": "2026-11-16", "reason": "vendor"}, "expected"),
        ({"says": "slipping", "expected": "9999-12-31", "reason": "vendor"}, "expected"),
        ({"says": "slipping", "expected": LATER}, "reason"),
        ({"says": "slipping", "expected": LATER, "reason": "aliens"}, "reason"),
        ({"says": "at-risk"}, "words"),
        ({"says": "at-risk", "words": "a" * 1001}, "words"),
        ({"says": "at-risk", "words": "Cable\0"}, "words"),
        ({"says": "done", "done_on": "2026-11-18"}, "done_on"),
        ({"says": "done", "done_on": "0001-01-01"}, "done_on"),
        (
            {"says": "done", "done_on": "2026-11-17", "evidence": "https://example.org/" + "a" * 600},
            "evidence",
        ),
        ({"says": "done", "done_on": "2026-11-17", "evidence": "https://[1"}, "evidence"),
        ({"says": "on-track", "words": "a" * 1001}, "words"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_bad_input_is_asked_for_again_with_what_was_typed(signed_in, cast, milestone, said, field, htmx):
    response = say(signed_in(cast.alice), milestone, htmx=htmx, **said, would_help="More time")

    assert response.status_code == 422
    form = response.context["card"].form
    assert list(form.errors) == [field]
    assert form[field].value() == said.get(field)
    assert f'href="#m-{milestone.pk}-{field}' in response.content.decode()
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize(
    "query", ["?says=splendid", "?says=slipping&expected=x", "?says=slipping&expected=0001-01-01"]
)
def test_an_odd_address_shows_the_card_all_the_same(signed_in, cast, milestone, query):
    assert signed_in(cast.alice).get(url("check_in", milestone) + query).status_code == 200


@pytest.mark.parametrize("said", [{}, {"says": ""}, {"says": "splendid"}])
def test_saying_nothing_is_asked_for_again(signed_in, cast, milestone, said):
    response = say(signed_in(cast.alice), milestone, **said)

    assert response.status_code == 422
    assert "Choose how it goes." in response.content.decode()


def test_what_is_finished_meanwhile_says_so_and_keeps_what_was_typed(signed_in, cast, milestone):
    milestone.complete(by=cast.sue, today=TODAY, done_on=TODAY)

    response = say(signed_in(cast.alice), milestone, says="at-risk", words="The cable may be late")

    assert response.status_code == 422
    assert "It was finished on Nov 17, 2026." in response.content.decode()
    assert "The cable may be late" in response.content.decode()


def test_twenty_times_the_same_button_is_one_check_in(signed_in, cast, milestone):
    client = signed_in(cast.alice)

    answers = {say(client, milestone, says="on-track").status_code for _n in range(20)}

    assert answers == {302}
    assert CheckIn.objects.count() == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_undo_is_on_the_card_and_takes_back_what_was_said(signed_in, cast, milestone, htmx):
    client = signed_in(cast.alice)
    say(client, milestone, says="done", done_on="2026-11-17")

    response = undo(client, milestone, CheckIn.objects.get(), htmx=htmx)

    milestone.refresh_from_db()
    assert milestone.done_on is None
    html = (response if htmx else client.get(response["Location"])).content.decode()
    assert "Undone: Lincoln is cabled." in html
    assert f'id="m-{milestone.pk}-ok"' in html


@pytest.mark.parametrize("htmx", [False, True])
def test_undo_pressed_twice_takes_back_one(signed_in, cast, milestone, htmx):
    client = signed_in(cast.alice)
    say(client, milestone, says="at-risk", words="Cable")
    say(client, milestone, says="on-track")
    last = CheckIn.objects.last()
    undo(client, milestone, last)

    response = undo(client, milestone, last, htmx=htmx)

    assert response.status_code == 409
    assert "There is nothing from today to undo." in response.content.decode()
    milestone.refresh_from_db()
    assert milestone.says == "at-risk"


def test_nobody_undoes_what_somebody_else_has_said_but_editors(signed_in, cast, milestone):
    milestone.step.set_owners(lead=make_role(cast.cedar, "Network Technician", cast.bob), by=cast.alice)
    said = milestone.check_in(by=cast.sue, today=TODAY, says="on-track")

    assert undo(signed_in(cast.bob), milestone, said).status_code == 403
    assert undo(signed_in(cast.alice), milestone, said).status_code == 302


def test_a_viewer_who_holds_an_owning_role_today_may_say_how_it_goes(signed_in, cast, milestone):
    role = make_role(cast.cedar, "Network Technician", cast.vera)
    milestone.step.set_owners(lead=cast.coordinator, support=[role], by=cast.alice)

    response = say(signed_in(cast.vera), milestone, says="on-track")

    assert response.status_code == 302
    assert CheckIn.objects.get().role == role


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_whoever_holds_no_owning_role_reads_why_not(signed_in, cast, milestone, who):
    client = signed_in(getattr(cast, who))

    answers = [
        client.get(url("check_in", milestone)),
        say(client, milestone, says="on-track"),
        say(client, milestone, says="on-track", htmx=True),
        client.post(url("check_in_undo", milestone)),
    ]

    assert {a.status_code for a in answers} == {403}
    assert "Technology Coordinator" in answers[0].content.decode()
    assert not CheckIn.objects.exists()


def test_charlie_finds_nothing_and_undo_is_never_a_get(signed_in, cast, milestone, measure):
    outside = signed_in(cast.charlie)
    for name, more in (("check_in", {}), ("check_in_undo", {}), ("check_in_number", {"measure": measure.pk})):
        assert outside.post(url(name, milestone, **more)).status_code == 404
    inside = signed_in(cast.alice)
    assert inside.get(url("check_in_undo", milestone)).status_code == 405
    assert inside.get(url("check_in_number", milestone, measure=measure.pk)).status_code == 405


def test_a_milestone_of_dune_is_not_reached_through_cedar(signed_in, cast):
    theirs = make_milestone(make_plan(cast.dune), by=cast.charlie)

    assert say(signed_in(cast.alice), theirs, says="on-track").status_code == 404


@pytest.mark.parametrize("htmx", [False, True])
def test_a_new_number_is_a_reading_of_today(signed_in, cast, milestone, measure, htmx):
    client = signed_in(cast.alice)

    response = client.post(
        url("check_in_number", milestone, measure=measure.pk),
        {"value": "9"},
        headers=HTMX if htmx else {},
    )

    reading = measure.readings.get()
    assert (reading.value, reading.on, reading.by) == (9, TODAY, cast.alice)
    html = (response if htmx else client.get(response["Location"])).content.decode()
    assert "9 of 12 rooms" in html


@pytest.mark.parametrize("value", ["", "many", "1e99", "NaN", "123456789012345"])
def test_a_number_that_is_none_is_asked_for_again(signed_in, cast, milestone, measure, value):
    response = signed_in(cast.alice).post(
        url("check_in_number", milestone, measure=measure.pk), {"value": value}, headers=HTMX
    )

    assert response.status_code == 422
    assert f'id="m-{milestone.pk}-n{measure.pk}-value_error"' in response.content.decode()
    assert not measure.readings.exists()


def test_a_measure_of_another_step_is_not_found(signed_in, cast, milestone, measure):
    other = make_milestone(milestone.plan, "Another", by=cast.alice)

    response = signed_in(cast.alice).post(url("check_in_number", other, measure=measure.pk), {"value": "1"})

    assert response.status_code == 404


def test_from_the_milestones_own_page_one_returns_there(signed_in, cast, milestone):
    client = signed_in(cast.alice)

    response = say(client, milestone, says="on-track", back="milestone")

    assert response["Location"] == url("milestone", milestone)
    assert "Saved: still on track." in client.get(response["Location"]).content.decode()


def test_the_owners_sentence_stands_beside_a_missed_date(signed_in, cast, milestone):
    slip = Slip.objects.create(milestone=milestone, due=date(2026, 11, 2), slipped_on=date(2026, 11, 3))
    client, address = signed_in(cast.alice), f"/d/cedar/slips/{slip.pk}/words/"

    response = client.post(address, {"owner_words": "The switches were lost on the way."})

    assert response.status_code == 302
    assert "The switches were lost on the way." in client.get(url("milestone", milestone)).content.decode()
    assert client.post(address, {"owner_words": "a" * 1001}).status_code == 422
    assert signed_in(cast.vera).get(address).status_code == 403


def test_a_check_in_takes_as_many_queries_in_a_crowd(signed_in, cast, milestone, django_assert_num_queries):
    client = signed_in(cast.alice)
    for n in range(30):
        milestone.check_in(by=cast.alice, today=TODAY - timedelta(days=60 - n), says="on-track", words=str(n))
    crowd = [
        make_milestone(milestone.plan, f"M {n}", by=cast.alice, lead=cast.coordinator) for n in range(40)
    ]

    with django_assert_num_queries(15):
        say(client, milestone, says="on-track", words="Nine rooms", htmx=True)
    with django_assert_num_queries(15):
        say(client, crowd[0], says="on-track", words="Nine rooms", htmx=True)
    assert Milestone.objects.count() == 41
