"""The look, as far as numbers can hold it: contrast, steps of grey, weight, and no markup that the policy would stop."""

import gzip
import itertools
import re
from pathlib import Path

import pytest
from django.conf import settings

from milestones.status import Word

STATIC = settings.BASE_DIR / "static"
STATUS_CSS = (STATIC / "css/status.css").read_text()
APP_CSS = (STATIC / "css/app.css").read_text()
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))

PILL = re.compile(
    r"\.pill--(?P<slug>[\w-]+) \{ background-color: (?P<fill>#\w{6}); "
    r"border-color: (?P<border>#\w{6}); color: (?P<text>#\w{6});"
)
PILLS = {match["slug"]: match.groupdict() for match in PILL.finditer(STATUS_CSS)}
TOKENS = dict(re.findall(r"--([\w-]+): (#\w{3,6});", APP_CSS.split("@layer base")[0]))
# More trouble, more ink: the order in which the fills must step down when seen in grey.
INK = ["blocked", "slipped", "off-track", "at-risk", "on-track", "complete"]


def channels(colour: str) -> list[int]:
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    return [int(digits[at : at + 2], 16) for at in (0, 2, 4)]


def luminance(colour: str) -> float:
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def grey(colour: str) -> float:
    return sum(weight * value for weight, value in zip((0.299, 0.587, 0.114), channels(colour), strict=True))


def test_every_word_has_its_pill_and_its_shape():
    assert set(PILLS) == set(Word.values)
    shapes = re.findall(r'--shape: url\("([^"]+)"\)', STATUS_CSS)
    assert len(set(shapes)) == len(Word)


@pytest.mark.parametrize("slug", sorted(PILLS))
def test_a_pill_can_be_read_and_its_edge_seen(slug):
    pill = PILLS[slug]

    assert contrast(pill["text"], pill["fill"]) >= (6.7 if slug == "paused" else 7)
    assert contrast(pill["border"], "#ffffff") >= 3


def test_trouble_has_more_ink_in_grey():
    greys = [grey(PILLS[slug]["fill"]) for slug in INK]

    assert greys == sorted(greys)
    assert all(after - before >= 15 for before, after in itertools.pairwise(greys))


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("ink", "paper", 7),
        ("ink-2", "paper", 7),
        ("ink-2", "wash", 4.5),
        ("brand", "paper", 7),
        ("brand", "brand-wash", 4.5),
        ("stop", "stop-wash", 7),
        ("warn", "warn-wash", 7),
        ("rule", "paper", 3),
    ],
)
def test_the_colours_of_the_page_can_be_told_apart(text, ground, least):
    assert contrast(TOKENS[text], TOKENS[ground]) >= least


def test_documents_can_read_the_pills():
    """WeasyPrint drops what it does not know without a word: whole layers, and rules nested in others."""
    rules = re.sub(r"/\*.*?\*/", "", STATUS_CSS, flags=re.S)

    assert "@layer" not in rules
    assert "&" not in rules


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates"))
)
def test_a_template_has_no_inline_style_or_script(template: Path):
    markup = re.sub(r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}", "", template.read_text(), flags=re.S)

    assert not re.search(r"<style|<script(?![^>]* src=)|\sstyle=|\son[a-z]+=|hx-on|javascript:", markup)


def test_a_first_visit_is_light():
    once = ["css/app.css", "css/status.css", "js/app.js", "js/htmx-2.0.11.min.js", "img/favicon.svg"]
    weight = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in once)
    weight += (STATIC / "fonts/public-sans-latin-wght-normal.woff2").stat().st_size

    assert len(once) + 2 <= 7  # with the font and the page itself; the eighth request is in hand
    assert weight < 75_000
