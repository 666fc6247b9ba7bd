"""Coming in by passkey, app and provider, in a browser with a virtual authenticator: set up, used, removed."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.test_pages import LOOKED_AT_BY_AXE, assert_accessible
from tests.coming_in import app_code

pytestmark = pytest.mark.usefixtures("house")
DANA = "dana.ruiz@juniperflats.example"
KIM = {
    "sub": "kim",
    "email": "kim.alvarez@juniperflats.example",
    "email_verified": True,
    "name": "Kim Alvarez",
}


def with_authenticator(page: Page) -> Page:
    """Give the page a phone that unlocks by finger."""
    page.cdp = page.context.new_cdp_session(page)
    page.cdp.send("WebAuthn.enable")
    page.key = page.cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )["authenticatorId"]
    return page


def by_code(page: Page, house: House, email: str = DANA) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(re.search(r"^\s+(\d{6})$", house.newest_mail(), re.MULTILINE)[1])
    page.get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    page.goto("/account/")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/sign-in/")


def looked_at(page: Page) -> None:
    """Fail where axe finds something, or the page goes sideways, on a wide and on a narrow screen."""
    for width in LOOKED_AT_BY_AXE:
        page.set_viewport_size({"width": width, "height": 900})
        assert_accessible(page, page.url, width)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{page.url} goes {wide} px sideways at {width}"


def set_up_passkey(page: Page, name: str = "My phone") -> None:
    page.goto("/account/passkeys/add/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()


def set_up_app(page: Page) -> str:
    page.goto("/account/app/")
    secret = page.locator(".key").inner_text().replace(" ", "")
    page.get_by_label("Code from the app").fill(app_code(secret))
    page.get_by_role("button", name="Set up").click()
    page.wait_for_url(re.compile("/account/(recovery-codes/)?$"))
    return secret


def test_a_passkey_is_set_up_and_then_lets_one_in_alone(visit, house):
    page = with_authenticator(visit())
    by_code(page, house)
    page.goto("/account/passkeys/add/")
    looked_at(page)
    set_up_passkey(page)
    looked_at(page)
    sign_out(page)

    page.goto("/sign-in/?next=/d/juniper-flats/updates/")
    page.get_by_role("link", name="Use a passkey instead").click()
    looked_at(page)
    page.get_by_role("button", name="Use my passkey").click()

    page.wait_for_url(
        re.compile(r"^http://[^/]+/d/juniper-flats/updates/$")
    )  # not that which it is to lead to
    kept = page.cdp.send("WebAuthn.getCredentials", {"authenticatorId": page.key})["credentials"]
    assert [one["isResidentCredential"] for one in kept] == [True]
    page.goto("/account/")
    expect(page.locator("b", has_text="My phone")).to_be_visible()
    looked_at(page)


def test_a_passkey_is_the_second_step_after_a_code(visit, house):
    page = with_authenticator(visit())
    by_code(page, house)
    set_up_passkey(page)
    sign_out(page)

    by_code(page, house)
    page.wait_for_url("**/sign-in/second-step/")
    looked_at(page)
    page.get_by_role("button", name="Use my passkey").click()

    page.wait_for_url("**/d/juniper-flats/")


def test_whoever_cannot_unlock_it_is_told_and_stays_out(visit, house):
    page = with_authenticator(visit())
    by_code(page, house)
    set_up_passkey(page)
    sign_out(page)
    page.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": page.key, "isUserVerified": False})

    page.goto("/sign-in/passkey/")
    page.get_by_role("button", name="Use my passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("No passkey was used", timeout=60_000)
    page.goto("/account/")
    expect(page).to_have_url(re.compile("/sign-in/"))


def test_a_passkey_is_renamed_and_removed(visit, house):
    page = with_authenticator(visit())
    by_code(page, house)
    set_up_passkey(page)
    page.goto("/account/")

    page.get_by_role("link", name="Rename My phone").click()
    looked_at(page)
    page.get_by_label("Name").fill("<b>School</b> laptop")
    page.get_by_role("button", name="Save name").click()
    expect(page.locator("b", has_text="<b>School</b> laptop")).to_be_visible()
    page.get_by_role("button", name="Remove <b>School</b> laptop").click()

    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    assert house.one("SELECT count(*) FROM mfa_authenticator") == 0


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_an_app_is_the_second_step(visit, house, javascript):
    page = visit(javascript=javascript)
    by_code(page, house)
    secret = set_up_app(page)
    sign_out(page)
    by_code(page, house)
    page.wait_for_url("**/sign-in/second-step/")

    page.get_by_label("Code from your app").fill(app_code(secret, at=time.time() + 30))
    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url("**/d/juniper-flats/")


def test_setting_up_an_app_is_a_page_for_everybody(visit, house):
    page = visit()
    by_code(page, house)
    page.goto("/account/app/")

    looked_at(page)


def test_is_it_you_is_shown_by_a_passkey(visit, house):
    page = with_authenticator(visit())
    by_code(page, house)
    set_up_passkey(page)
    set_up_app(page)

    page.goto("/account/confirm/?next=/account/recovery-codes/")
    looked_at(page)
    page.get_by_role("button", name="Use my passkey").click()

    page.wait_for_url(re.compile(r"^http://[^/]+/account/recovery-codes/$"))


def test_a_district_that_asks_for_it_leads_to_setting_it_up(visit, house):
    with house.rows() as rows:
        rows.execute("UPDATE stakeholders_district SET second_factor_for = 'editors'")
    page = with_authenticator(visit())
    by_code(page, house)

    expect(page.get_by_role("heading", level=1)).to_have_text("A second step is needed here")
    looked_at(page)
    page.get_by_role("link", name="Set up a passkey").click()
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("link", name="I have kept them").click()
    page.goto("/d/juniper-flats/updates/")

    expect(page.get_by_role("heading", level=1)).not_to_have_text("A second step is needed here")


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_provider_lets_its_person_in(visit, school, javascript):
    school.claims = dict(KIM)
    page = visit("", "/d/juniper-flats/people/", javascript=javascript)
    expect(page).to_have_url(re.compile("/sign-in/"))

    page.get_by_role("button", name="Continue with School account").click()
    page.get_by_role("link", name="I agree").click()

    expect(page).to_have_url(re.compile(r"/d/juniper-flats/people/$"))


def test_the_wrong_account_is_told_and_is_back_at_the_sign_in_page(visit, school):
    school.claims = {"sub": "somebody", "email": "somebody@elsewhere.example", "email_verified": True}
    page = visit("", "/sign-in/")

    page.get_by_role("button", name="Continue with School account").click()
    page.get_by_role("link", name="I agree").click()

    expect(page).to_have_url(re.compile("/sign-in/$"))
    expect(page.get_by_role("status")).to_contain_text("Use another account, or a code by e-mail.")
    looked_at(page)


def test_signing_out_there_works_with_nothing_but_forms(visit, house):
    here, there = visit(javascript=False), visit()
    by_code(here, house)
    by_code(there, house)
    here.goto("/account/")

    here.get_by_role("button", name="Sign out there").first.click()

    expect(here.get_by_text("Signed out there.")).to_be_visible()
    there.goto("/account/")
    expect(there).to_have_url(re.compile("/sign-in/"))
