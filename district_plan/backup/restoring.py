"""Puts a copy back into an empty installation: all of it, or nothing."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import Error, connection, transaction

from district_plan.backup import rows
from district_plan.backup.archive import Reader, Refused, check_name, key_fingerprint
from district_plan.backup.taking import applied_migrations, migrations_of_this_version
from district_plan.version import VERSION


@dataclass
class Restored:
    """What was put back."""

    taken_at: str
    tables: int
    rows: int
    files: int
    same_key: bool
    missing: list[str]


def restore(path: Path, *, dry_run: bool = False) -> Restored:
    """Put the copy in the file `path` back. Raises Refused, OSError or a database error; then nothing was changed."""
    with path.open("rb") as file:
        reader = Reader(file)
        _look_over(reader)
        _look_at_place(reader)
        if not dry_run:
            if not connection.introspection.table_names():
                call_command("migrate", verbosity=0, interactive=False)
            with _unpacked(reader) as folder, _in_place(folder), transaction.atomic():
                _refuse_unless_empty()  # again, now that nobody else comes between
                _load(reader)
            ContentType.objects.clear_cache()
    manifest = reader.manifest
    return Restored(
        taken_at=str(manifest["taken_at"]),
        tables=len(manifest["tables"]),
        rows=sum(table["rows"] for table in manifest["tables"].values()),
        files=len(manifest["media"]),
        same_key=manifest["key"] == key_fingerprint(),
        missing=list(manifest["missing_media"]),
    )


def _look_over(reader: Reader) -> None:
    """Refuse a copy of another version, and one that only looks as if it were ours."""
    manifest = reader.manifest
    try:
        version, key = manifest["version"], manifest["key"]
        whole = all(
            isinstance(table["rows"], int) and isinstance(table["sha256"], str)
            for table in manifest["tables"].values()
        ) and all(isinstance(file["sha256"], str) for file in manifest["media"].values())
        list(manifest["missing_media"]), list(manifest["migrations"]), str(manifest["taken_at"])
    except (KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise Refused("Its list of contents is not one that District Plan writes.")
    if version != VERSION:
        raise Refused(
            f"It was taken with version {version}; this is {VERSION}. Install {version}, restore, then upgrade."
        )
    if key == key_fingerprint() and not reader.is_ours:
        raise Refused(
            "It was changed: it says that it was made with the SECRET_KEY of here, and its seal does not fit."
        )
    if manifest["migrations"] != migrations_of_this_version():
        raise Refused(f"Its database had other migrations than version {VERSION} has here.")
    tables = rows.tables()
    if set(manifest["tables"]) != set(tables) or any(
        manifest["tables"][label].get("columns") != [column.column for column in rows.columns(model)]
        for label, model in tables.items()
    ):
        raise Refused(f"Its tables are not those of version {VERSION} as it is installed here.")


def _look_at_place(reader: Reader) -> None:
    """Refuse a place where something is already, where other migrations ran, or where there is no room."""
    if connection.introspection.table_names():
        applied_migrations(connection.alias)
        _refuse_unless_empty()
    media = Path(settings.MEDIA_ROOT)
    if media.exists() and any(media.iterdir()):
        raise Refused(f"{media} is not empty. A copy goes back into an empty place only.")
    free = shutil.disk_usage(settings.VAR_DIR).free
    if reader.size > free:
        raise Refused(f"Unpacked it takes {reader.size} bytes, and {free} are free here.")


def _refuse_unless_empty() -> None:
    for label, model in rows.tables().items():
        if label not in rows.MADE_BY_MIGRATE and model._base_manager.exists():
            raise Refused(
                f"The database is not empty (there are rows in {model._meta.db_table}). A copy goes back into an "
                "empty one only."
            )


@contextlib.contextmanager
def _unpacked(reader: Reader) -> Iterator[Path]:
    """Yield a folder beside the media folder with all files of the copy; it is gone afterwards."""
    media = Path(settings.MEDIA_ROOT)
    media.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=media.parent, prefix="restoring-") as folder:
        for name, expected in reader.manifest["media"].items():
            check_name(name)
            into = Path(folder) / name
            into.parent.mkdir(parents=True, exist_ok=True)
            with into.open("xb") as file:
                reader.unpack(f"media/{name}", expected, file)
                file.flush()
                os.fsync(file.fileno())
        yield Path(folder)


@contextlib.contextmanager
def _in_place(folder: Path) -> Iterator[None]:
    """Put the files where they belong, and take them away again when the rows cannot be kept."""
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True, exist_ok=True)
    put: list[Path] = []
    try:
        for entry in folder.iterdir():
            if (media / entry.name).exists():
                raise Refused(f"{media} is not empty any more.")
            put.append(Path(shutil.move(entry, media / entry.name)))
        yield
    except BaseException:
        for entry in put:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        raise


def _load(reader: Reader) -> None:
    """Fill every table, and ask the database whether it all holds together."""
    tables = rows.tables()
    for model in [*rows.left_out(), *(tables[label] for label in reversed(rows.MADE_BY_MIGRATE))]:
        model._base_manager.all().delete()
    for label, model in tables.items():
        expected: dict[str, Any] = reader.manifest["tables"][label]
        try:
            count = rows.load(model, reader.lines(f"tables/{label}", expected), connection=connection)
        except (ValueError, TypeError, ValidationError) as error:
            raise Refused(f"A row of {label} cannot be read ({' '.join(str(error).split())}).") from None
        if count != expected["rows"]:
            raise Refused(f"{label} has {count} rows, and {expected['rows']} were written.")
    try:
        connection.check_constraints()
    except Error as error:
        raise Refused(f"Its rows do not hold together ({str(error).splitlines()[0]}).") from None
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables.values())):
            cursor.execute(statement)
