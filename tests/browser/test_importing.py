"""A plan comes in as pasted text and is taken back: with nothing but forms."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.usefixtures("house")

IMPORT = "/d/juniper-flats/import/"
PLAN = """Goal: Every classroom connected
Action step\tWho\tWhen\tCost
Pull new cable in the gym\tTech. Coordinator\tFall 2025\t$12,000
Label every closet\tFacilities director\tJune 30, 2026\t
Ask what teachers need\t\tSometime\t$0
"""


def paste_a_plan(page: Page) -> list[str]:
    """Paste a plan up to the preview; return the addresses of the two pages on the way."""
    page.goto(IMPORT)
    page.get_by_label("Or paste it").fill(PLAN)
    page.get_by_role("button", name="Read it").click()
    columns = page.url
    page.get_by_label("Title of the new plan").fill("Pasted plan")
    page.get_by_label("First day").fill("2025-07-01")
    page.get_by_label("Last day").fill("2028-06-30")
    page.get_by_role("button", name="Look at the rows").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look at the rows")
    return [re.sub(r"^https?://[^/]+", "", url) for url in (columns, page.url)]


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_pasted_plan_is_previewed_imported_and_undone(javascript, visit, house):
    page = visit("coordinator", javascript=javascript)
    steps = "SELECT count(*) FROM milestones_actionstep"
    before = house.one(steps)

    paste_a_plan(page)
    expect(page.locator("tr.row--understood")).to_have_count(2)
    expect(page.locator("tr.row--partly")).to_contain_text("Ask what teachers need")
    assert house.one(steps) == before, "the preview has written something"
    page.get_by_role("button", name="Import 3 steps").click()
    expect(page.get_by_text("3 steps were imported.")).to_be_visible()
    assert house.one(steps) == before + 3

    page.get_by_role("button", name="Undo this import").click()

    expect(page.get_by_text("The import was undone.")).to_be_visible()
    assert house.one(steps) == before


def test_a_row_can_stay_out_and_a_column_can_be_corrected(visit, house):
    page = visit("coordinator", javascript=False)

    paste_a_plan(page)
    page.get_by_label("Leave out line 4", exact=False).check()
    page.get_by_role("button", name="Update this preview").click()
    expect(page.get_by_role("button", name="Import 2 steps")).to_be_visible()
    page.get_by_role("link", name="Columns and plan").first.click()
    page.get_by_label("Cost").select_option(label="Something else (kept as a note)")
    page.get_by_role("button", name="Look at the rows").click()
    page.get_by_role("button", name="Import 2 steps").click()

    expect(page.get_by_text("2 steps were imported.")).to_be_visible()
    assert house.one("SELECT count(*) FROM milestones_actionstep WHERE written_cost LIKE '%12,000%'") == 0


def test_a_file_that_is_no_plan_is_refused_in_words(visit):
    page = visit("coordinator", IMPORT, javascript=False)

    page.get_by_label("A file").set_input_files(
        {"name": "plan.xlsx", "mimeType": "application/zip", "buffer": b"MZ\x90\x00 this is a program"}
    )
    page.get_by_role("button", name="Read it").click()

    expect(page.locator(".errors")).to_be_visible()
