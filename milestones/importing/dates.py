"""When: what a timeline cell promises, as due dates.

A period ends on its last day: a month, Fall on December 31, Spring on May 31, Summer on August 31, a school or
fiscal year on the last day of the district's fiscal year. What does not say which day it means ("Winter",
"Fall" without a year, "03/04/2012" in a column that writes the day first) is asked back, never guessed.
"""

import calendar
import datetime
import re
from dataclasses import dataclass, field
from itertools import pairwise

from milestones.importing.tokens import (
    AFTER,
    DATE,
    DAY_OF_YEAR,
    EARLY,
    END_WORD,
    FISCAL,
    LIST,
    MONTH,
    MONTH_OF_YEAR,
    OFTEN,
    ONGOING,
    PLAN_YEAR,
    QUARTER,
    RANGE,
    REPEATS,
    SCHOOL_YEAR,
    SEASON,
    SEASON_OF_YEAR,
    START_WORD,
    UNCERTAIN,
    VAGUE,
    WORD,
    YEAR,
    YEARS,
    Token,
    tokens_of,
)  # fmt: skip
from stakeholders.files.shapes import LONG

SEASON_END = {"fall": (12, 31), "spring": (5, 31), "summer": (8, 31)}
ONE_TIME, RECURRING, ALWAYS = "one-time", "recurring", "ongoing"


@dataclass(frozen=True, slots=True)
class PlanTime:
    """The district's year and, when they are known, the first and last day of the plan."""

    first_month: int = 7
    starts: datetime.date | None = None
    ends: datetime.date | None = None

    def year_end(self, year):
        """The last day of the fiscal year that ends in `year`: June 30 where it begins in July."""
        month = (self.first_month - 2) % 12 + 1
        return last_day(year, month)

    def school_year_end(self, first):
        """The last day of the fiscal year that is called by `first` and the year after, "2011-2012"."""
        return self.year_end(first + 1)

    @property
    def known(self):
        return self.starts is not None and self.ends is not None and self.starts <= self.ends

    def year_ends(self):
        """The last day of each plan year: of each fiscal year in the plan, and of the plan itself."""
        days, year = [], self.starts.year
        while (day := self.year_end(year)) < self.ends:
            if day >= self.starts:
                days.append(day)
            year += 1
        return [*days, self.ends]

    def each_year(self, month, day):
        """One day a plan year, for "by March 30 of each year"."""
        years = range(self.starts.year, self.ends.year + 1)
        days = (datetime.date(year, month, min(day, last_day(year, month).day)) for year in years)
        return [one for one in days if self.starts <= one <= self.ends]


@dataclass(slots=True)
class When:
    kind: str = ONE_TIME
    due: list[datetime.date] = field(default_factory=list)
    missing: str = ""  # "date" or "plan dates"
    notes: list[str] = field(default_factory=list)
    review: datetime.date | None = None  # the last date that an ongoing cell names


def last_day(year, month):
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


def is_when(text):
    """Is this cell a time and nothing else? Used to recognise a column, so it is strict about other words."""
    if not text or len(text) > 60:
        return False
    found = tokens_of(text)
    strange = sum(1 for token in found if token.kind == WORD)
    return bool(found) and strange == 0 and any(token.kind not in (LIST, RANGE, WORD) for token in found)


def read_when(text, time, *, day_first=False, epoch_1904=False):
    """What a timeline cell promises. `time` is the district's PlanTime."""
    text = " ".join(text.split())
    if not text:
        return When(missing="date")
    if len(text) > LONG:
        return When(missing="date", notes=["The cell for the date holds a whole text"])
    serial = _serial_date(text, epoch_1904)
    if serial:
        return When(due=[serial], notes=[f"“{text}” is read as the spreadsheet date {serial.isoformat()}"])
    found = tokens_of(text, day_first=day_first)
    answer = _ongoing(found, time) or _repeating(found, time, text) or _dated(found, time, text)
    answer.due = sorted(set(answer.due))
    if answer.kind == ONE_TIME and _year_apart(answer.due):
        answer.kind = RECURRING
    return answer


def _serial_date(text, epoch_1904):
    if not re.fullmatch(r"\d{5}(\.0+)?", text):
        return None
    days = int(float(text))
    if not 20_000 <= days <= 73_000:
        return None
    first = datetime.date(1904, 1, 1) if epoch_1904 else datetime.date(1899, 12, 30)
    return first + datetime.timedelta(days=days)


def _year_apart(days):
    same = all(later.year == day.year + 1 and later.month == day.month for day, later in pairwise(days))
    return len(days) > 1 and same


def _ongoing(found, time):
    """ "Ongoing" wins over any date beside it: an ongoing step cannot slip. The last date becomes its review date."""
    if not any(token.kind == ONGOING for token in found):
        return None
    dated = _dated([token for token in found if token.kind not in (ONGOING, REPEATS, OFTEN)], time, "")
    return When(kind=ALWAYS, review=max(dated.due, default=None))


def _repeating(found, time, text):
    """Something that comes back each year: one day a plan year, the year's end when no day is named."""
    if not any(token.kind in (REPEATS, OFTEN) for token in found):
        return None
    answer = When(kind=RECURRING)
    if any(token.kind == OFTEN for token in found):
        answer.notes.append(f"“{text}” comes more often than yearly; one milestone a plan year stands for it")
    for token in found:
        if token.kind == REPEATS and token.value == "asked":
            return When(kind=RECURRING, missing="date", notes=[f"“{text}” does not say in which years"])
    plain = [token for token in found if token.kind not in (REPEATS, OFTEN)]
    days = _yearly_days(plain)
    if days == "winter":
        return When(kind=RECURRING, missing="date", notes=["Winter does not say on which day it ends"])
    span = [token for token in plain if token.kind in (YEARS, SCHOOL_YEAR, FISCAL) and not days]
    explicit = _dated(plain, time, text) if not days and _has_date(plain) else None
    if span and not any(token.kind in (DATE, MONTH_OF_YEAR, SEASON_OF_YEAR) for token in plain):
        first, last = min(t.value[0] for t in span), max(t.value[1] for t in span)
        answer.due = [time.year_end(year) for year in range(first + 1, last + 1)]
        if span[0].kind == FISCAL:
            answer.due = [time.year_end(year) for year in range(first, last + 1)]
        return answer
    if explicit and explicit.due:
        return _from_explicit(answer, explicit, time)
    if not time.known:
        answer.missing = "plan dates"
        return answer
    if days:
        answer.due = [day for month, date in days for day in time.each_year(month, date)]
    else:
        answer.due = time.year_ends()
    if not answer.due:
        answer.missing = "date"
        answer.notes.append("The day does not come within the plan's dates")
    return answer


def _from_explicit(answer, explicit, time):
    """ "June 2012 and annually": that day, and the same day in the plan years after it."""
    first = min(explicit.due)
    if len(explicit.due) > 1 or not time.known:
        answer.due = explicit.due
        if len(explicit.due) == 1:
            answer.missing = "plan dates"
        return answer
    month_end = first == last_day(first.year, first.month)
    later = time.each_year(first.month, 31 if month_end else first.day)
    answer.due = [first, *(day for day in later if day > first)]
    return answer


def _has_date(found):
    return any(
        token.kind in (DATE, MONTH_OF_YEAR, SEASON_OF_YEAR, YEAR, YEARS, SCHOOL_YEAR, FISCAL)
        for token in found
    )


def _yearly_days(found):
    """(month, day) of what is named without a year."""
    days = []
    for token in found:
        if token.kind == DAY_OF_YEAR:
            days.append(token.value)
        elif token.kind == MONTH:
            days.append((token.value, 31))
        elif token.kind == SEASON:
            if token.value == "winter":
                return "winter"
            days.append(SEASON_END[token.value])
    ranges = any(token.kind == RANGE for token in found)
    return days[-1:] if ranges and len(days) > 1 else days


def _dated(found, time, text):
    """The days that a cell names. Parts that are joined by a dash or "to" are one period and end together."""
    answer = When()
    if any(token.kind == UNCERTAIN for token in found):
        token = next(token for token in found if token.kind == UNCERTAIN)
        return When(missing="date", notes=[token.value])
    started, after, early, last_range, starts = False, False, False, False, ""
    for token in _with_years(found):
        if token.kind == START_WORD:
            started = True
        elif token.kind == END_WORD:
            started = after = False
        elif token.kind == AFTER:
            after = True
        elif token.kind == EARLY:
            early = True
        elif token.kind == RANGE:
            last_range = True
            started = False
        elif token.kind == LIST:
            last_range = False
        elif token.kind in (WORD, VAGUE, ONGOING, REPEATS, OFTEN):
            continue
        else:
            day, problem = _day_of(token, time)
            if problem:
                answer.missing = answer.missing or ("plan dates" if problem == "plan dates" else "date")
                if problem != "plan dates":
                    answer.notes.append(problem)
            elif early and token.kind in (SCHOOL_YEAR, YEARS, FISCAL, YEAR, PLAN_YEAR):
                answer.missing = answer.missing or "date"
                answer.notes.append("The beginning of a year is no day")
            elif started:
                starts = f"“{token.text}” says when it starts, not when it is due"
            elif after and token.kind != DATE:
                answer.missing = answer.missing or "date"
                answer.notes.append(f"“{token.text}” does not say the last day")
            else:
                if last_range and answer.due:
                    answer.due.pop()
                answer.due.extend(day)
            last_range = early = started = after = False
    if sum(token.kind == PLAN_YEAR for token in found) > 1 and not any(
        token.kind == RANGE for token in found
    ):
        answer.kind = RECURRING
    if answer.due:
        answer.missing = ""
        if answer.notes:
            answer.due, answer.missing = [], "date"
        elif text and any(token.kind == WORD for token in found):
            answer.notes.append(f"Dates read in “{text[:80]}”")
    elif not answer.missing:
        answer.missing = "date"
        if starts:
            answer.notes.append(starts)
        elif text:
            answer.notes.append(f"“{text[:60]}” is no date")
    return answer


def _with_years(found):
    """ "Oct.-Nov. 2001" and "June, July 2012": a month or season without a year takes that of the next one with a
    year, as long as it comes before it in that year; "Fall" beside "2011-2012" is the Fall of that school year."""
    out = list(found)
    for position in range(len(out) - 1, -1, -1):
        token = out[position]
        if token.kind not in (MONTH, SEASON, DAY_OF_YEAR):
            continue
        beside = _next_dated(out, position, 1)
        if beside is None:
            beside = _next_dated(out, position, -1)
            if beside is None or not (
                beside[1].kind in (SCHOOL_YEAR, YEAR) or _joined(out, beside[0], position)
            ):
                continue
        place, other = beside
        made = _dated_by(token, other, ranged=_between(out, position, place, RANGE))
        if made is None:
            continue
        out[position] = made
        if _next_month(made, other) and not _between(out, position, place, RANGE):
            out[position] = Token(VAGUE, token.text, None)  # "June/July 2012" is one period
        if other.kind in (SCHOOL_YEAR, YEAR):
            out[place] = Token(VAGUE, other.text, None)
    return [token for token in out if token.kind != VAGUE or token.value is not None]


def _next_dated(tokens, position, step):
    place = position + step
    while 0 <= place < len(tokens):
        kind = tokens[place].kind
        if kind in (DATE, MONTH_OF_YEAR, SEASON_OF_YEAR, SCHOOL_YEAR, YEAR):
            return place, tokens[place]
        if kind not in (RANGE, LIST, VAGUE, END_WORD) and not (
            kind in (MONTH, SEASON, DAY_OF_YEAR) and step > 0
        ):
            return None
        place += step
    return None


def _next_month(one, other):
    pair = (one.kind, other.kind) == (MONTH_OF_YEAR, MONTH_OF_YEAR)
    return pair and one.value[0] == other.value[0] and one.value[1] + 1 == other.value[1]


def _joined(tokens, one, two):
    low, high = sorted((one, two))
    return high - low == 1


def _between(tokens, one, two, kind):
    low, high = sorted((one, two))
    return any(token.kind == kind for token in tokens[low:high])


def _dated_by(token, other, *, ranged):
    """`token` with the year of the dated token that it stands with, or None when that is not certain."""
    if other.kind == SCHOOL_YEAR:
        first, second = other.value
        if second != first + 1:
            return None
        if token.kind == SEASON:
            year = {"fall": first, "spring": second}.get(token.value)
            return Token(SEASON_OF_YEAR, token.text, (token.value, year)) if year else None
        month = token.value if token.kind == MONTH else token.value[0]
        return _in_year(token, first if month >= 7 else second)
    if other.kind == YEAR:
        return _in_year(token, other.value)
    if other.kind == SEASON_OF_YEAR:
        if token.kind == SEASON and ranged:
            order = ["winter", "spring", "summer", "fall"]
            season, year = other.value
            return Token(
                SEASON_OF_YEAR,
                token.text,
                (token.value, year - (order.index(token.value) > order.index(season))),
            )
        return None
    year, month = (other.value.year, other.value.month) if other.kind == DATE else other.value
    own = token.value if token.kind == MONTH else token.value[0] if token.kind == DAY_OF_YEAR else None
    if own is None:
        return None
    if own > month:
        return _in_year(token, year - 1) if ranged else None
    return _in_year(token, year)


def _in_year(token, year):
    if token.kind == MONTH:
        return Token(MONTH_OF_YEAR, token.text, (year, token.value))
    if token.kind == SEASON:
        return Token(SEASON_OF_YEAR, token.text, (token.value, year))
    month, day = token.value
    if day > calendar.monthrange(year, month)[1]:
        return Token(UNCERTAIN, token.text, f"There is no {token.text} in {year}")
    return Token(DATE, token.text, datetime.date(year, month, day))


def _day_of(token, time):
    """([days], problem) of one token."""
    value = token.value
    if token.kind == DATE:
        return [value], ""
    if token.kind == MONTH_OF_YEAR:
        return [last_day(*value)], ""
    if token.kind == SEASON_OF_YEAR:
        season, year = value
        if season == "winter":
            return [], f"“{token.text}” does not say on which day it ends; Winter is two years at once"
        return [datetime.date(year, *SEASON_END[season])], ""
    if token.kind in (SCHOOL_YEAR, YEARS):
        return [time.year_end(value[1])], ""
    if token.kind == FISCAL:
        return [time.year_end(value[1])], ""
    if token.kind == QUARTER:
        quarter, year = value
        month = (time.first_month - 1 + 3 * quarter - 1) % 12 + 1
        ends = time.year_end(year)
        return [last_day(year if month <= ends.month else year - 1, month)], ""
    if token.kind == YEAR:
        return [datetime.date(value, 12, 31)], ""
    if token.kind == PLAN_YEAR:
        if not time.known:
            return [], "plan dates"
        ends = time.year_ends()
        return ([ends[value - 1]], "") if value <= len(ends) else ([], f"The plan has no year {value}")
    if token.kind == SEASON and token.value == "winter":
        return [], "Winter does not say on which day it ends, nor of which year"
    return [], f"“{token.text}” has no year"
