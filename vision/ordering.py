"""The order in which people want to read goals, initiatives, steps and themes. It is no edit: it leaves no history."""

from django.db import models, transaction


@transaction.atomic
def move(row: models.Model, siblings: models.QuerySet, *, up: bool) -> None:
    """Let `row` change places with its neighbour among `siblings`; at either end nothing happens.

    Positions are numbered anew, so that rows which came without one take their place, too.
    """
    rows = list(siblings.order_by("position", "pk").only("pk", "position"))
    at = next((n for n, one in enumerate(rows) if one.pk == row.pk), None)
    to = None if at is None else at + (-1 if up else 1)
    if to is None or not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    moved = [(n, one) for n, one in enumerate(rows) if one.position != n]
    for n, one in moved:
        one.position = n
    siblings.model._base_manager.bulk_update([one for _n, one in moved], ["position"], batch_size=500)


def last_position(siblings: models.QuerySet) -> int:
    """Return the position for a row that is added below `siblings`."""
    highest = siblings.aggregate(highest=models.Max("position"))["highest"]
    return 0 if highest is None else highest + 1
