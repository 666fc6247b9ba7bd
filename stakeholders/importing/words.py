"""Which roles are staff, which are students and families, and how names and addresses are written."""

import functools
import re

from stakeholders.files.shapes import tidy

# OneRoster's roles, and the word that some systems write for all who work there.
STAFF = {
    "teacher": "teacher",
    "aide": "aide",
    "counselor": "counselor",
    "proctor": "proctor",
    "principal": "principal",
    "administrator": "administrator",
    "siteadministrator": "siteAdministrator",
    "districtadministrator": "districtAdministrator",
    "systemadministrator": "systemAdministrator",
    "staff": "staff",
}
STUDENTS = {"student", "students", "pupil"}
FAMILY = {"guardian", "parent", "relative"}

STUDENT, RELATIVE, OTHER_ROLE, NO_ROLE, GONE = "student", "family", "other role", "no role", "gone"

LONGEST_NAME = 150
LONGEST_ID = 255
_ADDRESS = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>")
_CREDENTIAL = re.compile(
    r"(jr|sr|i{2,3}|iv|(ph|ed|psy)\.?\s?d|[mj]\.?\s?d|ed\.?\s?s|m\.?\s?(a|s|ed)|mba|esq|cpa|cetl)\.?",
    re.IGNORECASE,
)


@functools.lru_cache(maxsize=2000)
def plain(word):
    """A word without what differs from system to system: case, spaces, hyphens."""
    return re.sub(r"[^a-z0-9:]", "", word.lower())


def is_outside(role):
    """Whether this is a role of students or of families."""
    return plain(role) in STUDENTS or plain(role) in FAMILY


def one_line(text):
    return tidy(text).replace("\n", " ")


def address(text):
    """The e-mail address in a cell, in small letters: "Ana Rivera <ARivera@example.org>" is one, too."""
    inner = _ADDRESS.search(text)
    bare = inner[1] if inner else text
    return one_line(bare).removeprefix("mailto:").strip().lower()


def in_order(name):
    """ "Rivera, Ana" is Ana Rivera; "Ana Rivera, Ed.D." is as it is."""
    before, comma, after = name.partition(",")
    if not comma or "," in after or not before.strip() or not after.strip():
        return name
    if _CREDENTIAL.fullmatch(after.strip()):
        return name
    return f"{after.strip()} {before.strip()}"
