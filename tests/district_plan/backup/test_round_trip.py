"""A copy is taken in one installation and put back in another: every row of every table, and every file."""

import json
import os
import shutil

import pytest
from django.db import connection, models

from district_plan.backup import rows
from tests.district_plan.backup.copies import FILL, NOT_COPIED, VALUES, prints
from tests.installation import Installation

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def source(tmp_path_factory, django_db_setup, django_db_blocker):
    """An installation with two districts that have a row of every model."""
    with django_db_blocker.unblock(), Installation(tmp_path_factory.mktemp("source")) as installation:
        installation.python(FILL)
        yield installation


@pytest.fixture(scope="module")
def copy(source, tmp_path_factory):
    path = tmp_path_factory.mktemp("copies") / "copy.zip"
    made = source.manage("backup", str(path), "--json")
    assert made.returncode == 0, made.stderr
    return path


@pytest.fixture(scope="module")
def restored(copy, tmp_path_factory, django_db_setup, django_db_blocker):
    """A place without any table into which the copy was put back, and what was said of it."""
    with django_db_blocker.unblock():
        place = Installation(tmp_path_factory.mktemp("restored"))
        place.make_database()
        try:
            place.said = place.manage("restore", str(copy), "--json")
            assert place.said.returncode == 0, place.said.stderr
            yield place
        finally:
            place.drop_database()


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory, django_db_setup, django_db_blocker):
    """An installation with empty tables, and refusals leave them so."""
    with django_db_blocker.unblock(), Installation(tmp_path_factory.mktemp("elsewhere")) as installation:
        yield installation


def media(installation: Installation) -> dict[str, bytes]:
    folder = installation.folder / "media"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_table_comes_back_row_by_row(source, restored):
    there, here = prints(source), prints(restored)

    assert here == there
    assert sum(count for count, _print in here.values()) == json.loads(restored.said.stdout)["rows"] > 300
    assert media(restored) == media(source) != {}


def test_what_lets_somebody_in_does_not_come_along(source, copy, restored):
    here, there = json.loads(restored.python(VALUES)), json.loads(source.python(VALUES))

    for table in NOT_COPIED & set(there):
        assert here[table][0] == 0
    assert there["django_session"][0] == there["stakeholders_signincode"][0] == 1
    assert (source.folder / "secret_key").read_bytes() not in copy.read_bytes()


def test_new_rows_get_numbers_of_their_own_afterwards(restored):
    restored.python(
        "from django.contrib.auth.models import Group\n"
        "from django.db import transaction\n"
        "from stakeholders.models import *\n"
        "with transaction.atomic():\n"
        "    d = District.objects.create(slug='new', name='New', time_zone='America/Denver')\n"
        "    Building.objects.create(district=d, name='New')\n"
        "    Group.objects.create(name='New')\n"
        "    transaction.set_rollback(True)\n"
    )


def test_every_table_comes_back_in_the_other_kind_of_database_and_from_there(source, copy, tmp_path):
    if connection.vendor == "sqlite":
        pytest.skip("one kind only")
    back = tmp_path / "back.zip"

    with Installation(tmp_path / "small", DATABASE_URL="") as small:
        put_back = small.manage("restore", str(copy))
        assert put_back.returncode == 0, put_back.stderr
        assert prints(small, VALUES) == prints(source, VALUES)
        assert small.manage("backup", str(back)).returncode == 0

    with Installation(tmp_path / "large") as large:
        put_back = large.manage("restore", str(back))
        assert put_back.returncode == 0, put_back.stderr
        assert prints(large, VALUES) == prints(source, VALUES)


def test_it_may_be_tried_without_doing_it(copy, elsewhere):
    tried = elsewhere.manage("restore", str(copy), "--dry-run", "--json")

    assert (tried.returncode, json.loads(tried.stdout)["dry_run"]) == (0, True)
    assert prints(elsewhere)["stakeholders_district"][0] == 0
    assert not (elsewhere.folder / "media").exists()


def test_another_key_is_told_in_words_and_the_same_key_is_not(source, copy, elsewhere):
    other = elsewhere.manage("restore", str(copy), "--dry-run", "--json")
    key = (source.folder / "secret_key").read_text()
    same = elsewhere.manage("restore", str(copy), "--dry-run", "--json", SECRET_KEY=key)

    assert (json.loads(other.stdout)["same_key"], json.loads(same.stdout)["same_key"]) == (False, True)
    assert "another SECRET_KEY" in other.stderr
    assert same.stderr == ""


def test_a_place_with_rows_or_files_in_it_is_refused(source, copy, elsewhere):
    again = source.manage("restore", str(copy))
    (elsewhere.folder / "media").mkdir()
    (elsewhere.folder / "media" / "x.pdf").write_bytes(b"x")
    files = elsewhere.manage("restore", str(copy))
    shutil.rmtree(elsewhere.folder / "media")

    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert "not empty" in again.stderr
    assert (files.returncode, files.stderr.count("\n")) == (2, 1)
    assert "not empty" in files.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": "0.0.1"}, "version 0.0.1"),
        ({"migrations": ["stakeholders.0001_initial"]}, "other migrations"),
        ({"tables": {}}, "tables are not those"),
        ({"missing_media": None}, "list of contents"),
    ],
)
def test_a_copy_of_something_else_is_refused(copy, elsewhere, tmp_path, change, words):
    changed = tmp_path / "changed.zip"
    with_manifest(copy, changed, change)

    refused = elsewhere.manage("restore", str(changed))

    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1), refused.stderr
    assert words in refused.stderr


def with_manifest(copy, changed, change: dict) -> None:
    """Write the copy again with another list of contents, as somebody could who has another key."""
    from district_plan.backup.archive import Reader, Writer

    with copy.open("rb") as old, changed.open("w+b") as new:
        reader, writer = Reader(old), Writer(new)
        for name in [f"tables/{table}" for table in reader.manifest["tables"]]:
            if "tables" not in change:
                with reader._open(name) as member:
                    writer.add(name, [member.read()])
        for name in reader.manifest["media"]:
            with reader._open(f"media/{name}") as member:
                writer.add(f"media/{name}", [member.read()], packed=False)
        writer.finish({**reader.manifest, **change})


def test_rows_that_do_not_hold_together_leave_nothing_behind(copy, elsewhere, tmp_path):
    broken = tmp_path / "broken.zip"
    without_rows_of(copy, broken, "stakeholders.person")

    refused = elsewhere.manage("restore", str(broken))

    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1), refused.stderr
    assert prints(elsewhere)["stakeholders_district"][0] == 0
    assert media(elsewhere) == {}


def without_rows_of(copy, broken, table: str) -> None:
    from district_plan.backup.archive import Reader, Writer

    with copy.open("rb") as old, broken.open("w+b") as new:
        reader, writer = Reader(old), Writer(new)
        tables = dict(reader.manifest["tables"])
        for label in tables:
            with reader._open(f"tables/{label}") as member:
                data = b"" if label == table else member.read()
            tables[label] = {**tables[label], **writer.add(f"tables/{label}", [data])}
        tables[table]["rows"] = 0
        for name in reader.manifest["media"]:
            with reader._open(f"media/{name}") as member:
                writer.add(f"media/{name}", [member.read()], packed=False)
        writer.finish({**reader.manifest, "tables": tables})


def test_a_file_that_is_not_there_is_told_and_the_rest_is_copied(source, tmp_path):
    moved = tmp_path / "moved"
    os.rename(source.folder / "media", moved)
    made = source.manage("backup", str(tmp_path / "copy.zip"), "--json")
    os.rename(moved, source.folder / "media")

    said = json.loads(made.stdout)
    assert made.returncode == 0
    assert said["files"] == 0
    assert len(said["missing_files"]) == made.stderr.count("is not there") > 0


def test_a_database_of_another_version_is_not_copied(source, tmp_path):
    forget = 'from django.db import connection; connection.cursor().execute("{}")'
    row = "django_migrations (app, name, applied) VALUES ('reports', '0001_initial', '2026-11-22')"
    source.python(
        forget.format("DELETE FROM django_migrations WHERE app = 'reports' AND name = '0001_initial'")
    )
    refused = source.manage("backup", str(tmp_path / "copy.zip"))
    source.python(forget.format(f"INSERT INTO {row}"))

    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "reports.0001_initial" in refused.stderr
    assert list(tmp_path.glob("*copy*")) == []


@pytest.mark.parametrize("arguments", [["backup", "/nowhere/at/all.zip"], ["restore", "/nowhere/at/all.zip"]])
def test_a_path_that_leads_nowhere_is_refused_in_one_line(source, arguments):
    refused = source.manage(*arguments)

    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_nothing_that_is_copied_points_at_something_that_is_not():
    copied = set(rows.tables().values())

    for model in copied:
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.ForeignKey):
                assert field.related_model in copied, f"{model.__name__}.{field.name}"
