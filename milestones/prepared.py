"""Queries whose SQL is built once in a process, because building them costs more than running them.

The table of words makes large queries. For a plan of 2,000 milestones Django spends five times as long on writing the SQL
of the dashboard as the database on answering it (`bin/bench pages`), and the SQL differs from one request to the next
in a few values only. A prepared query is still written with the ORM; it is compiled with stand-ins for the ids and for
the day, and those are filled in each time.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

STAND_IN_DAY = date(2226, 6, 15)  # a day that no plan knows; days near it are counted from it
STAND_IN_IDS = 7_770_000_000_000_000
NEAR = timedelta(days=400)
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


class Prepared:
    """A query over ids and a day. `build` takes them as keywords and returns a queryset of `.values()`.

    Calling it with the real ids and the day gives the rows as dicts. What `build` returns must not depend on them in any
    other way than as values of the query. Raises ValueError for a queryset that is not of `.values()`.
    """

    def __init__(self, build: Callable[..., QuerySet]):
        self.build = build
        self.__doc__ = build.__doc__
        self._statements: dict[tuple, _Statement] = {}

    def __call__(self, *, today: date, **ids: int) -> list[dict[str, Any]]:
        vendor = connections[DEFAULT_DB_ALIAS].vendor
        key = (vendor, *sorted(ids))
        if key not in self._statements:
            self._statements[key] = _prepare(self.build, list(ids))
        return list(self._statements[key].rows(today, ids))


@dataclass(frozen=True)
class _Statement:
    sql: str
    values: list[Callable[[date, dict[str, int]], Any]]
    names: list[str]
    compiler: Any
    converters: dict

    def rows(self, today: date, ids: dict[str, int]) -> Iterator[dict[str, Any]]:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self.sql, [value(today, ids) for value in self.values])
            found = cursor.fetchall()
        if self.converters:
            found = self.compiler.apply_converters(found, self.converters)
        return (dict(zip(self.names, row, strict=True)) for row in found)


def _prepare(build: Callable[..., QuerySet], names: list[str]) -> _Statement:
    stand_ins = {name: STAND_IN_IDS + number for number, name in enumerate(names)}
    query = build(today=STAND_IN_DAY, **stand_ins).query
    if not query.selected:
        raise ValueError("Only a queryset of .values() can be prepared.")
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
    by_id = {number: name for name, number in stand_ins.items()}
    return _Statement(sql, [_filler(p, by_id) for p in params], list(query.selected), compiler, converters)


def _filler(param: Any, by_id: dict[int, str]) -> Callable[[date, dict[str, int]], Any]:
    """Return what gives the real value in the place of `param`: an id, a day counted from today, or itself."""
    if isinstance(param, int) and param in by_id:
        name = by_id[param]
        return lambda today, ids: ids[name]
    written = isinstance(param, str) and ISO.fullmatch(param)  # SQLite is given dates as text
    day = date.fromisoformat(param) if written else param
    if isinstance(day, date) and abs(day - STAND_IN_DAY) <= NEAR:
        distance = day - STAND_IN_DAY
        return lambda today, ids: str(today + distance) if written else today + distance
    return lambda today, ids: param
