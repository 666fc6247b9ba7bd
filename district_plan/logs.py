"""What is written into the log, and what never is: no address, no name, no text that anybody typed, no key from a link.

`LOG_FORMAT=json` writes one JSON object a line, with a line for each request; `text` is for whoever looks on. Only the
fields named here get into a JSON line, so a library that hangs a request or a form on its record gives nothing away.
Knows no Django at import: gunicorn reads it before Django is there.
"""

import logging
import re
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pythonjsonlogger.json import JsonFormatter

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

FIELDS = ("method", "route", "status", "ms", "request_id", "task", "task_id", "seconds")
ADDRESS = re.compile(r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:]+")
NETWORK = re.compile(
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-f]{1,4}:)+:(?:[0-9a-f]{1,4}:?)*|\b(?:[0-9a-f]{1,4}:){5,7}[0-9a-f]{1,4}\b",
    re.IGNORECASE,
)
QUERY = re.compile(r"\?[^\s\"']+=[^\s\"']*")
GIVEN_ID = re.compile(r"[0-9a-fA-F-]{16,64}")

requests = logging.getLogger("district_plan.requests")
_now_served: ContextVar["HttpRequest | None"] = ContextVar("request", default=None)


def configuration(form: str) -> dict[str, Any]:
    """Return what `logging` needs, for Django, Celery and gunicorn alike."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_people": {"()": "district_plan.logs.WithoutPeople"}},
        "formatters": {
            "text": {
                "()": "district_plan.logs.Text",
                "format": "{asctime} {levelname} {name} {message}",
                "style": "{",
            },
            "json": {"()": "district_plan.logs.Json"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["without_people"],
            }
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Whoever tries addresses at random gets 400, and no page of ours in the log.
            "django.security.DisallowedHost": {"handlers": [], "propagate": False},
            "district_plan.requests": {"level": "INFO" if form == "json" else "WARNING"},
            "gunicorn.error": {"handlers": [], "propagate": True},
            "gunicorn.access": {"handlers": [], "propagate": False},
        },
    }


def one_line_a_request(
    get_response: "Callable[[HttpRequest], HttpResponse]",
) -> "Callable[[HttpRequest], HttpResponse]":
    """Middleware, the outermost: name each request, and say afterwards what became of it."""

    def serve(request: "HttpRequest") -> "HttpResponse":
        given = request.headers.get("X-Request-ID", "")
        request_id = given if GIVEN_ID.fullmatch(given) else uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        token, began = _now_served.set(request), time.perf_counter()
        try:
            response = get_response(request)
            facts = {
                "method": request.method if str(request.method).isalpha() else "?",
                "route": route_of(request),
                "status": response.status_code,
                "ms": round((time.perf_counter() - began) * 1000, 1),
            }
            requests.info("request", extra=facts)
        finally:
            _now_served.reset(token)
        response.headers["X-Request-ID"] = request_id
        return response

    return serve


def route_of(request: "HttpRequest") -> str:
    """Return the name of the page: the address itself may hold the key of an invitation."""
    match = getattr(request, "resolver_match", None)
    return str(match.view_name or match.route) if match else "-"


class WithoutPeople(logging.Filter):
    """Takes what is known to be about a person out of the words of a record, and adds which request or task it is of."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None) or _now_served.get()
        record.msg, record.args = self._words(record, request), ()
        if request is not None:
            record.request_id = getattr(request, "request_id", "")
            if not hasattr(record, "route"):
                record.route = route_of(request)
        data = getattr(record, "data", None)
        if isinstance(data, dict) and record.name.startswith("celery."):
            record.task, record.task_id = data.get("name"), data.get("id")
            record.seconds = data.get("runtime")
        elif (task := _task()) is not None:
            record.task, record.task_id = task.name, task.request.id
        return True

    def _words(self, record: logging.LogRecord, request: "HttpRequest | None") -> str:
        data = getattr(record, "data", None)
        if record.name == "celery.app.trace" and isinstance(data, dict) and record.exc_info:
            return f"Task {data.get('description', 'failed')}"  # the exception follows, without its words
        try:
            words = record.getMessage()
        except (TypeError, ValueError):
            words = str(record.msg)
        if record.name.startswith("gunicorn"):
            words = re.sub(r"(request )\S+", r"\1-", words)
        return cleaned(words, request)


def cleaned(words: str, request: Any = None) -> str:
    """Return `words` without addresses, and without the path and the person of the request."""
    if request is not None and hasattr(request, "path"):
        for path in (request.get_full_path(), request.path, request.path_info):
            if len(path) > 1:
                words = words.replace(path, route_of(request))
        person = getattr(
            request, "_cached_user", None
        )  # looked up before; nothing is asked of the database here
        if name := getattr(person, "name", ""):
            words = words.replace(name, "[person]")
    for pattern, instead in ((ADDRESS, "[address]"), (NETWORK, "[network]"), (QUERY, "?…")):
        words = pattern.sub(instead, words)
    return words


def _task() -> Any:
    from celery import current_task

    return current_task if current_task and current_task.request.id else None


class Text(logging.Formatter):
    """A line for whoever looks on; tracebacks as usual, cleaned."""

    def formatException(self, ei: Any) -> str:
        return cleaned(super().formatException(ei), _now_served.get())


class Json(JsonFormatter):
    """One object a line. Of an exception: its kind and where it was raised. Its words may hold what somebody typed."""

    def __init__(self) -> None:
        super().__init__("{message}", style="{", json_ensure_ascii=False)

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        log_data["time"] = (
            time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z"
        )
        log_data["level"], log_data["logger"] = record.levelname, record.name
        log_data["message"] = record.getMessage()
        for name in FIELDS:
            if (value := getattr(record, name, None)) is not None:
                log_data[name] = value
        if record.exc_info and record.exc_info[0]:
            log_data["error"] = _kinds(record.exc_info[1])
            log_data["raised_at"] = _places(record.exc_info[2])


def _kinds(error: BaseException | None) -> str:
    """Return the kind of an error and of what it came from, and which rule of the database was broken."""
    kinds: list[str] = []
    while error is not None and len(kinds) < 5:
        broken = getattr(getattr(error, "diag", None), "constraint_name", None)
        kinds.append(f"{type(error).__module__}.{type(error).__name__}" + (f" ({broken})" if broken else ""))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return ", from ".join(kinds)


def _places(trace: Any) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
