"""What the tests of copies run inside of installations, and how they look at them from outside."""

import json

from tests.installation import Installation

FILL = """
from tests.full_district import make_two_districts
make_two_districts()
from django.contrib.sessions.backends.db import SessionStore
SessionStore().create()
from django.utils import timezone
from stakeholders.models import Heartbeat, Person, SignInCode
SignInCode.make(Person.objects.first(), now=timezone.now())
Heartbeat.beat("notices", now=timezone.now())
"""
# Past everything of ours: what the database itself says of each table, in the order of its rows' text.
PRINTS = """
import hashlib, json
from django.db import connection
with connection.cursor() as cursor:
    prints = {}
    for table in connection.introspection.table_names(cursor):
        cursor.execute(f'SELECT * FROM "{table}"')
        rows = sorted(repr(row) for row in cursor.fetchall())
        prints[table] = [len(rows), hashlib.sha256("\\n".join(rows).encode()).hexdigest()]
print(json.dumps(prints))
"""
# As Django reads it, whatever the database: for comparing one kind with the other.
VALUES = """
import hashlib, json
from django.apps import apps
prints = {}
for model in apps.get_models(include_auto_created=True):
    rows = [repr(row) for row in model._base_manager.order_by("pk").values_list()]
    prints[model._meta.db_table] = [len(rows), hashlib.sha256("\\n".join(rows).encode()).hexdigest()]
print(json.dumps(prints))
"""
NOT_COPIED = {
    "django_session",
    "stakeholders_signincode",
    "stakeholders_heartbeat",
    "usersessions_usersession",
}


def prints(installation: Installation, code: str = PRINTS) -> dict[str, list]:
    """Return number and checksum of the rows of each table that a copy holds."""
    found = json.loads(installation.python(code))
    return {table: said for table, said in found.items() if table not in NOT_COPIED | {"django_migrations"}}
