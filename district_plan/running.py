"""The page for whoever runs the installation (`Person.is_staff`): does it run, and what could not be done?

For everybody else who is signed in there is no such page.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from district_plan import installation
from district_plan.jobs import look
from stakeholders.queues import Queue, queue, queues

logger = logging.getLogger(__name__)

SHOWN = 25  # parked rows of a kind; when there are more, one cause is behind most of them


def for_whoever_runs_it(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view: signed out to the sign-in page, 404 for whoever does not run the installation."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(request.user, "is_staff", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@never_cache
@for_whoever_runs_it
@require_safe
def running(request: HttpRequest) -> HttpResponse:
    """Show whether everything runs, what could not be done, and what the installation is made of."""
    now = timezone.now()
    health = look(now)
    facts = installation.facts(now)
    context = {
        "health": health,
        "jobs": list(installation.spoken_jobs(health)),
        "waiting": [
            {"state": state, "oldest": installation.spoken(state.oldest) if state.oldest is not None else "–"}
            for state in health.queues
        ],
        "parked": [_shown(one) for one in queues() if one.parked().exists()],
        "facts": facts,
        "warnings": installation.warnings(),
    }
    return render(request, "district_plan/running.html", context)


def _shown(one: Queue) -> dict[str, Any]:
    rows = list(one.parked()[: SHOWN + 1])
    return {
        "queue": one,
        "rows": [one.describe(row) for row in rows[:SHOWN]],
        "more": one.parked().count() - SHOWN if len(rows) > SHOWN else 0,
    }


@for_whoever_runs_it
@require_POST
def retry(request: HttpRequest, kind: str, row: int) -> HttpResponse:
    """Let one row that was given up after three tries be tried anew."""
    return _again(request, kind, row)


@for_whoever_runs_it
@require_POST
def retry_all(request: HttpRequest, kind: str) -> HttpResponse:
    """Let all rows of a kind be tried anew."""
    return _again(request, kind)


def _again(request: HttpRequest, kind: str, *rows: int) -> HttpResponse:
    count = _queue(kind).retry(*rows)
    logger.info("%s of %s wait again; asked for by person %s", count, kind, request.user.pk)
    if count:
        words = ngettext(
            "%(n)d waits again and is tried soon.", "%(n)d wait again and are tried soon.", count
        )
        messages.success(request, words % {"n": count})
    else:
        messages.info(request, _("There was nothing to try again any more."))
    return redirect("running")


@for_whoever_runs_it
@require_POST
def give_up(request: HttpRequest, kind: str, row: int) -> HttpResponse:
    """Leave one row as it is, and speak of it no more."""
    if _queue(kind).give_up(row, now=timezone.now()):
        logger.info("%s %s is left as it is; asked for by person %s", kind, row, request.user.pk)
        messages.success(request, _("Left as it is. It is not listed here any more."))
    else:
        messages.info(request, _("It had been dealt with already."))
    return redirect("running")


def _queue(kind: str) -> Queue:
    found = queue(kind)
    if found is None:
        raise Http404
    return found
