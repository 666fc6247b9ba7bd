"""Everything about one person as a zip: a page to read and the same as JSON. For the person, or for a records request.

One district's rows only, with names of others where they stand in these rows; never a secret. Everything is text: the page
is escaped by its template, and there is no table that a spreadsheet could run.
"""

import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.db import models
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from stakeholders.history import Names
from stakeholders.models import District, Membership, Person, Visit
from stakeholders.records.about_person import OWN, Link, district_links, told_columns

BATCH = 400


@dataclass
class Entry:
    """One row: what it is called, by which columns it tells of the person, and its facts as (label, words)."""

    what: str
    as_: list[str]
    facts: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Section:
    title: str
    model: str
    entries: list[Entry]


@dataclass
class Place:
    """What one district holds about the person."""

    district: str
    level: str
    sections: list[Section]


def page_of(membership: Membership) -> str:
    """Return how a visit names the export of this member's records."""
    return f"export:{membership.pk}"


def note_export(membership: Membership, *, by: Person, now: datetime) -> None:
    """Keep who took everything about this member home, and when; the member's own export tells it."""
    Visit.objects.create(district=membership.district, person=by, page=page_of(membership), at=now)


def exports_of(membership: Membership) -> models.QuerySet[Visit]:
    """Return who has taken everything about this member home, latest first."""
    rows = Visit.objects.in_district(membership.district).filter(page=page_of(membership))
    return rows.select_related("person").order_by("-at", "-pk")


def gather(membership: Membership) -> Place:
    """Gather what the membership's district holds about its person: two queries a table, however many rows."""
    person, district = membership.person, membership.district
    sections = [section for link in district_links() if (section := _section(link, person, district)).entries]
    looked = [
        Entry(str(visit.person), [], [(_("when"), visit.at.isoformat(timespec="seconds"))])
        for visit in exports_of(membership)
    ]
    if looked:
        sections.append(Section(_("Who has exported this"), "stakeholders.Visit", looked))
    return Place(district.name, membership.get_level_display(), sections)


def _section(link: Link, person: Person, district: District) -> Section:
    title = str(link.told_of._meta.verbose_name_plural).capitalize()
    ties = [f.name for f in link.model._meta.concrete_fields if f.is_relation and f.name != "district"]
    rows = list(link.about(person, district).select_related(*([] if link.is_history else ties)))
    if not link.is_history:
        return Section(title, link.label, _entries(link, rows, person))
    changed = [row for row in rows if row.history_user_id == person.pk]
    others = [row for row in rows if row.history_user_id != person.pk]
    entries = [*_changes(link, changed, district), *_entries(link, others, person)]
    return Section(_("History: %(what)s") % {"what": title}, link.label, entries)


def _entries(link: Link, rows: list[Any], person: Person) -> list[Entry]:
    names = Names(rows) if rows else None
    found = []
    for row in rows:
        as_ = [
            str(row._meta.get_field(name).verbose_name)
            for name in link.names
            if getattr(row, f"{name}_id") == person.pk
        ]
        facts = [
            (_label(column), names.of(row, column))
            for column in told_columns(type(row))
            if column.name not in ("history_change_reason", "history_user")
        ]
        what = _title(row) if link.is_history else str(row)
        found.append(Entry(what[:300], as_, [(label, words) for label, words in facts if words]))
    return found


def _changes(link: Link, rows: list[Any], district: District) -> list[Entry]:
    """What the person changed: of each record only what differs from the one before."""
    before = _befores(link, {row.id for row in rows}, district)
    names = Names([*rows, *(before[row.pk] for row in rows if before.get(row.pk))]) if rows else None
    found = []
    for row in rows:
        earlier = before.get(row.pk)
        facts = [(_("when"), row.history_date.isoformat(timespec="seconds"))]
        for column in told_columns(link.told_of):
            if not hasattr(row, column.attname):
                continue
            now, was = names.of(row, column), names.of(earlier, column) if earlier else ""
            if now != was:
                facts.append((_label(column), f"{was} → {now}" if was else now))
        found.append(Entry(_title(row)[:300], [str(row.get_history_type_display()).lower()], facts))
    return found


def _befores(link: Link, ids: set[int], district: District) -> dict[int, Any]:
    """Return for each record the one before it of the same row."""
    of_row: dict[int, list[Any]] = defaultdict(list)
    ordered = sorted(ids)
    for start in range(0, len(ordered), BATCH):
        records = link.of_district(district).filter(id__in=ordered[start : start + BATCH])
        for record in records.order_by("history_date", "history_id"):
            of_row[record.id].append(record)
    return {later.pk: earlier for records in of_row.values() for earlier, later in pairwise(records)}


def _title(record: Any) -> str:
    for name in ("title", "name", "statement"):
        if words := getattr(record, name, ""):
            return str(words)
    return f"{record.instance_type._meta.verbose_name} {record.id}"


def _label(column: models.Field) -> str:
    return str(column.verbose_name)


def own_account(person: Person) -> Section:
    """What belongs to the account and to no district: for the person alone."""
    entries = [
        Entry(
            person.name or person.email,
            [],
            [
                (_("e-mail address"), person.email),
                (_("name"), person.name),
                (_("since"), person.joined_at.isoformat(timespec="seconds")),
                (
                    _("last sign-in"),
                    person.last_login.isoformat(timespec="seconds") if person.last_login else "",
                ),
            ],
        )
    ]
    for label, columns in OWN.items():
        model = apps.get_model(label)
        name = next(
            f.name for f in model._meta.concrete_fields if f.is_relation and f.related_model is Person
        )
        for row in model._base_manager.filter(**{name: person.pk}).order_by("pk"):
            facts = [(_label(model._meta.get_field(c)), str(getattr(row, c) or "")) for c in columns]
            entries.append(Entry(str(model._meta.verbose_name), [], facts))
    return Section(_("The account"), "stakeholders.Person", entries)


def as_zip(person: Person, places: Iterable[Place], *, account: Section | None, now: datetime) -> bytes:
    """Return the zip: `index.html` to read and `everything.json` for a program."""
    told = {
        "person": {"name": person.name, "email": person.email},
        "made_at": now.isoformat(timespec="seconds"),
        "account": asdict(account) if account else None,
        "districts": [asdict(place) for place in places],
    }
    page = render_to_string("stakeholders/records/export_file.html", {**told, "whose": person})
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("index.html", page)
        packed.writestr("everything.json", json.dumps(told, ensure_ascii=False, indent=1))
    return data.getvalue()
