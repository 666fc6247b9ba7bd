"""What comes back every year: one milestone for each fiscal year of the plan."""

import calendar
from datetime import date

from django.db import transaction

from milestones.models import ActionStep, Milestone
from stakeholders.editing import lock
from stakeholders.models import Person
from vision.models import Plan


def days_each_year(plan: Plan, *, month: int, day: int) -> list[date]:
    """Return the day in each year that the plan covers. February 29 is the 28th where there is none."""
    days = []
    for year in range(plan.starts_on.year, plan.ends_on.year + 1):
        last = calendar.monthrange(year, month)[1]
        on = date(year, month, min(day, last))
        if plan.starts_on <= on <= plan.ends_on:
            days.append(on)
    return days


@transaction.atomic
def add_each_year(
    step: ActionStep, *, by: Person, today: date, month: int, day: int, title: str = ""
) -> list[Milestone]:
    """Add the milestones that `step` does not have yet, one a plan year; return those. Raises Refused."""
    lock(step)
    there = set(step.milestones.live().values_list("due", flat=True))
    wanted = days_each_year(step.initiative.goal.plan, month=month, day=day)
    return [step.add_milestone(by=by, today=today, due=on, title=title) for on in wanted if on not in there]
