"""One browser and one installation for all of these tests. Each that writes goes back to the first state."""

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from tests.browser.house import House
from tests.chromium import chromium
from tests.oidc_provider import OidcProvider

PEOPLE = ("superintendent", "coordinator", "committee", "board")


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker("slow")
            item.add_marker("browser")
            item.add_marker("apart")


@pytest.fixture(scope="package")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def school():
    """An OpenID Connect provider, "School account" on the sign-in page. Tests set whom it vouches for (`school.claims`)."""
    with OidcProvider() as provider:
        yield provider


@pytest.fixture(scope="package")
def running_house(tmp_path_factory, browser: Browser, school: OidcProvider):
    providers = school.entry("school", "name=School+account")
    house = House(tmp_path_factory.mktemp("house"), OIDC_PROVIDERS=providers)
    try:
        house.start()
        house.states = {who: _sign_in(browser, house, who) for who in PEOPLE}
        house.remember()
        yield house
    finally:
        house.stop()


def _sign_in(browser: Browser, house: House, who: str) -> dict:
    """Sign in as one of the four people through the button, and return the cookies."""
    context = browser.new_context(base_url=house.url)
    page = context.new_page()
    page.goto("/sign-in/")
    page.locator(f'form[action="/look-around/{who}/"] button').click()
    page.wait_for_url(f"**{house.home}")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def house(running_house: House):
    """The installation, in its first state again."""
    running_house.go_back()
    return running_house


class Visit:
    """A page in the browser, and everything that went wrong on it."""

    def __init__(self, context: BrowserContext, house: House):
        self.context, self.house, self.faults, self.responses = context, house, [], []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))
        context.on("response", self._response)
        context.on(
            "dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss())
        )
        self.page: Page = context.new_page()

    def _console(self, message: ConsoleMessage) -> None:
        expected = "the server responded with a status of 4"  # 422 and 409 are answers, not errors
        if message.type in ("error", "warning") and expected not in message.text:
            self.faults.append(f"{message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        self.responses.append(response)
        if response.status >= 500:
            self.faults.append(f"{response.status}: {response.url}")


@pytest.fixture
def visit(browser: Browser, running_house: House):
    """Return a function that opens a page as one of the four people, or as nobody; it fails when the browser complains.

    Tests that write ask for `house`, too: a module of them by `usefixtures`.
    """
    house, opened = running_house, []

    def open_as(who: str = "", path: str = "", *, javascript: bool = True, width: int = 1280, **more) -> Page:
        context = browser.new_context(
            base_url=house.url,
            storage_state=house.states[who] if who else None,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            **more,
        )
        context.set_default_timeout(10_000)
        one = Visit(context, house)
        one.page.visit = one
        opened.append(one)
        if path:
            one.page.goto(path)
        return one.page

    yield open_as
    faults = [fault for one in opened for fault in one.faults]
    for one in opened:
        one.context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="module")
def window(browser: Browser, running_house: House):
    """Return a function that goes to a page in a window that stays open, one for each visitor, and what was wrong there:
    for tests that only look.
    """
    opened: dict[str, Visit] = {}

    def go(who: str, path: str) -> tuple[Page, list[str]]:
        if who not in opened:
            state = running_house.states[who] if who else None
            opened[who] = Visit(
                browser.new_context(base_url=running_house.url, storage_state=state), running_house
            )
        one = opened[who]
        one.faults.clear()
        one.page.goto(path)
        return one.page, one.faults

    yield go
    for one in opened.values():
        one.context.close()
