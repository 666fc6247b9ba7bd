"""The PDF: its tags, its page 1, its looks in grey, and what hostile text can do to it (nothing)."""

import io
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from itertools import pairwise

import pikepdf
import pytest
from pdfua import Severity, validate
from PIL import Image

from milestones.status import Word
from reports import pdf
from reports.making import document
from reports.pdf_child import Pdf, make_pdf
from tests.reports.paper import SEVEN, Told, make_report, make_stood, text_of, whole, words_of

LEFT, RIGHT = 54, 612 - 54  # of the printed field, in points


@pytest.fixture(scope="module")
def made() -> Pdf:
    """Seven initiatives with long names, and every word that there is."""
    return make_pdf(whole([*SEVEN]))


@pytest.fixture(scope="module")
def opened(made) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        yield pdf


def tags(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    """Return every element of the tag tree, in reading order."""
    found = []

    def walk(element) -> None:
        if isinstance(element, pikepdf.Array):
            for kid in element:
                walk(kid)
        elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
            found.append(element)
            walk(element.get("/K", pikepdf.Array()))

    walk(pdf.Root.StructTreeRoot.K)
    return found


def kind(element) -> str:
    return str(element.S)


# --- what a reader's software needs ------------------------------------------------------------------------------------


def test_it_says_its_language_and_title_and_that_it_is_tagged(opened):
    assert str(opened.Root.Lang).startswith("en")
    assert opened.Root.MarkInfo.Marked
    assert opened.Root.ViewerPreferences.DisplayDocTitle
    assert str(opened.docinfo["/Title"]) == "Technology plan 2026–29: report to the Board, November 23, 2026"
    assert b'pdfuaid:part="1"' in opened.Root.Metadata.read_bytes()


def test_its_headings_descend_one_level_at_a_time_and_are_its_bookmarks(opened):
    levels = [int(kind(e)[2:]) for e in tags(opened) if kind(e) in ("/H1", "/H2", "/H3", "/H4")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert opened.Root.Outlines.Count == len(levels)


def test_every_figure_has_its_words_and_decoration_has_no_tag(opened):
    figures = [e for e in tags(opened) if kind(e) == "/Figure"]

    assert len(figures) == 1, "the chart; the shapes of pills are backgrounds"
    assert "hold their first date" in str(figures[0].Alt)


def test_every_header_of_a_table_says_what_it_heads_and_every_table_has_a_caption(opened):
    heads = [e for e in tags(opened) if kind(e) == "/TH"]
    tables = [e for e in tags(opened) if kind(e) == "/Table"]

    assert {str(e.A.Scope) for e in heads} == {"/Column", "/Row"}
    assert all(str(e.A.Scope) == ("/Column" if kind(e.P.P) == "/THead" else "/Row") for e in heads)
    captioned = [t for t in tables if any(kind(k) == "/Caption" for k in t.K)]
    assert len(captioned) >= 10
    cells = [e for e in tags(opened) if kind(e) == "/TD"]
    assert all("/Headers" in e.A and len(e.A.Headers) >= 2 for e in cells)


def test_a_link_says_where_it_leads_and_is_printed(opened):
    links = [a for page in opened.pages for a in page.get("/Annots", []) if a.Subtype == "/Link"]

    assert links
    assert all(int(a.F) & 4 for a in links)
    assert all(str(a.Contents) == str(a.A.URI) for a in links)
    assert all(page.Tabs == "/S" for page in opened.pages)


def test_an_independent_checker_finds_nothing_wrong(made, tmp_path):
    file = tmp_path / "report.pdf"
    file.write_bytes(made.data)

    found = [f for f in validate(file).findings if f.severity >= Severity.WARNING]

    assert found == []


def test_its_font_is_public_sans_and_is_inside(opened):
    fonts = {}
    for page in opened.pages:
        for font in page.Resources.get("/Font", {}).values():
            fonts[str(font.BaseFont)] = font.DescendantFonts[0].FontDescriptor

    assert fonts
    assert all("Public-Sans" in name for name in fonts), sorted(fonts)
    assert all("/FontFile2" in f or "/FontFile3" in f for f in fonts.values())


def test_letters_of_other_latin_alphabets_are_in_the_font_too():
    pdf = make_pdf(whole([Told("Łódź, Őry, Čapek and Žižka learn")]))

    with pikepdf.open(io.BytesIO(pdf.data)) as opened:
        names = {str(f.BaseFont) for page in opened.pages for f in page.Resources.get("/Font", {}).values()}
    assert any("Public-Sans-Ext" in name for name in names), names
    assert all("Public-Sans" in name for name in names), names


# --- what a reader sees ------------------------------------------------------------------------------------------------


def test_page_one_holds_seven_initiatives_with_long_names_and_stands_alone(made, tmp_path):
    first, second = (text_of(made.data, tmp_path, page) for page in (1, 2))

    for words in (
        "where we stand",
        "What we ask of the Board tonight",
        "Approve $48,000",
        "Are our dates holding?",
        "7 An",
    ):
        assert words in first
    for word in ("Slipped:", "Off track:", "At risk:", "On track:"):
        assert word in first, "the legend"
    assert "What happened under each goal" in second
    assert "Page 1 of" in first


THREE_ASKS = "\n".join(f"Ask {n}: {'words that go on and on ' * 8}"[:200] for n in range(3))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "asks"), [(0, ""), (1, THREE_ASKS), (5, ""), (8, THREE_ASKS), (20, THREE_ASKS)]
)
def test_page_one_holds_whatever_the_plan(count, asks, tmp_path):
    told = [
        Told(f"{n} {'Name of a middling length for everybody to read'[: 20 + n * 3]}", milestones=2)
        for n in range(count)
    ]

    pdf = make_pdf(whole(told, asks=asks))

    assert "What happened under each goal" in text_of(pdf.data, tmp_path, 2)
    assert "What happened under each goal" not in text_of(pdf.data, tmp_path, 1)


def test_nothing_runs_out_of_the_sheet_or_into_other_words(made, tmp_path):
    words = words_of(made.data, tmp_path)

    outside = [
        w for w in words if w.left < LEFT - 1 or w.right > RIGHT + 1 or w.top < 20 or w.bottom > 792 - 20
    ]
    assert outside == []
    for page in range(1, made.pages + 1):
        here = sorted((w for w in words if w.page == page), key=lambda w: w.top)
        for n, one in enumerate(here):
            for other in here[n + 1 :]:
                if other.top > one.bottom:
                    break
                across = min(one.right, other.right) - max(one.left, other.left)
                down = min(one.bottom, other.bottom) - max(one.top, other.top)
                assert not (across > 1 and down > 4), (one, other)


def test_every_word_can_be_read_in_grey(made, tmp_path):
    """Crop each pill from a grey print of the page that explains the words: its letters stand out from its ground."""
    words = words_of(made.data, tmp_path)
    page = max(w.page for w in words if w.word == "Meaning")
    top = next(w.top for w in words if w.page == page and w.word == "Meaning")
    file = tmp_path / "report.pdf"
    file.write_bytes(made.data)
    subprocess.run(
        [
            "pdftoppm",
            "-gray",
            "-r",
            "200",
            "-f",
            str(page),
            "-l",
            str(page),
            "-singlefile",
            file,
            tmp_path / "p",
        ],
        check=True,
    )
    sheet = Image.open(tmp_path / "p.pgm")
    for label in (str(word.label) for word in Word):
        start = label.split()[0]
        at = next(w for w in words if w.page == page and w.word == start and w.top > top and w.left < 100)
        box = [round(n * 200 / 72) for n in (at.left, at.top, at.right, at.bottom)]
        greys = sorted(sheet.crop(box).tobytes())
        dark, light = greys[len(greys) // 50], greys[-len(greys) // 50]
        assert _contrast(dark, light) >= 4.5, (label, dark, light)


def _contrast(dark: int, light: int) -> float:
    def luminance(grey: int) -> float:
        share = grey / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return (luminance(light) + 0.05) / (luminance(dark) + 0.05)


def test_every_page_says_as_of_when_which_report_its_fingerprint_and_its_number(made, tmp_path):
    for page in range(1, made.pages + 1):
        text = text_of(made.data, tmp_path, page)
        assert (
            "Facts as of Nov 17, 2026, 4:00 p.m. · Report 2026-11-B · Fingerprint 0000 0000 0000 0000" in text
        )
        assert f"Page {page} of {made.pages}" in text
        assert "Cedar School District" in text.splitlines()[0]


# --- hostile text ------------------------------------------------------------------------------------------------------

HOSTILE = [
    '<script>alert("x")</script>',
    '<a rel="attachment" href="file:///etc/passwd">passwd</a>',
    '<link rel="attachment" href="file:///etc/hostname">',
    '<img src="http://127.0.0.1:{port}/pixel.png">',
    "<style>@import url(http://127.0.0.1:{port}/x.css); * { display: none }</style>",
    '<svg><image href="http://127.0.0.1:{port}/svg"/></svg>',
    '"><object data="file:///etc/passwd"></object>',
    "{{ settings.SECRET_KEY }}{% load static %}",
    "</article></body><h1>Another title</h1>",
    "W" * 900,
    "\u202egnirts \U0001f600 \u0627\u0644\u0639 \u4e2d\u6587",
]


@pytest.fixture
def listener():
    """A server that counts who calls."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    calls, stop = [], threading.Event()

    def listen() -> None:
        while not stop.is_set():
            try:
                calls.append(server.accept())
            except TimeoutError:
                continue

    thread = threading.Thread(target=listen)
    thread.start()
    yield server.getsockname()[1], calls
    stop.set()
    thread.join()
    server.close()


def test_hostile_text_is_printed_and_neither_obeyed_nor_fetched(listener, tmp_path):
    port, calls = listener
    told = [
        Told(
            title=words.replace("{port}", str(port)),
            word=Word.SLIPPED,
            names=words.replace("{", "(").replace("}", ")"),
            said=words,
        )
        for words in HOSTILE
    ]

    html = whole(told, asks=HOSTILE[0])
    pdf = make_pdf(html)

    assert not re.search(r"<(script|style|img|object|image|link rel=.attachment|a rel=.attachment)", html)
    text = text_of(pdf.data, tmp_path)
    assert '<script>alert("x")</script>' in text
    assert "root:" not in text
    with pikepdf.open(io.BytesIO(pdf.data)) as opened:
        assert not opened.attachments
        assert "/JavaScript" not in opened.Root.get("/Names", {})
        assert sum(kind(e) == "/H1" for e in tags(opened)) == 1
        assert sum(kind(e) == "/Figure" for e in tags(opened)) == 1
    assert calls == []
    assert all(w.right <= RIGHT + 1 for w in words_of(pdf.data, tmp_path)), "a huge word is broken"


def test_even_markup_that_got_through_reaches_nothing_but_our_static_files(listener, tmp_path):
    """Belt and braces: the document is HTML on purpose here, as if escaping had failed."""
    port, calls = listener
    report = make_report(make_stood([Told("Wi-Fi")]))
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret of this machine")
    goals = [
        f"file://{secret}",
        f"http://127.0.0.1:{port}/a",
        "../../manage.py",
        "css/../../manage.py",
        "/etc/passwd",
    ]
    goals += ["data:text/plain,hello", "css/%2e%2e/%2e%2e/district_plan/settings.py"]
    ways = '<a rel="attachment" href="{0}">x</a><link rel="attachment" href="{0}"><img alt="x" src="{0}"><object data="{0}">'
    report.html += "".join(HOSTILE).replace("{port}", str(port)) + "".join(
        ways.format(goal) for goal in goals
    )
    pdf = make_pdf(document(report))

    assert calls == []
    with pikepdf.open(io.BytesIO(pdf.data)) as opened:
        assert not opened.attachments
        kept = b"".join(
            o.read_bytes() for o in opened.objects if isinstance(o, pikepdf.Stream) and "/Subtype" not in o
        )
    assert b"secret of this machine" not in kept + pdf.data
    assert b"DJANGO_SETTINGS" not in kept + pdf.data


def test_the_fetcher_serves_files_of_its_folder_of_four_kinds_and_nothing_else(tmp_path):
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "own.css").write_text("own")
    (folder / "notes.txt").write_text("another kind")
    (tmp_path / "secret.css").write_text("secret")
    (folder / "link.css").symlink_to(tmp_path / "secret.css")
    fetcher = pdf.make_fetcher(folder)

    served = fetcher.fetch(f"{pdf.STATIC}own.css").read()

    assert served == b"own"
    for goal in (
        "%2e%2e/secret.css",
        "x/%2e%2e/%2e%2e/secret.css",
        "link.css",
        "notes.txt",
    ):
        with pytest.raises(ValueError, match="static files"):
            fetcher.fetch(pdf.STATIC + goal)
    for goal in (
        f"file://{folder}/own.css",
        "http://127.0.0.1/own.css",
        "data:text/css,x",
        "ftp://127.0.0.1/own.css",
    ):
        with pytest.raises(ValueError, match="static files"):
            fetcher.fetch(goal)
