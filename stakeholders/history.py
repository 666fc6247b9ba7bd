"""Who changed what, and when, in words. The rows behind it are kept by django-simple-history."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from stakeholders.differences import changed

PER_PAGE = 50
ONE_SAVE = timedelta(seconds=3)  # a form writes several rows; what one person saved in one go is one entry
NOT_TOLD = {"id", "district", "version", "position", "time_zone_before", "time_zone_since"}


@dataclass(frozen=True)
class Link:
    """Rows that tie the edited row to others. `tell(record, name, came)` puts one that came or went into words."""

    model: type[models.Model]
    own: str  # the field that leads to the edited row
    other: str  # the field that leads to what it is tied to
    tell: Callable[[Any, str, bool], str]


@dataclass
class Entry:
    at: datetime
    who: str
    happened: list[str] = field(default_factory=list)
    changes: list[tuple[str, SafeString]] = field(default_factory=list)


def history_response(
    request: HttpRequest, row: Any, *, links: Sequence[Link] = (), crumbs: list[tuple[str, str]]
) -> HttpResponse:
    """Return the page that tells what became of `row`, latest first."""
    page = Paginator(_keys(row, links), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "entries": _entries(row, links, page, request.district.time_zone),
        "page": page,
        "crumbs": crumbs,
    }
    return render(request, "history.html", context)


def _keys(row: Any, links: Sequence[Link]) -> list[tuple[datetime, int, int]]:
    """When, from which table (0: the row's own) and which record: light enough to sort all of them."""
    tables = [row.history.all(), *(link.model.history.filter(**{link.own: row.pk}) for link in links)]
    keys = [
        (at, number, pk)
        for number, records in enumerate(tables)
        for at, pk in records.order_by().values_list("history_date", "history_id")
    ]
    return sorted(keys, reverse=True)


def _entries(row: Any, links: Sequence[Link], page: Page, time_zone: str) -> list[Entry]:
    wanted = defaultdict(list)
    for _at, number, pk in page:
        wanted[number].append(pk)
    own = {r.history_id: r for r in _with_those_before(row, wanted[0])}
    before = _befores(own)
    tied = [
        {
            r.history_id: r
            for r in link.model.history.filter(history_id__in=wanted[n]).select_related("history_user")
        }
        for n, link in enumerate(links, start=1)
    ]
    names = Names([*own.values(), *(r for records in tied for r in records.values())])
    entries: list[Entry] = []
    for at, number, pk in page:
        record = tied[number - 1][pk] if number else own[pk]
        entry = Entry(at.astimezone(ZoneInfo(time_zone)), str(record.history_user or _("No name on record")))
        if number:
            link = links[number - 1]
            name = names.of(record, link.model._meta.get_field(link.other))
            entry.happened.append(link.tell(record, name, record.history_type != "-"))
        else:
            _tell(entry, record, before.get(pk), names)
        _put(entries, entry)
    return entries


def _put(entries: list[Entry], entry: Entry) -> None:
    """Add `entry`, to the one above it when both are of one save; an entry that says nothing is left out."""
    above = entries[-1] if entries else None
    if above and above.who == entry.who and above.at - entry.at <= ONE_SAVE:
        above.happened[:0], above.changes[:0] = entry.happened, entry.changes
    elif entry.happened or entry.changes:
        entries.append(entry)


def _with_those_before(row: Any, ids: list[int]) -> list[Any]:
    """Return the row's records `ids` and the one before the first of them, oldest first."""
    records = row.history.order_by("history_date", "history_id").select_related("history_user")
    chosen = list(records.filter(history_id__in=ids))
    if chosen:
        first = chosen[0]
        earlier = records.filter(history_date__lte=first.history_date).exclude(history_id__in=ids)
        chosen = [*earlier.reverse()[:1], *chosen]
    return chosen


def _befores(own: dict[int, Any]) -> dict[int, Any]:
    records = list(own.values())
    return {later.history_id: earlier for earlier, later in pairwise(records)}


def _tell(entry: Entry, record: Any, before: Any, names: "Names") -> None:
    if record.history_type == "+" or before is None:
        entry.happened.append(_("Added"))
        return
    for column in record.tracked_fields:
        old, new = getattr(before, column.attname), getattr(record, column.attname)
        if old == new or column.name in NOT_TOLD:
            continue
        if column.name == "archived_on":
            entry.happened.append(_("Archived") if new else _("Brought back"))
            continue
        label = str(column.verbose_name)
        words = changed(names.of(before, column), names.of(record, column))
        if not isinstance(column, models.CharField | models.TextField) or column.choices:
            words = _from_to(names.of(before, column), names.of(record, column))
        entry.changes.append((label[:1].upper() + label[1:], words))


def _from_to(old: str, new: str) -> SafeString:
    if not old:
        return format_html("<ins>{}</ins>", new)
    return format_html("<del>{}</del> → {}", old, format_html("<ins>{}</ins>", new) if new else _("nothing"))


class Names:
    """Values as people say them; rows that are pointed to are fetched once for all records, a query a table."""

    def __init__(self, records: list[Any]):
        ids: dict[type[models.Model], set[int]] = defaultdict(set)
        for record in records:
            for column in getattr(record, "instance_type", type(record))._meta.concrete_fields:
                told = column.is_relation and column.name not in NOT_TOLD
                if told and getattr(record, column.attname, None):
                    ids[column.related_model].add(getattr(record, column.attname))
        self.rows = {model: model._base_manager.in_bulk(wanted) for model, wanted in ids.items()}

    def of(self, record: Any, column: models.Field) -> str:
        value = getattr(record, column.attname)
        if value is None or value == "":
            return ""
        if column.is_relation:
            return str(self.rows[column.related_model].get(value) or _("something removed since"))
        if column.choices:
            return str(dict(column.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return date_format(value, "M j, Y") if isinstance(value, date) else str(value)
