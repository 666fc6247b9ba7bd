"""Text that would be a script if a page forgot to escape it, in every text column of the district: it is shown as text."""

import pytest
from django.apps import apps
from playwright.sync_api import Browser

from tests.browser.house import House
from tests.browser.pages import find_pages
from tests.full_district import is_free_text

HOSTILE = "<img src=x onerror=window.hit=1><script>window.hit=1</script>\"'>{{7*7}}"
SHORT = "<b id=hit>"  # where a column is short
HOME = "/d/juniper-flats/"
# One page of each kind shows every text that there is.
KINDS = [
    "dashboard",
    "plan",
    "goal",
    "initiative",
    "step",
    "milestone",
    "worklist",
    "milestones",
    "changes",
    "check_in",
    "milestone_move",
    "vision",
    "vision_history",
    "roles",
    "role",
    "measure",
    "step_edit",
    "step_history",
    "initiative_edit",
    "report_new",
    "account",
]


@pytest.fixture(scope="module")
def hostile(running_house: House, browser: Browser):
    """The sample district with hostile texts; its pages by their kinds."""
    running_house.go_back()
    ours = [
        m
        for m in apps.get_models()
        if m.__module__.split(".")[0] in ("stakeholders", "vision", "milestones", "reports")
    ]
    with running_house.rows() as connection:
        for model in ours:
            for field in filter(is_free_text, model._meta.concrete_fields):
                text = HOSTILE if not field.max_length or field.max_length >= 200 else SHORT
                table, column = model._meta.db_table, field.column
                connection.execute(
                    f'UPDATE "{table}" SET "{column}" = "{column}" || ? WHERE "{column}" <> \'\'', [text]
                )
    paths, _broken = find_pages(
        running_house, [HOME, f"{HOME}changes/", "/account/"], running_house.states["superintendent"]
    )
    return paths


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_text_is_shown_as_text(kind, hostile, window):
    page, faults = window("superintendent", hostile[kind][0])

    assert not faults
    assert page.evaluate("window.hit") is None, "a script ran"
    assert page.locator("img[src=x], #hit").count() == 0, "a text became an element"
    shown = page.content()
    assert "onerror=window.hit" in shown or "&lt;b id=hit" in shown, "no hostile text is on this page"
