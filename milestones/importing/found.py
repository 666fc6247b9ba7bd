"""A row as it stands in the file, before anybody asked what its cells mean."""

from dataclasses import dataclass, field

from milestones.importing.labels import is_bare


@dataclass(slots=True)
class Found:
    source: str
    goal: str = ""
    objective: str = ""
    step: str = ""
    who: str = ""
    exact_who: str = ""  # our own export: a role a semicolon
    when: str = ""
    start: str = ""
    due: str = ""
    years: list[str] = field(default_factory=list)  # headings of the year columns that are marked
    year_words: list[str] = field(default_factory=list)
    cost: str = ""
    evidence: str = ""
    status: str = ""
    kind: str = ""
    notes: list[str] = field(default_factory=list)  # titles, notes and other columns that stand with this row
    reasons: list[str] = field(default_factory=list)
    problem: str = ""  # why the row is not understood, whatever its cells say
    has_owner_column: bool = False
    has_when_column: bool = False
    day_first: bool = False
    epoch_1904: bool = False
    cells: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Context:
    """The goal and the objective under which the next rows stand. One that no row came under is not lost: it becomes a
    note of the next row."""

    goal: str = ""
    objective: str = ""
    section: bool = False  # the goal is only a heading, so that the next heading takes its place
    wants_text: str = ""  # "Goal 2" alone on its line: its text follows
    fresh: set[str] = field(default_factory=set)  # of "goal" and "objective": no row has come under it yet
    passed: list[str] = field(default_factory=list)  # were replaced before a row came

    def set_goal(self, text, *, section=False):
        self._pass_by("goal", "objective")
        self.goal, self.objective, self.section = text, "", section
        self.fresh.add("goal")
        self.wants_text = "goal" if is_bare(text) and not section else ""

    def set_objective(self, text):
        self._pass_by("objective")
        self.objective = text
        self.fresh.add("objective")
        self.wants_text = "objective" if is_bare(text) else ""

    def complete(self, text):
        if self.wants_text == "goal":
            self.goal = f"{self.goal.rstrip(':. ')}: {text}"
        else:
            self.objective = f"{self.objective.rstrip(':. ')}: {text}"
        self.wants_text = ""

    def come_under(self, row):
        """A row comes under goal and objective. What it does not carry itself, it gets as a note."""
        for name in ("goal", "objective"):
            if name in self.fresh and getattr(row, name) != getattr(self, name):
                self.passed.append(getattr(self, name))
        row.notes[:0] = self.passed
        self.passed, self.fresh, self.wants_text = [], set(), ""

    def leave(self):
        """What no row has come under, when the text or the sheet ends."""
        self._pass_by("goal", "objective")
        left, self.passed = self.passed, []
        return left

    def _pass_by(self, *names):
        for name in names:
            if name in self.fresh:
                self.passed.append(getattr(self, name))
                self.fresh.discard(name)


def join(one, two, separator):
    return separator.join(text for text in (one, two) if text)
