import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from milestones.status import Word

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_it_is_short():
    assert len(README.splitlines()) < 200


def test_every_place_that_its_table_names_is_there():
    table = README.split("| where is …")[1].split("## Commands")[0]
    places = [p for p in re.findall(r"`([^`]+)`", table) if "/" in p and " " not in p]

    assert len(places) > 15
    assert [p for p in places if not (ROOT / p).exists()] == []


def test_every_command_that_it_names_exists():
    named = set(re.findall(r"manage\.py (\w+)", README))

    assert named - set(get_commands()) == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_every_link_leads_somewhere(document):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_words_that_are_documented_are_the_words_that_are_shown():
    written = re.findall(r"^\| ([A-Z][^|]+?) \|", (ROOT / "docs" / "words.md").read_text(), re.MULTILINE)

    assert written == [word.label for word in Word]
