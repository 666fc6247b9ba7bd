"""Tables as lines of text, the same from SQLite and from PostgreSQL, and back again.

A line is a JSON list with a value for each column. Every table that Django knows is there, whoever wrote it; what is
left out stands in `LEFT_OUT`, each with the reason.
"""

import base64
import json
from collections.abc import Generator, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Model, Value
from django.db.models.functions import Cast
from django.utils.duration import duration_string

# What would let somebody in, or is only true of the installation that runs.
LEFT_OUT = {
    "sessions.session": "whoever is signed in signs in again",
    "usersessions.usersession": "goes with its session",
    "stakeholders.signincode": "lets somebody in once; another is made in a minute",
    "stakeholders.heartbeat": "says when a job of that installation last ran",
}
# Django makes these by itself when it makes the tables; a copy brings its own, because other rows point at them.
MADE_BY_MIGRATE = ("contenttypes.contenttype", "auth.permission")
AT_A_TIME = 2000


def tables() -> dict[str, type[Model]]:
    """Return every table of a copy by its label."""
    everything = {model._meta.label_lower: model for model in apps.get_models(include_auto_created=True)}
    return {
        label: model
        for label, model in sorted(everything.items())
        if label not in LEFT_OUT and model._meta.managed and not model._meta.proxy and not model._meta.swapped
    }


def left_out() -> list[type[Model]]:
    return [apps.get_model(label) for label in LEFT_OUT if apps.is_installed(_app(label))]


def _app(label: str) -> str:
    """Return the module name of the app of a label, as INSTALLED_APPS has it; empty when it is not installed."""
    name = label.partition(".")[0]
    return apps.app_configs[name].name if name in apps.app_configs else ""


def columns(model: type[Model]) -> list["models.Field[Any, Any]"]:
    return [field for field in model._meta.local_concrete_fields if field.column]


def lines(model: type[Model], *, using: str) -> Generator[bytes]:
    """Yield every row of a table in the order of its key."""
    chosen: list[Any] = [
        # As text: Python has one None, and JSON in a database has two.
        Cast(F(field.attname), models.TextField())
        if isinstance(field, models.JSONField)
        else F(field.attname)
        for field in columns(model)
    ]
    rows = model._base_manager.using(using).order_by("pk").values_list(*chosen)
    for row in rows.iterator(chunk_size=AT_A_TIME):
        yield json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_plain).encode() + b"\n"


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_string(value)
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} cannot be written into a copy")


def load(model: type[Model], rows: Iterable[bytes], *, connection: BaseDatabaseWrapper) -> int:
    """Insert rows as `lines` gave them, past everything that saving does; return how many.

    Raises ValueError or ValidationError for a line that is none of this table.
    """
    fields = columns(model)
    quote = connection.ops.quote_name
    into = f"{quote(model._meta.db_table)} ({', '.join(quote(str(field.column)) for field in fields)})"
    statement = f"INSERT INTO {into} VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608 (names of our own models)
    count, rows = 0, iter(rows)
    with connection.cursor() as cursor:
        while batch := [_values(fields, line, connection) for line in islice(rows, AT_A_TIME)]:
            cursor.executemany(statement, batch)
            count += len(batch)
    return count


def _values(
    fields: list["models.Field[Any, Any]"], line: bytes, connection: BaseDatabaseWrapper
) -> list[Any]:
    row = json.loads(line)
    if not isinstance(row, list) or len(row) != len(fields):
        raise ValueError("a row has another number of columns")
    return [
        field.get_db_prep_save(_value(field, written), connection=connection)
        for field, written in zip(fields, row, strict=True)
    ]


def _value(field: "models.Field[Any, Any]", written: Any) -> Any:
    if not isinstance(field, models.JSONField):
        return field.to_python(written)
    if written is None:
        return None
    value = json.loads(written)
    return Value(None, models.JSONField()) if value is None else value
