"""How many milestones show which word: written by a tag, since a plan has hundreds of these numbers."""

from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from milestones.rollup import RollUp
from milestones.status import Word
from stakeholders.templatetags.parts import pill

register = template.Library()


@register.simple_tag
def counts(
    roll_up: RollUp,
    opens: str = "",
    initiative: int | None = None,
    with_pill: bool = False,
    narrow: str = "",
) -> SafeString | str:
    """Return "6 complete · 1 slipped" as a line of links into the list of milestones at the address `opens`.

    `initiative` or `narrow` ("building=3") narrows that list; without `opens` the numbers are plain text. `with_pill`
    puts the worst word first.
    """
    language = get_language()
    words = [(n, _label(word, language), word.value) for word, n in roll_up.in_words]
    if not words:
        return ""
    if opens:
        narrow = f"initiative={initiative}" if initiative else narrow
        narrowed = f"{opens}?{narrow}&word=" if narrow else f"{opens}?word="
        parts = format_html_join(
            "", '<a href="{}{}">{} {}</a>', ((narrowed, v, n, label) for n, label, v in words)
        )
    else:
        parts = format_html_join("", "<span>{} {}</span>", ((n, label) for n, label, _value in words))
    return format_html(
        '<span class="counts meta">{}{}</span>', pill(roll_up.word) if with_pill else "", parts
    )


@lru_cache(maxsize=256)
def _label(word: Word, language: str) -> str:
    return str(word.label).lower()
