"""What a title in a school calendar means: a break, testing, a day off, a staff day, or nothing that this plan needs."""

import re

from stakeholders.models import DayKind

# What goes on at school, or begins and ends there, closes nothing: "Holiday concert", "School resumes after winter break".
_GOES_ON = re.compile(
    r"\b(resum\w*|return\w*|back to school|begins?|ends|first day|last day|start of|end of|early (release|dismissal|out)|"
    r"late start|delayed|half[- ]day|minimum day|concert|game|party|fair|parade|dance|practice|sale|assembly|spirit|"
    r"festival|lunch|photos?|pictures?|deadline|registration|open house|reminder|night|vs\.?)\b",
    re.IGNORECASE,
)
_STAFF = re.compile(
    r"\b(work ?days?|in-?service|professional (development|learning)|staff (development|day|work\w*|learning)|"
    r"teacher (day|plan\w*|work\w*|institute|prep\w*)|conferences?|data day|institute day|non[- ]student|student[- ]free|"
    r"superintendent'?s? conference)\b|\bPD\b|\bPL day\b",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"\b(break|vacation|intersession)\b|"
    r"\b(winter|spring|fall|autumn|summer|mid-?winter|february|april|thanksgiving|christmas|holiday|easter) "
    r"(recess|holidays?)\b",
    re.IGNORECASE,
)
_TESTING = re.compile(
    r"\b(P?SAT|ACT|NWEA|MAP|CMAS|STAAR|SBAC|AP exams?|NAEP|MCAS|PSSA)\b",
)
_TESTING_WORDS = re.compile(r"\b(tests?|testing|assessments?|exams?|finals week|regents)\b", re.IGNORECASE)
_OFF = re.compile(
    r"\b(no school|no classes|school closed|schools? (is|are) closed|closed|holiday|day off|labor day|columbus day|"
    r"indigenous peoples?'?s? day|veterans'? day|thanksgiving|christmas|new year'?s?|martin luther king|mlk|"
    r"presidents'?'?s? day|washington'?s birthday|memorial day|juneteenth|independence day|good friday|easter monday|"
    r"cesar chavez|lunar new year|diwali|eid|rosh hashanah|yom kippur|election day|snow day)\b",
    re.IGNORECASE,
)


def kind_of(title: str) -> DayKind | None:
    """Return the kind that the words of `title` suggest; None when they suggest none. A person looks at it either way."""
    title = title.replace("’", "'")
    if _GOES_ON.search(title):
        return None
    if _STAFF.search(title):
        return DayKind.STAFF
    if _BREAK.search(title):
        return DayKind.BREAK
    if _TESTING.search(title) or _TESTING_WORDS.search(title):
        return DayKind.TESTING
    return DayKind.DAY_OFF if _OFF.search(title) else None
