"""`flag_slips` over many milestones beside the same INSERT … SELECT by hand, alternating, in one process."""

import statistics
import time
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from milestones.flagging import flag_slips
from milestones.management.commands.load_scale import load_district
from milestones.models import Milestone, Slip
from stakeholders.models import District

ROUNDS = 9
BY_HAND = """
INSERT INTO milestones_slip (district_id, milestone_id, due, slipped_on, ended, owner_words)
SELECT district_id, id, due, {next_day}, '', '' FROM milestones_milestone
WHERE due < %s AND done_on IS NULL AND dropped_on IS NULL AND archived_on IS NULL
  AND (paused_until IS NULL OR paused_until < %s)
ON CONFLICT DO NOTHING
"""


def by_hand(today: date) -> None:
    next_day = "date(due, '+1 day')" if connection.vendor == "sqlite" else "due + 1"
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND.format(next_day=next_day), [today, today])


def flags(milestones: int, *, districts: int = 20) -> list[tuple[str, float, float]]:
    """Return (what, our median ms, by hand ms) with 5 % newly slipped and with none."""
    for number in range(1, districts + 1):
        load_district(District.objects.count() + number, milestones=milestones // districts, late=5.0)
    today = District.objects.first().today(datetime.now(UTC))
    early = min(Milestone.objects.values_list("due", flat=True)) - timedelta(days=2)
    return [
        ("5 % newly slipped", *_alternate(today, clear=True)),
        ("0 %: the same day again", *_alternate(today, clear=False)),
        ("0 %: nothing is late yet", *_alternate(early, clear=True)),
    ]


def _alternate(today: date, *, clear: bool) -> tuple[float, float]:
    everywhere = {today: list(District.objects.all())}
    ours, theirs = [], []
    for _round in range(ROUNDS):
        for work, taken in ((lambda: flag_slips(everywhere), ours), (lambda: by_hand(today), theirs)):
            if clear:
                Slip.objects.all().delete()
            began = time.perf_counter()
            work()
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(ours), statistics.median(theirs)
