"""Every row belongs to a district, and code reaches rows through the district only."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import F, UniqueConstraint

from stakeholders.models import District
from stakeholders.scoping import DistrictQuerySet, DistrictRow
from tests.full_district import FLOORS, rows_of

ROOT = Path(__file__).resolve().parent.parent
OURS = [m for m in apps.get_models() if m.__module__.split(".")[0] in FLOORS]

# Models without a district, each with the reason.
WITHOUT_DISTRICT = {
    "District": "it is the district",
    "HistoricalDistrict": "what the district's own row was",
    "SampleRemoved": "remembers that a district is gone",
    "SignInCode": "lets a person in, not into a district",
    "SignedIn": "says where a person is signed in, whatever the district",
    "Delay": "counts tries to sign in, before anybody is known",
    "Kept": "is the cache of the installation",
    "Person": "may belong to several districts; memberships say to which",
    "Heartbeat": "says that a job of the installation came round",
}
# Unique within the whole installation, each with the reason.
UNIQUE_EVERYWHERE = {
    ("Notice", "message_id"): "names one mail in the whole world; made by us, never typed",
    ("Invitation", "message_id"): "names one mail in the whole world; made by us, never typed",
    ("InvitationKey", "digest"): "a link is looked up before anybody knows the district",
    ("CheckIn", "undoes"): "a link between two rows of one milestone",
    ("Redaction", "stands_for"): "a link to somebody who was made for it alone",
    ("DateMove", "check_in"): "a link between two rows of one milestone",
}


def test_every_model_has_a_district():
    without = {m.__name__ for m in OURS if "district" not in {f.name for f in m._meta.fields}}

    assert without == set(WITHOUT_DISTRICT)


def test_a_district_is_never_empty_and_never_typed():
    for model in OURS:
        if issubclass(model, DistrictRow):
            field = model._meta.get_field("district")
            assert not field.null, model
            assert not field.editable, model
            assert isinstance(model._default_manager.all(), DistrictQuerySet), model


def test_what_is_unique_is_unique_in_its_district():
    for model in OURS:
        if model.__name__ in WITHOUT_DISTRICT:
            continue
        for field in model._meta.concrete_fields:
            if field.unique and not field.primary_key:
                assert (model.__name__, field.name) in UNIQUE_EVERYWHERE, f"{model.__name__}.{field.name}"
        for constraint in model._meta.constraints:
            if isinstance(constraint, UniqueConstraint):
                names = constraint.fields or [getattr(e, "name", "") for e in constraint.expressions]
                assert names[0] == "district", constraint.name
        assert not model._meta.unique_together, model


def test_the_walk_has_a_row_of_every_model_in_both_districts(two_districts):
    empty = [
        model.__name__
        for model in OURS
        for rows in two_districts
        if model.__name__ not in WITHOUT_DISTRICT and not rows_of(model, rows.district).exists()
    ]

    assert empty == [], "tests/full_district.py must make one"


def test_a_row_takes_its_district_from_its_parent(two_districts):
    """Whatever a foreign key of a row leads to is of the same district."""
    for model in OURS:
        links = [f for f in model._meta.concrete_fields if f.many_to_one or f.one_to_one]
        for link in links:
            goal = link.related_model
            if goal in (District, None) or goal not in OURS or goal.__name__ in WITHOUT_DISTRICT:
                continue
            if "district" in {f.name for f in model._meta.fields}:
                astray = model._base_manager.exclude(**{link.name: None}).exclude(
                    **{f"{link.name}__district_id": F("district_id")}
                )
                assert not astray.exists(), f"{model.__name__}.{link.name}"


def sources() -> list[Path]:
    """Where ids arrive from outside: views and forms."""
    return [
        path
        for floor in (*FLOORS, "district_plan")
        for path in sorted((ROOT / floor).rglob("*.py"))
        if "views" in path.parts or "form" in path.stem
    ]


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_row_is_fetched_by_its_id_alone(path):
    """`get(pk=…)` and `get_object_or_404(Model, pk=…)` are for rows that were reached through the district."""
    assert fetches_by_id(path.read_text()) == []


def fetches_by_id(source: str) -> list[str]:
    """Return the calls in `source` that fetch a row by its id and do not come through a district or a parent."""
    return [
        f"line {node.lineno}: {ast.unparse(node)[:100]}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and _is_by_id_alone(node)
    ]


def _is_by_id_alone(call: ast.Call) -> bool:
    function = ast.unparse(call.func)
    if function.endswith("get_object_or_404") and call.args:
        return bool(re.match(r"[A-Z]\w*(\.objects(\.all\(\))?)?$", ast.unparse(call.args[0])))
    straight = (
        r"[A-Z]\w*\.(objects|_default_manager|_base_manager)(\.(all|live|open|standing)\(\))*\.(get|filter)$"
    )
    if not re.match(straight, function):
        return False
    by_id = [k for k in call.keywords if k.arg in ("pk", "id", "pk__in", "id__in")]
    through_another_row = len(by_id) < len(call.keywords)
    return bool(by_id) and not through_another_row and not all(_is_in_hand(k.value) for k in by_id)


def _is_in_hand(value: ast.expr) -> bool:
    """Whether the id comes from a row that was reached already: `row.pk`, `row.sponsor_id`, `rows.values("person")`."""
    return bool(re.search(r"(\.pk|\.\w+_id|\.values\([^()]*\))$", ast.unparse(value)))


def test_the_search_for_such_calls_finds_them():
    assert fetches_by_id("Plan.objects.get(pk=3)")
    assert fetches_by_id("Plan.objects.live().filter(pk__in=ids)")
    assert fetches_by_id("get_object_or_404(Plan, pk=3)")
    assert fetches_by_id("shortcuts.get_object_or_404(Plan.objects, pk=3)")
    assert not fetches_by_id("get_object_or_404(Plan.objects.in_district(d), pk=3)")
    assert not fetches_by_id("Plan.objects.in_district(d).get(pk=3)")
    assert not fetches_by_id("goal.initiatives.get(pk=3)")
    assert fetches_by_id("Plan.objects.get(pk=request.POST['plan'])")
    assert not fetches_by_id("Plan.objects.filter(pk=row.pk)")
    assert not fetches_by_id("CheckIn.objects.filter(milestone=row, pk=asked)")
