"""Lines that stand above or between rows: goals, objectives, titles, notes."""

import re

from milestones.importing.words import VERBS
from stakeholders.files.shapes import LONG

NUMBER = r"(?:#|no\.?|number)?\s*(?:\d+(?:\.\d+)*|[IVX]+|[A-Z])?(?:[a-z])?"
GOAL = re.compile(
    rf"^\s*(?:(?:strategic|technology|district|long[- ]range|plan|program|board|state|smart)\s+){{0,2}}"
    rf"(?:goals?|priority|priorities|focus area|domain|theme|pillar|strand|standard"
    rf"|essential condition)(?:\s+area)?\s*{NUMBER}\s*"
    rf"(?:[:.)–—-]+|\s(?=[A-Z])|$)\s*(?P<text>.*)$",
    re.I | re.S,
)
OBJECTIVE = re.compile(
    rf"^\s*(?:(?:measurable|specific|annual|smart|performance|strategic|key)\s+)?"
    rf"(?:objectives?|indicator|initiative|outcome|sub-?goal|benchmark|target|key result"
    rf"|strategy|strategies)\s*{NUMBER}\s*"
    rf"(?:[:.)–—-]+|\s(?=[A-Z])|$)\s*(?P<text>.*)$",
    re.I | re.S,
)
STEP = re.compile(
    rf"^\s*(?:action steps?|action items?|activity|activities|task|step|action|sub-?indicator"
    rf"|tactic)\s*{NUMBER}\s*[:.)–—-]+\s*(?P<text>\S.*)$",
    re.I | re.S,
)
NUMBERED = re.compile(
    r"^\s*(?:\(?(?:\d{1,3}(?:\.\d{1,3})*[.)]?|[a-zA-Z][.)]|[ivxIVX]{1,5}[.)])\)?\s+"
    r"|(?:[•▪◦●○·*‣⁃➢✓]|[-–](?=\s))\s*)(?P<text>\S.*)$",
    re.S,
)
NOTE = re.compile(
    r"^\s*[(\[*]*\s*(?:please note|notes?\b|n\.?b\.?\b|nota bene|comments?\s*:|remarks?\s*:"
    r"|reminder|sources?\s*:|see (?:also|appendix|page|attach|the)\b|"
    r"continued|\(continued|revised|updated|last updated|adopted|approved|prepared|draft\b|total\b|sub-?total|totals\b|"
    r"page \d|footnote|disclaimer|\*\s)",
    re.I,
)
STATIVE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|depends?|depended|may|might|can|cannot|could|should be"
    r"|will be|must be|does|do not|did|includes?|refers?|means?|"
    r"remains?|applies|apply|assumes?)\b",
    re.I,
)
PLAN_TITLE = re.compile(
    r"\b(?:district|schools?|technology|strategic|action|improvement|operations?"
    r"|implementation|work|long[- ]range|three[- ]year|five[- ]year|"
    r"multi[- ]?year|annual|academy|county|unified|isd|usd)\b.*\bplan\b|\bplan\b.*(?:\b(?:19"
    r"|20)\d\d\b|\bof (?:operation|action|work)s?\b)|"
    r"^(?:the )?plan$|\b(?:school district|public schools|unified school|independent school"
    r"|community schools|board of education)\b",
    re.I,
)
TERM = re.compile(r"\b((?:19|20)\d\d)\s*(?:[-–—/]|to|through)\s*((?:19|20)?\d\d)\b")
MARKS = {"x", "xx", "✓", "✔", "☑", "✅", "√", "•", "●", "■", "▪", "*", "yes", "y", "xxx", "ü", "þ"}


def first_word(text):
    found = re.search(r"[A-Za-z][A-Za-z'’-]*", text)
    return found[0].lower() if found else ""


def without_number(text):
    found = STEP.match(text) or NUMBERED.match(text)
    return found["text"] if found else text


def is_numbered(text):
    return bool(NUMBERED.match(text) or STEP.match(text))


def begins_with_verb(text):
    bare = without_number(text)
    word = first_word(bare)
    if word in VERBS:
        return True
    return (
        " " in bare.strip()
        and not bare.isupper()
        and bool({word.removesuffix("ing"), f"{word.removesuffix('ing')}e"} & VERBS)
    )


def kind_of(text):
    """ "goal", "objective", "note", "title" or "" of a line that stands alone; "" may be a step."""
    bare = " ".join(text.split())
    if not bare or len(bare) > LONG:
        return ""
    if NOTE.match(bare) and not (
        begins_with_verb(bare) and not re.match(r"(?i)^[(\[*]*\s*(note|total|draft\b|see)", bare)
    ):
        return "note"
    if _labels(GOAL, bare):
        return "goal"
    if _labels(OBJECTIVE, bare):
        return "objective"
    if bare.startswith(("(", "[")) and bare.endswith((")", "]", ").")) and not is_numbered(bare):
        return "note"
    if is_numbered(bare) or begins_with_verb(bare):
        return ""
    if STATIVE.search(bare) and not re.search(r"\b(?:will|shall)\b(?! be\b)", bare):
        return "note"
    if (
        len(bare.split()) <= 14
        and not bare.endswith((".", ";", ","))
        and not re.search(r"\bwill\b|\bshall\b", bare)
    ):
        return "title"
    return ""


def _labels(pattern, text):
    """ "Goal 1: ...", "Objective A", but not "Goals will be reviewed": the label ends with a mark, or a number
    stands in it, or nothing follows."""
    found = pattern.match(text)
    if not found:
        return False
    label = text[: found.start("text")]
    if not found["text"]:
        return True
    return bool(re.search(r"[:.)–—-]|\d|\b[IVX]+\b|\b[A-Z]\s*$", label))


def is_bare(text):
    """A label whose text stands on the next line: "Goal 2"."""
    found = GOAL.match(text) or OBJECTIVE.match(text)
    return bool(found) and not found["text"]


def is_plan_title(text):
    """What a cover says: the plan's or the district's name, its term. It is nobody's goal."""
    return len(text) <= LONG and bool(
        PLAN_TITLE.search(text) or re.fullmatch(r"[\W\d]*|.{0,12}(?:19|20)\d\d.{0,20}", text)
    )
