"""Deleting means archiving: the row goes out of every page and stays in the history."""

from datetime import date

from django.db import transaction

from milestones.models import ActionStep, Measure, Milestone, Slip
from stakeholders.models import Person
from vision.models import Goal, Initiative, Plan

Archivable = Plan | Goal | Initiative | ActionStep | Milestone | Measure


@transaction.atomic
def archive(row: Archivable, *, by: Person, today: date) -> None:
    """Archive `row` and everything under it; open slips of it end today."""
    for one in _with_everything_under(row):
        one._history_user = by
        one.archived_on = today
        one.save(update_fields=["archived_on"])
        if isinstance(one, Milestone):
            one.record_slip(today)
            one.slips.open().update(closed_on=today, ended=Slip.Ended.ARCHIVED)


@transaction.atomic
def bring_back(row: Archivable, *, by: Person, today: date) -> None:
    """Undo `archive`: bring back `row` and what went with it on the same day."""
    went_on = row.archived_on
    for one in _with_everything_under(row, archived_on=went_on):
        one._history_user = by
        one.archived_on = None
        one.save(update_fields=["archived_on"])
        if isinstance(one, Milestone):
            one.record_slip(today)


def _with_everything_under(row, *, archived_on: date | None = None):
    yield row
    children = {
        Plan: lambda: row.goals.all(),
        Goal: lambda: row.initiatives.all(),
        Initiative: lambda: row.steps.all(),
        ActionStep: lambda: row.milestones.all(),
        Milestone: lambda: (),
        Measure: lambda: (),
    }[type(row)]()
    for child in children:
        if child.archived_on == archived_on:
            yield from _with_everything_under(child, archived_on=archived_on)
