"""Who: the roles in an owner cell, and the role that a sentence begins with.

A piece of a cell is only cut off when what remains on both sides reads as a role of its own: "Director of
Curriculum and Instruction" is one role, "Principal and Tech. Coordinator" are two.
"""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from milestones.importing.words import (
    ABBREVIATIONS,
    COMPOUND,
    FIRST_WORDS,
    GROUPS,
    HEADS,
    JOINERS,
    KNOWN_SHORT,
    NOT_OWNERS,
    PEOPLE,
    ROLE_WORDS,
    WHOLE,
)
from stakeholders.files.shapes import LONG

NOBODY = re.compile(
    r"(tbd|tba|t\.b\.d\.|n/?a|none|nobody|no one|unknown|unassigned|vacant|open|to be (determined|announced|named|assigned)|"
    r"not (yet )?(assigned|named|determined)|pending|various|see (above|below)|same( as above)?|ditto|\W*)\.?",
    re.I,
)


@dataclass(slots=True)
class Owners:
    titles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    support: set[str] = field(default_factory=set)  # titles that the cell itself calls supporting
    lead: str = ""  # the title that the cell itself calls leading


def words_of(text):
    return re.findall(r"[a-z0-9][a-z0-9'’\-]*", text.lower())


def key_of(title):
    """Titles with the same key are the same role: abbreviations written out, case and punctuation gone."""
    found = [word for raw in words_of(title) for word in ABBREVIATIONS.get(raw.strip("'’-"), raw).split()]
    return " ".join(re.sub(r"['’]s?$", "", word) for word in found if word not in ("the", "a", "an", "our"))


def is_role(text):
    """Does this read as one role or several, and as nothing else?"""
    if len(text) > 160 or (text.rstrip().endswith((".", "?")) and len(text.split()) > 6):
        return False
    pieces = [piece for piece in split(text) if piece]
    return bool(pieces) and all(_role_like(piece) for piece in pieces)


def _role_like(piece):
    """Its head noun is one that people or groups are called by: the last word, or the last before "of", "for"..."""
    found = words_of(re.sub(r"\(.*?\)|\*", " ", piece))
    if not found or len(found) > 9 or found[0] in NOT_OWNERS:
        return False
    head = found
    for position, word in enumerate(found):
        if word in JOINERS and position:
            head = found[:position]
            break
    last = re.sub(r"['’]s?$", "", head[-1])
    if last in NOT_OWNERS:
        return False
    return last in HEADS or all(word in KNOWN_SHORT for word in found)


# How a cell is taken apart


def split(cell, known=frozenset()):
    """The pieces of an owner cell. `known` holds keys of roles that exist already: those are never cut."""
    pieces = []
    for line in re.split(r"\n|;|\|", _without_bullets(cell)):
        pieces.extend(_split_weak(line.strip(), known))
    return _joined_lines(pieces, cell, known)


def _without_bullets(cell):
    return re.sub(r"(^|\n)\s*(?:[•▪◦●○·*–-]|\d{1,2}[.)])\s+", r"\1", cell)


def _joined_lines(pieces, cell, known):
    """A line break in the middle of one role ("Technology\nCoordinator") is no separator."""
    if "\n" not in cell or len(pieces) < 2:
        return pieces
    out = [pieces[0]]
    for piece in pieces[1:]:
        whole = f"{out[-1]} {piece}"
        dangling = not _role_like(out[-1]) or (words_of(piece)[:1] and words_of(piece)[0] in JOINERS)
        if (
            dangling
            and _role_like(whole)
            and len(whole.split()) <= 6
            and (not _role_like(piece) or key_of(piece) in HEADS)
        ):
            out[-1] = whole
        else:
            out.append(piece)
    return out


def _split_weak(text, known):
    text = re.sub(
        r"\s*(?:/|,|\band/or\b|\bor\b|\band\b|&)\s*(?:his/her|his|her|their|a)?\s*designees?\b",
        "",
        text.strip(" ,/&"),
        flags=re.I,
    )
    if not text:
        return []
    if key_of(text) in known:
        return [text]
    for separator in (
        r"\s+and/or\s+|\s*/\s*|\s+\+\s+",
        r"\s*,\s*(?:and\s+|&\s*)?",
        r"\s+(?:and|&|with|or)\s+|\s*&\s*",
    ):
        for cut in reversed(list(re.finditer(separator, text))):
            left, right = text[: cut.start()], text[cut.end() :]
            if left.count("(") != left.count(")"):
                continue
            if _complete(left, known) and _complete(right, known):
                return _split_weak(left, known) + _split_weak(right, known)
            shared = _shared_head(left, right)
            if shared:
                return [*_split_weak(shared, known), *_split_weak(right, known)]
    return _split_run(text, known)


def _complete(text, known):
    """A piece that can stand alone: a role, a code, a name; or a list of such."""
    text = text.strip()
    if key_of(text) in known or _role_like(text):
        return True
    if re.fullmatch(r"[A-Z][A-Z0-9.]{0,5}s?|(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?", text):
        return True
    parts = [part for part in re.split(r"\s*/\s*|\s*,\s*|\s+(?:and|&)\s+", text) if part]
    return len(parts) > 1 and all(_role_like(part) or re.fullmatch(r"[A-Z]{1,5}s?", part) for part in parts)


def _shared_head(left, right):
    """ "High School and Middle School Principals" name two roles with one noun; so do "Elementary/Secondary principals"."""
    found, last = words_of(right), words_of(left)
    if not found or not last or found[-1] not in PEOPLE or len(last) > 3 or len(found) > 4:
        return None
    if all(word in ROLE_WORDS for word in last) and last[-1] in (
        "school",
        "elementary",
        "secondary",
        "middle",
        "high",
    ):
        return f"{left.strip()} {right.split()[-1]}"
    return None


def _split_run(text, known):
    """Roles that follow each other with nothing between: "Board of Ed. Superintendent Tech. Coordinator"."""
    tokens = text.split()
    if len(tokens) < 2 or len(tokens) > 14 or "(" in text:
        return [text]
    out, start, position = [], 0, 0
    while position < len(tokens):
        end = _end_of_role(tokens, start, position)
        if end is None:
            position += 1
            continue
        rest = tokens[end:]
        if rest and _begins_role(rest, tokens[start:end], known):
            out.append(" ".join(tokens[start:end]))
            start = position = end
        else:
            position = end if end > position else position + 1
    out.append(" ".join(tokens[start:]))
    return out if all(_role_like(piece) or key_of(piece) in known for piece in out) else [text]


def _bare(token):
    return re.sub(r"[^a-z0-9'-]", "", token.lower())


def _end_of_role(tokens, start, position):
    """Where a role that has its head noun at `position` may end: there, or after a one-word "of Ed."."""
    if _bare(tokens[position]) not in HEADS:
        return None
    if _bare(tokens[position]) in FIRST_WORDS and position + 1 < len(tokens):
        return None  # more often the first word of a role than the last of one
    if position + 2 < len(tokens) and _bare(tokens[position + 1]) == "of":
        return position + 3
    return position + 1


def _begins_role(rest, before, known):
    """Does a new role begin here? Not when the first word only completes the role before ("Committee Chair")."""
    first = _bare(rest[0])
    if first in JOINERS or first in ("and", "&", "or"):
        return False
    ends_with_group = _bare(before[-1]) in GROUPS
    for length in range(1, min(6, len(rest)) + 1):
        piece = [_bare(token) for token in rest[:length]]
        if piece[-1] not in HEADS or (length < len(rest) and piece[-1] in FIRST_WORDS):
            continue
        if key_of(" ".join(rest[:length])) in known:
            return True
        if length == 1:
            return piece[0] in WHOLE and _bare(before[-1]) not in (
                "assistant",
                "associate",
                "deputy",
                "vice",
                "teacher",
            )
        modifiers = piece[:-1]
        if ends_with_group or piece[-1] not in GROUPS or modifiers[0] in ("technology", "tech"):
            proper = all(word in ROLE_WORDS or word in HEADS for word in modifiers)
            return (
                proper and modifiers[0] not in COMPOUND - {"assistant", "department", "staff", "teacher"}
            ) or (ends_with_group and rest[0][0].isupper())
    return False


# What a cell says


def read_owners(cell, *, step="", legend=None, known=frozenset()):
    """The roles in an owner cell. Codes are resolved with the file's legend; what names nobody is left out, and
    the notes say so."""
    legend = legend or {}
    found = Owners()
    text = cell.strip()
    if not text or NOBODY.fullmatch(text):
        if text and re.search(r"\w", text):
            found.notes.append(f"“{shorten(text)}” names no role")
        return found
    if key_of(text) in known:
        found.titles.append(tidy_title(text))
        return found
    if len(text) > LONG:
        found.notes.append("The owner cell holds a whole text")
        return found
    if _repeats(text, step):
        found.notes.append("The owner cell repeats the action and names nobody")
        return found
    for piece in _with_codes(text, legend, known):
        _take(found, piece, legend)
    return found


def read_exact(cell):
    """Our own export: a role a semicolon, whatever its title holds; the first one leads."""
    found = Owners()
    for part in cell.split(";"):
        title = " ".join(part.split())
        support = title.endswith(" (supports)")
        title = title.removesuffix(" (supports)")
        if title and title not in found.titles:
            found.titles.append(title)
            if support:
                found.support.add(title)
    return found


def _with_codes(text, legend, known):
    """Pieces of a cell. Where all of it is made of codes from the legend, blanks separate too: "TC BP"."""
    if legend:
        codes = [code for code in re.split(r"[\s,/;&+]+|\band\b", text) if code]
        if codes and all(code_in(code, legend) for code in codes):
            return codes
    pieces = []
    for piece in split(text, known):
        if legend and not code_in(piece, legend):
            parts = re.split(r"\s*[,/&+]\s*|\s+and\s+", piece)
            if len(parts) > 1 and any(code_in(part, legend) for part in parts):
                pieces.extend(parts)
                continue
        pieces.append(piece)
    return pieces


def code_in(piece, legend):
    """The title that the legend gives for a code, upper or lower case; None for what is no code."""
    bare = piece.strip(" .:()*")
    if bare in legend:
        return legend[bare]
    folded = {code.lower().replace(".", ""): title for code, title in legend.items()}
    return folded.get(bare.lower().replace(".", ""))


def _take(found, piece, legend):
    piece, part = _part_of(piece)
    title = code_in(piece, legend)
    if title:
        found.notes.append(f"{piece.strip(' .')} is {title} (the file's legend)")
        titles = [tidy_title(one) for one in split(title)]
    else:
        titles = [tidy_title(piece)]
    for title in titles:
        if not title or NOBODY.fullmatch(title):
            continue
        if is_unexplained(title):
            found.notes.append(f"“{title}” is a code, and the file does not say whose")
            continue
        if _is_sentence(title):
            found.notes.append(f"“{shorten(title)}” is no role")
            continue
        if title.lower() not in (known.lower() for known in found.titles):
            found.titles.append(title)
        if part == "lead":
            found.lead = title
        elif part == "support":
            found.support.add(title)


def _part_of(piece):
    """ "Lead: Principal", "Principal (support)": who leads and who supports, where a cell says so."""
    found = re.match(r"(?i)\s*(lead|support(?:ing|s)?|assist(?:ing|ed by)?)\s*[:–-]\s*(.+)", piece)
    if found:
        return found[2], "lead" if found[1].lower() == "lead" else "support"
    found = re.search(r"(?i)\s*\((lead|leads|primary|support|supports|supporting|secondary)\)\s*$", piece)
    if found:
        return piece[: found.start()], "lead" if found[1].lower() in (
            "lead",
            "leads",
            "primary",
        ) else "support"
    return piece, ""


def tidy_title(piece):
    """The title as a role has it: no list number, no footnote star, no count in brackets, a capital to begin with."""
    text = re.sub(r"^\s*(?:[•▪◦●·*–-]|\d{1,2}[.)])\s+", "", " ".join(piece.split()))
    text = re.sub(r"\s*\((?:[^()]*\d[^()]*|[A-Z][A-Z0-9.&/-]{0,5})\)", "", text).strip(" *,:;/†‡")
    text = re.sub(r"^(?:the|our)\s+", "", text, flags=re.I)
    if text.endswith(".") and not re.search(
        r"\b(?:[A-Z]|" + "|".join(ABBREVIATIONS) + r"|etc|inc|co|corp)\.$", text, re.I
    ):
        text = text[:-1]
    return text[:1].upper() + text[1:]


def is_unexplained(title):
    bare = title.replace(".", "")
    return bool(re.fullmatch(r"[A-Z]{1,4}\d?", bare)) and bare.lower() not in KNOWN_SHORT


def _is_sentence(title):
    found = words_of(title)
    return (len(found) > 10 and not _role_like(title)) or (title.endswith(".") and len(found) > 6)


def _repeats(text, step):
    one, two = " ".join(words_of(text)), " ".join(words_of(step[:LONG]))
    if not one or not two or len(one) < 12:
        return bool(one) and one == two
    if one == two or (
        len(one.split()) > 4 and (two.startswith(one) or one.startswith(two) or two.endswith(one))
    ):
        return True
    return len(one.split()) > 4 and SequenceMatcher(None, one, two).ratio() > 0.85


def shorten(text, limit=60):
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


# A sentence's own owner

SUBJECT = re.compile(
    r"^(?P<who>[^.;:!?()]{3,110}?)\s*\*?,?\s+(?:will|shall|must|is to|are to|is responsible for|are responsible for)\b",
    re.I,
)


def read_sentence(sentence, known=frozenset()):
    """The roles that a sentence begins with, when "will" follows: "The Technology Committee will survey..."

    Nothing else in a sentence makes an owner: who is trained, told or asked in it does not answer for it."""
    found = SUBJECT.match(sentence.strip()[:LONG])
    if not found:
        return Owners()
    subject = re.sub(r"\*", "", found["who"]).strip()
    subject = re.sub(
        r"^(?:the|each|all|every|our|a|an)\s+",
        lambda word: "All " if word[0].lower().startswith("all") else "",
        subject,
        flags=re.I,
    )
    pieces = split(subject, known)
    if not pieces or not all(key_of(piece) in known or _named_in_sentence(_plain(piece)) for piece in pieces):
        return Owners()
    return Owners(titles=list(dict.fromkeys(tidy_title(_plain(piece)) for piece in pieces)))


def _named_in_sentence(piece):
    """Stricter than in a cell: every part between strokes is a role, and no clause stands in front."""
    if "," in piece or len(piece.split()) > 8 or _is_participle(piece.split()[0].lower()):
        return False
    return all(_role_like(part) for part in piece.split("/"))


def _is_participle(word):
    return word.endswith("ing") and word not in ROLE_WORDS


def _plain(piece):
    return re.sub(r"^(?:the|each|every|our|a|an)\s+", "", piece.strip(), flags=re.I)
