from datetime import date, timedelta

import pytest
from django.urls import reverse

from milestones.archiving import archive
from milestones.models import CheckIn, DateMove, Milestone
from tests.builders import TODAY, make_milestone, make_plan

DUE, LATER = date(2026, 12, 4), "2027-04-16"
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("on_today")


@pytest.fixture
def milestone(cast):
    plan = make_plan(cast.cedar, adopted_by=cast.sue)
    return make_milestone(plan, by=cast.alice, lead=cast.coordinator, due=DUE)


def url(name, milestone):
    return reverse(name, args=["cedar", milestone.pk])


def html_of(response):
    return response.content.decode().replace("&#x27;", "'")


def test_the_page_shows_the_four_facts_apart_and_the_whole_story(signed_in, cast, milestone):
    said = {"by": cast.alice, "role": cast.coordinator, "reason": "vendor"}
    milestone.check_in(
        **said, today=TODAY - timedelta(days=9), says="slipping", expected=date(2027, 1, 15), how_sure="not",
        words="The switch is late",
    )  # fmt: skip
    milestone.decide_move(milestone.moves.get(), by=cast.sue, today=TODAY, accept=True)

    html = html_of(signed_in(cast.vera).get(url("milestone", milestone)))

    assert "Under way" in html
    assert "First date Dec 4: +6 weeks." in html
    assert "Moved once: +6 weeks (a vendor or delivery)." in html
    assert "not sure of the date" in html
    assert "Nov 8 (9 days ago)" in html
    assert "Technology Coordinator (Alice)" in html
    assert "The whole story" in html
    assert "Date moved from Dec 4 to Jan 15 (+6 weeks)" in html


def test_where_owner_and_dates_differ_both_are_shown(signed_in, cast, milestone):
    milestone.check_in(by=cast.alice, today=TODAY, says="on-track")
    Milestone.objects.update(due=TODAY - timedelta(days=2))

    html = html_of(signed_in(cast.vera).get(url("milestone", milestone)))

    assert "Owner says on track, dates say late" in html


def test_whoever_may_not_check_in_sees_no_buttons_but_the_reason(signed_in, cast, milestone):
    html = html_of(signed_in(cast.bob).get(url("milestone", milestone)))

    assert "Still on track" not in html
    assert "/check-in/" not in html
    assert (
        "Whoever holds this role may say how it goes, and so may editors and leaders: Technology Coordinator."
        in html
    )


def test_the_owner_gets_buttons_and_no_menu_of_editors(signed_in, cast, milestone):
    milestone.step.set_owners(lead=cast.superintendent, by=cast.alice)
    cast.superintendent.appointments.create(person=cast.vera, starts_on=date(2026, 1, 1))

    html = html_of(signed_in(cast.vera).get(url("milestone", milestone)))

    assert "You lead this as Superintendent." in html
    assert f'id="m-{milestone.pk}-ok"' in html
    assert "Archive it" not in html


def test_a_finished_milestone_shows_its_evidence_and_asks_nothing(signed_in, cast, milestone):
    milestone.complete(by=cast.alice, today=TODAY, done_on=TODAY, evidence="46 lesson plans")

    html = html_of(signed_in(cast.alice).get(url("milestone", milestone)))

    assert "46 lesson plans" in html
    assert "How does it go?" not in html


def test_a_link_of_evidence_is_a_link_and_text_stays_text(signed_in, cast, milestone):
    link = "https://example.org/?a=1&b=<script>"
    milestone.complete(by=cast.alice, today=TODAY, done_on=TODAY, evidence="<b>x</b>", evidence_link=link)

    html = signed_in(cast.alice).get(url("milestone", milestone)).content.decode()

    assert 'href="https://example.org/?a=1&amp;b=&lt;script&gt;"' in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html


def test_charlie_finds_nothing_and_the_page_is_only_read(signed_in, cast, milestone):
    assert signed_in(cast.charlie).get(url("milestone", milestone)).status_code == 404
    assert signed_in(cast.alice).post(url("milestone", milestone)).status_code == 405


def test_an_editor_rewords_it_and_the_history_tells(signed_in, cast, milestone):
    client = signed_in(cast.alice)

    response = client.post(url("milestone_edit", milestone), {"title": "Lincoln is tested", "version": "1"})

    assert response["Location"] == url("milestone", milestone)
    html = html_of(client.get(response["Location"]))
    assert "Renamed from “Lincoln is cabled” to “Lincoln is tested”" in html


def test_the_second_of_two_editors_sees_both_texts_and_neither_is_lost(signed_in, cast, milestone):
    client = signed_in(cast.alice)
    client.post(url("milestone_edit", milestone), {"title": "First text", "version": "1"})

    response = client.post(url("milestone_edit", milestone), {"title": "Second text", "version": "1"})

    assert response.status_code == 409
    html = html_of(response)
    assert "First" in html
    assert "Second" in html
    milestone.refresh_from_db()
    assert milestone.title == "First text"


def test_a_title_that_is_too_long_is_asked_for_again(signed_in, cast, milestone):
    response = signed_in(cast.alice).post(
        url("milestone_edit", milestone), {"title": "a" * 501, "version": "1"}
    )

    assert response.status_code == 422
    assert "a" * 501 in html_of(response)


def test_archiving_can_be_undone_from_the_same_page(signed_in, cast, milestone):
    client = signed_in(cast.alice)
    client.post(url("milestone_archive", milestone))
    assert not Milestone.objects.live().exists()
    html = html_of(client.get(url("milestone", milestone)))
    assert "Archived Nov 17" in html
    assert "How does it go?" not in html
    assert client.get(url("check_in", milestone)).status_code == 404

    client.post(url("milestone_bring_back", milestone))

    assert Milestone.objects.live().exists()


def test_what_went_with_its_step_comes_back_with_its_step_only(signed_in, cast, milestone):
    archive(milestone.step, by=cast.alice, today=TODAY)

    assert signed_in(cast.alice).post(url("milestone_bring_back", milestone)).status_code == 404


@pytest.mark.parametrize(
    ("who", "words", "due"),
    [("alice", "Asked. Until a leader agrees", DUE), ("sue", "The date was moved.", date(2027, 4, 16))],
)
def test_an_editor_asks_for_a_date_and_a_leader_moves_it(signed_in, cast, milestone, who, words, due):
    client = signed_in(getattr(cast, who))

    response = client.post(
        url("milestone_move", milestone), {"to": LATER, "reason": "vendor", "words": "Boxes"}
    )

    assert words in html_of(client.get(response["Location"]))
    milestone.refresh_from_db()
    assert milestone.due == due
    assert DateMove.objects.get().words == "Boxes"


def test_holding_and_going_on_dropping_and_taking_back(signed_in, cast, milestone):
    client = signed_in(cast.alice)
    steps = [
        ("milestone_pause", {"until": LATER, "reason": "Testing weeks"}, "paused"),
        ("milestone_resume", {}, "awaiting"),
        ("milestone_drop", {"reason": "The state does it now"}, "dropped"),
        ("milestone_take_back", {}, "awaiting"),
    ]

    for name, given, word in steps:
        response = client.post(url(name, milestone), given)

        assert response["Location"] == url("milestone", milestone), name
        page = client.get(response["Location"])
        assert page.context["m"].word == word


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("milestone_move", {"to": LATER}, "reason"),
        ("milestone_move", {"to": "2026-12-04", "reason": "vendor"}, "to"),
        ("milestone_move", {}, "to"),
        ("milestone_pause", {"until": "2026-11-17", "reason": "Testing"}, "until"),
        ("milestone_pause", {"until": LATER}, "reason"),
        ("milestone_drop", {"reason": "  "}, "reason"),
    ],
)
def test_a_verb_that_refuses_says_so_at_the_field(signed_in, cast, milestone, name, given, field):
    response = signed_in(cast.alice).post(url(name, milestone), given)

    assert response.status_code == 422
    assert field in response.context["form"].errors


@pytest.mark.parametrize("name", ["milestone_resume", "milestone_take_back"])
def test_a_button_that_came_too_late_says_so(signed_in, cast, milestone, name):
    client = signed_in(cast.alice)

    response = client.post(url(name, milestone), follow=True)

    assert "note--stop" in html_of(response)


@pytest.mark.parametrize(
    "name",
    [
        "milestone_edit",
        "milestone_pause",
        "milestone_drop",
        "milestone_resume",
        "milestone_take_back",
        "milestone_archive",
    ],
)
def test_only_editors_change_a_milestone(signed_in, cast, milestone, name):
    assert signed_in(cast.bob).post(url(name, milestone)).status_code == 403
    assert signed_in(cast.charlie).post(url(name, milestone)).status_code == 404
    if name not in ("milestone_edit", "milestone_pause", "milestone_drop"):
        assert signed_in(cast.alice).get(url(name, milestone)).status_code == 405


@pytest.fixture
def asked(cast, milestone):
    milestone.check_in(
        by=cast.alice,
        role=cast.coordinator,
        today=TODAY,
        says="slipping",
        expected=date(2027, 4, 16),
        reason="person",
    )
    return DateMove.objects.get()


def decide(client, move, *, htmx=False, **given):
    return client.post(reverse("move_decide", args=["cedar", move.pk]), given, headers=HTMX if htmx else {})


@pytest.mark.parametrize("htmx", [False, True])
def test_a_leader_agrees_in_place(signed_in, cast, milestone, asked, htmx):
    response = decide(signed_in(cast.sue), asked, htmx=htmx, answer="agree", back="milestone")

    milestone.refresh_from_db()
    assert milestone.due == date(2027, 4, 16)
    if htmx:
        html = html_of(response)
        assert html.strip().startswith(f'<li id="move-{asked.pk}"')
        assert "Agreed: it is now due Apr 16." in html
        assert "<button" not in html
        assert 'hx-swap-oob="innerHTML">Agreed: it is now due Apr 16.' in html
    else:
        assert response["Location"] == url("milestone", milestone)


def test_a_leader_keeps_the_old_date_with_a_word(signed_in, cast, milestone, asked):
    client = signed_in(cast.sue)
    without = decide(client, asked, answer="keep")
    assert without.status_code == 422
    assert "Say in a line why the old date stays." in html_of(without)

    response = decide(client, asked, answer="keep", note="The board counts on December")

    assert response["Location"] == "/d/cedar/"
    milestone.refresh_from_db()
    assert milestone.due == DUE
    assert "The board counts on December" in html_of(client.get(url("milestone", milestone)))


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("given", [{}, {"answer": "perhaps"}, {"answer": "agree", "note": "a" * 1001}])
def test_an_answer_that_is_none_is_asked_for_again(signed_in, cast, milestone, asked, given, htmx):
    response = decide(signed_in(cast.sue), asked, htmx=htmx, **given)

    assert response.status_code == 422
    assert 'class="errors"' in html_of(response)
    asked.refresh_from_db()
    assert asked.decided_on is None


def test_the_second_of_two_leaders_sees_what_the_first_decided(signed_in, cast, milestone, asked):
    milestone.decide_move(asked, by=cast.sue, today=TODAY, accept=True)

    response = decide(signed_in(cast.sue), asked, htmx=True, answer="keep", note="No")

    assert response.status_code == 409
    assert "Agreed: it is now due Apr 16." in html_of(response)
    milestone.refresh_from_db()
    assert milestone.due == date(2027, 4, 16)


def test_deciding_is_for_leaders_of_the_district_and_never_a_get(signed_in, cast, asked):
    address = reverse("move_decide", args=["cedar", asked.pk])
    for who in (cast.alice, cast.bob, cast.vera):
        assert signed_in(who).post(address, {"answer": "agree"}).status_code == 403
    assert signed_in(cast.charlie).post(address, {"answer": "agree"}).status_code == 404
    assert signed_in(cast.sue).get(address).status_code == 405


def test_the_page_asks_its_leader_and_tells_others_who_decides(signed_in, cast, milestone, asked):
    assert "Agree to Apr 16" in html_of(signed_in(cast.sue).get(url("milestone", milestone)))
    html = html_of(signed_in(cast.vera).get(url("milestone", milestone)))
    assert "Agree to Apr 16" not in html
    assert "Leaders may decide on dates" in html


def test_the_page_takes_as_many_queries_with_two_hundred_milestones_and_a_long_story(
    signed_in, cast, milestone, asked, django_assert_max_num_queries
):
    client, counted = signed_in(cast.sue), []
    for _twice in range(2):
        with django_assert_max_num_queries(16) as captured:
            client.get(url("milestone", milestone))
        counted.append(len(captured))
        for n in range(180):
            make_milestone(milestone.plan, f"M {n}", by=cast.alice, step=milestone.step)
        for n in range(50):
            CheckIn.objects.create(
                milestone=milestone, by=cast.alice, on=TODAY, says="on-track", words=str(n)
            )

    assert counted[0] == counted[1]
