"""Small words for pages: dates as people say them, and the pill of a status. Built in: no `{% load %}` needed.

Every word about a date takes the page's `today`, the district's own; nothing here reads a clock.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

register = template.Library()

NEAR_DAYS = 92  # nearer than this a month and a day cannot be mistaken for another year's
WEEKDAY_DAYS = 14
# A distance is told in days up to here, in weeks up to a year; beyond that the date says it all.
IN_DAYS = 60
IN_WEEKS = 365


@register.filter
def day(value: date | None, today: date | None) -> str:
    """Return "Nov 12", with the year when it lies in another school year and is not near `today` (or there is none)."""
    if not value:
        return ""
    if today and (abs((value - today).days) <= NEAR_DAYS or _school_year(value) == _school_year(today)):
        return date_format(value, pgettext("day without year", "M j"))
    return date_format(value, pgettext("day with year", "M j, Y"))


@register.filter
def ago(value: date | None, today: date) -> str:
    """Return "Nov 12 (5 days ago)", and for the coming two weeks with the weekday: "Thu, Nov 26 (in 9 days)"."""
    if not value:
        return ""
    days = (value - today).days
    words = day(value, today)
    if 0 < days <= WEEKDAY_DAYS:
        words = date_format(value, pgettext("weekday and day", "D, M j"))
    distance = distance_words(days)
    return _("%(day)s (%(distance)s)") % {"day": words, "distance": distance} if distance else words


@register.filter
def due_words(value: date | None, today: date) -> str:
    """Return "due Dec 4" or "was due Nov 12 (5 days ago)"; the day itself is not late."""
    if not value:
        return _("no due date")
    if value < today:
        return _("was due %(when)s") % {"when": ago(value, today)}
    return _("due %(when)s") % {"when": ago(value, today)}


@register.filter
def weeks_between(first: date | None, last: date | None) -> str:
    """Return how far `last` lies from `first`: "+19 weeks", "+3 days", "2 weeks early", "on its date"."""
    if not first or not last:
        return ""
    days = (last - first).days
    if not days:
        return _("on its date")
    words = length_words(abs(days))
    return _("+%(size)s") % {"size": words} if days > 0 else _("%(size)s early") % {"size": words}


@register.filter
def length_words(days: int) -> str:
    """Return a stretch of time: "3 days", "19 weeks"."""
    if days < WEEKDAY_DAYS:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    weeks = round(days / 7)
    return ngettext("%(n)d week", "%(n)d weeks", weeks) % {"n": weeks}


@register.filter
def times_moved(count: int | None) -> str:
    """Return "never", "once" or "3 times"."""
    if not count:
        return _("never")
    return _("once") if count == 1 else _("%(count)d times") % {"count": count}


@register.filter
def distance_words(days: int) -> str:
    """Return a distance from today in words: "5 days ago", "in 12 weeks"; nothing beyond a year."""
    size = abs(days)
    if days == 0:
        return _("today")
    if size == 1:
        return _("tomorrow") if days > 0 else _("yesterday")
    if size > IN_WEEKS:
        return ""
    if size <= IN_DAYS:
        ahead, behind = (
            ngettext("in %(n)d day", "in %(n)d days", size),
            ngettext("%(n)d day ago", "%(n)d days ago", size),
        )
    else:
        size = round(size / 7)
        ahead, behind = (
            ngettext("in %(n)d week", "in %(n)d weeks", size),
            ngettext("%(n)d week ago", "%(n)d weeks ago", size),
        )
    return (ahead if days > 0 else behind) % {"n": size}


@register.simple_tag
def pill(status, words: str = "") -> SafeString:
    """Return the pill of a status word: an enum member whose value is the slug of its class in static/css/status.css.

    The markup is one element with the word in it; shape and colour are the style sheet's, so that a PDF tags the word only.
    """
    return _pill(status.value, words) if words else _pill_of(status, get_language())


@lru_cache(maxsize=256)
def _pill_of(status, language: str) -> SafeString:
    """Return the pill with its own label; a page shows dozens, and looks each label up once in a language."""
    return _pill(status.value, str(status.label))


def _pill(slug: str, words: str) -> SafeString:
    return format_html('<span class="pill pill--{}">{}</span>', slug, words)


def _school_year(value: date) -> int:
    """Return the year in which the school year of `value` ends; one runs from July to June."""
    return value.year + (value.month > 6)


# --- the school calendar ----------------------------------------------------------------------------

COMING_SHOWN = 6


def school_year_of(day: date) -> int:
    """Return the year in which the school year of `day` ends; it begins in July."""
    return _school_year(day)


@register.filter
def school_year(ends: int) -> str:
    """Return "2026–27" for the school year that ends in 2027."""
    return f"{ends - 1}–{ends % 100:02d}"


@register.filter
def days_to(first: date, last: date) -> str:
    """Return "Nov 25, 2026", "Nov 25–27, 2026", "Nov 30 – Dec 4, 2026" or with both years."""
    with_year = pgettext("day with year", "M j, Y")
    if first == last:
        return date_format(first, with_year)
    if (first.year, first.month) == (last.year, last.month):
        return f"{date_format(first, 'M j')}–{date_format(last, 'j, Y')}"
    begins = date_format(first, "M j" if first.year == last.year else with_year)
    return f"{begins} – {date_format(last, with_year)}"


@register.filter
def in_calendar(value: date | None, calendar: Any) -> str:
    """Return "in Winter break" for a day that the school calendar knows, else nothing."""
    found = calendar.on(value) if value and calendar else []
    if not found:
        return ""
    titles = [Truncator(entry.title).chars(60) for entry in found[:2]]
    return _("in %(what)s") % {"what": ", ".join(titles)}


@register.filter
def coming(calendar: Any, today: date) -> list:
    """Return the entries of the school calendar that come next, today's among them."""
    return [entry for entry in calendar.entries if entry.last_day >= today][:COMING_SHOWN]
