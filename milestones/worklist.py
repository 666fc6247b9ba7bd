"""Which milestones ask their owner for a word today, and in which order: the rule behind "My updates".

First those that slipped, then those due within 60 days or with a date that moved or is asked to move, soonest first.
Left for later: what is on hold, and what was confirmed within a week, since a check is weekly at the most; days off in the
school calendar do not count. A slipped milestone is left for later only while a leader has yet to answer its owner's request
for a new date.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Case, Q, QuerySet, Value, When

from milestones.models import ActionStep, CheckIn, DateMove, Milestone, StepBuilding, StepOwner
from milestones.slip import has_slipped
from milestones.status import MOVES_WINDOW_DAYS
from stakeholders.calendar.school_days import SchoolCalendar
from stakeholders.models import District, Person, Role

SOON = timedelta(days=60)
CHECK_AGAIN = 7  # days, those off left out
SLIPPED, COMING, LATER = range(3)


class Facts(NamedTuple):
    """What the need of an open milestone depends on."""

    pk: int
    step: int
    due: date
    expected: date | None
    confirmed_on: date | None
    paused_until: date | None
    building: int | None = None
    title: str = ""


def need(m: Facts, *, asked: bool, moved: bool, today: date, calendar: SchoolCalendar) -> int:
    """Return SLIPPED, COMING or LATER. `asked`: a leader is asked for a new date; `moved`: it moved in 90 days."""
    fresh = m.confirmed_on is not None and calendar.days_counted(m.confirmed_on, today) < CHECK_AGAIN
    if has_slipped(today, due=m.due, done_on=None, dropped_on=None, paused_until=m.paused_until):
        return LATER if fresh and asked else SLIPPED
    if fresh or (m.paused_until is not None and m.paused_until >= today):
        return LATER
    return COMING if _comes_up(m, asked=asked, moved=moved, today=today) else LATER


def _comes_up(m: Facts, *, asked: bool, moved: bool, today: date) -> bool:
    return m.due <= today + SOON or asked or moved or (m.expected is not None and m.expected > m.due)


@dataclass(frozen=True)
class Hat:
    """A role that the visitor serves in and that owns work, and how many checks it asks for now."""

    role: Role
    leads: bool
    checks: int

    @property
    def deputy(self) -> bool:
        """Whether the visitor deputises in it; of a role fetched by `served_by`."""
        return not getattr(self.role, "is_holder", True)

    @property
    def part(self) -> tuple[bool, bool]:
        """What the visitor does in it, to tell where the words change."""
        return self.deputy, self.leads

    @property
    def vacant(self) -> bool:
        """Whether nobody holds it; of a role fetched `with_holders`."""
        return self.deputy and not self.role.held_now


@dataclass
class Several:
    """What the visitor is to answer for in several buildings: one line that opens as a table."""

    step: int
    title: str
    one: int  # the id of the first milestone, which names the line in addresses
    buildings: int = 0
    checks: int = 0
    due: date | None = None  # the earliest one
    row: ActionStep | None = None

    @property
    def words(self) -> str:
        return self.title or self.row.title


@dataclass
class Worklist:
    """Open milestones that the visitor's roles own, by their ids, in order of need; `several` stand for those that are
    reached in several buildings."""

    several: list[Several] = field(default_factory=list)
    checks: list[int] = field(default_factory=list)
    later: list[int] = field(default_factory=list)
    hats: list[Hat] = field(default_factory=list)
    next_check: date | None = None  # the day on which one more will ask


def worklist(
    district: District,
    roles: Sequence[Role],
    *,
    today: date,
    without: Iterable[int] = (),
    calendar: SchoolCalendar | None = None,
) -> Worklist:
    """Gather what `roles` own, leaving out the milestones `without`: a few narrow queries, none of them by milestone.

    `calendar` saves the one of them that fetches the school calendar.
    """
    rows = Milestone.objects.in_district(district).live().open().asked_of(roles, today=today)
    rows = rows.exclude(pk__in=list(without)).order_by("due", "pk")
    columns = ("pk", "step_id", "due", "expected", "confirmed_on", "paused_until", "building_id", "title")
    facts = [Facts(*row) for row in rows.values_list(*columns)]
    asked, moved = _moves(district, today)
    calendar = calendar or SchoolCalendar.of(district)
    needs: tuple[list[Facts], ...] = ([], [], [])
    for m in facts:
        needs[need(m, asked=m.pk in asked, moved=m.pk in moved, today=today, calendar=calendar)].append(m)
    checks = [*needs[SLIPPED], *needs[COMING]]
    several = _several(checks, needs[LATER])
    return Worklist(
        several=_with_steps(several.values()),
        checks=[m.pk for m in checks if (m.step, m.title) not in several or m.building is None],
        later=[m.pk for m in needs[LATER] if (m.step, m.title) not in several or m.building is None],
        hats=_hats(roles, checks),
        next_check=min(
            (
                asks_on(m, asked=m.pk in asked, moved=m.pk in moved, today=today, calendar=calendar)
                for m in needs[LATER]
            ),
            default=None,
        ),
    )


def _several(checks: list[Facts], later: list[Facts]) -> dict[tuple[int, str], Several]:
    """Gather what is reached in several buildings, by step and title, those that ask for a word first."""
    found: dict[tuple[int, str], Several] = {}
    for asks, rows in ((1, checks), (0, later)):
        for m in rows:
            if m.building is not None:
                one = found.setdefault((m.step, m.title), Several(m.step, m.title, m.pk, due=m.due))
                one.buildings += 1
                one.checks += asks
                one.due = min(one.due, m.due)
    return {key: one for key, one in found.items() if one.buildings > 1}


def _with_steps(several: Iterable[Several]) -> list[Several]:
    rows = list(several)
    steps = ActionStep.objects.in_bulk({one.step for one in rows}) if rows else {}
    for one in rows:
        one.row = steps[one.step]
    return rows


def _moves(district: District, today: date) -> tuple[set[int], set[int]]:
    lately = Q(accepted=True, while_drafting=False, decided_on__gt=today - timedelta(days=MOVES_WINDOW_DAYS))
    rows = DateMove.objects.in_district(district).filter(Q(decided_on__isnull=True) | lately)
    asked, moved = set(), set()
    for pk, decided_on in rows.order_by().values_list("milestone", "decided_on"):
        (moved if decided_on else asked).add(pk)
    return asked, moved


def asks_on(m: Facts, *, asked: bool, moved: bool, today: date, calendar: SchoolCalendar) -> date:
    """Return the first day on which a milestone that is left for later will ask, if nobody says anything till then."""
    one_day = timedelta(days=1)
    not_before = today + one_day
    if m.paused_until:
        not_before = max(not_before, m.paused_until + one_day)
    rested = calendar.day_of_age(m.confirmed_on, CHECK_AGAIN) if m.confirmed_on else not_before
    near = not_before if _comes_up(m, asked=asked, moved=moved, today=today) else m.due - SOON
    on = max(not_before, rested, near)
    return on if asked else min(on, max(not_before, m.due + one_day))


def _hats(roles: Sequence[Role], checks: list[Facts]) -> list[Hat]:
    owned: dict[int, set[int]] = {}
    leads = set()
    rows = StepOwner.objects.filter(role__in=roles, step__archived_on__isnull=True).order_by()
    for step, role, part in rows.values_list("step", "role", "part"):
        owned.setdefault(role, set()).add(step)
        if part == StepOwner.Part.LEAD:
            leads.add(role)
    here: dict[int, set[tuple[int, int]]] = {}
    rows = StepBuilding.objects.filter(lead__in=roles, step__archived_on__isnull=True).order_by()
    for role, step, building in rows.values_list("lead", "step", "building"):
        here.setdefault(role, set()).add((step, building))
        leads.add(role)

    def asks(role: Role, m: Facts) -> bool:
        return m.step in owned.get(role.pk, ()) or (m.step, m.building) in here.get(role.pk, ())

    found = [
        Hat(role, role.pk in leads, sum(asks(role, m) for m in checks))
        for role in roles
        if role.pk in owned or role.pk in here
    ]
    return sorted(found, key=lambda hat: (hat.deputy, not hat.leads, hat.role.title))


def said_today(district: District, person: Person, *, today: date) -> QuerySet[CheckIn]:
    """Return what `person` has said today and not undone, latest first."""
    return (
        CheckIn.objects.in_district(district)
        .standing()
        .filter(by=person, on=today, milestone__archived_on__isnull=True)
        .select_related("move")
        .order_by("-pk")
    )


def ongoing(roles: Iterable[Role]) -> QuerySet[ActionStep]:
    """Return the steps without an end that `roles` own, those with the nearest review first."""
    return (
        ActionStep.objects.live()
        .owned_by(roles)
        .filter(kind=ActionStep.Kind.ONGOING)
        .select_related("initiative")
        .order_by(Case(When(review_on__isnull=True, then=Value(1)), default=Value(0)), "review_on", "pk")
    )
