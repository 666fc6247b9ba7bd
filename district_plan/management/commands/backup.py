import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils import timezone

from district_plan.backup.archive import Refused
from district_plan.backup.taking import take
from stakeholders.models import Heartbeat


class Command(BaseCommand):
    help = (
        "Write everything, database and files, into one new FILE as it stands at this instant, while others work on. "
        "Sessions and sign-in codes are left out. Whoever has the file can read all of it: keep it like the database."
    )
    requires_system_checks = []  # nothing but the answer is printed

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        now, began = timezone.now(), time.monotonic()
        try:
            taken = take(Path(file), now=now)
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        except FileNotFoundError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.", returncode=2) from None
        except (OSError, Error) as error:
            raise CommandError(f"No copy was made: {' '.join(str(error).split())}") from None
        Heartbeat.beat("backup", now=now)
        seconds = time.monotonic() - began
        for name in taken.missing:
            sys.stderr.write(f"backup: the file {name} is not there, though a row refers to it.\n")
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "file": file,
                        "bytes": taken.size,
                        "tables": taken.tables,
                        "rows": taken.rows,
                        "files": taken.files,
                        "missing_files": taken.missing,
                        "seconds": round(seconds, 2),
                    }
                )
            )
        else:
            self.stdout.write(
                f"{file}: {taken.rows} rows of {taken.tables} tables and {taken.files} files, "
                f"{taken.size / 1e6:.1f} MB, in {seconds:.1f} s."
            )
