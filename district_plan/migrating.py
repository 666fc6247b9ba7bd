"""Brings the tables up to date while others use them: asks for each lock briefly, and again.

Adding a column takes a moment, but only once nobody else holds the table; and while `migrate` waits for that, everybody
else waits behind it. So it gives up soon, lets the others through, and tries again. Each migration is a transaction of
its own: what was done stays done.
"""

import time
from collections.abc import Callable

from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

LOCK_TIMEOUT = "3s"
TRIES = 40
PAUSE = 2.0  # seconds in which the others have the tables to themselves
LOCK_NOT_AVAILABLE = "55P03"


def migrate_patiently(say: Callable[[str], object], *, pause: float = PAUSE) -> None:
    """Apply all migrations. Raises CommandError when a table stays in use for minutes."""
    for left in reversed(range(TRIES)):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                raise
            if not left:
                raise CommandError(
                    "A table is in use all the time; nothing more was changed. Try again later."
                ) from None
            say("A table is in use; trying again.")
            time.sleep(pause)
            continue
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
        return
