"""Titles that are likely one role: "Tech. Coordinator" and "Technology Coordinator"."""

from dataclasses import dataclass, field
from difflib import SequenceMatcher

from milestones.importing.owners import key_of

MANY = 300  # a plan names some dozens of roles; every pair of them is compared


@dataclass(slots=True)
class Twin:
    """Several titles for what is likely one role. `sure`: they differ in abbreviations, case and punctuation only."""

    title: str
    others: list[str] = field(default_factory=list)
    sure: bool = True


def find(titles, roles=()):
    """Twins among the titles of a file and the roles of the district. A role that exists keeps its title; else
    the title without abbreviations that comes most often."""
    counts = {}
    for title in titles:
        counts[title] = counts.get(title, 0) + 1
    by_key = {}
    for title in [*roles, *counts]:
        group = by_key.setdefault(key_of(title), [])
        if title not in group:
            group.append(title)
    found, best = [], {}
    for key, group in by_key.items():
        best[key] = _best(group, roles, counts, key)
        others = [title for title in group if title != best[key] and title in counts]
        if others:
            found.append(Twin(best[key], others))
    return found + _likely(best, counts, set(roles))


def _best(group, roles, counts, key):
    return max(
        group,
        key=lambda title: (
            title in roles,
            _plain(title) == key,
            len(_plain(title)),
            counts.get(title, 0),
            -group.index(title),
        ),
    )


def _plain(title):
    return " ".join(title.lower().replace(".", "").split())


def _likely(best, counts, roles):
    """Pairs that a person should look at: the same words in another order, singular and plural, a slip of the pen."""
    often = {}
    for title, times in counts.items():
        often[key_of(title)] = often.get(key_of(title), 0) + times
    keys = list(best)[:MANY]
    sets = {key: _words(key) for key in keys}
    found = []
    for position, one in enumerate(keys):
        for two in keys[position + 1 :]:
            if not (one in often or two in often) or not _alike(one, two, sets):
                continue
            stays, goes = sorted(
                (one, two), key=lambda key: (best[key] in roles, often.get(key, 0)), reverse=True
            )
            if best[goes] in counts:
                found.append(Twin(best[stays], [best[goes]], sure=False))
    return found[:MANY]


def _words(key):
    return frozenset(
        word.rstrip("s") for word in key.split() if word not in ("of", "for", "the", "and", "district")
    )


def _alike(one, two, sets):
    if sets[one] and sets[one] == sets[two]:
        return True
    if _digits(one) != _digits(two):
        return False
    return (
        min(len(one), len(two)) > 8
        and abs(len(one) - len(two)) < 4
        and SequenceMatcher(None, one, two).ratio() > 0.92
    )


def _digits(key):
    return [character for character in key if character.isdigit()]
