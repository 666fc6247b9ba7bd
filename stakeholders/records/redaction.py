"""Take a former member's name out of a district's records, and keep the records readable. It cannot be undone.

Everything that the person did in this district leads from then on to somebody who never was, called "Former member #7":
who did what stays one person's story, in rows and in their histories alike. The person's other districts are left alone;
who belongs nowhere any more is deleted, and the address is free. The name and the address are also taken out of every text
of the district, and texts that somebody picks are replaced whole. Reports that were frozen stay as they were handed out.
"""

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from stakeholders.coming_in.sessions import end_sessions
from stakeholders.editing import lock
from stakeholders.models import District, Invitation, Membership, Notice, Person
from stakeholders.models.redaction import Redaction
from stakeholders.records.about_person import (
    all_links,
    belongs_to_a_district,
    district_links,
    json_columns,
    text_columns,
)

NOBODY_AT = "redacted.invalid"  # a name that no mail server can have
REDACTED = "[redacted]"
TEXTS_OFFERED = 300
COPIED = 12  # a text this long is the same text where it is repeated; a shorter one may be anybody's


class Refused(Exception):
    """This person cannot be redacted here; `str()` says why, for the page."""


@dataclass(frozen=True)
class Words:
    """A text that the person wrote. `key` names it in the form."""

    key: str
    where: str
    text: str


# What stands in the way, and what would be done


def why_not(membership: Membership) -> str:
    """Return why this member's name has to stay; nothing when it may go."""
    if membership.person.email.endswith(f"@{NOBODY_AT}"):
        return _("This name is out of the records already.")
    if membership.ended_at is None:
        return _("Access has not ended. End it first, and hand over what this person leads.")
    return ""


def words_of(membership: Membership) -> list[Words]:
    """Return the texts that the person wrote in this district, the latest first; so many as a page can offer."""
    found = []
    for model in apps.get_models():
        for name, columns in getattr(model, "words_of", {}).items():
            rows = model._base_manager.filter(district=membership.district_id, **{name: membership.person_id})
            rows = rows.order_by("-pk")[:TEXTS_OFFERED]
            for row in rows:
                for column in columns:
                    if text := getattr(row, column):
                        key = f"{model._meta.label_lower}-{row.pk}-{column}"
                        found.append(Words(key, str(model._meta.verbose_name), text))
    return found[:TEXTS_OFFERED]


# Doing it


@transaction.atomic
def redact(
    membership: Membership, *, by: Person | None, now: datetime, reason: str, texts: Iterable[str] = ()
) -> Redaction:
    """Take the member's name out of this district. `texts` are keys of `words_of`. Raises Refused."""
    district = membership.district
    lock(district)
    membership = Membership.objects.select_related("person").get(pk=membership.pk)
    if no := why_not(membership):
        raise Refused(no)
    person = membership.person
    wanted = [one for one in words_of(membership) if one.key in set(texts)]
    _replace_texts(district, wanted)
    number = 1 + (Redaction.objects.in_district(district).aggregate(n=Max("number"))["n"] or 0)
    stand_in = _stand_in(number)
    _close_what_is_open(district, person, by=by, now=now)
    _lead_elsewhere(district, person, stand_in)
    Membership.objects.in_district(district).filter(person=stand_in).update(
        source_id=""
    )  # names them in a roster
    scrub = _Scrub({person.name: stand_in.name, person.email: stand_in.email})
    scrub.district(district)
    done = Redaction.objects.create(
        district=district,
        number=number,
        stands_for=stand_in,
        by=None if by == person else by,
        at=now,
        reason=scrub.text(reason)[:300],
        texts=len(wanted),
    )
    if not Membership.objects.filter(person=person).exists():
        _forget(person, scrub)
    return done


def _stand_in(number: int) -> Person:
    """Make the person who never was: nobody can sign in as them, and no mail goes to them."""
    email = f"former-member-{secrets.token_hex(8)}@{NOBODY_AT}"
    return Person.objects.create_user(email, name=_("Former member #%(n)s") % {"n": number}, is_active=False)


def _replace_texts(district: District, wanted: list[Words]) -> None:
    """Put "[redacted]" in the place of each text, of its copies in other rows, and in the histories of all of them."""
    for one in wanted:
        label, pk, column = one.key.split("-")
        rows = apps.get_model(label)._base_manager.filter(district=district, pk=pk)
        rows.update(**{column: REDACTED})
        if len(one.text) >= COPIED:
            for model in _models_of_districts():
                for other in text_columns(model):
                    if not isinstance(other, models.URLField):
                        same = _rows(model, district).filter(**{other.name: one.text})
                        same.update(**{other.name: REDACTED[: other.max_length]})


def _close_what_is_open(district: District, person: Person, *, by: Person | None, now: datetime) -> None:
    """Take back an invitation that waits for the address, and empty the messages that were for this person."""
    waiting = Invitation.objects.in_district(district).open().filter(email__iexact=person.email)
    waiting.update(revoked_at=now, revoked_by=by or person)
    notices = Notice.objects.in_district(district).filter(person=person)
    notices.filter(sent_at__isnull=True, withdrawn_at__isnull=True).update(withdrawn_at=now)
    notices.update(subject=REDACTED, body=REDACTED)


def _lead_elsewhere(district: District, person: Person, stand_in: Person) -> None:
    """Let every row of the district that leads to `person`, history included, lead to `stand_in`."""
    District.objects.filter(pk=district.pk, in_charge=person).update(in_charge=None)
    for link in district_links():
        for name in link.names:
            link.of_district(district).filter(**{name: person.pk}).update(**{name: stand_in.pk})


class _Scrub:
    """Replaces names and addresses, whole ones only: "Will" is not found in "Willow"."""

    def __init__(self, instead: dict[str, str]):
        self.instead = {old.casefold(): new for old, new in instead.items() if old.strip()}
        longest_first = sorted(filter(str.strip, instead), key=len, reverse=True)
        either = "|".join(re.escape(old) for old in longest_first)
        self.pattern = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
        self.olds = longest_first

    def text(self, text: str) -> str:
        return self.pattern.sub(lambda found: self.instead[found[0].casefold()], text)

    def district(self, district: District) -> None:
        for model in _models_of_districts():
            self.rows(model, _rows(model, district))

    def rows(self, model: type[models.Model], rows: models.QuerySet) -> None:
        texts = [f for f in text_columns(model) if not _is_frozen(model, f)]
        data = [f for f in json_columns(model) if not _is_frozen(model, f)]
        named = Q()
        for column in texts:
            for old in self.olds:
                named |= Q(**{f"{column.name}__icontains": old})
        if data:
            named = Q()  # text inside JSON may be written with escapes; these tables are small
        elif not named:
            return
        names = [f.name for f in [*texts, *data]]
        for pk, *values in list(rows.filter(named).values_list("pk", *names)):
            changed = {}
            for column, value in zip([*texts, *data], values, strict=True):
                new = self.anything(value)
                if new != value:
                    roomy = (
                        isinstance(new, str)
                        and column.max_length
                        and not isinstance(column, models.JSONField)
                    )
                    changed[column.name] = new[: column.max_length] if roomy else new
            if changed:
                rows.filter(pk=pk).update(**changed)

    def anything(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.anything(one) for one in value]
        if isinstance(value, dict):
            return {self.anything(key): self.anything(one) for key, one in value.items()}
        return value


def _is_frozen(model: type[models.Model], column: models.Field) -> bool:
    return column.name in getattr(model, "handed_out", ())


def _models_of_districts() -> Iterator[type[models.Model]]:
    return (model for model in apps.get_models() if belongs_to_a_district(model))


def _rows(model: type[models.Model], district: District) -> models.QuerySet:
    if getattr(model, "instance_type", model) is District:
        return model._base_manager.filter(id=district.pk)
    return model._base_manager.filter(district=district.pk)


def _forget(person: Person, scrub: _Scrub) -> None:
    """Delete who belongs nowhere any more. Whom other rows still lead to, or who ran this installation, is emptied."""
    end_sessions(person)
    of_person = {"content_type": ContentType.objects.get_for_model(Person), "object_id": str(person.pk)}
    LogEntry.objects.filter(**of_person).update(object_repr=_("Former member"))
    scrub.rows(LogEntry, LogEntry.objects.filter(Q(user=person) | Q(**of_person)))
    links = [link for link in all_links() if belongs_to_a_district(link.model) or link.model is LogEntry]
    is_named = any(
        link.model._base_manager.filter(**{name: person.pk}).exists() for link in links for name in link.names
    )
    if is_named or person.is_staff or person.is_superuser:
        _empty(person)
    else:
        person.delete()


def _empty(person: Person) -> None:
    for link in all_links():
        if not belongs_to_a_district(link.model) and link.model is not LogEntry:
            for name in link.names:
                link.model._base_manager.filter(**{name: person.pk}).delete()
    person.name = _("Former member")
    person.email = f"former-member-{secrets.token_hex(8)}@{NOBODY_AT}"
    person.is_active = person.is_staff = person.is_superuser = False
    person.set_unusable_password()
    person.save()
