from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from stakeholders.models import Level
from stakeholders.rights import Action, actions, also_words

INTRODUCTION = """\
# Who may do what

Each level may also do what the ones before it may. Whoever belongs to another district, or to none, finds nothing: the
page says the same as for what does not exist. In the app, "Who may do what here" under People shows this table with
what the person who looks at it may do, and why.

This page is written by `manage.py rights > docs/rights.md` from `stakeholders/rights.toml`; tests hold every page to it.
"""
PLACES = {
    "anyone": "everybody, signed in or not",
    "signed in": "everybody who is signed in",
    "staff": "whoever runs the installation",
    "nobody": "nobody, as installed",
}


class Command(BaseCommand):
    help = "Print who may do what, role by action, as the page docs/rights.md."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("\n".join(lines()))


def lines() -> Iterator[str]:
    yield INTRODUCTION
    for group, found in actions().items():
        yield f"## {group}\n"
        inside = [action for action in found if action.place == "district"]
        outside = [action for action in found if action.place != "district"]
        if inside:
            yield "| | " + " | ".join(str(level.label) for level in Level) + " | and |"
            yield "|---|" + "---|" * len(Level) + "---|"
            yield from (_in_levels(action) for action in inside)
            yield ""
        if outside:
            yield "| | who may |"
            yield "|---|---|"
            yield from (f"| {_words(action)} | {PLACES[action.place]} |" for action in outside)
            yield ""


def _in_levels(action: Action) -> str:
    cells = ["yes" if level.reaches(action.level) else "no" for level in Level]
    also = also_words(action.also) if action.also else ""
    return f"| {_words(action)} | {' | '.join(cells)} | {also} |"


def _words(action: Action) -> str:
    return f"{action.words}. {action.note}" if action.note else action.words
