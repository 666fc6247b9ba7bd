"""Coming in by a code sent by e-mail, and asking for a report: pages that must work with nothing but forms."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.usefixtures("house")


def test_a_code_from_the_mail_lets_one_in_without_javascript(visit, house):
    page = visit("", "/d/juniper-flats/updates/", javascript=False)
    expect(page).to_have_url(re.compile("/sign-in/"))

    page.get_by_label("E-mail address").fill("dana.ruiz@juniperflats.example")
    page.get_by_role("button", name="Send me a code").click()
    code = re.search(r"\b(\d{6})\b", house.newest_mail())[1]
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()

    expect(page).to_have_url(re.compile(r"/d/juniper-flats/updates/$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_wrong_code_is_refused_in_words(visit):
    page = visit("", "/sign-in/", javascript=False)
    page.get_by_label("E-mail address").fill("dana.ruiz@juniperflats.example")
    page.get_by_role("button", name="Send me a code").click()

    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator("#id_code_error")).to_contain_text("That is not the code")


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_report_that_was_asked_for_arrives_as_a_pdf(javascript, visit):
    page = visit("coordinator", "/d/juniper-flats/reports/new/", javascript=javascript)

    page.get_by_label("What we ask of the board").fill("Agree to the new date")
    page.get_by_role("button", name="Freeze and make PDF").click()
    download = page.get_by_role("link", name=re.compile("^Download PDF"))
    for _second in range(60):  # without JavaScript one looks again by a link; with it the page asks by itself
        if download.is_visible():
            break
        page.wait_for_timeout(1000)
        if not javascript:
            page.get_by_role("link", name="Check now").click()

    with page.expect_download() as arriving:
        download.click()
    assert arriving.value.path().read_bytes().startswith(b"%PDF-")
    assert arriving.value.suggested_filename.endswith(".pdf")
