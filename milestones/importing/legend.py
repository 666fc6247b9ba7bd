"""Owner codes and what they stand for, wherever the file explains them."""

import re

from milestones.importing.columns import OWNER
from milestones.importing.owners import is_role, key_of, words_of
from milestones.importing.words import KNOWN_SHORT
from stakeholders.files.shapes import LONG

CODE = r"[A-Z][A-Za-z0-9.&/]{0,7}"
PREFIX = re.compile(
    r"^\s*(?:(?:owner|staff|role|responsib\w+|person\w*|position)s? ){0,3}"
    r"(?:key|legend|codes?|abbreviations?|acronyms?|initials)"
    r"(?: (?:to|for|of|used)[\w ]{0,30})?\s*[:.–—-]?\s*",
    re.I,
)
ENTRY = re.compile(rf"^\(?({CODE})\)?\s*(=|:|–|—|-|stands for|means|is)\s*(.{{2,80}})$")
BACKWARDS = re.compile(rf"^(.{{3,80}}?)\s*(=|–|—|\()\s*({CODE})\)?$")
INLINE = re.compile(r"([A-Z][\w.’'-]*(?: (?:of|and|for|the|&|[A-Z][\w.’'-]*)){1,6}) \(([A-Z]{2,5})\)")
HEADING = re.compile(r"(key|legend|codes?|abbreviations?|acronyms?|initials|symbols?)( .{0,30})?", re.I)


def entries_of(text, *, loose=False):
    """{code: title} when the whole line explains codes, else nothing. `loose`: one code with a dash or colon is enough,
    as in a list of them."""
    if len(text) > LONG:
        return {}
    prefixed = PREFIX.match(text)
    body = text[prefixed.end() :] if prefixed else text
    for separator in (r"\s*[;\n|,]\s*|\s{3,}", r"\s*[;\n|]\s*"):
        parts = [part.strip(" .,") for part in re.split(separator, body) if part.strip(" .,")]
        found = [_entry(part) for part in parts]
        if parts and all(found) and (len(parts) > 1 or prefixed or "=" in body or loose):
            return dict(found)
    return {}


def _entry(text):
    found = ENTRY.match(text)
    if found and (found[2] == "=" or not found[1].islower()) and _is_title(found[3], found[1]):
        return found[1], found[3].strip()
    found = BACKWARDS.match(text)
    if found and _is_title(found[1], found[3]) and found[3].isupper():
        return found[3], found[1].strip()
    return None


def _is_title(title, code):
    return "=" not in title and (is_role(title) or _initials(title, code))


def _initials(title, code):
    letters = "".join(word[0] for word in words_of(title) if word not in ("of", "and", "the", "for"))
    return len(code) > 1 and letters == code.lower().replace(".", "")


def pair_of(texts):
    """(code, title) of a row of two cells that explains a code."""
    filled = [text for text in texts if text]
    if len(filled) != 2 or max(map(len, filled)) > LONG:
        return None
    code, title = filled
    if re.fullmatch(CODE, title) and not re.fullmatch(CODE, code):
        code, title = title, code
    if (
        re.fullmatch(CODE, code)
        and len(code) <= 6
        and not re.fullmatch(CODE, title)
        and _is_title(title, code)
    ):
        return code, title
    return None


def is_heading(text):
    return bool(
        HEADING.fullmatch(text.strip(" :")) or (PREFIX.match(text) and not PREFIX.sub("", text, count=1))
    )


def is_pair_heading(texts):
    """ "Code | Role", "Abbreviation | Stands for" """
    filled = [text.strip(" :").lower() for text in texts if text]
    return len(filled) == 2 and (is_heading(filled[0]) or is_heading(filled[1]))


def inline(text):
    """ "Technology Coordinator (TC)" explains TC, when the title is a role or begins with those letters."""
    found = {}
    if len(text) > LONG or "(" not in text:
        return found
    for title, code in INLINE.findall(text):
        words = title.split()
        for start in range(len(words)):
            shorter = " ".join(words[start:])
            if _initials(shorter, code):
                found[code] = shorter
                break
        else:
            if is_role(title) and code.lower() not in KNOWN_SHORT:
                found[code] = title
    return found


def useful(legend, cells):
    """Only codes that really stand in owner cells, so that a note about colours does not become a role."""
    used = " ".join(cells)
    return {
        code: title
        for code, title in legend.items()
        if re.search(rf"(?<!\w){re.escape(code.strip('.'))}(?!\w)", used, re.I) and key_of(title)
    }


def is_explained(text, known):
    """Does the line say nothing but what codes in `known` stand for?"""
    entries = entries_of(text, loose=True)
    return bool(entries) and all(known.get(code) == title for code, title in entries.items())


# Finding it


def _is_key(block):
    """A sheet that is called "Legend" or "Codes"."""
    return block.sheet and is_heading(block.name)


def find(blocks, found_tables):
    """What the file says of its owner codes, wherever it says so."""
    codes, cells = {}, []
    for table in found_tables:
        owner_columns = [column for column, name in table.fields.items() if name == OWNER]
        for column in owner_columns:
            inside = table.headings.get(column, "").partition("(")[2].rstrip(") ")
            codes.update(entries_of(inside) if inside else {})
        for line in table.lines:
            for column in owner_columns:
                if column < len(line.cells):
                    cells.append(line.cells[column].text)
                    codes.update(inline(line.cells[column].text))
    used = set(useful(codes, cells))
    for block in blocks:
        for run in _legend_runs(block):
            # one code of a list that stands in an owner cell shows that the list explains owners
            used.update(run if useful(run, cells) else ())
            for code, title in run.items():
                codes.setdefault(code, title)
    return {code: title for code, title in codes.items() if code in used}


def _legend_runs(block):
    """{code: title} of each run of lines that explain codes: below "Key:", on a sheet called so, or on their own."""
    run, in_list = {}, _is_key(block)
    for line in block.lines:
        texts = [text for text in line.texts() if text]
        pair = pair_of(texts)
        said = dict([pair]) if pair else {}
        for text in texts:
            said.update(entries_of(text, loose=in_list))
        if not said and (len(texts) == 1 or not block.grid):
            said = inline(" ".join(texts))
        heading = is_pair_heading(texts) or (len(texts) == 1 and is_heading(texts[0]))
        if not said and run:
            yield run
            run = {}
        run.update({code: title for code, title in said.items() if code not in run})
        in_list = bool(said) or heading or _is_key(block)
    if run:
        yield run
