"""Spreading a step over buildings: a milestone for each of them, with a date that may then move in each by itself."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from milestones.models import ActionStep, Milestone
from stakeholders.editing import lock
from stakeholders.models import Building, Person

AT_ONCE = 200  # rows that one statement writes


@transaction.atomic
def add_for_buildings(
    step: ActionStep,
    buildings: Collection[Building],
    *,
    by: Person,
    today: date,
    due: date,
    title: str = "",
) -> list[Milestone]:
    """Add a milestone of this title for each of `buildings` that has none yet; return the new ones.

    The same again adds nothing, and neither does another date: that of a building is moved by its own milestone. Only
    what comes back every year may be there several times, once a date. Buildings that are chosen after adoption get
    their first date then, and say that they came later. Raises Refused as `ActionStep.add_milestone` does.
    """
    lock(step)
    there = step.milestones.live().filter(title=title, building__isnull=False)
    if step.kind == ActionStep.Kind.RECURRING:
        there = there.filter(due=due)
    known = set(there.values_list("building", flat=True))
    position = step.milestones.count()
    new = []
    for building in buildings:
        if building.pk not in known:
            milestone = step.new_milestone(due=due, title=title, building=building)
            milestone.position = position + len(new)
            new.append(milestone)
    if new:
        bulk_create_with_history(new, Milestone, batch_size=AT_ONCE, default_user=by)
    return new
