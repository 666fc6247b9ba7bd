"""Sentences about one milestone or initiative, for documents that name no owner.

Where one person leads everything a role is a name, so these speak of "those who lead it". What they said stands
beside each slip, in their own words.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from milestones import status
from milestones.models.checkin import HowSure, Reason
from milestones.status import Word
from reports.as_of import InitiativeStood, Stood
from reports.charts import shorten
from stakeholders.templatetags.parts import weeks_between

A_FEW = 3


def day(when: date) -> str:
    return date_format(when, "M j, Y")


def length_in_words(days: int) -> str:
    """Return a length of time as it is said in a sentence: days up to two weeks, then weeks."""
    if days < 14:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    weeks = round(days / 7)
    return ngettext("%(n)s week", "%(n)s weeks", weeks) % {"n": weeks}


def when_in_words(at: InitiativeStood, as_of: date) -> tuple[str, str]:
    """Return the date on which an initiative is expected, with how firm it is, and its distance from the first date."""
    if at.expected_on is None:
        return (_("comes back every year") if at.live else _("no dates yet")), ""
    last = at.last_open
    decides = last is not None and last.expected_on == at.expected_on
    names = {"day": day(at.expected_on)}
    if decides and last.word == Word.SLIPPED and at.expected_on < as_of:
        return _("was due %(day)s, no new date yet") % names, _("not known")
    if decides and last.word == Word.NO_RECENT_UPDATE:
        return _("%(day)s, not confirmed") % names, _("not known")
    change = weeks_between(at.first, at.expected_on)
    return (_("done %(day)s") % names if at.done_on else names["day"]), change


def now_and_change(m: Stood, as_of: date) -> tuple[str, str]:
    """Return the day on which a milestone was done or is expected, and its distance from the first date."""
    if m.is_open and m.expected_on < as_of:
        return _("no new date yet"), _("not known")
    return day(m.expected_on), weeks_between(m.first, m.expected_on)


def we_said(at: InitiativeStood) -> str:
    """Say what was promised: why it matters, how many milestones, and the first date of the last one."""
    why_it_matters = shorten(at.row.why, 220)
    if not at.live:
        return why_it_matters or _("Nothing with a date so far.")
    count = len(at.live)
    promise = ngettext(
        "%(n)s milestone, by %(day)s.", "%(n)s milestones, the last one by %(day)s.", count
    ) % {"n": count, "day": day(at.first or max(m.due for m in at.live))}
    return f"{why_it_matters} {promise}".strip()


def our_reading(at: InitiativeStood, troubled: Sequence[str]) -> list[str]:
    """Say how the initiative stands; `troubled` says why something needs attention, the worst first, of which a few do."""
    if not at.live:
        return [_("There is nothing to judge by yet.")]
    if at.done_on:
        return [_("The work is finished.")]
    if troubled:
        more = len(troubled) - A_FEW
        rest = ngettext("%(n)s more needs attention.", "%(n)s more need attention.", more) % {"n": more}
        return [*troubled[:A_FEW], *([rest] if more > 0 else [])]
    reasons = {
        Word.ON_TRACK: _("Its open milestones are confirmed, and nothing speaks against their dates."),
        Word.AWAITING: _("A first check-in is awaited for at least one milestone."),
        Word.NOT_STARTED: _("Its work starts later."),
        Word.NO_RECENT_UPDATE: _("We have no recent update, which is not the same as on track."),
        Word.PAUSED: _("It is on hold for now."),
    }
    return [reasons[at.word]] if at.word in reasons else []


def why(m: Stood, as_of: date) -> str:
    """Say why a milestone needs attention, with the facts that its word was decided by."""
    names = {"name": m.name, "due": day(m.due), "now": day(m.expected_on)}
    if m.word == Word.SLIPPED:
        names["ago"] = length_in_words((as_of - m.due).days)
        if m.expected_on > as_of:
            return _("“%(name)s” was due %(due)s (%(ago)s ago) and is now expected %(now)s.") % names
        return _("“%(name)s” was due %(due)s (%(ago)s ago) and has no new date yet.") % names
    if m.word == Word.BLOCKED:
        return _("“%(name)s”, due %(due)s, is stopped by something that has to be removed first.") % names
    if m.expected_on > m.due:
        return _("“%(name)s” is due %(due)s and now expected %(now)s.") % names
    if m.word == Word.OFF_TRACK:
        return _("“%(name)s”, due %(due)s, is off track in the words of those who lead it.") % names
    if m.says_risk:
        return _("“%(name)s”, due %(due)s, is at risk in the words of those who lead it.") % names
    if m.how_sure == HowSure.NOT:
        return _("“%(name)s” is due %(due)s, and those who lead it are not sure of that date.") % names
    return _("“%(name)s” is due %(due)s; its date has moved twice within three months.") % names


def quotes(milestones: Iterable[Stood]) -> list[str]:
    """Return what those who lead the work say: their reply to a slip, else the words of their last check-in."""
    said = []
    for m in milestones:
        if m.reply:
            said.append(f"“{shorten(m.reply, 240)}”")
        elif m.said:
            said.append(_("“%(words)s” (%(day)s)") % {"words": shorten(m.said, 240), "day": day(m.said_on)})
    return said[:2]


def next_lines(open_now: Iterable[Stood], as_of: date) -> list[str]:
    """Say what comes next: dates to agree on, then the next few milestones."""
    coming = sorted(open_now, key=lambda m: (m.expected_on, m.name))
    late = Counter(m.words if m.building else m.name for m in coming if m.expected_on < as_of)
    lines = [_("Agree on a new date for “%(name)s”.") % {"name": in_buildings(*one)} for one in late.items()][
        :A_FEW
    ]
    ahead = Counter(
        (m.expected_on, m.words if m.building else m.name) for m in coming if m.expected_on >= as_of
    )
    lines += [f"{day(on)}: {in_buildings(name, n)}" for (on, name), n in ahead.items()][:A_FEW]
    return lines or [_("Nothing is left to do here.")]


def in_buildings(name: str, count: int) -> str:
    """Return a name, with how many buildings stand behind it when there are several."""
    if count == 1:
        return name
    return ngettext("%(name)s (%(n)d building)", "%(name)s (%(n)d buildings)", count) % {
        "name": name,
        "n": count,
    }


def done_line(m: Stood) -> str:
    names = {"name": m.name, "day": day(m.done_on), "change": weeks_between(m.first, m.expected_on)}
    return (_("%(name)s: done %(day)s (%(change)s).") if m.first else _("%(name)s: done %(day)s.")) % names


def row_note(m: Stood, as_of: date) -> str:
    """Return the line under a milestone in the appendix, or ""."""
    if m.done_on:
        return _("Evidence: %(words)s") % {"words": shorten(m.evidence, 110)} if m.evidence else ""
    if m.dropped_on:
        return _("Dropped %(day)s: %(why)s") % {"day": day(m.dropped_on), "why": shorten(m.drop_reason, 110)}
    if m.word == Word.PAUSED:
        return _("On hold to %(day)s: %(why)s") % {
            "day": day(m.paused_until),
            "why": shorten(m.pause_reason, 110),
        }
    if m.word == Word.SLIPPED:
        return _("Was due %(day)s (%(ago)s ago).") % {
            "day": day(m.due),
            "ago": length_in_words((as_of - m.due).days),
        }
    return ""


def move_reasons(m: Stood) -> str:
    """Return why a date moved: what it waited for, once each, and the last words that were given."""
    reasons = [move["reason"] for move in m.moves]
    if m.is_open and m.expected_on != m.due and m.reason:
        reasons.append(m.reason)
    words = next((move["words"] for move in reversed(m.moves) if move["words"]), "")
    labels = "; ".join(dict.fromkeys(str(Reason(reason).label) for reason in reasons))
    return f"{labels}. “{shorten(words, 160)}”" if words else labels


def approvals(m: Stood) -> str:
    """Return who agreed to the moves and when; a date that is only expected says so."""
    agreed: dict[str, list[str]] = {}
    for move in m.moves:
        agreed.setdefault(move["decided_by__name"], []).append(day(move["decided_on"]))
    lines = [f"{name}: {'; '.join(days)}" for name, days in agreed.items()]
    if m.is_open and m.expected_on != m.due:
        lines.append(_("not agreed yet"))
    return "; ".join(lines)


def need(word: str | None, number: int) -> tuple[int, int]:
    """Sort by how much attention a word asks for, then as in the plan."""
    order = [known.value for known in status.WORST_FIRST]
    return (order.index(word) if word in order else len(order)), number
