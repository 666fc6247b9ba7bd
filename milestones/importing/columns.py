"""Which column says what: the headings that districts really use.

A heading is recognised as a whole, never because one known word occurs in it: "Purchase activity trackers"
is a step and no heading, "Evaluation strategies for each objective" is a heading.
"""

import re
from functools import cache

from milestones.importing.words import FILLER

STEP, OBJECTIVE, GOAL, OWNER, WHEN = "step", "objective", "goal", "owners", "when"
START, DUE, COST, EVIDENCE, STATUS = "start", "due", "cost", "evidence", "status"
NUMBER, YEAR, KIND, OTHER = "number", "year", "kind", "other"
EXACT_OWNERS = "roles"  # our own export: one role a semicolon, nothing to take apart

CHOICES = [GOAL, OBJECTIVE, STEP, OWNER, WHEN, START, DUE, COST, EVIDENCE, STATUS, KIND, NUMBER, YEAR, OTHER]

# The words that decide, in the order in which they do: "Person responsible for evaluation" names an owner,
# "Evaluation strategies" names evidence, "Anticipated date of completion" names a due date.
WORDS = [
    (EXACT_OWNERS, "roles responsible", None),
    (KIND, "kind|frequency|recurrence|how often|once or repeated", None),
    (STATUS, "status|rag|percent complete|% complete|completed?|done|stage", None),
    (
        OWNER,
        "responsib(le|ility|ilities)|owners?|owned|leadership|leads?|leaders?|leading|accountab(le|ility)|assigned|assignee"
        "|personnel|champions?|facilitators?|implementers?|who|whom|contact|persons?|people|point person|in charge|involved",
        "measurable|measures?|date",
    ),
    (
        COST,
        "costs?|budgets?|budgeted|fund(s|ing)?|resources?|expenses?|expenditures?|amounts?|price|fiscal impact"
        "|financial|how much|materials?|grants?",
        None,
    ),
    (
        START,
        "start|starting|starts|begin|begins|beginning|begun|launch|initiated|initiation",
        "end|finish|completion|due",
    ),
    (
        DUE,
        "due|deadlines?|by when|end date|ending|finish|completion dates?|dates? (of|for) completion|date completed"
        "|(target|anticipated|expected|projected|estimated|planned) completion|complete by|completed by|finish by",
        None,
    ),
    (
        WHEN,
        "time|timelines?|timeframes?|timetables?|timing|when|dates?|schedules?|years?|fy|sy|duration|months?|period"
        "|term|calendar",
        None,
    ),
    (
        EVIDENCE,
        "evidence|measures?|measured|measurements?|metrics?|evaluations?|evaluate|assessments?|monitoring|documentation"
        "|deliverables?|artifacts?|results?|data|criteria|benchmarks?|verification|outcomes?|products?|progress"
        "|accomplishments?|success|kpis?|milestones?|(success|performance) (indicators?|targets?)"
        "|indicators? of success|formative|summative|instruments?|how (will|do) we know|completion|targets?",
        "goals?",
    ),
    (
        STEP,
        "(action )?steps?|actions?|activit(y|ies)|tasks?|tactics?|action items?|sub ?indicators?|what|to do",
        "how",
    ),
    (
        OBJECTIVE,
        "objectives?|sub ?goals?|initiatives?|strateg(y|ies)|projects?|programs?|indicators?|focus",
        "goals?|areas?",
    ),
    (
        GOAL,
        "goals?|priorit(y|ies)|focus areas?|areas?|domains?|themes?|pillars?|directions?|categor(y|ies)|components?"
        "|conditions?|gears?|standards?",
        None,
    ),
    (NUMBER, "#|no|nr|num|number|id|ref|reference", None),
    (
        OTHER,
        "notes?|comments?|remarks?|buildings?|sites?|schools?|locations?|campus(es)?|audiences?|population"
        "|descriptions?|details?|rationale|updates?|barriers?|risks?|alignment|students?|grades?|needs?",
        None,
    ),
]
ALONE = dict.fromkeys(
    (
        "staff",
        "team",
        "teams",
        "department",
        "position",
        "role",
        "roles",
        "stakeholder",
        "stakeholders",
        "coordinator",
        "office",
        "group",
        "party",
        "parties",
    ),
    OWNER,
)
DECIDING = [
    (
        field,
        re.compile(rf"\b(?:{yes})(?!\w)|#" if field == NUMBER else rf"(?<!\w)(?:{yes})(?!\w)"),
        re.compile(rf"\b(?:{no})\b") if no else None,
    )
    for field, yes, no in WORDS
]


MARK_OF_YEAR = re.compile(
    r"^(?:(?:school |fiscal |plan |academic )?(?:year|yr)\.? ?(?:[1-9]|one|two|three|four|five)"
    r"|(?:(?:fy|sy|school year|fiscal year) ?'?)?(?:19|20)\d\d(?: ?[-–/] ?(?:(?:19|20)?\d\d))?(?: school year)?"
    r"|(?:fy|sy|fiscal year|school year) ?'?\d\d(?: ?[-–/] ?'?\d\d)?"
    r"|(?:fall|autumn|winter|spring|summer) (?:of )?'?(?:(?:19|20)\d\d|\d\d)(?: ?[-–/] ?\d\d(?:\d\d)?)?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.? ?(?:19|20)\d\d"
    r"|y[1-9]|yr[1-9])(?: ?\(.{0,30}\))?$"
)


def normal(heading):
    """A heading without its punctuation: "Person(s)/Group Responsible:" is "persons group responsible"."""
    text = heading.lower().replace("’", "'").replace("\n", " ")
    text = re.sub(r"\((s|es|ies)\)", lambda found: found[1], text)
    text = re.sub(r"y/ies\b|y\(ies\)", "ies", text)
    if re.sub(r"\(.*?\)", "", text).strip():
        text = re.sub(r"\(.*?\)", " ", text)
    return " ".join(re.sub(r"[^\w#%]+", " ", text).split())


def field_of(heading):
    """The field that a heading names, or None when it is no heading that anybody uses."""
    if (
        not heading
        or len(heading) > 90
        or (heading.rstrip().endswith((".", "!")) and len(heading.split()) > 3)
    ):
        return None
    if MARK_OF_YEAR.match(" ".join(heading.lower().split())):
        return YEAR
    text = normal(heading)
    if not text or len(text.split()) > 10:
        return None
    if text in ALONE or re.search(r"\b(to be )?completed? by\b", text):
        return ALONE.get(text, DUE)
    if re.fullmatch(
        r"(?:step|action|activity|task|item|goal|objective|strategy|action step)s? (?:#|no|number|id)", text
    ):
        return NUMBER
    if not all(word in FILLER or _decides(word) for word in text.split()):
        return None
    for field, yes, no in DECIDING:
        if yes.search(text) and not (no and no.search(text)):
            return field
    return None


def is_heading_like(heading):
    """A heading, or made of words that only stand in headings, as "Source" under "Budget"."""
    text = normal(heading)
    return bool(text) and (field_of(heading) is not None or all(word in FILLER for word in text.split()))


@cache
def _decides(word):
    return any(yes.fullmatch(word) for _, yes, _ in DECIDING)


def known_fields(values):
    """The fields that a line's cells name, in order: what tells a heading row from a row of the plan."""
    return [field for field in map(field_of, values) if field]


# Which heading is the step when a file has several candidates: the finest one.
_DEPTH = [
    (r"sub ?indicator", 9),
    (r"\btasks?\b", 8),
    (r"action steps?|action items?|steps?\b", 7),
    (r"activit", 6),
    (r"actions?\b|tactics?", 5),
    (r"strateg", 4),
    (r"initiatives?|projects?|programs?", 3),
    (r"what|objectives?|key results?", 2),
    (r"sub ?goals?", 2),
    (r"indicators?|descriptions?|details?", 1),
    (r"goals?|priorit", 0),
]


def depth(heading):
    text = normal(heading)
    return next((value for pattern, value in _DEPTH if re.search(pattern, text)), 0)


def assign(headings, samples, told):
    """{column: field} for a heading row. `samples` holds each column's values, which decide where a word is used
    both ways ("Milestones" above dates, above status words, or above sentences); `told` what the heading rows said."""
    fields = dict(told)
    _settle_steps(fields, headings, samples)
    _settle_by_content(fields, headings, samples)
    _settle_nameless_step(fields, headings, samples)
    return fields


def _settle_nameless_step(fields, headings, samples):
    """Owners or dates, and no heading that names the step: the column of the longest texts under an unknown one."""
    if STEP in fields.values() or not {OWNER, WHEN, DUE} & set(fields.values()):
        return
    unknown = [
        column
        for column, heading in headings.items()
        if heading and field_of(heading) is None and _words(samples.get(column, []))
    ]
    if unknown:
        fields[max(unknown, key=lambda column: _words(samples[column]))] = STEP


def _settle_steps(fields, headings, samples):
    """One step column. Coarser ones become the objective and the goal; a step may be an objective or a goal."""
    ladder = sorted((column for column, field in fields.items() if field in (STEP, OBJECTIVE, GOAL)))
    if not any(fields[column] == STEP for column in ladder):
        spare = [
            column
            for column, field in fields.items()
            if field in (EVIDENCE, OTHER) and depth(headings[column]) == 1
        ]
        candidates = (
            [c for c in ladder if fields[c] == OBJECTIVE] or [c for c in ladder if fields[c] == GOAL] or spare
        )
        if candidates:
            fields[max(candidates, key=lambda column: (depth(headings[column]), column))] = STEP
    _describe_step(fields, headings, samples)
    steps = [column for column in sorted(fields) if fields[column] == STEP]
    if len(steps) > 1:
        deepest = max(steps, key=lambda column: (depth(headings[column]), -column))
        for column in steps:
            if column == deepest:
                continue
            taken = OBJECTIVE in fields.values()
            is_what = normal(headings[column]).startswith("what")
            fields[column] = EVIDENCE if is_what else OTHER if taken or column > deepest else OBJECTIVE
    objectives = [column for column in sorted(fields) if fields[column] == OBJECTIVE]
    if len(objectives) > 1:
        keep = next((c for c in objectives if "objective" in normal(headings[c])), objectives[0])
        for column in objectives:
            if column != keep:
                fields[column] = GOAL if column < keep and GOAL not in fields.values() else OTHER
    goals = [column for column in sorted(fields) if fields[column] == GOAL]
    for column in goals:
        if _is_level(samples.get(column, [])) and STEP in fields.values():
            fields[column] = OTHER
    goals = [column for column in sorted(fields) if fields[column] == GOAL]
    if len(goals) > 1:
        keep = next((c for c in goals if "goal" in normal(headings[c])), goals[0])
        for column in goals:
            if column != keep:
                fields[column] = OTHER if OBJECTIVE in fields.values() or column < keep else OBJECTIVE


def _describe_step(fields, headings, samples):
    """Some forms have a pick list of a few words called "Action step" and say what is done under "Description"."""
    short = next((column for column in sorted(fields) if fields[column] == STEP), None)
    for column in sorted(fields):
        if column == short or fields[column] not in (STEP, OTHER) or short is None:
            continue
        describes = re.search(r"\b(description|details?)\b", normal(headings[column]))
        if describes and _words(samples.get(short, [])) <= 3 < _words(samples.get(column, [])):
            fields[short], fields[column] = OTHER, STEP
            return


def _words(values):
    return sum(len(value.split()) for value in values) / len(values) if values else 0


def _is_level(values):
    """Values of a "Priority" column that rank instead of naming a goal."""
    return bool(values) and all(
        re.fullmatch(r"(high|medium|med|low|critical|[1-5]|[a-c])", v.lower()) for v in values
    )


STATUS_WORDS = re.compile(
    r"(not (yet )?(started|begun)|in progress|in process|complete(d)?|done|on ?going|on (track|target|hold|schedule)|"
    r"begun|started|suspended|retired|lagging|insufficient progress|monitoring|green|yellow|red|delayed|deferred|"
    r"cancell?ed|planned|pending|met|not met|partially (met|complete)|ahead of target|behind target|behind|ahead|"
    r"\d{1,3} ?%|new|continued|continuing|at risk|off track)\.?",
)


def is_status(text):
    return bool(STATUS_WORDS.fullmatch(" ".join(text.lower().split())))


def mostly(values, test, share=0.7):
    values = [value for value in values if value]
    return bool(values) and sum(map(test, values)) >= share * len(values)


def _settle_by_content(fields, headings, samples):
    from milestones.importing.dates import is_when
    from milestones.importing.owners import is_role

    taken = set(fields.values())
    for column, heading in headings.items():
        values, field = samples.get(column, []), fields.get(column)
        word = normal(heading)
        # "on-going" is a status word and a time; only a column that holds other status words too is a status
        says_status = mostly(values, is_status, 0.8) and not mostly(values, is_when, 0.8)
        if (
            field == STATUS
            and not taken & {WHEN, DUE, YEAR}
            and mostly(values, is_when, 0.8)
            and not says_status
        ):
            fields[column] = WHEN
        elif field == OBJECTIVE and "indicator" in word and _right_of_step(fields, column):
            fields[column] = OTHER if EVIDENCE in taken else EVIDENCE
        elif field == EVIDENCE and re.search(r"milestone|benchmark|progress|target", word):
            if says_status and STATUS not in taken:
                fields[column] = STATUS
            elif mostly(values, is_when, 0.8) and not taken & {WHEN, DUE}:
                fields[column] = WHEN
        elif field == WHEN and re.search(r"^(year|years|term|period)$", word) and taken & {DUE}:
            fields[column] = OTHER
        elif field is None and heading and values:
            if not taken & {WHEN, DUE, YEAR} and mostly(values, is_when, 0.8):
                fields[column] = WHEN
            elif OWNER not in taken and mostly(values, is_role, 0.8):
                fields[column] = OWNER
            elif STATUS not in taken and says_status:
                fields[column] = STATUS
            else:
                fields[column] = OTHER
        taken = set(fields.values())
    for column, field in list(fields.items()):
        if (
            field == OWNER
            and "stakeholder" in normal(headings[column])
            and list(fields.values()).count(OWNER) > 1
        ):
            fields[column] = OTHER


def by_content(samples):
    """{column: field} of a table without a heading row, when times and roles are beyond doubt; else nothing.

    The columns that remain: the one with the longest texts is the step, one of status words is the status."""
    from milestones.importing.dates import is_when
    from milestones.importing.owners import is_role

    whens = [column for column, values in samples.items() if mostly(values, is_when, 0.8)]
    owners = [
        column for column, values in samples.items() if column not in whens and mostly(values, is_role, 0.8)
    ]
    rest = [column for column in samples if column not in (*whens[:1], *owners[:1])]
    if not whens or not owners or not rest or max(map(len, samples.values())) < 2:
        return {}
    step = max(rest, key=lambda column: sum(map(len, samples[column])) / len(samples[column]))
    fields = dict.fromkeys(rest, OTHER)
    for column in rest:
        if column != step and mostly(samples[column], is_status, 0.8):
            fields[column] = STATUS
    return {**fields, step: STEP, owners[0]: OWNER, whens[0]: WHEN}


def _right_of_step(fields, column):
    return any(other < column for other, field in fields.items() if field == STEP)
