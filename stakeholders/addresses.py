"""Reading a pasted list of addresses, as mail programs and people write them."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from stakeholders.edit_forms import tidy
from stakeholders.models import Person

# A quoted name, what stands in <...>, or anything else up to the next separator.
_PIECE = re.compile(r'"[^"\n]*"|<[^<>\n]*>|[^,;"<>]+|[,;]|["<>]')
_IN_BRACKETS = re.compile(r"^(?P<name>.*?)\s*<\s*(?:mailto:)?(?P<email>[^<>]*)>\s*$")
LONGEST_NAME = Person._meta.get_field("name").max_length
LONGEST_EMAIL = Person._meta.get_field("email").max_length


@dataclass(frozen=True)
class Address:
    """An address in small letters, and the name that stood beside it, if one did."""

    email: str
    name: str = ""


@dataclass(frozen=True)
class Unread:
    """What could not be read as an address, and in which line it stood."""

    line: int
    text: str
    why: str


def read_addresses(pasted: str) -> tuple[list[Address], list[Unread]]:
    """Return the addresses in `pasted`, each once, in order, and what could not be read, by line.

    Between two addresses may stand a comma, a semicolon or a new line. `Name <a@b>`, `"Last, First" <a@b>` and
    `Last, First <a@b>` carry a name.
    """
    found: dict[str, Address] = {}
    unread: list[Unread] = []
    for number, line in enumerate(pasted.splitlines(), start=1):
        for piece in _pieces(line):
            try:
                one = _address(piece)
            except ValidationError as error:
                unread.append(Unread(number, piece[:200], error.messages[0]))
                continue
            if one.email not in found or (one.name and not found[one.email].name):
                found[one.email] = one
    return list(found.values()), unread


def _pieces(line: str) -> list[str]:
    """Split a line at commas and semicolons that stand in no quotes, and put `Last, First <a@b>` together again."""
    pieces, current = [], ""
    for part in _PIECE.findall(line):
        if part in (",", ";"):
            pieces.append((current.strip(), part))
            current = ""
        else:
            current += part
    pieces.append((current.strip(), ""))
    joined, waiting = [], ""
    for text, ends_with in pieces:
        whole = f"{waiting}, {text}" if waiting else text
        waiting = ""
        if text and "@" not in text and ends_with == "," and "<" not in text:
            if whole != text:  # two words without an address: neither is a name before one
                joined.append(whole)
            else:
                waiting = text
        elif whole != text and "<" not in text:
            joined += [whole.removesuffix(f", {text}"), text]
        else:
            joined.append(whole)
    if waiting:
        joined.append(waiting)
    return [piece for piece in joined if piece]


def _address(piece: str) -> Address:
    match = _IN_BRACKETS.match(piece)
    name, email = (match["name"], match["email"]) if match else ("", piece)
    email = email.strip().removeprefix("mailto:").lower()
    try:
        validate_email(email)
    except ValidationError:
        raise ValidationError(_("That is not an e-mail address.")) from None
    if len(email) > LONGEST_EMAIL:
        raise ValidationError(_("This address is too long."))
    return Address(email, _name(name))


def _name(written: str) -> str:
    """Return a name as it is said: without quotes, first name first."""
    name = tidy(written.strip().strip("\"'"))
    last, comma, first = name.partition(",")
    if comma and first.strip() and "," not in first:
        name = f"{first.strip()} {last.strip()}"
    return "" if "@" in name else name[:LONGEST_NAME]
