"""Makes a copy: every table as it stood at one instant, and every file that a row refers to.

Others go on reading and writing meanwhile. A file is written before a row refers to it and never changed afterwards, so
the files that the rows of one instant name are the files of that instant.
"""

import contextlib
import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.db import connections, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from district_plan.backup import archive, rows
from district_plan.backup.archive import AT_A_TIME, Refused, Writer
from district_plan.version import VERSION

SNAPSHOT = "snapshot"


@dataclass
class Taken:
    """What a copy holds."""

    tables: int = 0
    rows: int = 0
    files: int = 0
    size: int = 0
    missing: list[str] = field(default_factory=list)  # files that a row refers to and that are not there


def take(path: Path, *, now: datetime) -> Taken:
    """Write a copy of everything into the new file `path`. Raises Refused, OSError or a database error."""
    with archive.new_file(path) as file, _snapshot() as using, contextlib.ExitStack() as otherwise:
        migrations = applied_migrations(using)
        taken, writer = Taken(), Writer(file)
        otherwise.callback(writer.give_up)
        tables = {label: _table(writer, label, model, using) for label, model in rows.tables().items()}
        media = dict(_media(writer, using, taken))
        writer.finish(
            {
                "format": archive.FORMAT,
                "version": VERSION,
                "taken_at": now.isoformat(),
                "database": connections[using].vendor,
                "migrations": migrations,
                "key": archive.key_fingerprint(),
                "tables": tables,
                "media": media,
                "missing_media": taken.missing,
            }
        )
        taken.tables, taken.files = len(tables), len(media)
        taken.rows = sum(table["rows"] for table in tables.values())
    taken.size = path.stat().st_size
    return taken


@contextlib.contextmanager
def _snapshot() -> Iterator[str]:
    """Yield the name of a connection that sees the database as it stands now, and holds up nobody who writes."""
    apart = connections["default"].copy(SNAPSHOT)
    apart.settings_dict = copy.deepcopy(apart.settings_dict)
    options = apart.settings_dict["OPTIONS"]
    if apart.vendor == "postgresql":
        from psycopg import IsolationLevel

        options["isolation_level"] = IsolationLevel.REPEATABLE_READ
    else:
        options["transaction_mode"] = "DEFERRED"  # the usual IMMEDIATE would keep all others from writing
    connections[SNAPSHOT] = apart
    try:
        with transaction.atomic(using=SNAPSHOT):
            yield SNAPSHOT
    finally:
        apart.close()
        del connections[SNAPSHOT]


def applied_migrations(using: str) -> list[str]:
    """Return the migrations of the database. Raises Refused when they are not those of this version."""
    loader = MigrationLoader(connections[using])
    applied, known = set(loader.applied_migrations), set(loader.disk_migrations)
    if missing := sorted(known - applied):
        raise Refused(
            f"The database is not at version {VERSION} ({len(missing)} migrations are not applied, the first is "
            f"{'.'.join(missing[0])}). Take the copy with the version that it belongs to."
        )
    return migrations_of_this_version()


def migrations_of_this_version() -> list[str]:
    return sorted(".".join(key) for key in MigrationLoader(None).disk_migrations)


def _table(writer: Writer, label: str, model: type[Model], using: str) -> dict[str, Any]:
    count = 0

    def counted(lines: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal count
        for line in lines:
            count += 1
            yield line

    with contextlib.closing(rows.lines(model, using=using)) as lines:  # before its connection is
        member = writer.add(f"tables/{label}", counted(lines))
    return {"columns": [column.column for column in rows.columns(model)], "rows": count, **member}


def _media(writer: Writer, using: str, taken: Taken) -> Iterator[tuple[str, dict[str, Any]]]:
    """Add each file that a row of the snapshot refers to."""
    for model in rows.tables().values():
        for column in rows.columns(model):
            if isinstance(column, models.FileField):
                named = model._base_manager.using(using).exclude(**{column.name: ""})
                for name in named.values_list(column.name, flat=True).distinct().iterator(chunk_size=2000):
                    with contextlib.suppress(FileNotFoundError, SuspiciousFileOperation):
                        archive.check_name(name)
                        with column.storage.open(name) as file:
                            yield name, writer.add(f"media/{name}", file.chunks(AT_A_TIME), packed=False)
                        continue
                    taken.missing.append(name)
