"""Why a milestone shows the word that it shows: the rule of status.py that decided it, in words, with the facts it used."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from milestones.models import DateMove, Milestone
from milestones.models.checkin import HowSure, Reason, Says
from milestones.status import GRACE_DAYS, MOVES_WINDOW_DAYS, OFF_TRACK_DAYS, SOON_DAYS, Word
from stakeholders.templatetags.parts import ago, day, due_words, length_words, weeks_between


def why(milestone: Milestone, *, today: date) -> str:
    """Return why `milestone` shows its word on `today`, in a sentence or two.

    Needs the annotations of `with_word` and makes no query.
    """
    return _WORDS[milestone.word_shown](milestone, today)


def disagreement(milestone: Milestone, *, today: date) -> str:
    """Return what stands against the owner's "on track", or nothing. Both are shown; neither is melted into the other."""
    if milestone.says != Says.ON_TRACK or milestone.done_on or milestone.dropped_on:
        return ""
    if milestone.has_slipped(today=today):
        return _("Owner says on track, dates say late")
    if milestone.moved_lately:
        return _("Owner says on track, the date moved twice in %(days)s days") % {"days": MOVES_WINDOW_DAYS}
    return ""


def moves_in_words(moves: Iterable[DateMove]) -> str:
    """Return "+6 weeks (a vendor or delivery), 1 week early (a decision)" for moves that were agreed."""
    return ", ".join(
        _("%(size)s (%(reason)s)")
        % {"size": weeks_between(m.from_due, m.to_due), "reason": lower_first(Reason(m.reason).label)}
        for m in moves
    )


def nth_move(number: int) -> str:
    """Return "the third move" for 3."""
    names = [
        _("the first move"),
        _("the second move"),
        _("the third move"),
        _("the fourth move"),
        _("the fifth move"),
        _("the sixth move"),
    ]
    return names[number - 1] if number <= len(names) else _("move number %(n)d") % {"n": number}


def after_first(milestone: Milestone, on: date | None) -> str:
    """Return how far `on` lies from the first date: "19 weeks after its first date"; nothing before adoption."""
    first = milestone.first_due
    if not first or not on:
        return ""
    if on == first:
        return _("on its first date")
    words = _("%(size)s after its first date") if on > first else _("%(size)s before its first date")
    return words % {"size": length_words(abs((on - first).days))}


def first_date_in_words(milestone: Milestone, *, today: date) -> str:
    """Return "First date Jan 15: +19 weeks."; how far off is left out while a missed date has no new one."""
    if not milestone.first_due:
        return _("The plan is a draft: there is no first date yet.")
    names = {"day": day(milestone.first_due, today)}
    if milestone.expected_on < today and not milestone.done_on:
        return _("First date %(day)s.") % names
    size = weeks_between(milestone.first_due, milestone.expected_on)
    return _("First date %(day)s: %(size)s.") % {**names, "size": size}


def lower_first(label: object) -> str:
    """Return a label as it stands inside a sentence."""
    text = str(label)
    return text[:1].lower() + text[1:]


def _complete(m: Milestone, today: date) -> str:
    days = (m.done_on - m.due).days
    size = length_words(abs(days))
    if days > 0:
        return _("Done %(day)s, %(size)s after it was due.") % {"day": day(m.done_on, today), "size": size}
    if days < 0:
        return _("Done %(day)s, %(size)s early.") % {"day": day(m.done_on, today), "size": size}
    return _("Done %(day)s, on its date.") % {"day": day(m.done_on, today)}


def _dropped(m: Milestone, today: date) -> str:
    return _("Dropped %(day)s: %(reason)s") % {"day": day(m.dropped_on, today), "reason": m.drop_reason}


def _paused(m: Milestone, today: date) -> str:
    return _("On hold up to %(day)s: %(reason)s") % {
        "day": day(m.paused_until, today),
        "reason": m.pause_reason,
    }


def _slipped(m: Milestone, today: date) -> str:
    names = {"when": ago(m.due, today)}
    if m.expected and m.expected > m.due:
        names["expected"] = day(m.expected, today)
        if size := after_first(m, m.expected):
            return _("Was due %(when)s; now expected %(expected)s, %(size)s.") % {**names, "size": size}
        return _("Was due %(when)s; now expected %(expected)s.") % names
    return _("Was due %(when)s, is not done, and has no new date yet.") % names


def _blocked(m: Milestone, today: date) -> str:
    return _("Something that is on record stops it; %(due)s.") % {"due": due_words(m.due, today)}


def _off_track(m: Milestone, today: date) -> str:
    days = (m.expected - m.due).days if m.expected else 0
    names = {"expected": day(m.expected, today), "due": day(m.due, today), "limit": OFF_TRACK_DAYS}
    if days > OFF_TRACK_DAYS:
        size = length_words(days)
        return _(
            "Expected %(expected)s, %(size)s after it is due (%(due)s); more than %(limit)s days is off track."
        ) % {
            **names,
            "size": size,
        }
    if days > 0:
        return _("Its owner calls it off track: due %(due)s, expected %(expected)s.") % names
    return _("Its owner calls it off track; due %(due)s.") % names


def _at_risk(m: Milestone, today: date) -> str:
    due = day(m.due, today)
    reasons = []
    if m.says == Says.AT_RISK:
        reasons.append(_("Its owner sees a risk; due %(due)s.") % {"due": due})
    if m.expected and m.expected > m.due:
        size = length_words((m.expected - m.due).days)
        words = _("Expected %(expected)s, %(size)s after it is due (%(due)s).")
        reasons.append(words % {"expected": day(m.expected, today), "size": size, "due": due})
    if m.slowed:
        reasons.append(_("Something that is on record slows it; due %(due)s.") % {"due": due})
    if m.moved_lately:
        words = _("Its date moved twice or more in %(days)s days; due %(due)s.")
        reasons.append(words % {"days": MOVES_WINDOW_DAYS, "due": due})
    if m.how_sure == HowSure.NOT and (m.due - today).days <= SOON_DAYS:
        reasons.append(_("Due %(due)s, and its owner is not sure of the date.") % {"due": due})
    return " ".join(reasons)


def _no_recent_update(m: Milestone, today: date) -> str:
    return _(
        "Last confirmed %(when)s. Its owner was asked %(asked)s, and %(grace)s days of grace are over."
    ) % {
        "when": ago(m.confirmed_on, today),
        "asked": day(m.told_on, today),
        "grace": GRACE_DAYS,
    }


def _on_track(m: Milestone, today: date) -> str:
    return _("Its owner confirmed it %(when)s, and nothing speaks against %(due)s.") % {
        "when": ago(m.confirmed_on, today),
        "due": day(m.due, today),
    }


def _not_started(m: Milestone, today: date) -> str:
    return _("Its step starts later; due %(due)s.") % {"due": day(m.due, today)}


def _awaiting(m: Milestone, today: date) -> str:
    return _("It has started, and nobody has said yet how it goes; %(due)s.") % {
        "due": due_words(m.due, today)
    }


_WORDS = {
    Word.COMPLETE: _complete,
    Word.DROPPED: _dropped,
    Word.PAUSED: _paused,
    Word.SLIPPED: _slipped,
    Word.BLOCKED: _blocked,
    Word.OFF_TRACK: _off_track,
    Word.AT_RISK: _at_risk,
    Word.NO_RECENT_UPDATE: _no_recent_update,
    Word.ON_TRACK: _on_track,
    Word.NOT_STARTED: _not_started,
    Word.AWAITING: _awaiting,
}
