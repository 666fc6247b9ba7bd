"""A district begins with one person and no mail, grows to three, and loses the one who did the work."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import House
from tests.district_plan.processes import wait_for
from tests.oidc_provider import OidcProvider

SUE, ALICE, PAT = "sue@cedar.example", "alice@cedar.example", "pat@cedar.example"
TODAY = date.today()
CODE = r"\b\d{6}\b"
PLAN = f"""Goal: Every classroom connected
Action step\tWho\tWhen
Pull new cable in the gym\tTechnology coordinator\t{TODAY + timedelta(days=3):%B %-d, %Y}
Train the front office\tTechnology coordinator\t{TODAY + timedelta(days=9):%B %-d, %Y}
"""


@pytest.fixture
def provider():
    with OidcProvider() as running:
        running.claims = {"sub": "pat", "email": PAT, "email_verified": True, "name": "Pat Ito"}
        yield running


@pytest.fixture
def empty_house(tmp_path, provider):
    """An installation in which nobody has been yet."""
    house = House(tmp_path, sample=False, OIDC_PROVIDERS=provider.entry("school"))
    house.home = "/d/cedar/"
    try:
        house.start()
        yield house
    finally:
        house.stop()


@pytest.fixture
def window_of(browser: Browser, empty_house: House):
    """Return a function that opens a browser of somebody's own."""
    opened = []

    def open_for(*, javascript: bool) -> Page:
        context = browser.new_context(base_url=empty_house.url, java_script_enabled=javascript)
        context.set_default_timeout(10_000)
        opened.append(context)
        return context.new_page()

    yield open_for
    for context in opened:
        context.close()


def letter_to(house: House, address: str, *, saying: str) -> str:
    """Wait for the newest letter to `address` in whose text the pattern `saying` is found, and return that text."""
    found: list[str] = []

    def arrived() -> bool:
        for letter in house.letters():
            head, _blank, text = letter.lstrip().partition("\n\n")
            text = text.replace("=\n", "")  # lines that were broken on the way
            if re.search(rf"^To:.*{address}", head, re.MULTILINE) and re.search(saying, text):
                found.append(text)
        return bool(found)

    wait_for(arrived, seconds=90)
    return found[-1]


def first_leader_comes_in(house: House, page: Page) -> None:
    house.manage("add_district", "cedar", "--name", "Cedar School District", "--time-zone", "America/Denver")
    said = house.manage(
        "add_person",
        SUE,
        "--name",
        "Sue Park",
        "--district",
        "cedar",
        "--level",
        "leader",
        "--role",
        "Superintendent",
    )
    page.goto("/first-sign-in/")
    page.get_by_label("E-mail address").fill(SUE)
    page.get_by_label("One-time code").fill(re.search(r"code\s+(\d{4} \d{4})", said)[1])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("New password").fill("four words that wander")  # offered where no mail is sent
    page.get_by_role("button", name="Save password").click()
    page.goto("/")
    expect(page).to_have_url(re.compile(house.home))


def invite(page: Page, *, level: str, who: str) -> None:
    page.goto("/d/cedar/people/")
    page.get_by_role("link", name="Invite people").first.click()
    page.get_by_label("Addresses").fill(who)
    page.get_by_label(level).check()
    page.get_by_role("button", name="Send invitations").click()
    expect(page.get_by_text(re.search(r"[\w.]+@[\w.]+", who)[0]).first).to_be_visible()


def link_in(letter: str) -> str:
    return re.search(r"https?://[^/\s]+(/invitations/\S+)", letter)[1]


def join_by_code(house: House, page: Page, *, name: str, address: str) -> None:
    page.goto(link_in(letter_to(house, address, saying="/invitations/")))
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join: send me a six-digit code").click()
    page.get_by_label("Code").fill(re.search(CODE, letter_to(house, address, saying=CODE))[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(house.home))


def join_by_provider(house: House, page: Page, *, name: str, address: str) -> None:
    page.goto(link_in(letter_to(house, address, saying="/invitations/")))
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Sign in another way").click()
    page.get_by_role("button", name=re.compile("School")).click()
    page.get_by_role("link", name="I agree").click()
    expect(page).to_have_url(re.compile(house.home))


def bring_in_a_plan(page: Page) -> None:
    page.goto("/d/cedar/import/")
    page.get_by_label("Or paste it").fill(PLAN)
    page.get_by_role("button", name="Read it").click()
    page.get_by_label("Title of the new plan").fill("Technology plan")
    page.get_by_label("First day").fill(f"{TODAY.year - 1}-07-01")
    page.get_by_label("Last day").fill(f"{TODAY.year + 2}-06-30")
    page.get_by_role("button", name="Look at the rows").click()
    page.get_by_role("button", name="Import 2 steps").click()
    expect(page.get_by_text("2 steps were imported.")).to_be_visible()


def appoint(page: Page, role: str, name: str) -> None:
    page.goto("/d/cedar/roles/")
    if not page.get_by_role("link", name=role).count():
        page.get_by_role("link", name="Add a role").click()
        page.get_by_label("Title").fill(role)
        page.get_by_role("button", name="Save role").click()
    else:
        page.get_by_role("link", name=role).first.click()
    page.get_by_role("link", name="Appoint somebody").click()
    page.get_by_label("Who", exact=True).select_option(label=name)
    page.get_by_role("button", name="Appoint", exact=True).click()
    expect(page.get_by_text(f"{name} is appointed.")).to_be_visible()


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_the_coordinator_leaves_and_nothing_is_left_without_an_owner(javascript, empty_house, window_of):
    house = empty_house
    sue, alice, pat = (window_of(javascript=javascript) for _each in range(3))

    # One leader, who comes in without mail, invites the other two; one proves her address by a code, one by a provider.
    first_leader_comes_in(house, sue)
    invite(sue, level="Editor", who=f"Alice Reed <{ALICE}>")
    invite(sue, level="Viewer", who=PAT)
    join_by_code(house, alice, name="Alice Reed", address=ALICE)
    join_by_provider(house, pat, name="Pat Ito", address=PAT)
    bring_in_a_plan(alice)
    appoint(sue, "Technology coordinator", "Alice Reed")
    appoint(sue, "Principal", "Pat Ito")
    alice.goto("/d/cedar/updates/")
    expect(alice.get_by_text("Pull new cable in the gym").first).to_be_visible()

    # Alice leaves: all that she holds goes to Pat, and her access ends.
    sue.goto("/d/cedar/people/")
    sue.get_by_role("link", name="Alice Reed").click()
    sue.get_by_role("link", name="End access").click()
    sue.get_by_role("link", name="Hand over first").click()
    sue.get_by_label("All to the same person").select_option(label="Pat Ito")
    sue.get_by_label("From which day").fill(house_today(house))
    sue.get_by_label(re.compile("End this person’s access")).check()
    letters_to_alice = len([one for one in house.letters() if ALICE in one])
    sue.get_by_role("button", name="Hand over").click()
    expect(sue.get_by_role("heading", level=1)).to_contain_text("Alice Reed")

    # Nothing is hers any more, nothing is nobody's, and what slips is told to Pat.
    assert alice.goto("/d/cedar/updates/").status == 404
    sue.goto("/d/cedar/roles/")
    expect(sue.get_by_text("nobody holds this role")).to_have_count(0)
    pat.goto("/d/cedar/updates/")
    expect(pat.get_by_text("Pull new cable in the gym").first).to_be_visible()
    house.manage("flag_slips", "--today", f"{TODAY + timedelta(days=30)}")
    house.manage("send_notices")
    assert letter_to(house, PAT, saying="Pull new cable in the gym")
    assert len([one for one in house.letters() if ALICE in one]) == letters_to_alice


def house_today(house: House) -> str:
    """Return the date in the district, as a date field wants it."""
    return house.manage("shell", "-v0", "-c", _TODAY).strip()


_TODAY = (
    "from django.utils import timezone; from stakeholders.models import District; "
    "print(District.objects.get().today(timezone.now()))"
)
