"""The house has floors, and a floor knows only those below it.

Imports count wherever they stand, and so do names in strings (foreign keys, tasks, dotted paths), app labels
in migrations, and what a floor's templates load, include or extend. A link to another page's URL name does not.
"""

import ast
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ["stakeholders", "vision", "milestones", "discussion", "reports", "district_plan"]  # lowest first
BUILT = [floor for floor in FLOORS if (ROOT / floor).is_dir()]


def floor_of(name: str) -> str | None:
    """Return the floor to which a dotted name belongs."""
    first = name.partition(".")[0]
    return first if first in FLOORS else None


def is_above(name: str, floor: str) -> bool:
    other = floor_of(name)
    return other is not None and FLOORS.index(other) > FLOORS.index(floor)


def names_in(source: str, package: str) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything that a Python source points at."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, importlib.util.resolve_name("." * node.level + (node.module or ""), package)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.fullmatch(r"[a-z_]+(\.\w+)+", node.value):
                yield node.lineno, node.value
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("get_model", "get_app_config"):
            label = node.args[0] if node.args else None
            if isinstance(label, ast.Constant) and isinstance(label.value, str):
                yield node.lineno, label.value
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2:  # a migration's dependency
            label = node.elts[0]
            if package.endswith(".migrations") and isinstance(label, ast.Constant):
                yield node.lineno, str(label.value)


@cache
def names_of(path: Path) -> list[tuple[int, str]]:
    """Return what a file of ours points at."""
    return list(names_in((ROOT / path).read_text(), ".".join(path.parent.parts)))


@cache
def tag_libraries() -> dict[str, str]:
    """Return the floor of each template tag library."""
    return {
        path.stem: floor
        for floor in BUILT
        for path in (ROOT / floor / "templatetags").glob("*.py")
        if path.stem != "__init__"
    }


def names_in_template(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and floor of each tag library and each template that a template uses."""
    source = re.sub(r"\{#.*?#\}", "", source)
    for number, line in enumerate(source.splitlines(), 1):
        for loaded in re.findall(r"\{%\s*load\s+(.*?)\s*%\}", line):
            libraries = loaded.partition(" from ")[2] or loaded
            yield from ((number, tag_libraries().get(library, "")) for library in libraries.split())
        for used in re.findall(r"\{%\s*(?:include|extends)\s+[\"']([^\"']+)[\"']", line):
            yield number, used.partition("/")[0]


def python_files() -> list[Path]:
    return [path.relative_to(ROOT) for floor in BUILT for path in sorted((ROOT / floor).rglob("*.py"))]


def templates() -> list[tuple[str, Path]]:
    """Return each template with the floor that it lives on; what no floor owns lies under all of them."""
    found = []
    for path in sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates").rglob("*.txt")):
        inner = path.relative_to(ROOT / "templates").parts
        found.append(
            (next((part for part in inner if part in FLOORS), "stakeholders"), path.relative_to(ROOT))
        )
    return found


def test_no_module_points_up():
    up = [
        f"{path}:{line}: {name}"
        for path in python_files()
        for line, name in names_of(path)
        if is_above(name, path.parts[0])
    ]

    assert len(python_files()) > 50
    assert not up, "\n".join(up)


def test_no_template_points_up():
    up = [
        f"{path}:{line}: {name}"
        for floor, path in templates()
        for line, name in names_in_template((ROOT / path).read_text())
        if is_above(name, floor)
    ]

    assert templates()
    assert not up, "\n".join(up)


def test_nobody_imports_the_top():
    importers = [
        f"{path}:{line}: {name}"
        for path in python_files()
        if path.parts[0] != "district_plan"
        for line, name in names_of(path)
        if floor_of(name) == "district_plan"
    ]

    assert not importers, "\n".join(importers)


def test_the_top_has_no_models():
    assert not [
        path
        for path in python_files()
        if path.parts[:2] in (("district_plan", "models"), ("district_plan", "models.py"))
    ]


@pytest.mark.parametrize(
    "source",
    [
        "import reports.content",
        "from reports import content",
        "from reports.content import sentences as words",
        "def later():\n    from reports import content",
        "if TYPE_CHECKING:\n    from reports.content import Words",
        "step = models.ForeignKey('reports.Report', on_delete=models.CASCADE)",
        "current_app.send_task('reports.tasks.sweep')",
        "Report = apps.get_model('reports', 'Report')",
        "import milestones.steps, reports.content",
    ],
)
def test_the_walk_sees_every_way_of_pointing_up(source):
    found = [name for _, name in names_in(source, "milestones.models")]

    assert any(is_above(name, "milestones") for name in found)


@pytest.mark.parametrize(
    "source",
    [
        "from stakeholders.models import District",
        "from milestones import slip",
        "from . import slip",
        "import report_writer",
        "link = reverse('reports:board')",
        "words = 'See reports/content.py and reports.'",
    ],
)
def test_the_walk_lets_every_way_of_pointing_down_pass(source):
    found = [name for _, name in names_in(source, "milestones.models")]

    assert not any(is_above(name, "milestones") for name in found)


def test_the_walk_sees_a_migration_that_depends_on_a_higher_floor():
    source = "dependencies = [('stakeholders', '0001_initial'), ('reports', '0001_initial')]"

    assert [
        name for _, name in names_in(source, "milestones.migrations") if is_above(name, "milestones")
    ] == ["reports"]


@pytest.mark.parametrize(
    "source",
    [
        "{% include 'reports/_chart.html' %}",
        '{% extends "reports/base.html" %}',
        "{% load i18n figures %}",
        "{% load bar from figures %}",
    ],
)
def test_the_walk_sees_every_way_in_which_a_template_points_up(source, monkeypatch):
    monkeypatch.setitem(tag_libraries(), "figures", "reports")

    assert any(is_above(name, "milestones") for _, name in names_in_template(source))
    assert not any(is_above(name, "reports") for _, name in names_in_template(source))
