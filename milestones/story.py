"""The whole story of one milestone: what was said, moved, missed, put on hold and renamed, by whom and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from milestones.models import CheckIn, DateMove, Milestone, Slip
from milestones.models.checkin import HowSure, Reason, Says
from milestones.reasons import lower_first
from milestones.slip import slipped_on
from stakeholders.models import Role
from stakeholders.templatetags.parts import day, length_words, weeks_between

CHECK, MOVE, SLIP, DONE, MADE = "check", "move", "slip", "done", "made"
# On one day: the date that was missed, then what people did, then what became of dates.
END_OF_DAY = datetime.max.replace(tzinfo=UTC)
ORDER = {SLIP: 0, MADE: 1, CHECK: 1, DONE: 1, MOVE: 2}


@dataclass
class Entry:
    """Something that happened on a day. `kind` gives its mark; `undone` says who took it back."""

    on: date
    kind: str
    words: str
    at: datetime | None = None
    said: str = ""
    more: str = ""
    link: str = ""
    undone: str = ""
    slip: int | None = None  # the slip to which its owner may add a sentence


def story(milestone: Milestone, *, moves: list[DateMove], today: date) -> list[Entry]:
    """Return everything that happened to `milestone`, latest first: three queries besides `moves`."""
    entries = [
        *_edits(milestone, today),
        *_check_ins(milestone, today),
        *_moves(moves, today),
        *_slips(milestone, today),
    ]
    plan = milestone.step.initiative.goal.plan
    if milestone.first_due and plan.adopted_on and not milestone.added_after_adoption:
        words = _("The plan was adopted, and %(day)s became the first date.")
        words %= {"day": day(milestone.first_due, today)}
        entries.append(Entry(plan.adopted_on, MADE, words, at=END_OF_DAY))
    placed = sorted(enumerate(entries), key=lambda e: (e[1].on, ORDER[e[1].kind], str(e[1].at or ""), e[0]))
    return [entry for _place, entry in reversed(placed)]


def who(person: object, role: Role | None = None) -> str:
    """Return "Technology Coordinator (Dana Ruiz)": the role first, for it owns the work."""
    if person is None:
        return _("Somebody")
    return _("%(role)s (%(person)s)") % {"role": role, "person": person} if role else str(person)


def _check_ins(milestone: Milestone, today: date) -> Iterator[Entry]:
    rows = list(milestone.check_ins.select_related("by", "role"))
    undone = {c.undoes_id: c for c in rows if c.undoes_id}
    for c in rows:
        if not c.undoes_id:
            words = _("%(who)s: %(says)s") % {
                "who": who(c.by, c.role),
                "says": lower_first(Says(c.says).label),
            }
            back = undone.get(c.pk)
            yield Entry(
                on=c.on,
                at=c.at,
                kind=DONE if c.says == Says.DONE else CHECK,
                words=words,
                said=c.words,
                more=" · ".join(_details(c, today)),
                link=c.evidence_link,
                undone=_("Undone by %(who)s") % {"who": back.by} if back else "",
            )


def _details(c: CheckIn, today: date) -> Iterator[str]:
    if c.done_on:
        yield _("finished %(day)s") % {"day": day(c.done_on, today)}
    if c.expected:
        yield _("now expected %(day)s") % {"day": day(c.expected, today)}
    if c.how_sure:
        yield _("%(sure)s of the date") % {"sure": lower_first(HowSure(c.how_sure).label)}
    if c.reason:
        yield _("waits for: %(reason)s") % {"reason": lower_first(Reason(c.reason).label)}
    if c.would_help:
        yield _("would help: %(words)s") % {"words": c.would_help}
    if c.evidence:
        yield _("evidence: %(words)s") % {"words": c.evidence}


def _moves(moves: list[DateMove], today: date) -> Iterator[Entry]:
    for m in moves:
        names = {
            "from": day(m.from_due, today),
            "to": day(m.to_due, today),
            "size": weeks_between(m.from_due, m.to_due),
        }
        asked = {"who": m.asked_by, "day": day(m.asked_on, today)}
        reason = _("waits for: %(reason)s") % {"reason": lower_first(Reason(m.reason).label)}
        if m.decided_on is None:
            words = _("New date asked for: %(to)s instead of %(from)s (%(size)s)")
            by = _("asked by %(who)s; not decided yet")
        elif m.while_drafting and m.accepted:
            words, by = _("Date moved in the draft from %(from)s to %(to)s (%(size)s)"), _("by %(who)s")
        elif m.accepted and m.asked_by_id == m.decided_by_id:
            words, by = (
                _("Date moved from %(from)s to %(to)s (%(size)s)"),
                _("by %(who)s, who may agree to it"),
            )
        elif m.accepted:
            words = _("Date moved from %(from)s to %(to)s (%(size)s)")
            by = _("asked by %(who)s on %(day)s, agreed by %(decider)s")
        elif m.withdrawn_by_id or m.decided_by_id == m.asked_by_id:
            words, by = _("Request for %(to)s instead of %(from)s withdrawn"), _("by %(decider)s")
        else:
            words, by = (
                _("%(from)s stays; %(to)s was asked for"),
                _("asked by %(who)s on %(day)s, decided by %(decider)s"),
            )
        yield Entry(
            on=m.decided_on or m.asked_on,
            kind=MOVE,
            words=words % names,
            said=m.words if not m.check_in_id else "",
            more=" · ".join(filter(None, [reason, by % {**asked, "decider": m.decided_by}, m.note])),
        )


def _slips(milestone: Milestone, today: date) -> Iterator[Entry]:
    ended = {
        Slip.Ended.DONE: _("finished %(day)s, %(late)s late"),
        Slip.Ended.MOVED: _("the date was moved %(day)s, after %(late)s"),
        Slip.Ended.PAUSED: _("put on hold %(day)s, after %(late)s"),
        Slip.Ended.DROPPED: _("dropped %(day)s, after %(late)s"),
        Slip.Ended.ARCHIVED: _("archived %(day)s, after %(late)s"),
    }
    slips = list(milestone.slips.all())
    if milestone.has_slipped(today=today) and milestone.due not in {s.due for s in slips}:
        slips.append(
            Slip(due=milestone.due, slipped_on=slipped_on(milestone.due))
        )  # the nightly run has yet to come by
    for s in slips:
        late = length_words(s.days_late(today))
        if s.closed_on is None:
            more = _("%(late)s late by today") % {"late": late}
        elif s.closed_on <= s.due:
            more = _("finished in time after all: %(day)s") % {"day": day(s.closed_on, today)}
        else:
            more = ended[s.ended] % {"day": day(s.closed_on, today), "late": late}
        words = _("%(due)s passed, and it was not done") % {"due": day(s.due, today)}
        yield Entry(on=s.slipped_on, kind=SLIP, words=words, said=s.owner_words, more=more, slip=s.pk)


def _edits(milestone: Milestone, today: date) -> Iterator[Entry]:
    """What no row of its own keeps: from the history of the milestone itself."""
    district = milestone.district
    records = list(milestone.history.select_related("history_user").order_by("history_date", "history_id"))
    if records and records[0].history_type == "+":
        first = records[0]
        words = (
            _("Added after the plan was adopted, due %(day)s")
            if first.added_after_adoption
            else _("Added, due %(day)s")
        )
        yield _edit(first, words % {"day": day(first.due, today)}, district)
    for old, new in pairwise(records):
        if old.title != new.title:
            names = {"old": old.title or _("(the step’s name)"), "new": new.title or _("(the step’s name)")}
            yield _edit(new, _("Renamed from “%(old)s” to “%(new)s”") % names, district)
        if new.paused_until and old.paused_until != new.paused_until:
            words = _("Put on hold up to %(day)s") % {"day": day(new.paused_until, today)}
            yield _edit(new, words, district, said=new.pause_reason)
        if old.paused_until and not new.paused_until and not new.dropped_on:
            yield _edit(new, _("Taken up again"), district)
        if new.dropped_on and not old.dropped_on:
            yield _edit(new, _("Dropped"), district, said=new.drop_reason)
        if old.dropped_on and not new.dropped_on:
            yield _edit(new, _("Taken back into the plan"), district)
        if bool(old.archived_on) != bool(new.archived_on):
            yield _edit(new, _("Archived") if new.archived_on else _("Brought back"), district)


def _edit(record, words: str, district, *, said: str = "") -> Entry:
    on = record.dropped_on if said and record.dropped_on else district.today(record.history_date)
    return Entry(
        on=on, at=record.history_date, kind=MADE, words=words, said=said, more=who(record.history_user)
    )
