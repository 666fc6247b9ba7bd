"""A plan as it stood on a day, read back from the facts: five queries, however many milestones it has.

Dates of finishing, dropping, date moves and check-ins are facts with a day, so an earlier day can be told from them. Two
things leave no day behind and are told as they are now: since when a milestone is on hold, and when one was added.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from milestones import status
from milestones.models import ActionStep, CheckIn, DateMove, Milestone, Slip
from milestones.models.checkin import Says
from milestones.rollup import worst_word
from milestones.status import Facts, Word, word_for
from vision.models import Initiative, Plan


@dataclass(slots=True)
class Stood:
    """One milestone on the day: its dates, its word, what its owner said last, and the owner's reply to its last slip."""

    id: int
    name: str
    is_one_time: bool
    first: date | None
    due: date
    expected: date | None
    done_on: date | None
    dropped_on: date | None
    paused_until: date | None
    evidence: str
    evidence_link: str
    drop_reason: str
    pause_reason: str
    said: str
    said_on: date | None
    reason: str
    says: str
    how_sure: str
    reply: str
    moves: list[dict]
    word: Word
    step: int = 0
    building: str = ""  # the building's name; "" for what is not of one building
    words: str = ""  # what it is called wherever it is plain of which building it speaks

    @property
    def expected_on(self) -> date:
        return self.done_on or self.expected or self.due

    @property
    def is_open(self) -> bool:
        return self.done_on is None and self.dropped_on is None

    @property
    def says_risk(self) -> bool:
        return self.says == Says.AT_RISK

    @property
    def is_later(self) -> bool:
        """Whether it was done, or is expected, after its first date."""
        return self.first is not None and self.expected_on > self.first


@dataclass
class InitiativeStood:
    """One initiative on the day, with its milestones in the order of their dates."""

    row: Initiative
    number: int
    milestones: list[Stood] = field(default_factory=list)
    held: list[tuple[date, date | None]] = field(default_factory=list)

    @property
    def live(self) -> list[Stood]:
        return [m for m in self.milestones if m.dropped_on is None]

    @property
    def word(self) -> Word | None:
        return worst_word(m.word for m in self.milestones)

    @property
    def dated(self) -> list[Stood]:
        """The milestones that decide when it ends: what comes back every year has no end (milestones/rollup.py)."""
        return [m for m in self.live if m.is_one_time]

    @property
    def first(self) -> date | None:
        return max((m.first for m in self.dated if m.first), default=None)

    @property
    def expected_on(self) -> date | None:
        return max((m.expected_on for m in self.dated), default=None)

    @property
    def done_on(self) -> date | None:
        """The day on which the last of its milestones was done, if all of them are."""
        days = [m.done_on for m in self.live]
        return max(days) if days and all(days) else None

    @property
    def last_open(self) -> Stood | None:
        """The open milestone that decides when the initiative ends."""
        return max((m for m in self.dated if m.is_open), key=lambda m: m.expected_on, default=None)

    @property
    def times_moved(self) -> int:
        return sum(len(m.moves) for m in self.milestones)


@dataclass
class PlanStood:
    plan: Plan
    as_of: date
    days: list[date]
    initiatives: list[InitiativeStood]


def report_days(plan: Plan, as_of: date, *, most: int = 13) -> list[date]:
    """Return the days for which dates are compared: adoption, ends of months since, and `as_of`; at most `most` of them."""
    start = plan.adopted_on or plan.starts_on
    if start >= as_of:
        return []
    ends = []
    day = as_of.replace(day=1) - timedelta(days=1)
    while day > start:
        ends.append(day)
        day = day.replace(day=1) - timedelta(days=1)
    step = -(-len(ends) // (most - 2)) or 1
    return [start, *ends[::step][::-1], as_of]


def read_plan(plan: Plan, *, as_of: date) -> PlanStood:
    """Read the plan as it stood at the end of the day `as_of`."""
    days = report_days(plan, as_of)
    initiatives = {
        row.pk: InitiativeStood(row, number) for number, row in enumerate(_initiatives(plan), start=1)
    }
    moves, said, slips = _moves(plan), _check_ins(plan), _replies(plan)
    expected: dict[int, list[list[date | None]]] = defaultdict(list)
    for row in _milestones(plan):
        key = row["pk"]
        history = History(row, moves.get(key, ()), said.get(key, ()), slips.get(key, ()))
        if (at := initiatives.get(row["step__initiative"])) is None:
            continue
        at.milestones.append(history.stood(as_of))
        if history.is_one_time:
            expected[at.row.pk].append([history.expected_on(day) for day in days])
    for pk, columns in expected.items():
        initiatives[pk].held = [
            (day, max((d for d in column if d), default=None))
            for day, column in zip(days, zip(*columns, strict=True), strict=True)
        ]
    return PlanStood(plan, as_of, days, list(initiatives.values()))


@dataclass(slots=True)
class History:
    """A milestone's row with its agreed moves and its standing check-ins, oldest first."""

    row: dict
    moves: Sequence[dict]
    said: Sequence[dict]
    slips: Sequence[dict]

    @property
    def is_one_time(self) -> bool:
        return self.row["step__kind"] == ActionStep.Kind.ONE_TIME

    @property
    def words(self) -> str:
        return self.row["title"] or self.row["step__title"]

    @property
    def name(self) -> str:
        if not (building := self.row["building__name"]):
            return self.words
        return _("%(building)s: %(name)s") % {"building": building, "name": self.words}

    def due(self, day: date) -> date:
        """Return the date agreed on `day`: later moves are taken back."""
        return next((m["from_due"] for m in self.moves if m["decided_on"] > day), self.row["due"])

    def last_said(self, day: date) -> dict | None:
        return next((c for c in reversed(self.said) if c["on"] <= day and c["says"] != Says.DONE), None)

    def expected_on(self, day: date) -> date | None:
        """Return when it was expected on `day`: done, else as its owner forecast, else as agreed; None once dropped."""
        row = self.row
        if row["dropped_on"] and row["dropped_on"] <= day:
            return None
        if row["done_on"] and row["done_on"] <= day:
            return row["done_on"]
        said = self.last_said(day)
        return (said and said["expected"]) or self.due(day)

    def stood(self, day: date) -> Stood:
        row, due, said = self.row, self.due(day), self.last_said(day)
        done = row["done_on"] if row["done_on"] and row["done_on"] <= day else None
        dropped = row["dropped_on"] if row["dropped_on"] and row["dropped_on"] <= day else None
        # The owner may have called it worse than the dates; only the row keeps that, for the last check-in.
        says = row["says"] if said is not None and said is self.last_said(date.max) else said and said["says"]
        moves = [m for m in self.moves if m["decided_on"] <= day]
        lately = day - timedelta(days=status.MOVES_WINDOW_DAYS)
        facts = Facts(
            due=due,
            done_on=done,
            dropped_on=dropped,
            paused_until=row["paused_until"],
            expected=said["expected"] if said else None,
            says=says or "",
            how_sure=said["how_sure"] if said else "",
            confirmed_on=said["on"] if said else None,
            starts_on=row["step__starts_on"],
            check_in_days=row["step__check_in_days"],
            moved_lately=sum(m["decided_on"] > lately for m in moves) >= status.MOVES_MANY,
        )
        words = said or {}
        return Stood(
            id=row["pk"],
            name=self.name,
            step=row["step"],
            building=row["building__name"] or "",
            words=self.words,
            is_one_time=self.is_one_time,
            first=row["first_due"],
            due=due,
            expected=facts.expected,
            done_on=done,
            dropped_on=dropped,
            paused_until=row["paused_until"] if row["paused_until"] and row["paused_until"] >= day else None,
            evidence=row["evidence"] if done else "",
            evidence_link=row["evidence_link"] if done else "",
            drop_reason=row["drop_reason"] if dropped else "",
            pause_reason=row["pause_reason"],
            said=words.get("words", ""),
            said_on=words.get("on"),
            reason=words.get("reason", ""),
            says=facts.says,
            how_sure=facts.how_sure,
            reply=next((s["owner_words"] for s in reversed(self.slips) if s["slipped_on"] <= day), ""),
            moves=moves,
            word=word_for(facts, today=day),
        )


def _initiatives(plan: Plan) -> Iterable[Initiative]:
    rows = (
        Initiative.objects.live()
        .filter(goal__plan=plan, goal__archived_on__isnull=True)
        .select_related("goal")
    )
    return rows.order_by("goal__position", "goal", "position", "pk")


def _milestones(plan: Plan) -> Iterable[dict]:
    rows = Milestone.objects.live().in_plan(plan).filter(step__archived_on__isnull=True)
    return rows.order_by("due", "position", "pk").values(
        "pk", "title", "building__name", "step", "step__title",
        "step__initiative", "step__kind", "step__starts_on", "step__check_in_days",
        "first_due", "due", "done_on", "dropped_on", "paused_until", "pause_reason", "drop_reason",
        "evidence", "evidence_link", "says",
    )  # fmt: skip


def _moves(plan: Plan) -> dict[int, list[dict]]:
    rows = DateMove.objects.agreed().filter(milestone__step__initiative__goal__plan=plan)
    return _by_milestone(
        rows.order_by("milestone", "decided_on", "pk").values(
            "milestone", "from_due", "to_due", "reason", "words", "decided_on", "decided_by__name"
        )
    )


def _check_ins(plan: Plan) -> dict[int, list[dict]]:
    rows = CheckIn.objects.standing().filter(milestone__step__initiative__goal__plan=plan)
    return _by_milestone(
        rows.order_by("milestone", "pk").values(
            "milestone", "on", "says", "words", "how_sure", "expected", "reason"
        )
    )


def _replies(plan: Plan) -> dict[int, list[dict]]:
    rows = Slip.objects.filter(milestone__step__initiative__goal__plan=plan).exclude(owner_words="")
    return _by_milestone(
        rows.order_by("milestone", "slipped_on").values("milestone", "slipped_on", "owner_words")
    )


def _by_milestone(rows: Iterable[dict]) -> dict[int, list[dict]]:
    return {milestone: list(own) for milestone, own in groupby(rows, key=lambda row: row["milestone"])}
