"""What the verbs say when they are asked for something that makes no sense."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format


class Refused(ValueError):
    """A verb's plain-words no. `str()` of it can be shown to the person who asked.

    `field` names the form field that the words belong to, or is empty.
    """

    def __init__(self, words: Any, *, field: str = "", **names: Any):
        super().__init__(words)
        self.words, self.field, self.names = words, field, names

    def __str__(self) -> str:
        return str(self.words) % self._readable(self.names) if self.names else str(self.words)

    @staticmethod
    def _readable(names: Mapping[str, Any]) -> dict[str, Any]:
        return {k: date_format(v, "M j, Y") if isinstance(v, date) else v for k, v in names.items()}
