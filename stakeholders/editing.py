"""Two people edit the same row: the second one is shown both texts, and neither is lost."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F

if TYPE_CHECKING:
    from stakeholders.models import Person


def lock(row: models.Model) -> None:
    """Take the row's lock on any database, inside a transaction: an UPDATE that changes nothing."""
    key = row._meta.pk.name
    type(row)._base_manager.filter(pk=row.pk).update(**{key: F(key)})


class StaleEdit(Exception):
    """Somebody saved this row after the editor opened it. `current` is the row as it stands now."""

    def __init__(self, current: "Versioned"):
        super().__init__("changed meanwhile")
        self.current = current


class Versioned(models.Model):
    """A row that people edit. `version` counts its saved edits."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    @transaction.atomic
    def save_edit(self, *, by: "Person", version: int, fields: Iterable[str]) -> None:
        """Save `fields` if the row still has the `version` that the editor saw.

        Raises StaleEdit otherwise; nothing is written then. The conditional UPDATE also takes the row's
        lock, so of two edits at the same moment exactly one wins.
        """
        model = type(self)
        rows = model._base_manager.filter(pk=self.pk, version=version)
        if not rows.update(version=F("version") + 1):
            raise StaleEdit(model._base_manager.get(pk=self.pk))
        self.version = version + 1
        self._history_user = by
        self.save(update_fields=[*fields, "version"])
