"""The page for the second of two people who edited the same row: both texts side by side, and neither is lost."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.choices import flatten_choices
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stakeholders.differences import marked
from stakeholders.edit_forms import EditForm
from stakeholders.editing import StaleEdit


def conflict_response(request: HttpRequest, form: EditForm, stale: StaleEdit, *, back: str) -> HttpResponse:
    """Return the 409 page. "Use mine" sends `form` again, to the same address and with the version that stands now;
    "Use theirs" leads to `back`.
    """
    current = stale.current
    theirs = form.as_it_stands(current)
    form.data = form.data.copy()
    form.data[form.add_prefix("version")] = str(current.version)
    last = current.history.select_related("history_user").first() if hasattr(current, "history") else None
    context = {
        "form": form,
        "back": back,
        "title": str(current),
        "who": str(last.history_user) if last and last.history_user else _("Somebody else"),
        "at": last and _time_of(last.history_date, request),
        "differ": _what_differs(form, theirs),
    }
    return render(request, "409.html", context, status=409)


def _time_of(at: datetime, request: HttpRequest) -> str:
    at = at.astimezone(ZoneInfo(request.district.time_zone))
    return date_format(at, "g:i a" if at.date() == request.today else "M j, g:i a")


def _what_differs(mine: forms.BaseForm, theirs: forms.BaseForm) -> list[tuple[str, str, str]]:
    rows = []
    for field in mine.visible_fields():
        yours, others = in_words(field), in_words(theirs[field.name])
        if yours != others:
            rows.append((field.label, marked(yours, others), marked(others, yours)))
    return rows


def in_words(field: forms.BoundField) -> str:
    """Return what a field holds as its reader would say it: labels instead of keys."""
    value = field.value()
    if value is None or value == "":
        return ""
    values = [str(getattr(v, "pk", v)) for v in (value if isinstance(value, list | tuple) else [value])]
    if hasattr(field.field, "choices"):
        labels = {str(key): str(label) for key, label in flatten_choices(field.field.choices)}
        values = [labels[v] for v in values if v in labels]
    return ", ".join(values)
