"""Putting ids of another district wherever an id can be put: in an address, in a form, behind the `?`.

Tess belongs to both districts. Each walk goes over one address of Dune and returns every fault, in a line: what was
answered wrongly, what gives away a text of Cedar, what was written.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import NamedTuple

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from lxml import html

from tests.access_table import TABLE
from tests.full_district import CANARY, FIRST_ID, SIGN_OF_DUNE, Rows
from tests.holes import Way, noting_lines
from tests.walk import Address, Answer, Visitor, all_addresses, fill

IN_DISTRICT = [a for a in all_addresses() if a.name in TABLE and a.line.place == "district"]
WITH_IDS = [a for a in IN_DISTRICT if len(a.parts) > 1]
READABLE = [a for a in IN_DISTRICT if a.line.read]
NOT_A_ROW = {"csrfmiddlewaretoken", "version"}
OTHER_NAMES = [
    "sort",
    "district",
    "filter__district__slug",
    "_connector",
]  # what other programs would look for
ODD = [
    "-1",
    "0",
    "99999999",
    str(10**30),
    "abc",
    "%",
    "_",
    "\\",
    "'\"",
    "\x00",
    "9999-99-99",
    "0001-01-01",
    "x" * 500,
]


def methods_of(address: Address) -> list[str]:
    return (["GET"] if address.line.read else []) + (["POST"] if address.line.write else [])


def faults_of(who: str, answer: Answer, *, wanted: set[int], sign: str = CANARY) -> list[str]:
    """Return what is answered wrongly, and what gives away a text with the other district's `sign`, each in a line."""
    faults = []
    if answer.status not in wanted:
        faults.append(f"{who}: {answer.status} instead of {sorted(wanted)} {answer.error}")
    if sign.lower().encode() in answer.everything.lower():
        faults.append(f"{who}: gives away a text of the other district")
    return faults


@noting_lines
def faults_of_ids(address: Address, cedar: Rows, dune: Rows, tess: Visitor) -> list[str]:
    """Put Cedar's ids into an address of Dune, each in turn."""
    faults = []
    for part in address.parts[1:]:
        theirs = fill(address, part, cedar)
        if theirs == fill(address, part, dune):
            continue  # a word, not an id
        for method in methods_of(address):
            for htmx in (False, True):
                who = f"Tess {method}{' htmx' if htmx else ''} {address.name} with Cedar's {part}"
                answer = tess.ask(method, address.path(dune, **{part: theirs}), htmx=htmx)
                nothing = tess.ask(method, address.path(dune, **{part: 987_654_321}), htmx=htmx)
                faults += faults_of(who, answer, wanted={404})
                if (answer.headers, answer.body) != (nothing.headers, nothing.body):
                    faults.append(f"{who}: differs from the answer for an id of nothing")
                if answer.writes:
                    faults.append(f"{who}: wrote {answer.writes}")

    return faults


@noting_lines
def faults_of_page(address: Address, cedar: Rows, dune: Rows, tess: Visitor) -> list[str]:
    """Read a page of Dune, then the same of Cedar, in which nothing of Dune may stand."""
    faults = []
    for htmx in (False, True):
        answer = tess.ask("GET", address.path(dune), htmx=htmx)
        faults += faults_of(f"Tess GET {address.name} of Dune", answer, wanted={address.line.get})
        for form in forms_in(answer):
            for name, rows in row_choices(form):
                astray = [
                    row for row in rows if getattr(row, "district_id", dune.district.pk) != dune.district.pk
                ]
                if astray:
                    faults.append(f"{address.name}: {type(form).__name__}.{name} offers {astray}")
        answer = tess.ask("GET", address.path(cedar), htmx=htmx)
        who = f"Tess GET {address.name} of Cedar"
        faults += faults_of(who, answer, wanted={address.line.get}, sign=SIGN_OF_DUNE)
    for path in about_tess(address, dune):
        faults += faults_of(f"Tess GET {path} about herself", tess.ask("GET", path), wanted={200, 302})
    return faults


class Alone(NamedTuple):
    """What Charlie, who leads Dune, read on each of its pages while there was no other district."""

    charlie: Visitor
    pages: dict[str, list[bytes]]


def look_around(dune: Rows) -> Alone:
    charlie = Visitor("Charlie", dune.leader).sign_in()
    Visitor("Tess", dune.both).sign_in()  # the page of people tells who has never signed in
    return Alone(charlie, {a.name: _read(charlie, a, dune) for a in READABLE})


def _read(charlie: Visitor, address: Address, dune: Rows) -> list[bytes]:
    """Return the lines of a page, and of the same about Tess, without the minute at which they were made."""
    paths = [address.path(dune), *about_tess(address, dune)]
    text = b"\n".join(charlie.ask("GET", path).text for path in paths)
    return re.sub(rb"\d+(:\d\d)? [ap]\.m\.", b"", text).splitlines()


def about_tess(address: Address, dune: Rows) -> list[str]:
    """Return where a page of Dune about one person is about Tess, who has rows in both districts."""
    own = {"person": dune.both.pk, "membership": dune.own_membership.pk}
    return [address.path(dune, **{part: own[part]}) for part in address.parts if part in own]


@noting_lines
def faults_of_company(address: Address, _cedar: Rows, dune: Rows, _tess: Visitor) -> list[str]:
    """Read a page of Dune: it is what it was before there was Cedar, so not even a number counts Cedar's rows."""
    before, now = dune.alone.pages[address.name], _read(dune.alone.charlie, address, dune)
    changed = [f"{was!r} → {has!r}" for was, has in zip_longest(before, now) if was != has]
    return [f"Charlie GET {address.name}: changed when Cedar came: {line[:300]}" for line in changed[:3]]


def forms_in(answer: Answer) -> list[forms.BaseForm]:
    """Return the forms that the templates of an answer were given, also those in lists."""
    found: dict[int, forms.BaseForm] = {}
    for layer in getattr(answer.response, "context", None) or []:
        for scope in layer.dicts if hasattr(layer, "dicts") else [layer]:
            for value in scope.values():
                for one in value if isinstance(value, (list, tuple)) else [value]:
                    for form in (one, getattr(one, "form", None)):
                        if isinstance(form, forms.BaseForm):
                            found[id(form)] = form
                    if isinstance(one, forms.BaseFormSet):
                        found |= {id(form): form for form in one.forms}
    return list(found.values())


def row_choices(form: forms.BaseForm) -> Iterator[tuple[str, QuerySet]]:
    for name, field in form.fields.items():
        if isinstance(field, forms.ModelChoiceField):
            yield form.add_prefix(name), field.queryset


@contextmanager
def noted_names() -> Iterator[set[str]]:
    """Give the names that are looked up in what follows the `?` of an address, or in a form."""
    names: set[str] = set()

    def noting(honest):
        def look_up(values, name, *args):
            names.add(name)
            return honest(values, name, *args)

        return look_up

    honest = {word: getattr(QueryDict, word) for word in ("get", "getlist", "__getitem__", "__contains__")}
    for word, method in honest.items():
        setattr(QueryDict, word, noting(method))
    try:
        yield names
    finally:
        for word, method in honest.items():
            setattr(QueryDict, word, method)


@noting_lines
def faults_of_queries(address: Address, cedar: Rows, dune: Rows, tess: Visitor) -> list[str]:
    """Read a page of Dune with Cedar's ids behind the `?`, under each name that the page looks for, and under all."""
    with noted_names() as names:
        tess.ask("GET", address.path(dune))
    queries = [dict.fromkeys([*names, *OTHER_NAMES], value) for value in (FIRST_ID, cedar.district.slug)]
    queries += [{name: FIRST_ID} for name in sorted(names - {"page"})]
    return _faults_of_queries(address, queries, dune, tess)


def faults_of_odd_queries(address: Address, _cedar: Rows, dune: Rows, tess: Visitor) -> list[str]:
    """Read a page of Dune with odd things behind the `?`: one after the other where it looks there, else one of them."""
    with noted_names() as names:
        tess.ask("GET", address.path(dune))
    odd = ODD if names else ODD[-1:]
    queries = [dict.fromkeys([*names, *OTHER_NAMES], value) for value in odd]
    return _faults_of_queries(address, queries, dune, tess)


def _faults_of_queries(address: Address, queries: list[dict], dune: Rows, tess: Visitor) -> list[str]:
    faults, wanted = [], {200, 302, 400, 404, 422, address.line.get}
    for query in queries:
        who = f"GET {address.name} with {query}"[:300]
        answer = tess.ask("GET", address.path(dune), query_params=query)
        faults += faults_of(who, answer, wanted=wanted)
        if answer.writes:
            faults.append(f"{who}: wrote {answer.writes}")
    return faults


@noting_lines
def faults_of_forms(address: Address, _cedar: Rows, dune: Rows, tess: Visitor) -> list[str]:
    """Send each choice on each form of a page of Dune with an id of Cedar, and otherwise as the page has it."""
    path, faults = address.path(dune), []
    page = tess.ask("GET", path)
    if not page.headers.get("Content-Type", "").startswith("text/html") or not page.body:
        return []

    for sent_to, values, choices in sent_forms(page, path):
        for name in choices:
            who = f"Tess POST {sent_to} from {address.name} with {name}={FIRST_ID}"
            answer = tess.ask("POST", sent_to, {**values, name: str(FIRST_ID)})
            faults += faults_of(who, answer, wanted={200, 204, 302, 303, 404, 409, 422})
            faults += [f"{who}: wrote {w}" for w in answer.writes if str(FIRST_ID) in w]
            for form in forms_in(answer):
                rows = dict(row_choices(form))
                if form.is_bound and name in rows and name not in {form.add_prefix(e) for e in form.errors}:
                    faults.append(f"{who}: no error at the field")
            if (
                name in {n for form in forms_in(page) for n, _rows in row_choices(form)}
                and answer.status != 422
            ):
                faults.append(f"{who}: {answer.status} instead of 422")

    return faults


def sent_forms(page: Answer, path: str) -> Iterator[tuple[str, dict, list[str]]]:
    """Give each form of a page that is sent by POST: where to, what it would send, and the names of its choices."""
    for form in html.fromstring(page.body).forms:
        if (form.get("method") or "").lower() != "post" or not (form.get("action") or path).startswith("/d/"):
            continue
        values: dict[str, object] = {}
        for name, value in form.form_values():
            values[name] = [*values[name], value] if isinstance(values.get(name), list) else value
        choices = {
            field.get("name")
            for field in form.iter("select", "input")
            if field.get("name")
            and (field.tag == "select" or field.get("type") in ("radio", "checkbox", "hidden"))
        }
        yield form.get("action") or path, values, sorted(choices - NOT_A_ROW)


# Every way to go, the quick ones first.
WAYS = [Way(faults_of_ids, address) for address in WITH_IDS] + [
    Way(walk, address)
    for walk in (faults_of_company, faults_of_page, faults_of_forms, faults_of_queries)
    for address in READABLE
]
