"""The words of a timeline cell: which are dates, which are periods, which join them, which mean nothing."""

import datetime
import re
from dataclasses import dataclass

(DATE, MONTH_OF_YEAR, DAY_OF_YEAR, MONTH, SEASON_OF_YEAR, SEASON, SCHOOL_YEAR, YEARS, FISCAL, QUARTER, YEAR,
 PLAN_YEAR, ONGOING, REPEATS, OFTEN, RANGE, LIST, START_WORD, END_WORD, AFTER, EARLY, UNCERTAIN, VAGUE,
 WORD) = (
    "date", "month of year", "day of year", "month", "season of year", "season", "school year", "years", "fiscal year",
    "quarter", "year", "plan year", "ongoing", "repeats", "often", "range", "list", "start", "end", "after", "early",
    "uncertain", "vague", "word",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    value: object


MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb febr", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), start=1)
    for name in names.split()
}  # fmt: skip
NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
}

M = (
    r"(?P<{0}>january|jan|february|febr|feb|march|mar|april|apr|may|june|jun|july|jul|august"
    r"|aug|september|sept|sep|october|oct|november|nov|december|dec)\b\.?"
)
Y4 = r"(?:19|20)\d\d"
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
SEASONS = r"falls?|autumn|springs?|summers?|winters?"
EVERY = r"(?:each|every)"
SCHOOL = r"(?:(?:school|academic|plan|program|instructional) (?:year|yr)\.?|sy)"
FISCAL_WORD = r"(?:fiscal (?:year|yr)\.?|fy)"
NUMBER_WORD = r"(?:\d{1,2}|one|two|three|four|five)"


def _month(found, name="m"):
    return MONTHS[found[name].lower()]


def _two_digits(text, near):
    """A year written short, in the century of the year beside it."""
    return (
        int(text)
        if len(text) == 4
        else near // 100 * 100 + int(text) + (100 if int(text) < near % 100 else 0)
    )


def _century(text):
    text = text.lstrip("'’")
    return int(text) if len(text) == 4 else 2000 + int(text) if int(text) < 80 else 1900 + int(text)


def _day(text):
    return int(re.match(r"\d+", text)[0])


def _date(text, year, month, day):
    try:
        return Token(DATE, text, datetime.date(year, month, day))
    except ValueError:
        return Token(UNCERTAIN, text, f"“{text}” is no day of the calendar")


def _iso(found, _):
    return _date(found[0], int(found["y"]), int(found["mo"]), int(found["d"]))


def _numeric(found, day_first):
    one, two, year = int(found["a"]), int(found["b"]), _century(found["y"])
    if one > 12 >= two:
        return _date(found[0], year, two, one)
    if day_first and one <= 12 and two <= 12 and one != two:
        return Token(
            UNCERTAIN, found[0], f"“{found[0]}” may put the day first, as other dates in this column do"
        )
    return _date(found[0], year, one, two)


def _month_day_year(found, _):
    return _date(found[0], int(found["y"]), _month(found), _day(found["d"]))


def _days_in_month(found, _):
    return _date(found[0], int(found["y"]), _month(found), _day(found["d2"]))


def _month_year(found, _):
    return Token(MONTH_OF_YEAR, found[0], (_century(found["y"]), _month(found)))


def _numeric_month_year(found, _):
    return Token(MONTH_OF_YEAR, found[0], (int(found["y"]), int(found["mo"])))


def _iso_month_or_years(found, _):
    """ "2011-12" is a school year, "2011-14" a span of years, "2024-06" can only be a month."""
    first, short = int(found["y"]), int(found["s"])
    last = _two_digits(found["s"], first)
    if last == first + 1:
        return Token(SCHOOL_YEAR, found[0], (first, last))
    if 1 < last - first <= 8:
        return Token(YEARS, found[0], (first, last))
    if 1 <= short <= 12 and re.search(r"\d-\d", found[0]):
        return Token(MONTH_OF_YEAR, found[0], (first, short))
    return Token(UNCERTAIN, found[0], f"“{found[0]}” may be a year and a month, or two years")


def _span(found, _):
    first, last = int(found["y"]), int(found["z"])
    if last == first + 1:
        return Token(SCHOOL_YEAR, found[0], (first, last))
    if last > first:
        return Token(YEARS, found[0], (first, last))
    return Token(UNCERTAIN, found[0], f"“{found[0]}” ends before it begins")


def _school_short(found, _):
    first = _century(found["y"])
    return Token(SCHOOL_YEAR, found[0], (first, _two_digits(found["s"].lstrip("'’"), first)))


def _school_single(found, _):
    return Token(
        UNCERTAIN, found[0], f"“{found[0]}” may be the school year that begins then or the one that ends then"
    )


def _fiscal(found, _):
    first = _century(found["y"])
    second = found["s"]
    if second is None:
        return Token(FISCAL, found[0], (first, first))
    return Token(FISCAL, found[0], (first, _two_digits(second.lstrip("'’"), first)))


def _fiscal_span(found, _):
    first = _century(found["y"])
    return Token(FISCAL, found[0], (first, _century(found["s"])))


def _season_year(found, _):
    season = found["s"].lower().rstrip("s").replace("autumn", "fall")
    year = _century(found["y"])
    if found["z"]:
        second = _two_digits(found["z"].lstrip("'’"), year)
        if season in ("winter", "summer") or second != year + 1:
            return Token(UNCERTAIN, found[0], f"“{found[0]}” does not say on which day it ends")
        year = second if season == "spring" else year
    return Token(SEASON_OF_YEAR, found[0], (season, year))


def _season_pair(found, _):
    """ "Spring/Summer 2012" is one period and ends with the second."""
    return Token(
        SEASON_OF_YEAR,
        found[0],
        (found["t"].lower().rstrip("s").replace("autumn", "fall"), _century(found["y"])),
    )


def _plan_year(found, _):
    return Token(PLAN_YEAR, found[0], _count(found["n"]))


def _count(text):
    return NUMBERS.get(text.lower()) or int(text)


def _fiscal_quarter(found, _):
    year = _century(found["y"] or found["y2"])
    return Token(QUARTER, found[0], (int(found["q"] or found["q2"]), year))


def _kind(kind, value=None):
    return lambda found, _: Token(kind, found[0], value)


def _unsure(message):
    return lambda found, _: Token(UNCERTAIN, found[0], f"“{found[0]}” {message}")


# Longest and most particular first; the first that matches at a place is taken.
RULES = [
    (
        r"(?P<y>(?:19|20)\d\d)[-/.](?P<mo>0?[1-9]|1[0-2])[-/.](?P<d>3[01]|[12]\d|0?[1-9])(?:[ t]00:00(?::00)?)?(?!\d)",
        _iso,
    ),
    (r"(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>(?:19|20)\d\d|\d\d)(?!\d)", _numeric),
    (rf"{M.format('m')} ?(?P<d1>{DAY}) ?(?:-|to|through) ?(?P<d2>{DAY}),? (?P<y>{Y4})(?!\d)", _days_in_month),
    (rf"{M.format('m')} ?(?P<d>{DAY})(?:,| of)? ?(?P<y>{Y4})(?! ?[-/] ?\d)(?!\d)", _month_day_year),
    (rf"(?P<d>{DAY})[ -](?:of )?{M.format('m')},?[ -](?P<y>{Y4})(?!\d)", _month_day_year),
    (
        rf"{M.format('m')},? ?(?:of |in )?(?P<y>{Y4})(?! ?[-/] ?(?:\d\d(?!\d)(?![-/])|{Y4}))(?!\d)",
        _month_year,
    ),
    (rf"{M.format('m')} ?-? ?['’](?P<y>\d\d)(?!\d)", _month_year),
    (rf"{M.format('m')}-\d\d(?!\d)", _unsure("may be a month and a year, or a month and a day")),
    (r"(?P<mo>0?[1-9]|1[0-2])/(?P<y>(?:19|20)\d\d)(?!\d)", _numeric_month_year),
    (
        rf"(?:q|quarter ?)(?P<q>[1-4]),? (?:of )?{FISCAL_WORD} ?'?(?P<y>{Y4}|\d\d)"
        rf"|{FISCAL_WORD} ?'?(?P<y2>{Y4}|\d\d),?[ -](?:q|quarter ?)(?P<q2>[1-4])",
        _fiscal_quarter,
    ),
    (
        r"(?:q[1-4]|(?:1st|2nd|3rd|4th|first|second|third|fourth|last) (?:quarter|semester"
        r"|trimester)|(?:quarter|semester|trimester) [1-4])\b(?! (?:of )?each)",
        _unsure("does not say on which day it ends"),
    ),
    (
        rf"{FISCAL_WORD} ?['’]?(?P<y>{Y4}|\d\d) ?(?:-|to|through) ?(?:{FISCAL_WORD}) ?['’]?(?P<s>{Y4}|\d\d)(?!\d)",
        _fiscal_span,
    ),
    (rf"{FISCAL_WORD} ?['’]?(?P<y>{Y4}|\d\d)(?: ?[-/] ?['’]?(?P<s>{Y4}|\d\d))?(?!\d)", _fiscal),
    (
        rf"(?P<s0>{SEASONS}) ?(?:/|and|&|-|to|or) ?(?P<t>{SEASONS})(?: of)?,? ?(?P<y>{Y4})(?! ?[-/] ?\d)(?!\d)",
        _season_pair,
    ),
    (
        rf"(?P<s>{SEASONS})(?: term| semester| quarter)?(?: of)?(?: the)?,? ?(?:-|/)? ?(?P<y>{Y4}"
        rf"|['’]\d\d)(?: ?[-/] ?(?P<z>{Y4}|\d\d))?(?: {SCHOOL})?(?!\d)",
        _season_year,
    ),
    (rf"(?:{SCHOOL} ?)?(?P<y>{Y4}) ?(?:-|/|to|through) ?(?P<z>{Y4})(?: {SCHOOL})?(?!\d)", _span),
    (rf"(?:{SCHOOL} ?)(?P<y>['’]?\d\d|{Y4}) ?(?:-|/) ?(?P<s>['’]?\d\d|{Y4})(?!\d)", _school_short),
    (r"(?<![\d/])(?P<y>['’]?\d\d) ?- ?(?P<s>['’]?\d\d)(?= school year)", _school_short),
    (rf"(?P<y>{Y4}) ?[-/] ?(?P<s>\d\d)(?![\d/-])(?: {SCHOOL})?", _iso_month_or_years),
    (rf"{SCHOOL} ?['’]?(?:{Y4}|\d\d)(?!\d)|{Y4} {SCHOOL}", _school_single),
    (
        rf"{M.format('m')} (?P<d>{DAY})(?![\d/])",
        lambda f, _: Token(DAY_OF_YEAR, f[0], (_month(f), _day(f["d"]))),
    ),
    (
        rf"(?P<d>{DAY})(?: of)? {M.format('m')}",
        lambda f, _: Token(DAY_OF_YEAR, f[0], (_month(f), _day(f["d"]))),
    ),
    (r"\d{1,2}/\d{1,2}(?![\d/])", _unsure("has no year")),
    (
        r"(?:every|each) (?:other|two|three|2|3|second|third) years?|bi-?ennial(?:ly)?|every \d+ years",
        _kind(REPEATS, "asked"),
    ),
    (
        r"(?:semi|bi)-?annual(?:ly)?|(?:twice|two times|three times|four times|\d times) (?:a|per"
        r"|each|every) (?:school )?year|quarterly|monthly|weekly|bi-?(?:weekly|monthly)|(?:each"
        r"|every) (?:semester|quarter|month|week|trimester|grading period|nine weeks|meeting)"
        r"|per (?:semester|quarter|month|week)|once a (?:month|week|semester|quarter)",
        _kind(OFTEN),
    ),
    (
        rf"(?:on )?(?:an? )?(?:annual|yearly) basis|annually|annual(?!ly)|yearly|(?:of |in |for "
        rf"|during )?{EVERY} (?:school |fiscal |plan |academic |calendar )?(?:year|yr)\b"
        rf"|(?:once )?(?:a|per) (?:school |fiscal )?(?:year|yr)\b|all (?:three |five |four )?years"
        rf"|years? 1 ?- ?\d",
        None,
    ),
    (rf"{EVERY}(?= (?:{SEASONS}|{M.format('m')}))", _kind(REPEATS)),
    (
        r"on ?- ?going|on going|ongoing|continuous(?:ly)?|continual(?:ly)?|continu(?:e|es|ed"
        r"|ing)(?: thereafter)?|as needed|as necessary|as required|year[- ]?(?:round|long)"
        r"|(?:throughout|all|during|for|over|through) (?:the )?(?:entire |whole |full |school "
        r"|duration of the |life of the |length of the )*(?:year|plan|school year)s?\b(?! ?\d)"
        r"|(?:duration|life|length|term) of (?:the )?(?:\w+ )?plan|daily|indefinite(?:ly)?"
        r"|permanent(?:ly)?|to present|present\b|and beyond|thereafter|always|at all times",
        _kind(ONGOING),
    ),
    (rf"(?:plan )?(?:year|yr)s?\.? ?(?P<n>{NUMBER_WORD})\b(?! ?{SCHOOL})", _plan_year),
    (
        r"(?P<n>first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th) (?:plan )?year(?: of (?:the )?(?:plan|project))?",
        lambda f, _: Token(PLAN_YEAR, f[0], NUMBERS.get(f["n"].lower()) or int(f["n"][0])),
    ),
    (r"(?P<n>[1-9])(?= ?(?:,|&|and|-|$))", None),
    (
        rf"(?P<s>{SEASONS})\b",
        lambda f, _: Token(SEASON, f[0], f["s"].lower().rstrip("s").replace("autumn", "fall")),
    ),
    (rf"{M.format('m')}(?![a-z])", lambda f, _: Token(MONTH, f[0], _month(f))),
    (rf"(?P<y>{Y4})(?!\d)", lambda f, _: Token(YEAR, f[0], int(f["y"]))),
    (r"(?:beginning|start|first day|opening|early|first part) (?:of|in) (?:the )?|early(?= )", _kind(EARLY)),
    (
        r"(?:beginning|begins?|begun|starting|starts?|started|from|effective|initiated?|since"
        r"|launch(?:ed)?)(?: in| on)?\b:?",
        _kind(START_WORD),
    ),
    (
        r"(?:complet(?:e|ed|ion)|finish(?:ed)?|ends?|ending|end|due|no later than|not later than"
        r"|by)(?: by| of| in| on)?\b:?",
        _kind(END_WORD),
    ),
    (r"(?:after|following|upon|prior to|before|pending)\b", _kind(AFTER)),
    (r"-|to\b|thru\b|through\b|until\b|till\b|up to\b", _kind(RANGE)),
    (r"[,;/&|]|and\b|\+|or\b|then\b", _kind(LIST)),
    (
        r"(?:the|of|in|on|at|during|for|a|an|approximately|approx\.?|about|around|mid|late|month"
        r"|months|school year|school|year|fiscal year|academic year|semester|term|date|target"
        r"|projected|estimated|anticipated|each|every|is|be|to be|within|basis|timeline|sy|fy|day"
        r"|last|deadline|throughout|entire|whole)\b\.?|[().:*\[\]\"“”?!’']",
        _kind(VAGUE, ""),
    ),
    (r"[^\s,;/&|()\[\]-]+", _kind(WORD)),
    (r".", _kind(VAGUE, "")),
]
COMPILED = [(re.compile(pattern, re.I), make) for pattern, make in RULES]


def tokens_of(text, *, day_first=False):
    """The tokens of a cell, in order."""
    text = re.sub(r"[‐‑‒–—−]", "-", text.replace("’", "'"))
    text = (
        re.sub(r"(?<=[A-Za-z])(?=(?:19|20)\d\d\b)", " ", text)
        if re.search(r"[A-Za-z](?:19|20)\d\d", text)
        else text
    )
    out, position, plan_years = [], 0, False
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        token, position = _next(text, position, day_first, plan_years)
        if token is not None:
            plan_years = token.kind == PLAN_YEAR or (plan_years and token.kind in (LIST, RANGE))
            out.append(token)
    return out


def _next(text, position, day_first, plan_years):
    for pattern, make in COMPILED:
        found = pattern.match(text, position)
        if not found or _inside_word(text, position, found):
            continue
        if make is None:
            if "n" in pattern.groupindex:
                if plan_years:
                    return Token(PLAN_YEAR, found[0], int(found["n"])), found.end()
                continue
            repeats = re.match(r"(?i)years? 1", found[0]) is None
            if repeats:
                return Token(REPEATS, found[0], None), found.end()
            continue
        return make(found, day_first), found.end()
    return None, position + 1


def _inside_word(text, position, found):
    """A match must begin and end where words do."""
    if position and text[position].isalpha() and text[position - 1].isalpha():
        return True
    end = found.end()
    return end < len(text) and found[0][-1:].isalpha() and text[end].isalpha()
