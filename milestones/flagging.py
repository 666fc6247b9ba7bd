"""What happens when a milestone has slipped: a row for each missed date, and word to whoever leads the step.

The fact is recorded first and told afterwards. Both may be done twice, by several processes at once, or a week late,
and the rows are the same. `flag_slips` is the bare recording; `run` is what the command and the sweep call.
"""

import contextlib
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Exists, F, OuterRef, Value

from milestones.models import Milestone, Slip
from milestones.notices import tell_of_slips, with_something_to_tell
from milestones.slip import DayAfter, slipped_q
from stakeholders.editing import lock
from stakeholders.models import District
from stakeholders.outbox import wake_sender

logger = logging.getLogger(__name__)

Days = Mapping[date, Collection[District]]  # a local date → the districts in which it is that day


@dataclass
class Outcome:
    """What one run did. `skipped` are the address names of districts in which something stood in the way."""

    districts: int = 0
    new_slips: int = 0
    open_slips: int = 0
    notices: int = 0
    skipped: list[str] = field(default_factory=list)


def local_days(
    districts: Iterable[District], *, now: datetime
) -> tuple[dict[date, list[District]], list[str]]:
    """Group `districts` by the date on their own calendars at the instant `now`.

    Return also the address names of those whose time zone this computer does not know: they are logged and left out,
    and do not hold up the others.
    """
    days: dict[date, list[District]] = {}
    lost = []
    for district in districts:
        try:
            days.setdefault(district.today(now), []).append(district)
        except (KeyError, ValueError, OSError):
            logger.exception("District %s has no usable time zone: %r", district.slug, district.time_zone)
            lost.append(district.slug)
    return days, lost


def run(days: Days, *, dry_run: bool = False) -> Outcome:
    """Flag what has slipped in these districts and tell whoever leads it. A dry run does the same and takes it back."""
    with transaction.atomic() if dry_run else contextlib.nullcontext():
        outcome = _flag_and_tell(days)
        if dry_run:
            transaction.set_rollback(True)
        elif outcome.notices:
            wake_sender()
    return outcome


def _flag_and_tell(days: Days) -> Outcome:
    outcome = Outcome()
    outcome.new_slips, lost = flag_slips(days)
    for today, districts in days.items():
        here = [district for district in districts if district not in lost]
        for district in with_something_to_tell(here):
            try:
                outcome.notices += tell_of_slips(district, today=today)
            except Exception:
                logger.exception("Nobody could be told of the slips in district %s", district.slug)
                lost.append(district)
        outcome.districts += len(districts)
        outcome.open_slips += Slip.objects.open().filter(district__in=districts).count()
    outcome.skipped = [district.slug for district in lost]
    return outcome


def flag_slips(days: Days) -> tuple[int, list[District]]:
    """Write one slip for each milestone that has slipped; return how many are new, and the districts that could not be done.

    A handful of statements however many districts there are. A slip that ended with a pause or in the archive opens
    again when its milestone is late at that same date once more.
    """
    new, lost = 0, []
    for today, districts in days.items():
        if not districts:
            continue
        new += _together(_record, today, districts, lost)
        _together(_reopen, today, districts, lost)
    return new, lost


def _together(
    work: Callable[[date, Collection[District]], int],
    today: date,
    districts: Collection[District],
    lost: list[District],
) -> int:
    """Do `work` for all districts at once; where a row of one of them makes that impossible, for each one by itself."""
    try:
        with transaction.atomic():
            return work(today, districts)
    except OperationalError:  # the database is away or busy: one by one would be no better
        raise
    except DatabaseError:
        if len(districts) > 1:
            return sum(_together(work, today, [district], lost) for district in districts)
        logger.exception("The slips of district %s could not be recorded", *districts)
        lost.extend(district for district in districts if district not in lost)
        return 0


def _record(today: date, districts: Collection[District]) -> int:
    """Write the rows that are missing, in one statement made from the rule's own query."""
    known = Slip.objects.filter(district=OuterRef("district"), milestone=OuterRef("pk"), due=OuterRef("due"))
    missed = (
        Milestone.objects.live()
        .slipped(today=today)
        .filter(~Exists(known), district__in=districts)
        # Everybody in the same order, or two runs at once could wait for each other; and in the order of the index
        # of open due dates, or SQLite reads the whole table.
        .order_by("district_id", "due", "pk")
        .values_list("district_id", "pk", "due", DayAfter(F("due")), Value(""), Value(""))
    )
    chosen, values = missed.query.sql_with_params()
    names = ("district", "milestone", "due", "slipped_on", "ended", "owner_words")
    columns = ", ".join(connection.ops.quote_name(Slip._meta.get_field(name).column) for name in names)
    table = connection.ops.quote_name(Slip._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) {chosen} ON CONFLICT DO NOTHING", values)
        return cursor.rowcount


def _reopen(today: date, districts: Collection[District]) -> int:
    """Open again what was put aside and is late once more: mostly nothing, now and then a pause that has lapsed.

    Each milestone is locked and looked at again, as the verbs do: somebody may be pausing it anew at this moment.
    """
    late_again = (
        Slip.objects.filter(closed_on__isnull=False, ended__in=Slip.PUT_ASIDE, district__in=districts)
        .filter(
            slipped_q(today, prefix="milestone__"),
            due=F("milestone__due"),
            milestone__archived_on__isnull=True,
        )
        .order_by("milestone_id")
    )
    found = list(late_again.select_related("milestone"))
    for slip in found:
        lock(slip.milestone)
        slip.milestone.refresh_from_db()
        if slip.milestone.archived_on is None:
            slip.milestone.record_slip(today)
    return len(found)
