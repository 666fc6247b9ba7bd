"""What the report to the board says: numbers and sentences about a plan as it stood on a day.

Plain values only, so that a report can be frozen as JSON and compared with the next one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from milestones import status
from milestones.status import Word
from reports import wording
from reports.as_of import InitiativeStood, PlanStood, Stood
from reports.charts import MOST_LINES, shorten
from reports.lines import Moved, Pill, Row, done_of, moved_of, row_of, together, why_of, words_of
from reports.wording import A_FEW, day, length_in_words

ON_PAGE_ONE = 8
MOST_ROWS, MOST_MOVED = 2500, 500  # about 180 pages, which fit the child's memory; what is left out is said
LATELY_DAYS = 90  # "lately" for the first report, which has none to look back to


@dataclass(frozen=True)
class Done:
    words: str
    evidence: str
    link: str


@dataclass(frozen=True)
class InitiativeSays:
    id: int
    number: int
    title: str
    short: str
    shorter: str
    pill: Pill | None
    note: str
    first: date | None
    now: date | None
    now_words: str
    change: str
    times_moved: int
    we_said: str
    counted: str
    done: list[Done]
    more_done: str
    reading: list[str]
    quotes: list[str]
    next: list[str]
    moved: list[Moved]
    rows: list[Row]
    held: list[date | None]
    done_on: date | None

    @property
    def word(self) -> str | None:
        return self.pill.value if self.pill else None


@dataclass(frozen=True)
class GoalSays:
    title: str
    initiatives: list[InitiativeSays]


@dataclass(frozen=True)
class Content:
    """Everything that a board report says."""

    plan: str
    as_of: date
    since: date
    adopted_on: date | None
    sentence: str
    finding: str
    goals: list[GoalSays]
    page_one: list[int]
    charted: list[int]
    days: list[date]
    words: list[tuple[Pill, str]]
    left_out: int
    moved_left_out: int
    changes: list[str] = field(default_factory=list)

    def frozen(self) -> dict:
        """Return all of it as plain values, for `Report.facts`."""
        return asdict(self)

    @property
    def initiatives(self) -> list[InitiativeSays]:
        return [i for goal in self.goals for i in goal.initiatives]

    @property
    def first_page(self) -> list[InitiativeSays]:
        return [i for i in self.initiatives if i.number in self.page_one]

    @property
    def in_chart(self) -> list[InitiativeSays]:
        return [i for i in self.initiatives if i.number in self.charted]

    @property
    def moved(self) -> list[InitiativeSays]:
        return [i for i in self.initiatives if i.moved]

    @property
    def words_used(self) -> list[tuple[Pill, str]]:
        """The words that page 1 shows, with what they mean."""
        shown = {i.word for i in self.first_page}
        return [(pill, meaning) for pill, meaning in self.words if pill.value in shown]

    @property
    def numbers(self) -> list[tuple[date, list[tuple[InitiativeSays, date | None]]]]:
        """The numbers behind the chart: a day of report, and what each initiative in it expected then."""
        drawn = [i for i in self.in_chart if i.held]
        return [(when, [(i, i.held[n]) for i in drawn]) for n, when in enumerate(self.days)] if drawn else []


def board_content(stood: PlanStood, *, before: dict | None = None) -> Content:
    """Put the plan's facts into words. `before`: the facts of the report before this one, as they were frozen."""
    since = date.fromisoformat(before["as_of"]) if before else stood.as_of - timedelta(days=LATELY_DAYS)
    goals: dict[int, GoalSays] = {}
    said = [_initiative(at, as_of=stood.as_of, since=since) for at in stood.initiatives]
    rows, moved = sum(len(one.rows) for one in said), sum(len(one.moved) for one in said)
    said = _cut(said)
    for at, one in zip(stood.initiatives, said, strict=True):
        goals.setdefault(at.row.goal_id, GoalSays(at.row.goal.title, [])).initiatives.append(one)
    neediest = sorted(said, key=lambda i: wording.need(i.word, i.number))
    return Content(
        plan=stood.plan.title,
        as_of=stood.as_of,
        since=since,
        adopted_on=stood.plan.adopted_on,
        sentence=_sentence(neediest, adopted=stood.plan.adopted_on is not None),
        finding=_finding(said),
        goals=list(goals.values()),
        page_one=sorted(i.number for i in neediest[:ON_PAGE_ONE]),
        charted=sorted(i.number for i in [i for i in neediest if any(i.held)][:MOST_LINES]),
        days=stood.days,
        words=[(Pill.of(word), str(status.MEANING[word])) for word in Word],
        left_out=max(0, rows - MOST_ROWS),
        moved_left_out=max(0, moved - MOST_MOVED),
        changes=_changes(said, before) if before else [],
    )


def _cut(said: Sequence[InitiativeSays]) -> list[InitiativeSays]:
    """Keep the first rows of both long tables, as many as a document can hold."""
    rows, moved, kept = MOST_ROWS, MOST_MOVED, []
    for one in said:
        kept.append(replace(one, rows=one.rows[:rows], moved=one.moved[:moved]))
        rows, moved = rows - len(kept[-1].rows), moved - len(kept[-1].moved)
    return kept


def _sentence(neediest: Sequence[InitiativeSays], *, adopted: bool) -> str:
    """Say in one or two plain sentences where the plan stands."""
    total = len(neediest)
    if not total:
        return _("This plan has no initiatives yet.")
    needy = [i for i in neediest if i.word in status.NEEDS_ATTENTION]
    if needy:
        names = [f"{i.short} ({i.pill.label.lower()})" for i in needy[:A_FEW]] + (
            ["…"] if len(needy) > A_FEW else []
        )
        first = ngettext(
            "%(n)s of %(total)s initiative needs attention: %(names)s.",
            "%(n)s of %(total)s initiatives need attention: %(names)s.",
            total,
        ) % {"n": len(needy), "total": total, "names": "; ".join(names)}
    else:
        first = ngettext(
            "The plan's one initiative needs no attention today.",
            "None of the %(total)s initiatives needs attention today.",
            total,
        ) % {"total": total}
    return f"{first} {_second_sentence(neediest, adopted=adopted)}".strip()


def _second_sentence(said: Sequence[InitiativeSays], *, adopted: bool) -> str:
    if not adopted:
        return _("The plan has not been adopted yet, so no date has been promised.")
    dated = [i for i in said if i.first and i.now]
    farthest = max(dated, key=lambda i: i.now - i.first, default=None)
    if farthest and farthest.now > farthest.first:
        names = {
            "name": farthest.short,
            "day": day(farthest.now),
            "length": length_in_words((farthest.now - farthest.first).days),
        }
        if farthest.done_on:
            return _("%(name)s was finished on %(day)s, %(length)s after its first date.") % names
        return _("%(name)s is now expected on %(day)s, %(length)s after its first date.") % names
    return _("Every date stands as first promised, or earlier.") if dated else ""


def _finding(said: Sequence[InitiativeSays]) -> str:
    """Say what the chart shows."""
    dated = [i for i in said if i.first and i.now]
    if not dated:
        return _("No first dates have been set yet.")
    held = sum(1 for i in dated if i.now <= i.first)
    return ngettext(
        "%(held)s of %(total)s initiative holds its first date.",
        "%(held)s of %(total)s initiatives hold their first date.",
        len(dated),
    ) % {"held": held, "total": len(dated)}


def _changes(said: Sequence[InitiativeSays], before: dict) -> list[str]:
    """Say what is different from the report before: words, expected dates, what was finished, added and dropped."""
    then = {i["id"]: i for goal in before["goals"] for i in goal["initiatives"]}
    lines = []
    for one in said:
        old = then.get(one.id)
        if old is None:
            lines.append(_("%(name)s is new.") % {"name": one.short})
            continue
        old_label = (old["pill"] or {}).get("label", "")
        if one.pill and old_label and one.pill.label != old_label:
            names = {"name": one.short, "old": old_label.lower(), "new": one.pill.label.lower()}
            lines.append(_("%(name)s: from %(old)s to %(new)s.") % names)
        if one.now and old["now"] and one.now.isoformat() != old["now"]:
            names = {"name": one.short, "old": day(date.fromisoformat(old["now"])), "new": day(one.now)}
            lines.append(_("%(name)s: expected %(new)s; it was %(old)s.") % names)
    lines += [
        _("%(name)s is no longer in the plan.") % {"name": old["short"]}
        for key, old in then.items()
        if key not in {one.id for one in said}
    ]
    return lines + _counted_changes(said, then)


def _counted_changes(said: Sequence[InitiativeSays], then: dict) -> list[str]:
    old = words_of(row for i in then.values() for row in i["rows"])
    new = words_of(asdict(row) for i in said for row in i.rows)
    finished = sum(
        1 for key, word in new.items() if word == Word.COMPLETE and old.get(key, "") != Word.COMPLETE
    )
    slipped = sum(1 for key, word in new.items() if word == Word.SLIPPED and old.get(key, "") != Word.SLIPPED)
    lines = []
    if finished:
        lines.append(
            ngettext("%(n)s milestone was finished.", "%(n)s milestones were finished.", finished)
            % {"n": finished}
        )
    if slipped:
        lines.append(
            ngettext("%(n)s milestone slipped.", "%(n)s milestones slipped.", slipped) % {"n": slipped}
        )
    return lines


def _initiative(at: InitiativeStood, *, as_of: date, since: date) -> InitiativeSays:
    live, open_now = at.live, [m for m in at.live if m.is_open]
    troubled = sorted(
        (m for m in open_now if m.word in status.NEEDS_ATTENTION),
        key=lambda m: wording.need(m.word, m.due.toordinal()),
    )
    done = sorted((m for m in live if m.done_on), key=lambda m: m.done_on, reverse=True)
    lately = together(m for m in done if m.done_on > since)
    more = len(lately) - A_FEW
    now_words, change = wording.when_in_words(at, as_of)
    counted = ngettext(
        "%(done)s of %(n)s milestone is done.", "%(done)s of %(n)s milestones are done.", len(live)
    ) % {"done": len(done), "n": len(live)}
    return InitiativeSays(
        id=at.row.pk,
        number=at.number,
        title=at.row.title,
        short=shorten(at.row.title, 60),
        shorter=shorten(at.row.title, 32),
        pill=Pill.of(at.word) if at.word else None,
        note=shorten(at.row.summary, 80) or counted,
        first=at.first,
        now=at.expected_on,
        now_words=now_words,
        change=change,
        times_moved=at.times_moved,
        we_said=wording.we_said(at),
        counted=counted,
        done=[Done(done_of(some), *_evidence(some)) for some in lately[:A_FEW]],
        more_done=ngettext(
            "%(n)s more since %(day)s: see the appendix.", "%(n)s more since %(day)s: see the appendix.", more
        )
        % {"n": more, "day": day(since)}
        if more > 0
        else "",
        reading=_our_reading(at, troubled, as_of),
        quotes=wording.quotes(troubled or open_now),
        next=wording.next_lines(open_now, as_of),
        moved=[moved_of(some, as_of) for some in together(m for m in live if m.moves or m.is_later)],
        rows=[row_of(some, as_of) for some in together(at.milestones)],
        held=[expected for _day, expected in at.held],
        done_on=at.done_on,
    )


def _evidence(some: Sequence[Stood]) -> tuple[str, str]:
    """Return what shows it, and a link; of several buildings each has its own, on the web."""
    return (some[0].evidence, some[0].evidence_link) if len(some) == 1 else ("", "")


def _our_reading(at: InitiativeStood, troubled: Sequence[Stood], as_of: date) -> list[str]:
    return wording.our_reading(at, [why_of(some, as_of) for some in together(troubled)])
