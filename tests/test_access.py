"""The proof that access holds: each address, each kind of visitor, each method, with htmx and without.

What is expected stands in stakeholders/rights.toml, who comes in tests/visitors.py. Each test goes over one address with
one kind of visitor and reports every fault that it finds.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from django.apps import apps
from django.utils import timezone

from stakeholders.models import Level, Membership, Person
from tests.access_table import EXEMPT, PARTICULARS, TABLE, Line
from tests.full_district import CANARY, rows_of
from tests.visitors import EVERYBODY, MEMBERS, NOT_IN, OUTSIDERS, Part
from tests.walk import METHODS, Address, Answer, Visitor, all_addresses, in_short, undone

ADDRESSES = all_addresses()
WITH_LINE = [a for a in ADDRESSES if a.name in TABLE]
IN_DISTRICT = [a for a in WITH_LINE if a.line.place == "district"]
ELSEWHERE = [a for a in WITH_LINE if a.line.place != "district"]
SAVED_OR_ASKED_AGAIN = {200, 204, 302, 303, 409, 422}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
RUN_AS_A_TEMPLATE = re.compile(rb"('|&#x27;|&#39;)49")  # what tests.full_district.HOSTILE would become


def of_each(addresses: list[Address], parts: list[Part]):
    """Parametrize a test by address, and by who comes."""

    def decorate(test):
        test = pytest.mark.parametrize("part", parts, ids=lambda part: part.name)(test)
        return pytest.mark.parametrize("address", addresses, ids=lambda address: address.name)(test)

    return decorate


@pytest.fixture(scope="module")
def everybody(two_districts) -> Iterator[dict[Part, Visitor]]:
    cedar, dune = two_districts
    visitors = {part: part.visits(cedar, dune) for part in EVERYBODY}
    before = fingerprint(cedar.district)
    yield visitors
    assert fingerprint(cedar.district) == before, "a row of Cedar is not what it was"


@pytest.fixture(scope="module")
def for_nothing(two_districts, everybody) -> Callable[..., Answer]:
    """Return a function that gives the answer for a district that is not there: the same for all who come in, and for all
    who do not.
    """
    cedar, _dune = two_districts

    @cache
    def ask(address: Address, comes_in: bool, method: str, htmx: bool) -> Answer:
        nobody = next(part for part in EVERYBODY if part.comes_in == comes_in and not part.level)
        return everybody[nobody].ask(method, address.path(cedar, district="nowhere"), htmx=htmx)

    return ask


@pytest.fixture
def named(everybody):
    """Return a function that gives the visitor whose name begins so."""
    return lambda name: next(visitor for part, visitor in everybody.items() if part.name.startswith(name))


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


@of_each(IN_DISTRICT, MEMBERS)
def test_a_member_may_do_what_the_table_says_and_nothing_else(address, part, two_districts, everybody):
    path, faults = address.path(two_districts[0]), []

    for method in METHODS:
        plain = everybody[part].ask(method, path)
        swapped = everybody[part].ask(method, path, htmx=True)
        faults += faults_for_member(address.line, part, method, plain)
        faults += [f"{fault} (htmx)" for fault in faults_for_member(address.line, part, method, swapped)]
        if method == "GET" and plain.text != swapped.text and not is_kept_apart(swapped):
            faults.append("GET: a cache may take the fragment for the page (no Vary: HX-Request)")

    assert not faults, "\n".join(faults)


def faults_for_member(line: Line, part: Part, method: str, answer: Answer) -> list[str]:
    """Return what is wrong with the answer to a member, each in a sentence that begins with the method."""
    may = part.may(line.right, method)
    faults = faults_for_anybody(answer)
    if answer.status not in (wanted := wanted_for_member(line, part, method)):
        faults.append(f"{answer.status} instead of {sorted(wanted)} {answer.error}")
    if answer.status == 405 and not takes(line, method) and allowed_by(answer) != allowed(line):
        faults.append(f"Allow says {allowed_by(answer)}, not {allowed(line)}")
    if answer.status == 403 and method != "HEAD" and b" may " not in answer.body:
        faults.append("403 does not say who may")
    if answer.writes and not (may and method == "POST"):
        faults.append(f"wrote {answer.writes}")
    if method == "HEAD" and answer.body:
        faults.append("HEAD has a body")
    if b"<i id=hit>" in answer.body and answer.headers.get("Content-Type", "").startswith("text/html"):
        faults.append("a text of the district becomes part of the page")
    if RUN_AS_A_TEMPLATE.search(answer.body):
        faults.append("a text of the district is run as a template")
    return [f"{method}: {fault}" for fault in faults]


def wanted_for_member(line: Line, part: Part, method: str) -> set[int]:
    """Return what a member may be answered. A wrong method is 405, or 403 to somebody who may do nothing here."""
    if not takes(line, method):
        may_something = part.level.reaches(line.right.lowest)
        return {405} if may_something and not line.also else {403, 405}
    answered = SAVED_OR_ASKED_AGAIN if method == "POST" else {line.get}
    wanted = answered if part.may(line.right, method) else {403}
    return wanted | {405} if may_be_wrong(line, method) else wanted


def takes(line: Line, method: str) -> bool:
    return line.right.needed_for(method) is not None


def may_be_wrong(line: Line, method: str) -> bool:
    """Whether anybody may be told that it is the wrong method; the page of a form need not answer HEAD."""
    return not takes(line, method) or (method == "HEAD" and line.write is not None)


def allowed(line: Line) -> set[str]:
    return {method for method in METHODS if takes(line, method)}


def allowed_by(answer: Answer) -> set[str]:
    return {method.strip() for method in answer.headers.get("Allow", "").split(",")}


def faults_for_anybody(answer: Answer) -> list[str]:
    """Return what is wrong with an answer, whoever asked. An error of ours is reported by its status alone."""
    missing = [name for name, part in HEADERS.items() if part not in answer.headers.get(name, "")]
    return [f"no {', '.join(missing)} ({answer.status})"] if missing and answer.status < 500 else []


def is_kept_apart(answer: Answer) -> bool:
    """Whether no cache can answer with a fragment where a page was asked for."""
    headers = answer.headers
    return "HX-Request" in headers.get("Vary", "") or "no-store" in headers.get("Cache-Control", "")


def gives_away(answer: Answer) -> bool:
    """Whether a text of Cedar stands in the answer."""
    return CANARY.lower().encode() in answer.everything.lower()


@of_each(IN_DISTRICT, OUTSIDERS)
def test_an_outsider_finds_nothing(address, part, two_districts, everybody, for_nothing):
    """A wrong method may answer 405 to everybody; that, too, is the same for a district that is not there."""
    cedar, _dune = two_districts
    visitor, faults = everybody[part], []
    nothing_at_all = visitor.ask("GET", "/there/is/nothing/")

    for method in METHODS:
        for htmx in (False, True):
            answer = visitor.ask(method, address.path(cedar), htmx=htmx)
            nothing = for_nothing(address, part.comes_in, method, htmx)
            found = faults_for_anybody(answer)
            if answer.status != 404 and not (answer.status == 405 and may_be_wrong(address.line, method)):
                found.append(f"{answer.status} instead of 404")
            if (answer.headers, answer.body) != (nothing.headers, nothing.body):
                found.append("differs from the answer for a district that is not there")
            if answer.status == 404 and answer.body != (b"" if method == "HEAD" else nothing_at_all.body):
                found.append("differs from the page for nothing")
            if answer.writes or gives_away(answer):
                found.append(f"gives away a text of Cedar, or wrote {answer.writes}")
            faults += [f"{method}{' htmx' if htmx else ''}: {fault}" for fault in found]

    assert not faults, in_short(faults)


@of_each(IN_DISTRICT, NOT_IN)
def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page(
    address, part, two_districts, everybody, for_nothing
):
    cedar, _dune = two_districts
    visitor, faults = everybody[part], []

    for method in METHODS:
        for htmx in (False, True):
            answer = visitor.ask(method, address.path(cedar), htmx=htmx)
            nothing = for_nothing(address, part.comes_in, method, htmx)
            found = faults_for_anybody(answer)
            refused = answer.status == 405 and may_be_wrong(address.line, method)
            led = answer.leads_to_sign_in and htmx == ("HX-Redirect" in answer.headers)
            if not led and not refused:
                found.append(f"{answer.status} does not lead to the sign-in page")
            if answer.status != nothing.status or answer.body != nothing.body:
                found.append("tells that the district exists")
            if answer.writes or gives_away(answer):
                found.append(f"gives away a text of Cedar, or wrote {answer.writes}")
            faults += [f"{method}{' htmx' if htmx else ''}: {fault}" for fault in found]

    assert not faults, in_short(faults)


@of_each(ELSEWHERE, EVERYBODY)
def test_an_address_outside_of_a_district_answers_as_the_table_says(address, part, two_districts, everybody):
    cedar, _dune = two_districts
    visitor, faults = everybody[part], []

    for method in METHODS:
        for htmx in (False, True):
            answer = visitor.ask(method, address.path(cedar), htmx=htmx)
            found = faults_for_anybody(answer)
            if answer.status not in (wanted := wanted_elsewhere(address.line, part, method)):
                found.append(f"{answer.status} instead of {sorted(wanted)} {answer.error}")
            if answer.writes and method != "POST":
                found.append(f"wrote {answer.writes}")
            knows = part.level or part.knows or (part.is_staff and address.line.place == "staff")
            if not knows and gives_away(answer) and not visitor.is_alone_in(answer):
                found.append("gives away a text of Cedar")
            faults += [f"{method}{' htmx' if htmx else ''}: {fault}" for fault in found]

    assert not faults, in_short(faults)


def wanted_elsewhere(line: Line, part: Part, method: str) -> set[int]:
    if line.place == "nobody":
        return {404}
    wrong = {405} if may_be_wrong(line, method) else set()
    if line.place in ("signed in", "staff") and not part.comes_in:
        return {302} | wrong
    if line.place == "staff" and not part.is_staff:
        return {403, 404} | wrong
    if not takes(line, method):
        return {405}
    if line.get == 404 or method != "POST":  # a link that leads nowhere takes nothing, either
        return {line.get, 302} - ({302} if line.get == 404 else set()) | wrong
    return SAVED_OR_ASKED_AGAIN | {429} | wrong


def test_a_right_that_was_taken_away_is_gone_at_the_next_request(two_districts, named):
    cedar, _dune = two_districts
    sue, path = named("Sue"), "/d/cedar/plans/new/"
    membership = Membership.objects.filter(district=cedar.district, person=cedar.leader)

    with undone():
        assert sue.ask("GET", path).status == 200
        membership.update(level=Level.COMMITTEE)
        assert sue.ask("GET", path).status == 403
        membership.update(ended_at=timezone.now())
        assert sue.ask("GET", path).status == 404
        Person.objects.filter(pk=cedar.leader.pk).update(is_active=False)
        assert sue.ask("GET", path).leads_to_sign_in


@pytest.mark.parametrize("address", [a for a in WITH_LINE if a.line.write], ids=lambda a: a.name)
def test_nothing_is_written_without_the_token_of_the_page(address, two_districts, named):
    cedar, _dune = two_districts

    for htmx in (False, True):
        answer = named("Sue").ask("POST", address.path(cedar), htmx=htmx, csrf=True)

        assert answer.status == 403, f"POST {address.name} without a token: {answer.status}"
        assert not answer.writes


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/admin/stakeholders/person/", "/admin/nothing/"]
)
def test_the_admin_pages_let_in_nobody_but_staff(path, everybody):
    for part, visitor in everybody.items():
        if part.is_staff:
            continue
        answer = visitor.ask("GET", path)

        assert answer.status == 302, f"{visitor} GET {path}: {answer.status}"
        assert not gives_away(answer) or visitor.is_alone_in(answer)
        if path != "/admin/login/":
            assert answer.headers["Location"].startswith("/admin/login/?next=")


def fingerprint(district) -> str:
    """Return a hash of everything that the district has, history included."""
    rows = [
        (model._meta.label, tuple(row))
        for model in apps.get_models()
        for row in rows_of(model, district).order_by("pk").values_list()
    ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()
