"""The first page: deciding what waits, what it weighs, and how it prints."""

import re
from io import BytesIO

import pikepdf
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.usefixtures("house")

HOME = "/d/juniper-flats/"
MOST_REQUESTS, MOST_BYTES = 8, 150_000


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_leader_agrees_to_a_date_from_the_top_of_the_page(javascript, visit, house):
    page = visit("superintendent", HOME, javascript=javascript)
    request = page.locator("ol.waiting > li[id^=move-]").first
    pk = int(request.get_attribute("id").removeprefix("move-"))

    request.locator("summary").click()
    request.get_by_role("button", name=re.compile("^Agree to")).click()

    expect(page.get_by_text(re.compile("^Agreed: it is now due")).first).to_be_visible()
    due = "SELECT m.due FROM milestones_milestone m JOIN milestones_datemove d ON m.id = d.milestone_id WHERE d.id = ?"
    assert house.one(due, pk) == house.one("SELECT to_due FROM milestones_datemove WHERE id = ?", pk)


def test_a_viewer_is_offered_nothing_to_decide(visit):
    page = visit("board", HOME)

    expect(page.get_by_role("button", name=re.compile("^Agree"))).to_have_count(0)


def test_the_first_load_is_light(visit):
    page = visit("superintendent")
    page.goto(HOME, wait_until="networkidle")

    answers = page.visit.responses
    weights = {answer.url: answer.request.sizes()["responseBodySize"] for answer in answers}
    assert len(answers) <= MOST_REQUESTS, weights
    assert sum(weights.values()) <= MOST_BYTES, weights


def test_it_prints_on_one_sheet(visit):
    page = visit("superintendent", HOME)
    page.emulate_media(media="print")

    with pikepdf.open(BytesIO(page.pdf(format="Letter", print_background=True))) as paper:
        sheets = len(paper.pages)

    assert sheets == 1


def test_every_number_opens_its_list(visit):
    page = visit("superintendent", HOME)
    links = {
        link.get_attribute("href"): link.text_content()
        for link in page.locator("main a[href*='/milestones/?']").all()
        if re.search(r"\d", link.text_content())
    }

    assert links
    for goal, words in links.items():
        page.goto(goal)
        expect(page.locator("main h1")).to_be_visible()
        assert page.locator("main tbody tr").count() > 0, words
