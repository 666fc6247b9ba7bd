"""Deleting means archiving: the row goes out of every page and stays in the history.

A plan may hold thousands of rows: they are written table by table, not one by one.
"""

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.db.models import F

from milestones.models import ActionStep, Measure, Milestone, Slip
from milestones.slip import slipped_on
from stakeholders.models import Building, Person
from vision.models import Goal, Initiative, Plan

Archivable = Plan | Goal | Initiative | ActionStep | Milestone | Measure | Building

UNDER = {
    Plan: (Goal, "plan"),
    Goal: (Initiative, "goal"),
    Initiative: (ActionStep, "initiative"),
    ActionStep: (Milestone, "step"),
}
AT_ONCE = 500  # rows that one statement names


@transaction.atomic
def archive(row: Archivable, *, by: Person, today: date) -> None:
    """Archive `row` and everything under it; open slips of it end today."""
    for rows in _with_everything_under(row, archived_on=None):
        _write(rows, archived_on=today, by=by)
        if isinstance(rows[0], Milestone):
            _record_slips(rows, today=today)
            Slip.objects.open().filter(milestone__in=rows).update(closed_on=today, ended=Slip.Ended.ARCHIVED)


@transaction.atomic
def bring_back(row: Archivable, *, by: Person, today: date) -> None:
    """Undo `archive`: bring back `row` and what went with it on the same day."""
    for rows in _with_everything_under(row, archived_on=row.archived_on):
        _write(rows, archived_on=None, by=by)
        if isinstance(rows[0], Milestone):
            _record_slips(rows, today=today)


def _with_everything_under(row: Archivable, *, archived_on: date | None) -> Iterator[list]:
    """Yield `row` and then, a table after the other, what is under it and was archived on that day (None: is not).

    At most AT_ONCE rows at a time. What is below is looked up before anything above it is written.
    """
    levels: list[list] = [[row]]
    while (child := UNDER.get(type(levels[-1][0]))) is not None:
        model, parent = child
        below = []
        for parents in _parts(levels[-1]):
            below += model._base_manager.filter(**{f"{parent}__in": parents, "archived_on": archived_on})
        if not below:
            break
        levels.append(below)
    for level in levels:
        yield from _parts(level)


def _parts(rows: list) -> Iterator[list]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def _write(rows: list, *, archived_on: date | None, by: Person) -> None:
    model = type(rows[0])
    model._base_manager.filter(pk__in=[one.pk for one in rows]).update(archived_on=archived_on)
    for one in rows:
        one.archived_on, one._history_user = archived_on, by
    model.history.bulk_history_create(rows, batch_size=AT_ONCE, update=True)


def _record_slips(milestones: list[Milestone], *, today: date) -> None:
    """Do for many what `Milestone.record_slip` does for one: write down today's misses, and reopen their closed rows."""
    missed = [one for one in milestones if one.has_slipped(today=today)]
    Slip.objects.filter(milestone__in=missed, due=F("milestone__due")).update(closed_on=None, ended="")
    new = [
        Slip(milestone=one, district_id=one.district_id, due=one.due, slipped_on=slipped_on(one.due))
        for one in missed
    ]
    Slip.objects.bulk_create(new, batch_size=AT_ONCE, ignore_conflicts=True)
