"""Plans without a table: lists and sentences, pasted or from a Word document."""

import re

from milestones.importing import columns as c
from milestones.importing import labels, legend
from milestones.importing.dates import PlanTime, read_when
from milestones.importing.found import Context, Found
from milestones.importing.owners import is_role, read_sentence
from milestones.importing.tokens import ONGOING, REPEATS, tokens_of
from milestones.importing.words import words
from stakeholders.files.shapes import LONG

FIELD_LINE = re.compile(
    r"^\s*(?:[•▪◦●○·*–-]\s+)?(?P<label>[A-Za-z][A-Za-z()/’' &-]{1,45}?)\s*[:=]\s*(?P<value>\S.*)$", re.S
)
FIELDS = {
    c.OWNER: "who",
    c.WHEN: "when",
    c.DUE: "due",
    c.START: "start",
    c.COST: "cost",
    c.EVIDENCE: "evidence",
    c.STATUS: "status",
}

BY = re.compile(
    r"\b(?:by|before|no later than|not later than|due|completed by|in|during|through"
    r"|throughout|until|from|between|starting|beginning)\s+"
    r"(?:the\s+)?(?:(?:end|start|beginning|close|summer|fall|spring|winter|month)\s+of\s+)?(?:the\s+)?",
    re.I,
)
PHRASE_END = re.compile(
    r"[.;!?()]|,\s+(?=[a-z])|\s+(?=(?:to|the|and|with|for|using|so|that|which|in order|will"
    r"|shall|is|are|all|at|as|who)\b)"
)
EACH = re.compile(
    r"\b(?:on an? (?:yearly|annual) basis|annually|yearly|(?:each|every) (?:school "
    r"|fiscal )?year|once a year|each (?:fall|spring|summer)|every (?:fall|spring|summer)|"
    r"on an? (?:monthly|quarterly|weekly) basis|quarterly|monthly|(?:each|every) (?:month|quarter|semester))\b",
    re.I,
)
WILL = re.compile(r"\b(?:will|shall|must)\b", re.I)
BRACKETS = re.compile(r"\(([^()]{2,60})\)")
SMALL = words("for the and to of in at a an with by or on so that as who is are from")
NO_TIME = PlanTime()


def find_when(sentence):
    """The words in a sentence that say when: in brackets, after "by", or "each year". "" when none do.

    A year that only happens to be named ("the 2005 survey", "a five-year plan") is none of these."""
    sentence = sentence[:LONG] if len(sentence) <= LONG else f"{sentence[:LONG]} {sentence[-LONG:]}"
    for inside in BRACKETS.findall(sentence):
        if _says_when(inside):
            return inside.strip()
    phrases = [phrase for phrase in (_phrase(sentence, found) for found in BY.finditer(sentence)) if phrase]
    each = EACH.search(sentence)
    for phrase in phrases:
        if each and each[0].lower() not in phrase.lower() and not read_when(phrase, NO_TIME).due:
            return f"{phrase}, {each[0]}"
        return phrase
    if each:
        return each[0]
    tail = re.search(r"(?:,|[–—-])\s*([^,–—]{3,40})$", sentence.rstrip(" ."))
    return tail[1].strip() if tail and _says_when(tail[1]) else ""


def _phrase(sentence, found):
    """The longest run of words after "by" (or "in", "during"...) that is a time."""
    rest = sentence[found.end() :]
    end = PHRASE_END.search(rest)
    words = rest[: end.start() if end else None].split()
    more = re.match(r"(?:\s+\S+){0,3}", rest[end.start() :]) if end else None
    words += (
        re.sub(r"[,.;].*", "", more[0]).split()
        if more and not re.match(r"[.;!?()]", rest[end.start() :])
        else []
    )
    start = found.group(0).split()[0].lower()
    for length in range(min(len(words), 9), 0, -1):
        text = " ".join(words[:length]).strip(" ,.;")
        if len(text) > 80:
            continue
        inner = f"{found.group(0)}{text}"
        if _is_time(text, strict=start not in ("by", "before", "no", "not", "due", "completed")):
            return _trimmed(" ".join(inner.split()))
    return ""


def _trimmed(phrase):
    """A phrase without the small words that trail behind its time: "by May 2025 for the"."""
    words = phrase.split()
    while len(words) > 1 and words[-1].lower().strip(",") in SMALL:
        words.pop()
    return " ".join(words)


def _is_time(text, *, strict):
    """After "by" a day without a year counts too (it is asked back); after "in" or "during" only a dated period."""
    kinds = {token.kind for token in tokens_of(text)} - {"vague", "list", "range", "end"}
    if not kinds or "word" in kinds or kinds <= {"early", "start", "after", "plan year"}:
        return False
    if not strict:
        return bool(kinds - {"uncertain", "often"}) and bool(re.search(r"[A-Za-z]|\d{4}", text))
    answer = read_when(text, NO_TIME)
    return bool(answer.due) and not kinds <= {"year"} and bool(re.search(r"(?:19|20)\d\d", text))


def _says_when(text):
    found = tokens_of(text)
    if any(token.kind == "word" for token in found):
        return False
    answer = read_when(text, NO_TIME)
    return (
        bool(answer.due)
        or answer.missing == "plan dates"
        or any(t.kind in (ONGOING, REPEATS) for t in found)
        or (any(t.kind in ("season", "season of year") for t in found))
    )


# Lines


class Line:
    __slots__ = ("depth", "mark", "source", "text")

    def __init__(self, source, text, depth, mark):
        self.source, self.text, self.depth, self.mark = source, text, depth, mark


def _mark_of(text):
    """The style of a list mark: "1.", "a.", "i.", "A.", "•"; its kind tells how deep a line lies."""
    found = re.match(
        r"^\s*(\(?(?:\d{1,3}(?:\.\d{1,3})+|\d{1,3}|[a-z]|[A-Z]|[ivx]{2,5})[.)]|[•▪◦●○·*‣⁃➢✓]|[-–](?=\s))\s*",
        text,
    )
    if not found:
        return ""
    mark = found[1].strip("().")
    if "." in mark:
        return f"n{mark.count('.')}"
    if mark.isdigit():
        return "1"
    if len(mark) == 1 and mark.isalpha():
        return "a" if mark.islower() else "A"
    return "i" if mark.isalpha() else mark


def rows_of(lines, context, known_legend, *, alone):
    """(rows, lines that stand with none) of running text. `alone`: the file has no tables, so that every line
    which is no heading and no note is a row; beside tables only lines that say who or when are."""
    reader = _Reader(context, known_legend, alone)
    prepared = _prepare(lines)
    for position, line in enumerate(prepared):
        reader.line(line, prepared[position + 1 : position + 40])
    reader.clear(0)
    return reader.found, reader.waiting


def _prepare(lines):
    """Lines of wrapped text are put together again: one that goes on in lower case belongs to the line before."""
    out, marks = [], []
    for line in lines:
        text = " ".join(line.cells[0].text.split())
        if not text:
            continue
        mark = _mark_of(text)
        word_list = line.level is not None and not mark and any(other.level is None for other in lines)
        if out and not mark and not word_list and _goes_on(out[-1].text, text):
            out[-1].text = f"{out[-1].text} {text}"
            continue
        if word_list:
            mark = f"w{line.level}"
        if mark and mark not in marks:
            marks.append(mark)
        depth = _depth(mark, marks, line.level) if mark else 0
        if mark and len(marks) > depth:
            del marks[depth:]
        out.append(Line(line.source, text, depth, mark))
    return out


def _depth(mark, marks, level):
    if mark.startswith("w"):
        return int(mark[1:]) or 1
    return marks.index(mark) + 1


def _goes_on(before, text):
    return (text[0].islower() and not before.rstrip().endswith((".", ":", "!", "?"))) or (
        before.rstrip().endswith(",") and text[0].islower()
    )


class _Reader:
    def __init__(self, context, known_legend, alone):
        self.context, self.legend, self.alone = context, known_legend, alone
        self.found, self.waiting, self.parents, self.fresh = [], [], {}, []

    def line(self, line, following):
        text = line.text
        if self.legend and (legend.is_explained(text, self.legend) or legend.is_heading(text)):
            return
        if legend.entries_of(text):
            self._note(text)
            return
        if self._field_line(text):
            return
        bare = labels.NUMBERED.match(text)["text"] if line.mark and labels.NUMBERED.match(text) else text
        kind = labels.kind_of(text) or (labels.kind_of(bare) if line.mark else "")
        who, when = read_sentence(labels.without_number(text)), find_when(text)
        says = bool(who.titles or when)
        if self.context.wants_text and not line.mark:
            self.context.complete(text)
        elif kind == "goal" and (not says or labels.GOAL.match(text)):
            self.clear(0)
            self.context.set_goal(text)
        elif kind == "objective" and self._heads(line, following):
            self.clear(0)
            self.context.set_objective(text)
        elif kind == "note" and not says and (labels.NOTE.match(text) or not WILL.search(text)):
            self._note(text)
        elif labels.STEP.match(text) or (
            line.mark and not (kind == "title" and self._heads_list(line, following) and not says)
        ):
            self._step(line, following, says, when)
        elif not line.mark and kind == "title" and not when:
            self._heading(text)
        elif self.alone and (says or labels.begins_with_verb(text) or WILL.search(text) or _dash_parts(text)):
            self._step(line, following, says, when)
        elif line.mark:
            self._parent(line)
        elif not self.alone and not (who.titles and when):
            self._note(text)
        elif says:
            self._step(line, following, says, when)
        else:
            self._note(text)

    def _heads(self, line, following):
        """An objective or strategy with rows under it heads them; the last of its kind with nothing below is a row."""
        for later in following:
            if labels.STEP.match(later.text) or later.mark:
                return True
            if labels.OBJECTIVE.match(later.text) or labels.GOAL.match(later.text):
                return False
            if not FIELD_LINE.match(later.text):
                return True
        return False

    def _heads_list(self, line, following):
        return bool(following) and following[0].depth > line.depth

    def _heading(self, text):
        self.clear(0)
        if labels.is_plan_title(text):
            self.waiting.append(text)
            return
        if self.context.goal and not self.context.section:
            self.context.set_objective(text)
        else:
            self.context.set_goal(text, section=True)

    def clear(self, depth):
        """Lists of this depth are over. A heading in them that no row came under stands with what is around it."""
        for deeper in sorted(key for key in self.parents if key >= depth):
            text = self.parents.pop(deeper)
            if text in self.fresh:
                self.fresh.remove(text)
                self._note(text)

    def _parent(self, line):
        self.clear(line.depth)
        self.parents[line.depth] = line.text
        self.fresh.append(line.text)

    def _step(self, line, following, says, when):
        """A numbered line. One that has lines under it and says neither who nor when is only their heading."""
        heads = bool(following) and following[0].depth > line.depth > 0
        self.clear(line.depth or 1)
        if heads and not says and not any(self._is_field(later.text) for later in following[:1]):
            self.parents[line.depth] = line.text
            self.fresh.append(line.text)
            return
        if not self.alone and not says and not labels.STEP.match(line.text):
            self._note(line.text)
            return
        above = [self.parents[key] for key in sorted(self.parents) if key < (line.depth or 1)]
        row = Found(
            source=line.source,
            goal=self.context.goal,
            objective=self.context.objective or (above[-1] if above else ""),
            step=line.text,
            when=when,
            notes=self.waiting,
            cells=[line.text],
        )
        row.notes.extend(text for text in above if text in self.fresh and text != row.objective)
        self.fresh = [text for text in self.fresh if text not in above]
        self.context.come_under(row)
        _dash_fields(row)
        self.waiting = []
        self.found.append(row)
        if heads:
            self.parents[line.depth] = line.text

    def _is_field(self, text):
        found = FIELD_LINE.match(text)
        return bool(found) and c.field_of(found["label"]) in FIELDS

    def _field_line(self, text):
        """ "Timeline: Fall 2011" under a step fills the step's own cell."""
        parts = [part for part in re.split(r"\s*;\s+(?=[A-Z][\w()/ ]{2,30}:)|\s{3,}|\s*\|\s*", text) if part]
        found = [FIELD_LINE.match(part) for part in parts]
        named = [c.field_of(match["label"]) if match else None for match in found]
        if not self.found or not parts or not all(name in FIELDS for name in named):
            return False
        row = self.found[-1]
        for match, name in zip(found, named, strict=True):
            setattr(row, FIELDS[name], "; ".join(filter(None, [_own(row, name), match["value"].strip()])))
            if name == c.OWNER:
                row.has_owner_column = True
            if name in (c.WHEN, c.DUE):
                row.has_when_column = True
        return True

    def _note(self, text):
        if self.found:
            self.found[-1].notes.append(text)
        else:
            self.waiting.append(text)


def _own(row, name):
    """What a field line already gave; what was only found in the sentence gives way to it."""
    if name == c.WHEN and not row.has_when_column:
        return ""
    return getattr(row, FIELDS[name])


def _dash_parts(text):
    """ "Install access points – Network Administrator – June 2025": what stands behind the dashes, when all of it is
    roles and times and at least one time is among them."""
    parts = [part.strip(" .") for part in re.split(r"\s+[–—-]\s+|\s*\|\s*", text)]
    if len(parts) < 2:
        inside = re.search(r"\(([^()]+)\)\s*\.?$", text)
        pieces = [piece.strip() for piece in re.split(r"[,;]", inside[1])] if inside else []
        return pieces if len(pieces) > 1 and _who_and_when(pieces) else []
    return parts[1:] if _who_and_when(parts[1:]) else []


def _who_and_when(parts):
    times = [part for part in parts if _says_when(part)]
    return bool(times) and all(part in times or is_role(part) for part in parts) and len(times) < len(parts)


def _dash_fields(row):
    parts = _dash_parts(row.step)
    if parts:
        row.when = "; ".join(part for part in parts if _says_when(part))
        row.who = "\n".join(part for part in parts if not _says_when(part))
        row.has_owner_column = row.has_when_column = True


__all__ = ["Context", "find_when", "rows_of"]
