"""What two texts do not share, word by word, for people who have to choose between them or see what changed."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

MOST_WORDS = 3000  # longer texts are marked as a whole: comparing takes the square of their length


def marked(text: str, other: str) -> SafeString:
    """Return `text` with the words that `other` lacks in <ins>."""
    runs = _runs(other, text)
    return format_html_join(
        "", "{}", ((here if here == there else _tagged("ins", here),) for there, here in runs)
    )


def changed(old: str, new: str) -> SafeString:
    """Return one text that tells how `old` became `new`: what went in <del>, what came in <ins>."""
    pieces = []
    for before, after in _runs(old, new):
        pieces += [after] if before == after else [_tagged("del", before), _tagged("ins", after)]
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _tagged(tag: str, text: str) -> SafeString | str:
    return format_html(f"<{tag}>{{}}</{tag}>", text) if text else ""


def _runs(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield the texts in pairs of runs: equal ones, and what stands in place of what."""
    a, b = re.findall(r"\s+|\S+", old), re.findall(r"\s+|\S+", new)
    if len(a) + len(b) > MOST_WORDS:
        yield old, new
        return
    for _kind, a1, a2, b1, b2 in SequenceMatcher(None, a, b).get_opcodes():
        yield "".join(a[a1:a2]), "".join(b[b1:b2])
