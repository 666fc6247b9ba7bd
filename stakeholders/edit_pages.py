"""The same few answers of every page on which a row is added or edited."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from stakeholders.conflict import conflict_response
from stakeholders.edit_forms import EditForm
from stakeholders.editing import StaleEdit

TEMPLATE = "edit.html"


def form_page(
    request: HttpRequest, form: forms.BaseForm, *, template: str = TEMPLATE, **context: Any
) -> HttpResponse:
    """Return the page of a form: 422, with what was typed kept, when it was sent and cannot be saved."""
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


def add_page(
    request: HttpRequest, form: EditForm, *, then: Callable[[Any], str], **context: Any
) -> HttpResponse:
    """Show an empty form, or add the row and lead on to the address that `then` makes of it."""
    if request.method == "POST" and form.is_valid() and form.add(by=request.user):
        messages.success(request, _("Saved."))
        return redirect(then(form.instance))
    return form_page(request, form, **context)


def edit_page(request: HttpRequest, form: EditForm, *, back: str, **context: Any) -> HttpResponse:
    """Show a row's form, or save it and lead back to the row; both texts when somebody else was first."""
    if request.method == "POST" and form.is_valid():
        try:
            if form.save_edit(by=request.user):
                messages.success(request, _("Saved."))
                return redirect(back)
        except StaleEdit as stale:
            return conflict_response(request, form, stale, back=back)
    return form_page(request, form, back=back, **context)
