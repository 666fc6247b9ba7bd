"""Ids of another district: in an address they lead nowhere, in a form they are no choice, in a query they widen nothing.

Tess goes over every page of Dune and puts Cedar's ids wherever an id can be put. She belongs to Cedar, too, and nothing
of it may show in Dune. All texts of Cedar are canaries, and the first row of each of its tables has one and the same id,
which no row of Dune has. At the end each look-up is made to forget the district, and all this must notice.
"""

import re
from collections.abc import Iterator

import pytest
from django import forms
from django.db.models import QuerySet
from lxml import html

from tests.access_table import TABLE
from tests.full_district import CANARY, FIRST_ID, FLOORS, SIGN_OF_DUNE, Rows
from tests.holes import ROOT, forgetting, noting_lines, passed_by
from tests.walk import Address, Answer, Visitor, all_addresses, fill, in_short, recorded, undone

IN_DISTRICT = [a for a in all_addresses() if a.name in TABLE and a.line.place == "district"]
WITH_IDS = [a for a in IN_DISTRICT if len(a.parts) > 1]
READABLE = [a for a in IN_DISTRICT if a.line.read]
BAD_IDS = ["0", "-1", str(2**63), str(10**30), "1e3", "１", "٣", "abc", "1%00", "%2e%2e", "1/../1", "%ff"]
BAD_SLUGS = ["-", "CEDAR", "cedar%00", "çedar", "x" * 300, "..", "%ff", "0"]
NOT_A_ROW = {"csrfmiddlewaretoken", "version"}


@pytest.fixture(scope="module")
def tess(two_districts):
    return Visitor("Tess", two_districts[1].both).sign_in()


def named(address: Address) -> str:
    return address.name


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


@pytest.mark.parametrize("address", WITH_IDS, ids=named)
def test_the_id_of_another_district_is_an_id_of_nothing(address, two_districts, tess):
    faults = faults_of_ids(address, *two_districts, tess)

    assert not faults, in_short(faults)


@pytest.mark.parametrize("address", WITH_IDS, ids=named)
def test_what_can_be_no_id_is_not_found(address, two_districts, tess):
    _cedar, dune = two_districts
    faults = []

    for part in address.parts[1:]:
        if isinstance(fill(address, part, dune), str):
            continue
        for bad in BAD_IDS:
            for method in methods_of(address):
                answer = tess.ask(method, address.path(dune, **{part: bad}))
                who = f"{method} {address.name} with {bad!r}"
                faults += faults_of(who, answer, wanted={400, 404})
                if answer.writes:
                    faults.append(f"{who}: wrote {answer.writes}")

    assert not faults, in_short(faults)


@pytest.mark.parametrize("address", IN_DISTRICT, ids=named)
def test_what_can_be_no_district_is_not_found(address, two_districts, tess):
    _cedar, dune = two_districts

    for bad in BAD_SLUGS:
        for method in methods_of(address):
            answer = tess.ask(method, address.path(dune, district=bad))

            assert not faults_of(f"{method} {address.name} with {bad!r}", answer, wanted={400, 404})


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
    return faults


@pytest.mark.parametrize("address", READABLE, ids=named)
def test_a_page_says_nothing_of_another_district(address, two_districts, tess):
    faults = faults_of_page(address, *two_districts, tess)

    assert not faults, in_short(faults)


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


def names_asked_for() -> list[str]:
    """Return every name that a view or form reads from the part of an address after `?`."""
    read = re.compile(r"""GET(?:\.get|\.getlist)?[(\[]\s*["'](\w+)["']""")
    sources = [p for floor in ROOT.glob("*/views") for p in floor.rglob("*.py")] + list(ROOT.glob("*/*.py"))
    return sorted({name for path in sources for name in read.findall(path.read_text())})


@noting_lines
def faults_of_queries(address: Address, cedar: Rows, dune: Rows, tess: Visitor) -> list[str]:
    """Read a page of Dune with Cedar's ids, and odd things, behind the `?`."""
    odd = [
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
    faults = []

    for value in [str(FIRST_ID), cedar.district.slug, *odd]:
        query = dict.fromkeys(
            [*names_asked_for(), "sort", "district", "filter__district__slug", "_connector"], value
        )
        answer = tess.ask("GET", address.path(dune), query_params=query)
        faults += faults_of(
            f"GET {address.name} with {value!r}", answer, wanted={200, 302, 400, 404, 422, address.line.get}
        )
        if answer.writes:
            faults.append(f"GET {address.name} with {value!r}: wrote {answer.writes}")

    return faults


@pytest.mark.parametrize("address", READABLE, ids=named)
def test_a_query_never_widens_what_is_shown(address, two_districts, tess):
    faults = faults_of_queries(address, *two_districts, tess)

    assert not faults, in_short(faults)


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


@pytest.mark.parametrize("address", READABLE, ids=named)
def test_no_form_takes_a_row_of_another_district(address, two_districts, tess):
    faults = faults_of_forms(address, *two_districts, tess)

    assert not faults, in_short(faults)


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


def test_the_forms_of_the_project_are_all_met(two_districts, tess):
    """A form that offers rows and is on no page of the walk would be judged by nobody."""
    _cedar, dune = two_districts
    met = set()

    for address in READABLE:
        for form in forms_in(tess.ask("GET", address.path(dune))):
            met.add(type(form))

    with recorded(), undone():
        offering = {
            form
            for form in _subclasses(forms.BaseForm)
            if not form.__subclasses__()
            and form.__module__.split(".")[0] in FLOORS
            and not form.__module__.endswith(
                ".admin"
            )  # for whoever runs the installation, over all districts
            and any(isinstance(field, forms.ModelChoiceField) for field in form.base_fields.values())
        }
    assert {form.__qualname__ for form in offering - met} == set()


def _subclasses(form: type) -> set[type]:
    return {
        one
        for sub in form.__subclasses__()
        for one in {sub, *_subclasses(sub)}
        if hasattr(one, "base_fields")
    }


# Look-ups that may forget the district without anybody seeing or changing what is not theirs: the line, and why.
HARMLESS = {
    "Measure.objects.in_district(request.district).live(), pk=measure, step=row.step_id": "the step is the visitor's",
    "missed = get_object_or_404(Slip.objects.in_district(request.district), pk=slip)": "its milestone is looked up, too",
    "current = Plan.objects.in_district(request.district).current(today=request.today)": "compared with the plan shown",
    'return Role.objects.in_district(district).vacant(today=today).filter(pk__in=at_work).values("pk", "title")': (
        "the roles at work are those of the plan"
    ),
    "Visit.objects.in_district(district)": "says when one has looked oneself",
    "rows = DateMove.objects.in_district(district).filter(Q(decided_on__isnull=True) | lately)": (
        "ids that are compared with those of one's own milestones"
    ),
    "possible = pdf_is_possible() and Plan.objects.in_district(request.district).live().exists()": "yes or no",
}


@pytest.mark.slow
def test_each_look_up_that_forgot_its_district_would_be_noticed(two_districts, tess):
    walks = (faults_of_ids, faults_of_page, faults_of_forms, faults_of_queries)
    for address in IN_DISTRICT:
        if (
            address.name not in passed_by and address.line.read
        ):  # what is only sent and has no id looks nothing up
            assert not any(walk(address, *two_districts, tess) for walk in walks), address
    lines = sorted({line for name in passed_by for line in passed_by[name]})
    assert len(lines) > 40

    unnoticed = []
    for line in lines:
        addresses = [a for a in IN_DISTRICT if line in passed_by[a.name]]
        with forgetting(line):
            noticed = any(walk(a, *two_districts, tess) for a in addresses for walk in walks)
        if not noticed and line.words not in HARMLESS:
            unnoticed.append(f"{line}: {line.words} ({', '.join(a.name for a in addresses)[:80]})")

    assert not unnoticed, "\n".join(unnoticed)
