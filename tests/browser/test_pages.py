"""Every page of the access table in a browser: accessible, nothing sideways, nothing refused by the security policy.

The pages are found as a visitor finds them, by their links. What no link leads to must be named below, with the reason.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.access_table import TABLE
from tests.browser.house import House
from tests.browser.pages import find_pages
from tests.browser.test_importing import paste_a_plan

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (1280, 820, 390)
LOOKED_AT_BY_AXE = (1280, 390)
HOME = "/d/juniper-flats/"

# Pages that nobody is led to in the sample district, with the address or the reason why they cannot be seen there.
NOT_LINKED = {
    "home": "leads on to the only district",
    "calendar_preview": "shown once a calendar's file was read",
    "sample_remove_as_staff": "/running/sample/",
    "first_sign_in": "/first-sign-in/",
    "account_inactive": "/sign-in/inactive/",
    "account_reauthenticate": "/account/confirm/",
    "sign_in_with_passkey": "/sign-in/passkey/",
    "account_request_login_code": "/sign-in/",
    "account_login": "/sign-in/password/",
    "account_signup": "/sign-up/",
    "account_logout": "/sign-out/",
}
SIGNED_OUT = {
    "first_sign_in",
    "account_request_login_code",
    "account_login",
    "account_signup",
    "account_inactive",
    "sign_in_with_passkey",
}
PAGES = sorted(name for name, line in TABLE.items() if line.read and line.html and line.get == 200)


@pytest.fixture(scope="module")
def found(running_house: House, browser: Browser):
    """Every page by its links, in a district that also has a report, an import and a draft."""
    running_house.go_back()
    with running_house.rows() as rows:  # who runs the installation has pages, too
        rows.execute("UPDATE stakeholders_person SET is_staff = 1 WHERE email LIKE 'kim.alvarez@%'")
    context = browser.new_context(
        base_url=running_house.url, storage_state=running_house.states["superintendent"]
    )
    page = context.new_page()
    starts = [HOME, "/account/", *things_made(page)]
    context.close()
    return find_pages(running_house, starts, running_house.states["superintendent"])


def things_made(page: Page) -> list[str]:
    """Make what the sample district lacks; return addresses that are only shown on the way."""
    page.goto(f"{HOME}reports/new/")
    page.get_by_role("button", name="Freeze and make PDF").click()
    page.get_by_role("link", name="Read on the web").wait_for(timeout=60_000)
    on_the_way = paste_a_plan(page)
    page.goto(f"{HOME}plans/new/")
    page.get_by_label("Title").fill("The next plan")
    page.get_by_role("button", name="Save plan").click()
    page.get_by_role("heading", name="The next plan").wait_for()
    page.get_by_role("link", name="Add a goal").first.click()  # a plan without goals cannot be adopted
    page.get_by_label("Goal").fill("Every learner is known by name")
    page.get_by_role("button", name="Save goal").click()
    page.get_by_role("heading", name="Every learner is known by name").first.wait_for()
    page.goto(f"{HOME}people/")
    page.get_by_role("link", name="Robert Haddad").click()
    page.get_by_role("link", name="Hand over everything").click()
    page.get_by_label("All to the same person").select_option(label="Nora Whitfield")
    page.get_by_role("button", name="Hand over").click()
    page.get_by_role("heading", name="Handed over").wait_for()
    return [*on_the_way, HOME + page.url.partition(HOME)[2]]


def test_every_page_is_reached_by_links_and_every_link_leads_somewhere(found):
    paths, broken = found

    assert not broken
    assert {name for name in PAGES if not paths.get(name)} == set(NOT_LINKED)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_fault(name, found, window):
    path = found[0][name][0] if found[0].get(name) else NOT_LINKED[name]
    if not path.startswith("/"):
        return  # the reason stands beside its name
    page, faults = window("" if name in SIGNED_OUT else "superintendent", path)

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert_fits(page, path, width)
        if width in LOOKED_AT_BY_AXE:
            assert_accessible(page, path, width)
    assert not faults


@pytest.mark.parametrize("who", ["committee", "board", "coordinator"])
@pytest.mark.parametrize(
    "path",
    [
        *("", "updates/", "plan/", "reports/", "milestones/"),
        *("people/", "roles/", "buildings/", "rights/", "settings/"),
        *("nothing/", "plans/new/", "settings/edit/"),  # not there; not for everybody
    ],
)
def test_what_others_see_has_no_fault_either(who, path, window):
    page, faults = window(who, HOME + path)

    page.set_viewport_size({"width": 390, "height": 900})

    assert_fits(page, path, 390)
    assert_accessible(page, path, 390)
    assert not faults


def assert_fits(page: Page, path: str, width: int) -> None:
    widest = page.evaluate("document.scrollingElement.scrollWidth")
    if widest > width:
        wide = page.evaluate(
            """() => [...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1
            && !e.closest(".scroll")).slice(0, 3).map(e => e.outerHTML.slice(0, 120))"""
        )
        raise AssertionError(f"{path} at {width} is {widest} wide: {wide}")


def assert_accessible(page: Page, path: str, width: int) -> None:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    faults = [f"{v['id']}: {v['help']}: {node['html'][:160]}" for v in found for node in v["nodes"][:3]]
    assert not faults, f"{path} at {width}:\n" + "\n".join(faults)
