"""The table of rights, stakeholders/rights.toml: what readers see of it is what holds."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import get_resolver

from stakeholders.management.commands.rights import lines
from stakeholders.models import Level
from stakeholders.rights import _right, actions, rights
from tests.walk import all_addresses

ROOT = Path(__file__).resolve().parent.parent.parent
ALSO = {"owners": "whoever leads"}


def view_of(name: str):
    return next(found for found in _views(get_resolver()) if found[0] == name)[1]


def _views(resolver, space=""):
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            inner = space + (entry.namespace or "")
            yield from _views(entry, f"{inner}:" if inner else "")
        else:
            yield space + (entry.name or ""), entry.callback


@pytest.mark.parametrize(
    "address", [a for a in all_addresses() if rights().get(a.name)], ids=lambda address: address.name
)
def test_a_view_asks_for_the_level_that_the_table_names(address):
    """With rights beyond the levels, the view lets every member come near and then asks more closely."""
    right = rights()[address.name]

    level = getattr(view_of(address.name), "level", None)

    if right.place != "district":
        assert level is None
    elif right.also:
        assert level in (right.lowest, Level.VIEWER)
    else:
        assert level == right.lowest


def test_lines_that_share_their_words_share_their_right():
    for group, found in actions().items():
        words = [action.words for action in found]

        assert sorted({w for w in words if words.count(w) > 1}) == [], group


def test_the_page_in_docs_shows_the_table():
    shown = (ROOT / "docs" / "rights.md").read_text()

    assert shown == "\n".join(lines()), "run: .venv/bin/python manage.py rights > docs/rights.md"


def test_the_command_prints_that_page(capsys):
    call_command("rights")

    assert capsys.readouterr().out == (ROOT / "docs" / "rights.md").read_text()


@pytest.mark.parametrize(
    "line",
    [
        {"read": "viewer"},
        {"may": "Read"},
        {"may": "Read", "read": "reader"},
        {"may": "Read", "read": "viewer", "place": "moon"},
        {"may": "Read", "read": "viewer", "also": "somebody"},
        {"may": "Read", "read": "viewer", "colour": "red"},
    ],
    ids=["no words", "for nobody", "no such level", "no such place", "nobody known", "a key too many"],
)
def test_a_line_that_cannot_be_meant_is_refused_by_its_name(line):
    with pytest.raises(ValueError, match="its_name"):
        _right("its_name", "Group", line, ALSO)
