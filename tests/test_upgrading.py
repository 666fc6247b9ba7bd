"""Upgrading: the version before this one still runs while `migrate` runs, and finds everything that it knows."""

import json
from pathlib import Path

import pytest
from django.db import connection, migrations, models
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader

from district_plan.version import VERSION
from tests import additive
from tests.installation import Installation

RELEASED = sorted((Path(__file__).parent / "released").glob("*.json"))
BEFORE = json.loads(RELEASED[-1].read_text())
FLOORS = ("stakeholders", "vision", "milestones", "discussion", "reports")

# What the old version might notice and does not, each with the reason.
EXEMPT = {
    "stakeholders.0005_district_settings: RunPython begin_histories": "writes into a table that it does not know",
    "stakeholders.0006_invitations: RunPython count_known_addresses_as_proven": "fills a column that it does not know",
    "stakeholders.0007_roles_change_hands: RunPython end_what_began_twice": "it shows somebody who holds a role twice as "
    "holding it once",
    "stakeholders.0007_roles_change_hands: AddConstraint appointment_without_end_once": "it asks before it appoints; only "
    "its admin pages could appoint somebody twice, and would show an error",
    "stakeholders.0008_buildings: RunPython name_twins_apart": "a building's name is text to it, and it makes no buildings "
    "but in its admin pages",
    "stakeholders.0008_buildings: AddConstraint building_name_once_in_any_case": "it makes no buildings but in its admin "
    "pages, and those would show an error",
    "stakeholders.0010_memberships: RunPython begin_histories": "writes into a table that it does not know",
}


@pytest.fixture(autouse=True)
def real_migrations(settings):
    """Also where the tests' own tables were made without them."""
    settings.MIGRATION_MODULES = {}


def since(version: dict, loader: MigrationLoader) -> list[tuple[str, str]]:
    """Return our migrations that came after a version."""
    had = {
        key for app, name in version["migrations"].items() for key in loader.graph.forwards_plan((app, name))
    }
    return [key for key in sorted(loader.graph.nodes) if key[0] in FLOORS and key not in had]


def test_the_version_before_this_one_is_written_down():
    assert BEFORE["version"] != VERSION


def test_migrations_add_and_take_nothing_away():
    loader = MigrationLoader(None)
    old = loader.project_state(list(BEFORE["migrations"].items()))
    found = {}

    for app, name in since(BEFORE, loader):
        for what, why in additive.faults(app, name, loader, known=set(old.models)):
            found[f"{app}.{name}: {what}"] = why

    assert {what: why for what, why in found.items() if what not in EXEMPT} == {}
    assert sorted(set(EXEMPT) - set(found)) == [], "these are exempt and need not be"


FIELD = models.CharField(max_length=10)


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (ops.AddField("role", "motto", FIELD), "db_default"),
        (ops.AddField("role", "motto", models.CharField(max_length=10, default="x")), "db_default"),
        (ops.RemoveField("role", "title"), "takes away"),
        (ops.RenameField("role", "title", "name"), "takes away"),
        (ops.DeleteModel("Role"), "takes away"),
        (ops.RenameModel("Role", "Post"), "takes away"),
        (ops.AlterField("membership", "ended_at", models.DateTimeField()), "null no more"),
        (ops.AlterField("role", "title", models.CharField(max_length=20)), "shorter"),
        (ops.AlterField("role", "title", models.IntegerField()), "type"),
        (ops.AddIndex("role", models.Index(fields=["title"], name="x")), "while it is built"),
        (ops.AddConstraint("role", models.UniqueConstraint("title", name="x")), "may write rows"),
        (ops.RunPython(migrations.RunPython.noop), "takes away"),
        (ops.AddField("role", "motto", models.CharField(max_length=10, db_default="")), None),
        (ops.AddField("role", "motto", models.CharField(max_length=10, null=True)), None),
        (ops.CreateModel("Motto", [("words", FIELD)]), None),
        (ops.AlterField("role", "title", models.CharField("post", max_length=300)), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ops.base.Operation) else "",
)
def test_the_checker_finds_what_an_old_version_would_notice(operation, why):
    loader = MigrationLoader(None)
    last = max(name for app, name in loader.graph.nodes if app == "stakeholders")
    tried = migrations.Migration("tried", "stakeholders")
    tried.dependencies, tried.operations = [("stakeholders", last)], [operation]
    loader.graph.add_node(("stakeholders", "tried"), tried)
    loader.graph.add_dependency(tried, ("stakeholders", "tried"), ("stakeholders", last))
    known = {("stakeholders", "role"), ("stakeholders", "membership")}

    found = list(additive.faults("stakeholders", "tried", loader, known=known))

    assert [why in said for _what, said in found] == ([True] if why else [])


FILL = """
import json
from django.core.management import call_command
from django.db import connection, transaction
version = json.loads(open(sys.argv[1]).read())
def insert(cursor, table, columns, row):
    names = ", ".join(f'"{column}"' for column in columns)
    cursor.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(["%s"] * len(columns))})', row)
def rows(cursor):
    found = {}
    for table, content in version["tables"].items():
        names = ", ".join(f'"{column}"' for column in content["columns"])
        cursor.execute(f'SELECT {names} FROM "{table}" ORDER BY id')
        found[table] = [repr(row) for row in cursor.fetchall()]
    return found
"""
UPGRADE = (
    FILL
    + """
for app, name in version["migrations"].items():
    call_command("migrate", app, name, verbosity=0)
with transaction.atomic(), connection.cursor() as cursor:
    for table, content in version["tables"].items():
        for row in content["rows"]:
            insert(cursor, table, content["columns"], row)
connection.check_constraints()
with connection.cursor() as cursor:
    before = rows(cursor)
call_command("migrate", verbosity=0)
with connection.cursor() as cursor:
    after = rows(cursor)
changed = {
    table: [row for row in before[table] if row not in after[table]]
    for table in before if set(before[table]) - set(after[table])
}
print(json.dumps([changed, sum(map(len, before.values()))]))
"""
)
WRITE_AS_BEFORE = (
    FILL
    + """
written = 0
with connection.cursor() as cursor:
    for table, content in version["tables"].items():
        key = content["columns"].index("id")
        for row in content["rows"]:
            with transaction.atomic():
                cursor.execute(f'DELETE FROM "{table}" WHERE id = %s', [row[key]])
                insert(cursor, table, content["columns"], row)
                names = ", ".join(f'"{column}" = %s' for column in content["columns"])
                cursor.execute(f'UPDATE "{table}" SET {names} WHERE id = %s', [*row, row[key]])
                written += 1
connection.check_constraints()
print(written)
"""
)


@pytest.mark.slow
@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.stem)
def test_an_older_version_s_rows_are_the_same_after_upgrading_and_it_can_go_on_writing(
    path, tmp_path, django_db_setup, django_db_blocker
):
    with django_db_blocker.unblock():
        installation = Installation(tmp_path)
        installation.make_database()
        try:
            changed, count = json.loads(run(installation, UPGRADE, path))
            assert changed == {}
            assert count > 100
            assert int(run(installation, WRITE_AS_BEFORE, path)) == count
        finally:
            installation.drop_database()


def run(installation: Installation, code: str, path: Path) -> str:
    process = installation.start("-c", "import os, sys, django; django.setup()\n" + code, str(path))
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err[-3000:]
    return out


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock, and a migration takes it")
def test_a_table_in_use_is_waited_for_without_holding_up_those_who_use_it(
    tmp_path, django_db_setup, django_db_blocker
):
    with django_db_blocker.unblock():
        installation = Installation(tmp_path)
        installation.make_database()
        try:
            installation.python(
                f"from django.core.management import call_command\n"
                f"for app, name in {BEFORE['migrations']!r}.items(): call_command('migrate', app, name, verbosity=0)"
            )
            user = installation.start("-c", "import os, sys, django; django.setup()\n" + USE_A_TABLE)
            assert user.stdout.readline() == "in use\n"
            upgrade = installation.start("manage.py", "set_up")
            assert "A table is in use; trying again.\n" in iter(upgrade.stderr.readline, "")
            user.communicate("done\n", timeout=60)
            _out, err = upgrade.communicate(timeout=300)
            assert upgrade.returncode == 0, err
        finally:
            installation.drop_database()


USE_A_TABLE = """
from django.db import connection, transaction
with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM stakeholders_district")
    print("in use", flush=True)
    sys.stdin.readline()
"""
