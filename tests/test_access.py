"""The proof that access holds: each address, each kind of visitor, each method, with htmx and without.

What is expected stands in stakeholders/rights.toml. Each test goes over one address and reports every fault that it finds.
"""

import hashlib
import re

import pytest
from django.apps import apps
from django.utils import timezone

from stakeholders.models import Level, Membership, Person
from tests.access_table import EXEMPT, PARTICULARS, TABLE
from tests.full_district import CANARY, rows_of
from tests.walk import METHODS, Address, Answer, Visitor, all_addresses, in_short, undone, visitors

ADDRESSES = all_addresses()
WITH_LINE = [a for a in ADDRESSES if a.name in TABLE]
IN_DISTRICT = [a for a in WITH_LINE if a.line.place == "district"]
ELSEWHERE = [a for a in WITH_LINE if a.line.place != "district"]
LEVELS = {
    "Vera (viewer)": Level.VIEWER,
    "Olga (viewer who leads the step)": Level.VIEWER,
    "Bob (committee)": Level.COMMITTEE,
    "Alice (editor)": Level.EDITOR,
    "Sue (leader)": Level.LEADER,
}
OUTSIDERS = ("Charlie (leader of Dune)", "Eve (membership ended)")
SIGNED_OUT = ("anonymous", "Gus (may not sign in)")
SAVED_OR_ASKED_AGAIN = {200, 204, 302, 303, 409, 422}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


@pytest.fixture(scope="module")
def everybody(two_districts):
    cedar, dune = two_districts
    people = visitors(cedar, dune)
    before = fingerprint(cedar.district)
    yield people
    assert fingerprint(cedar.district) == before, "a row of Cedar is not what it was"


def named(address: Address) -> str:
    return address.name


def test_every_address_has_a_line_and_every_line_an_address():
    names = [a.name for a in ADDRESSES]

    assert sorted(set(names) - set(TABLE)) == [], "addresses without a line in stakeholders/rights.toml"
    assert sorted(set(TABLE) - set(names)) == [], "lines in stakeholders/rights.toml without an address"
    assert sorted(set(PARTICULARS) - set(TABLE)) == [], "lines in tests/access_table.py without an address"
    assert sorted({n for n in names if names.count(n) > 1}) == [], "names given twice"
    assert all(EXEMPT.values()), "an exempt address needs its reason"


def test_every_page_of_a_district_says_so_in_its_address():
    for address in WITH_LINE:
        inside = address.route.startswith("d/<slug:district>/")
        assert inside == (address.line.place == "district"), address


@pytest.mark.parametrize("address", IN_DISTRICT, ids=named)
def test_a_member_may_do_what_the_table_says_and_nothing_else(address, two_districts, everybody):
    cedar, _dune = two_districts
    faults = []

    for name, level in LEVELS.items():
        for method in METHODS:
            plain = everybody[name].ask(method, address.path(cedar))
            swapped = everybody[name].ask(method, address.path(cedar), htmx=True)
            faults += member_faults(address, name, level, method, plain)
            faults += member_faults(address, name, level, method, swapped, htmx=True)
            if method == "GET" and plain.text != swapped.text and "HX-Request" not in varies(swapped):
                faults.append(f"{name} GET: a cache may take the fragment for the page (no Vary: HX-Request)")

    assert not faults, in_short(faults)


def member_faults(
    address: Address, name: str, level: Level, method: str, answer: Answer, *, htmx: bool = False
) -> list[str]:
    """Return what is wrong with the answer to a member, each in a line that names address, visitor and method."""
    line, who = address.line, f"{name} {method}{' htmx' if htmx else ''} {address.name}"
    faults = [f"{who}: {fault}" for fault in always_faults(answer)]
    needs = {"GET": line.read, "HEAD": line.read, "POST": line.write}.get(method)
    may = needs is not None and level.reaches(needs)
    if needs is not None and line.also == "owners" and name.startswith("Olga"):
        may = True
    if needs is None:
        wanted, allowed = refusals_of(line, level), {m for m in METHODS if takes(line, m)}
        if (
            answer.status == 405
            and {m.strip() for m in answer.headers.get("Allow", "").split(",")} != allowed
        ):
            faults.append(f"{who}: Allow says {answer.headers.get('Allow')!r}, not {sorted(allowed)}")
    elif not may:
        wanted = {403}
        if answer.status == 403 and method != "HEAD" and " may " not in answer.body.decode():
            faults.append(f"{who}: 403 does not say who may")
    else:
        wanted = SAVED_OR_ASKED_AGAIN if method == "POST" else {line.get}
    if may_be_405(line, method):
        wanted = wanted | {405}
    if line.also and needs is None:
        wanted = {403, 405}
    if answer.status not in wanted:
        faults.append(f"{who}: {answer.status} instead of {sorted(wanted)} {answer.error}")
    if answer.writes and not (may and method == "POST"):
        faults.append(f"{who}: wrote {answer.writes}")
    if method == "HEAD" and answer.body:
        faults.append(f"{who}: HEAD has a body")
    if b"<i id=hit>" in answer.body and answer.headers.get("Content-Type", "").startswith("text/html"):
        faults.append(f"{who}: a text of the district becomes part of the page")
    if re.search(rb"('|&#x27;|&#39;)49", answer.body):
        faults.append(f"{who}: a text of the district is run as a template")
    return faults


def takes(line, method: str) -> bool:
    return (line.write if method == "POST" else line.read if method in ("GET", "HEAD") else None) is not None


def may_be_405(line, method: str) -> bool:
    """Whether anybody may be told that it is the wrong method; the page of a form need not answer HEAD."""
    return not takes(line, method) or (method == "HEAD" and line.write is not None)


def refusals_of(line, level: Level) -> set[int]:
    """What a wrong method may answer: 405, or 403 to somebody who may do nothing here."""
    return {405} if level.reaches(line.right.lowest) else {403, 405}


def always_faults(answer: Answer) -> list[str]:
    """Return what is wrong with an answer, whoever asked."""
    if answer.status >= 500:
        return []  # that alone is reported
    missing = [h for h, part in HEADERS.items() if part not in answer.headers.get(h, "")]
    return [f"no {', '.join(missing)} ({answer.status})"] if missing else []


def varies(answer: Answer) -> str:
    return answer.headers.get("Vary", "") + answer.headers.get("Cache-Control", "").replace(
        "no-store", "HX-Request"
    )


@pytest.mark.parametrize("address", IN_DISTRICT, ids=named)
@pytest.mark.parametrize("name", OUTSIDERS)
def test_an_outsider_finds_nothing(address, name, two_districts, everybody):
    """A wrong method may answer 405 to everybody; that, too, is the same for a district that is not there."""
    cedar, _dune = two_districts
    visitor, faults = everybody[name], []
    nothing_at_all = visitor.ask("GET", "/there/is/nothing/")

    for method in METHODS:
        for htmx in (False, True):
            who = f"{name} {method}{' htmx' if htmx else ''} {address.name}"
            answer = visitor.ask(method, address.path(cedar), htmx=htmx)
            nothing = visitor.ask(method, address.path(cedar, district="nowhere"), htmx=htmx)
            faults += [f"{who}: {fault}" for fault in always_faults(answer)]
            if answer.status != 404 and not (answer.status == 405 and may_be_405(address.line, method)):
                faults.append(f"{who}: {answer.status} instead of 404")
            if (answer.headers, answer.body) != (nothing.headers, nothing.body):
                faults.append(f"{who}: differs from the answer for a district that is not there")
            if answer.status == 404 and answer.body != (b"" if method == "HEAD" else nothing_at_all.body):
                faults.append(f"{who}: differs from the page for nothing")
            if CANARY.lower().encode() in answer.everything.lower():
                faults.append(f"{who}: gives away a text of Cedar")
            if answer.writes:
                faults.append(f"{who}: wrote {answer.writes}")

    assert not faults, in_short(faults)


@pytest.mark.parametrize("address", IN_DISTRICT, ids=named)
@pytest.mark.parametrize("name", SIGNED_OUT)
def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page(address, name, two_districts, everybody):
    cedar, _dune = two_districts
    faults = []

    for method in METHODS:
        for htmx in (False, True):
            answer = everybody[name].ask(method, address.path(cedar), htmx=htmx)
            nothing = everybody[name].ask(method, address.path(cedar, district="nowhere"), htmx=htmx)
            who = f"{name} {method}{' htmx' if htmx else ''} {address.name}"
            faults += [f"{who}: {fault}" for fault in always_faults(answer)]
            refused = answer.status == 405 and may_be_405(address.line, method)
            led = answer.leads_to_sign_in and htmx == ("HX-Redirect" in answer.headers)
            if not led and not refused:
                faults.append(f"{who}: {answer.status} does not lead to the sign-in page")
            if answer.status != nothing.status or answer.body != nothing.body:
                faults.append(f"{who}: tells that the district exists")
            if answer.writes or CANARY.lower().encode() in answer.everything.lower():
                faults.append(f"{who}: wrote {answer.writes}, or gives away a text of Cedar")

    assert not faults, in_short(faults)


@pytest.mark.parametrize("address", ELSEWHERE, ids=named)
def test_an_address_outside_of_a_district_answers_as_the_table_says(address, two_districts, everybody):
    cedar, _dune = two_districts
    line, faults = address.line, []

    for name, visitor in everybody.items():
        for method in METHODS:
            for htmx in (False, True):
                answer = visitor.ask(method, address.path(cedar), htmx=htmx)
                who = f"{name} {method}{' htmx' if htmx else ''} {address.name}"
                faults += [f"{who}: {fault}" for fault in always_faults(answer)]
                if answer.status not in wanted_elsewhere(line, name, method):
                    wanted = sorted(wanted_elsewhere(line, name, method))
                    faults.append(f"{who}: {answer.status} instead of {wanted} {answer.error}")
                if answer.writes and method != "POST":
                    faults.append(f"{who}: wrote {answer.writes}")
                if (
                    name in ("anonymous", "Charlie (leader of Dune)")
                    and CANARY.lower().encode() in answer.everything.lower()
                ):
                    faults.append(f"{who}: gives away a text of Cedar")

    assert not faults, in_short(faults)


def wanted_elsewhere(line, name: str, method: str) -> set[int]:
    if line.place == "nobody":
        return {404}
    if not takes(line, method):
        return {302, 405} if line.place == "signed in" and name in SIGNED_OUT else {405}
    if line.place == "signed in" and name in SIGNED_OUT:
        return {302, 405} if may_be_405(line, method) else {302}
    if method == "POST":
        return SAVED_OR_ASKED_AGAIN | {429} if line.get != 404 else {404}
    return {line.get, 302, 405} if may_be_405(line, method) else {line.get, 302}


def test_a_right_that_was_taken_away_is_gone_at_the_next_request(two_districts, everybody):
    cedar, _dune = two_districts
    sue, path = everybody["Sue (leader)"], "/d/cedar/plans/new/"
    membership = Membership.objects.filter(district=cedar.district, person=cedar.leader)

    with undone():
        assert sue.ask("GET", path).status == 200
        membership.update(level=Level.COMMITTEE)
        assert sue.ask("GET", path).status == 403
        membership.update(ended_at=timezone.now())
        assert sue.ask("GET", path).status == 404
        Person.objects.filter(pk=cedar.leader.pk).update(is_active=False)
        assert sue.ask("GET", path).leads_to_sign_in


@pytest.mark.parametrize("address", [a for a in WITH_LINE if a.line.write], ids=named)
def test_nothing_is_written_without_the_token_of_the_page(address, two_districts, everybody):
    cedar, _dune = two_districts

    for htmx in (False, True):
        answer = everybody["Sue (leader)"].ask("POST", address.path(cedar), htmx=htmx, csrf=True)

        assert answer.status == 403, f"POST {address.name} without a token: {answer.status}"
        assert not answer.writes


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/admin/stakeholders/person/", "/admin/nothing/"]
)
def test_the_admin_pages_let_in_nobody_but_staff(path, everybody):
    for visitor in everybody.values():
        answer = visitor.ask("GET", path)

        assert answer.status == 302, f"{visitor} GET {path}: {answer.status}"
        assert CANARY.lower() not in answer.body.decode().lower().replace(own_name(visitor), "")
        if path != "/admin/login/":
            assert answer.headers["Location"].startswith("/admin/login/?next=")


def own_name(visitor: Visitor) -> str:
    return visitor.person.email.lower() if visitor.person else "nobody"


def fingerprint(district) -> str:
    """Return a hash of everything that the district has, history included."""
    rows = [
        (model._meta.label, tuple(row))
        for model in apps.get_models()
        for row in rows_of(model, district).order_by("pk").values_list()
    ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()
