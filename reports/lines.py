"""The lines of a report's long tables. What many buildings reach one by one is one line: counts by word, and the buildings
behind by name.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from milestones.rollup import worst_word
from milestones.status import NEEDS_ATTENTION, WORST_FIRST, Word
from reports import wording
from reports.as_of import Stood
from reports.charts import shorten
from reports.wording import day

NAMED = 5  # buildings that a line calls by name


@dataclass(frozen=True)
class Pill:
    value: str
    label: str

    @classmethod
    def of(cls, word: Word) -> "Pill":
        return cls(word.value, str(word.label))


@dataclass(frozen=True)
class Row:
    """A milestone in the appendix, or what several buildings reach: `each` then has the word of each, by its id."""

    id: int
    name: str
    pill: Pill
    first: date | None
    now: date | None
    now_words: str
    change: str
    note: str
    each: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Moved:
    """A milestone whose date is later than first promised, or was moved."""

    name: str
    first: date | None
    now_words: str
    change: str
    times: int
    why: str
    approved: str
    reply: str


def together(milestones: Iterable[Stood]) -> list[list[Stood]]:
    """Put those of one step and title in several buildings together, in the place of the first; others stay alone."""
    found: dict[tuple, list[Stood]] = {}
    for m in milestones:
        found.setdefault((m.step, m.words) if m.building else (m.id,), []).append(m)
    return list(found.values())


def name_of(some: Sequence[Stood]) -> str:
    """Return a milestone's name; of several, what they have in common and how many buildings there are."""
    return some[0].name if len(some) == 1 else wording.in_buildings(some[0].words, len(some))


def row_of(some: Sequence[Stood], as_of: date) -> Row:
    first = some[0]
    if len(some) == 1:
        now_words, change = wording.now_and_change(first, as_of)
        pill, note = Pill.of(first.word), wording.row_note(first, as_of)
        return Row(first.id, first.name, pill, first.first, first.expected_on, now_words, change, note)
    now = max(m.expected_on for m in some)
    return Row(
        id=first.id,
        name=name_of(some),
        pill=Pill.of(worst_word(m.word for m in some)),
        first=max((m.first for m in some if m.first), default=None),
        now=now,
        now_words=_range(some),
        change="",
        note=in_counts(some),
        each={str(m.id): m.word.value for m in some},
    )


def moved_of(some: Sequence[Stood], as_of: date) -> Moved:
    first = some[0]
    last = max(some, key=lambda m: m.expected_on)
    now_words, change = wording.now_and_change(last, as_of)
    reasons = dict.fromkeys(filter(None, (wording.move_reasons(m) for m in some)))
    approved = dict.fromkeys(filter(None, (wording.approvals(m) for m in some)))
    return Moved(
        name=name_of(some),
        first=last.first if len(some) > 1 else first.first,
        now_words=now_words,
        change=change,
        times=max(len(m.moves) for m in some),
        why=shorten("; ".join(reasons), 240) if len(some) > 1 else wording.move_reasons(first),
        approved=shorten("; ".join(approved), 240) if len(some) > 1 else wording.approvals(first),
        reply=shorten(next((m.reply for m in some if m.reply), ""), 240),
    )


def in_counts(some: Sequence[Stood]) -> str:
    """Return "31 complete, 5 on track, 4 slipped: Lincoln, Mesa View and 2 more"."""
    counts = Counter(m.word for m in some)
    order = [Word.COMPLETE, *WORST_FIRST, Word.DROPPED]
    parts = [f"{counts[word]} {str(word.label).lower()}" for word in order if counts[word]]
    late = [m.building for m in some if m.word in NEEDS_ATTENTION]
    words = ", ".join(parts)
    if not late:
        return words
    return _("%(counts)s. Look at: %(names)s.") % {"counts": words, "names": named(late)}


def named(buildings: Sequence[str]) -> str:
    """Return "Lincoln, Mesa View and 2 more"."""
    few, more = ", ".join(buildings[:NAMED]), len(buildings) - NAMED
    if more <= 0:
        return few
    return ngettext("%(few)s and %(n)d more", "%(few)s and %(n)d more", more) % {"few": few, "n": more}


def why_of(some: Sequence[Stood], as_of: date) -> str:
    """Say why a milestone needs attention or, of several buildings, which ones do."""
    if len(some) == 1:
        return wording.why(some[0], as_of)
    worst = worst_word(m.word for m in some)
    names = {
        "name": some[0].words,
        "n": len(some),
        "names": named([m.building for m in some]),
        "word": str(worst.label).lower(),
    }
    return _("“%(name)s”: %(n)d buildings need attention, the worst of them %(word)s: %(names)s.") % names


def done_of(some: Sequence[Stood]) -> str:
    if len(some) == 1:
        return wording.done_line(some[0])
    names = {"name": name_of(some), "day": day(max(m.done_on for m in some))}
    return _("%(name)s: done, the last one %(day)s.") % names


def words_of(rows: Iterable[dict]) -> dict[int, str]:
    """Return the word of each milestone, by its id, from rows as a report froze them."""
    found: dict[int, str] = {}
    for row in rows:
        each = {int(key): word for key, word in (row.get("each") or {}).items()}
        found |= each or {row["id"]: row["pill"]["value"]}
    return found


def _range(some: Sequence[Stood]) -> str:
    first, last = min(m.expected_on for m in some), max(m.expected_on for m in some)
    if first == last:
        return day(last)
    return _("%(first)s to %(last)s") % {"first": day(first), "last": day(last)}
