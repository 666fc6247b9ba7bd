"""A row's verdict: understood, understood in part with what is missing, or not understood with the reason.

Understood means: a step, an owner, and a date or "ongoing". Nothing is guessed, and what was made of the
words (a code, a spreadsheet number) is said in the row's reason.
"""

from dataclasses import dataclass, field
from datetime import date

from milestones.importing import prose
from milestones.importing.dates import ALWAYS, ONE_TIME, RECURRING, When, read_when
from milestones.importing.found import join
from milestones.importing.labels import without_number
from milestones.importing.owners import Owners, read_exact, read_owners, read_sentence, shorten

UNDERSTOOD, PARTLY, NOT = "understood", "partly", "not understood"
STATES = (UNDERSTOOD, PARTLY, NOT)
PARTS = ("step", "owner", "date", "plan dates")


@dataclass(slots=True)
class Row:
    """A row of the file with everything that was understood of it; `written_…` are its own words."""

    source: str
    goal: str = ""
    objective: str = ""
    step: str = ""
    owners: list[str] = field(default_factory=list)
    support: list[str] = field(default_factory=list)  # owners that the file itself calls supporting
    when: str = ""
    kind: str = ONE_TIME
    due: list[date] = field(default_factory=list)
    review: date | None = None
    cost: str = ""
    evidence: str = ""
    status: str = ""
    state: str = NOT
    missing: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    written_who: str = ""

    @property
    def reason(self):
        return " ".join(
            sentence if sentence.endswith((".", "”")) else f"{sentence}." for sentence in self._sentences()
        )

    def _sentences(self):
        yield from self.reasons
        for note in self.notes:
            yield f"With it stands: “{shorten(note, 300)}”"

    def as_json(self):
        return {
            "source": self.source,
            "goal": self.goal,
            "objective": self.objective,
            "step": self.step,
            "owners": self.owners,
            "when": self.when,
            "kind": self.kind,
            "due": [day.isoformat() for day in self.due],
            "cost": self.cost,
            "evidence": self.evidence,
            "status": self.status,
            "state": self.state,
            "missing": self.missing,
            "reason": self.reason,
        }


def judge(found, time, legend, known):
    row = Row(
        source=found.source,
        goal=_line(found.goal),
        objective=_line(found.objective),
        step=_line(found.step),
        cost=_line(found.cost),
        evidence=_line(found.evidence),
        status=_line(found.status),
        notes=[_line(note) for note in dict.fromkeys(found.notes)],
        written_who=_line(found.exact_who or found.who),
    )
    owners = _owners(found, legend, known)
    when, row.when = _when(found, time)
    row.owners, row.support = _in_order(owners)
    row.kind, row.due, row.review = when.kind, when.due, when.review
    if found.problem:
        row.reasons = [found.problem]
        row.missing = []
        return row
    row.missing = [name for name, lacks in (("step", not row.step), ("owner", not row.owners)) if lacks]
    if when.missing:
        row.missing.append(when.missing)
    row.reasons = [*_missing_words(row, owners, when), *owners.notes, *when.notes, *found.reasons]
    row.reasons.extend(found.year_words)
    if not row.missing:
        row.state = UNDERSTOOD
    elif row.step or row.owners or row.due or row.kind == ALWAYS:
        row.state = PARTLY
    else:
        row.reasons.insert(0, "No step, no owner and no date were recognised in this row")
    return row


def _line(text):
    return " ".join(text.split())


def _owners(found, legend, known):
    if found.exact_who:
        return read_exact(found.exact_who)
    if found.who:
        return read_owners(found.who, step=found.step, legend=legend, known=known)
    if found.has_owner_column:
        return Owners()
    sentence = without_number(found.step)
    owners = read_sentence(_after_time(sentence), known)
    if owners.titles:
        resolved = [read_owners(title, legend=legend, known=known) for title in owners.titles]
        owners.titles = list(dict.fromkeys(title for one in resolved for title in one.titles))
    return owners


def _after_time(sentence):
    """ "By June 2025, the Technology Coordinator will ..." begins with a time; the sentence proper comes after it."""
    head, comma, rest = sentence.partition(",")
    if (
        comma
        and head.lower().startswith(("by ", "in ", "during ", "each ", "every ", "before ", "annually"))
        and prose.find_when(head)
    ):
        return rest.strip()
    return sentence


def _in_order(owners):
    """The role that leads first; who supports is told apart only where the file does."""
    titles = list(owners.titles)
    if owners.lead in titles:
        titles.remove(owners.lead)
        titles.insert(0, owners.lead)
    helping = [title for title in titles if title in owners.support]
    return [title for title in titles if title not in helping] + helping, helping


def _when(found, time):
    """What is due, and the words that said so."""
    options = {"day_first": found.day_first, "epoch_1904": found.epoch_1904}
    written = found.when
    if found.years and not found.due:
        written = join(found.when, ", ".join(found.years), "; ")
        when = _marked(found, time, options)
    elif found.due:
        if not found.when:
            written = join(found.start, found.due, " – ") if found.start else found.due
        when = read_when(found.due, time, **options)
        if when.missing and found.when:
            when = read_when(found.when, time, **options)
    elif found.when or not found.has_when_column:
        written = found.when or prose.find_when(found.step)
        when = read_when(written, time, **options)
    else:
        written = found.start
        when = When(
            missing="date",
            notes=[f"“{found.start}” says when it starts, not when it is due"] if found.start else [],
        )
        if found.start and read_when(found.start, time, **options).kind != ONE_TIME:
            when = read_when(found.start, time, **options)
    return _told_kind(found, when, time), _line(written)


def _marked(found, time, options):
    """One milestone for each year column that is marked."""
    answers = [read_when(year, time, **options) for year in found.years]
    due = sorted({day for answer in answers for day in answer.due})
    missing = next((answer.missing for answer in answers if answer.missing), "")
    kind = RECURRING if len(found.years) > 1 else ONE_TIME
    said = read_when(found.when, time, **options) if found.when else None
    words = [read_when(text.partition(": ")[2], time) for text in found.year_words]
    if (said and said.kind == ALWAYS) or any(word.kind == ALWAYS for word in words):
        return When(kind=ALWAYS, review=max(due, default=None))
    return When(kind, due, missing, [note for answer in answers for note in answer.notes])


def _told_kind(found, when, time):
    """A column that says the kind itself, as our own export has it."""
    told = found.kind.strip().lower()
    if told == "ongoing":
        return When(kind=ALWAYS, review=when.review or max(when.due, default=None))
    if told in ("recurring", "every year") and when.kind == ONE_TIME:
        when.kind = RECURRING
    if told in ("one-time", "one time", "once"):
        when.kind = ONE_TIME
    return when


def _missing_words(row, owners, when):
    if "step" in row.missing:
        yield "The row says no action step"
    if "owner" in row.missing and not owners.notes:
        yield (
            "No owner is named"
            if not row.written_who
            else f"“{shorten(row.written_who)}” is not read as an owner"
        )
    if when.missing == "plan dates":
        yield f"“{shorten(row.when)}” needs the plan's first and last day"
    elif when.missing and not row.when:
        yield "No date is named"
    elif when.missing and not when.notes:
        yield f"“{shorten(row.when)}” is no date"
