"""Ids of another district: in an address they lead nowhere, in a form they are no choice, in a query they widen nothing.

Tess goes over every page of Dune and puts Cedar's ids wherever an id can be put. She belongs to Cedar, too, and nothing
of it may show in Dune. All texts of Cedar are canaries, and the first row of each of its tables has one and the same id,
which no row of Dune has. tests/test_holes.py shows that all this would notice a look-up that forgot its district.
"""

import pytest
from django import forms

from tests.foreign_rows import (
    IN_DISTRICT,
    READABLE,
    WITH_IDS,
    faults_of,
    faults_of_company,
    faults_of_forms,
    faults_of_ids,
    faults_of_odd_queries,
    faults_of_page,
    faults_of_queries,
    forms_in,
    methods_of,
)
from tests.full_district import FLOORS
from tests.walk import Address, fill, in_short, recorded, undone

BAD_IDS = ["0", "-1", str(2**63), str(10**30), "1e3", "１", "٣", "abc", "1%00", "%2e%2e", "1/../1", "%ff"]
BAD_SLUGS = ["-", "CEDAR", "cedar%00", "çedar", "x" * 300, "..", "%ff", "0"]


def named(address: Address) -> str:
    return address.name


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


@pytest.mark.parametrize("address", READABLE, ids=named)
def test_a_page_says_nothing_of_another_district(address, two_districts, tess):
    faults = faults_of_page(address, *two_districts, tess)

    assert not faults, in_short(faults)


@pytest.mark.parametrize("address", READABLE, ids=named)
def test_a_page_is_what_it_was_before_there_was_another_district(address, two_districts, tess):
    faults = faults_of_company(address, *two_districts, tess)

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("address", READABLE, ids=named)
def test_a_query_never_widens_what_is_shown(address, two_districts, tess):
    faults = faults_of_queries(address, *two_districts, tess)

    assert not faults, in_short(faults)


@pytest.mark.parametrize("address", READABLE, ids=named)
def test_odd_things_in_a_query_are_passed_over(address, two_districts, tess):
    faults = faults_of_odd_queries(address, *two_districts, tess)

    assert not faults, in_short(faults)


@pytest.mark.parametrize("address", READABLE, ids=named)
def test_no_form_takes_a_row_of_another_district(address, two_districts, tess):
    faults = faults_of_forms(address, *two_districts, tess)

    assert not faults, in_short(faults)


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
