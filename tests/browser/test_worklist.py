"""My updates, without JavaScript and with it: every answer, undo, and what is typed wrongly."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.usefixtures("house")


def days_from_now(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()


def first_card(page: Page):
    """Return the first card that is not answered, by its id, so that it stays the same card."""
    found = page.locator("#worklist article.card:not(.card--saved)").first
    return page.locator(f"#{found.get_attribute('id')}")


def open_form(card, name: str) -> None:
    """Choose an answer and wait, as a person would, until its form stands still."""
    card.get_by_role("link", name=name).click()
    expect(card.get_by_role("button", name="Save update")).to_be_visible()
    card.page.wait_for_function(
        "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-added, .htmx-settling')"
    )


@pytest.fixture(params=[False, True], ids=["without JavaScript", "with JavaScript"])
def worklist(request, visit) -> Page:
    return visit("coordinator", "/d/juniper-flats/updates/", javascript=request.param)


def test_one_tap_says_on_track_and_undo_takes_it_back(worklist):
    card = first_card(worklist)
    before = card.locator("header .pill").inner_text()

    card.get_by_role("button", name="Still on track").click()
    expect(card).to_have_class(re.compile("card--saved"))
    card.get_by_role("button", name="Undo").click()

    expect(card.get_by_role("button", name="Still on track")).to_be_visible()
    expect(card.locator("header .pill")).to_have_text(before)


def test_done_with_a_day_and_evidence(worklist):
    card = first_card(worklist)

    open_form(card, "Done")
    card.get_by_label("Finished on").fill(days_from_now(-2))
    card.get_by_label("What shows it?").fill("Photos of 12 rooms")
    card.get_by_role("button", name="Save update").click()

    expect(card).to_have_class(re.compile("card--saved"))
    expect(card.locator("header .pill")).to_have_text("Complete")


def test_at_risk_in_a_line(worklist):
    card = first_card(worklist)

    open_form(card, "At risk")
    card.get_by_label("What could go wrong?").fill("The vendor has not answered")
    card.get_by_role("button", name="Save update").click()

    expect(card).to_contain_text("“The vendor has not answered”")


def test_slipping_asks_for_another_date(worklist, house):
    card = first_card(worklist)
    pk = int(card.get_attribute("id").removeprefix("m-"))

    open_form(card, "Slipping")
    card.get_by_label("New date", exact=True).fill(days_from_now(120))
    card.get_by_label("A vendor or delivery").check()
    card.get_by_role(
        "button", name="Save update"
    ).click()  # at once: a date that is still weighed holds up no save
    expect(card).to_have_class(re.compile("card--saved"))

    asked = "SELECT count(*) FROM milestones_datemove WHERE milestone_id = ? AND decided_on IS NULL"
    assert house.one(asked, pk) == 1


def test_what_is_typed_wrongly_is_kept_and_explained(worklist):
    card = first_card(worklist)

    open_form(card, "Slipping")
    card.get_by_label("What happened, in a line?").fill("It rained")
    card.get_by_role("button", name="Save update").click()

    expect(card.locator(".errors")).to_be_visible()
    expect(card.get_by_label("What happened, in a line?")).to_have_value("It rained")


def test_a_save_is_swapped_in_place_announced_and_keeps_the_focus_in_the_card(visit):
    page = visit("coordinator", "/d/juniper-flats/updates/")
    page.evaluate("window.same = true")
    card = first_card(page)

    card.get_by_role("button", name="Still on track").click()
    expect(card).to_have_class(re.compile("card--saved"))

    assert page.evaluate("window.same") is True, "the whole page was loaded"
    expect(page.locator("#say")).to_contain_text("Undo is on the card")
    focused = page.evaluate("document.activeElement.closest('article')?.id")
    assert focused == card.get_attribute("id")


def test_errors_come_back_in_place_and_take_the_focus(visit):
    page = visit("coordinator", "/d/juniper-flats/updates/")
    page.evaluate("window.same = true")
    card = first_card(page)

    open_form(card, "At risk")
    expect(card.get_by_label("What could go wrong?")).to_be_focused()
    card.get_by_role("button", name="Save update").click()
    expect(card.locator(".errors")).to_be_focused()

    assert page.evaluate("window.same") is True
    assert 422 in [answer.status for answer in page.visit.responses]


def test_the_keys_move_between_cards_and_answer(visit):
    page = visit("coordinator", "/d/juniper-flats/updates/")
    cards = page.locator("#worklist article.card")
    first, second = (f"#{cards.nth(n).get_attribute('id')}" for n in (0, 1))

    page.locator(f"{first}-ok").focus()
    page.keyboard.press("j")
    expect(page.locator(f"{second}-t")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(f"{first}-t")).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator(first)).to_have_class(re.compile("card--saved"))
    expect(page.locator(f"{first}-t")).to_be_focused()
    page.keyboard.press("u")
    expect(page.locator(f"{first}-ok")).to_be_visible()
    expect(page.locator(f"{first}-t")).to_be_focused()
    page.keyboard.press("4")

    expect(page.locator(first).get_by_label("New date", exact=True)).to_be_focused()


def test_a_connection_that_is_lost_does_not_look_like_a_save(visit):
    page = visit("coordinator", "/d/juniper-flats/updates/")
    card = first_card(page)
    page.context.set_offline(True)

    card.get_by_role("button", name="Still on track").click()

    expect(card.locator(".lost")).to_contain_text("Not saved")
    page.visit.faults.clear()  # the browser says, too, that it is offline


def test_it_works_on_a_phone_with_a_thumb(visit):
    page = visit("coordinator", "/d/juniper-flats/updates/", width=390, has_touch=True)
    card = first_card(page)
    button = card.get_by_role("button", name="Still on track")

    assert button.bounding_box()["height"] >= 44
    button.tap()

    expect(card).to_have_class(re.compile("card--saved"))
