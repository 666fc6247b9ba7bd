import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from district_plan.backup.archive import Refused
from district_plan.backup.restoring import restore

OTHER_KEY = (
    "restore: the copy was made with another SECRET_KEY. Passwords and passkeys still work; authenticator apps do not and "
    "are set up anew, and links that were signed with it are dead. To keep them, set SECRET_KEY to the one of that "
    "installation. Nobody can say that the copy comes from there: take one that you trust."
)


class Command(BaseCommand):
    help = (
        "Put a copy that `backup` made back into an empty installation: database and files, all of it or nothing. Refuses "
        "a copy of another version, one that was cut off or changed, and a place that is not empty."
    )
    requires_system_checks = []  # nothing but the answer is printed

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="look the copy and the place over; change nothing"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, file: str, dry_run: bool, **options: Any) -> None:
        began = time.monotonic()
        try:
            restored = restore(Path(file), dry_run=dry_run)
        except Refused as refusal:
            raise CommandError(f"{file}: {refusal}", returncode=2) from None
        except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=2) from None
        except (OSError, Error) as error:
            raise CommandError(f"Nothing was restored: {' '.join(str(error).split())}") from None
        if not restored.same_key:
            sys.stderr.write(f"{OTHER_KEY}\n")
        if restored.missing:
            sys.stderr.write(f"restore: {len(restored.missing)} files were missing when the copy was made.\n")
        seconds = round(time.monotonic() - began, 2)
        if options["json"]:
            said = {
                "file": file,
                "taken_at": restored.taken_at,
                "tables": restored.tables,
                "rows": restored.rows,
                "files": restored.files,
                "missing_files": restored.missing,
                "same_key": restored.same_key,
                "dry_run": dry_run,
                "seconds": seconds,
            }
            self.stdout.write(json.dumps(said))
            return
        done = "could be restored" if dry_run else f"restored in {seconds} s; everybody signs in again"
        self.stdout.write(
            f"{restored.rows} rows of {restored.tables} tables and {restored.files} files, "
            f"as of {restored.taken_at}: {done}."
        )
