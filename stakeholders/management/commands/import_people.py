import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from stakeholders.files.shapes import Refused
from stakeholders.importing import reading, words
from stakeholders.importing.apply import NotDone, apply_import
from stakeholders.importing.choices import Choices
from stakeholders.importing.keeping import keep_reading
from stakeholders.importing.proposals import Became, Comparison, State, compare
from stakeholders.models import District, Level, PeopleImport


class Command(BaseCommand):
    help = (
        "Bring in people and buildings from a list (.csv, .xlsx) or a OneRoster 1.1 or 1.2 set (.zip or folder). "
        "Students and families are counted and skipped. The same file again changes nothing."
    )
    requires_system_checks = []  # nothing but the answer is printed

    def create_parser(self, *args: Any, **kwargs: Any) -> ArgumentParser:
        parser = super().create_parser(*args, **kwargs)

        def error(message: str) -> NoReturn:
            """One line, without the usage: whoever calls this from a script reads it."""
            sys.stderr.write(f"import_people: {message}\n")
            raise SystemExit(2)

        if getattr(parser, "called_from_command_line", False):
            parser.error = error
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("district", metavar="DISTRICT", help="the district's address name")
        parser.add_argument("path", metavar="PATH", help="a file, or the folder of a OneRoster set")
        parser.add_argument(
            "--only",
            metavar="ROLES",
            help="roles that come in, as principal,siteAdministrator; else all staff",
        )
        parser.add_argument(
            "--level",
            metavar="L",
            default=Level.VIEWER,
            help=f"level of new people whose file says none: {', '.join(Level.values)}",
        )
        parser.add_argument(
            "--staff-role",
            metavar="WORD",
            action="append",
            default=[],
            help="a role that is staff, too, as ext:librarian; may be given several times",
        )
        parser.add_argument("--dry-run", action="store_true", help="read and say, and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, district: str, path: str, **options: Any) -> None:
        row = District.objects.filter(slug=district).first()
        if row is None:
            raise CommandError(f"There is no district {district!r}.", returncode=2)
        if options["level"] not in Level.values:
            raise CommandError(f"--level must be one of {', '.join(Level.values)}.", returncode=2)
        now = timezone.now()
        today = row.today(now)
        try:
            found = reading.read_path(path, today=today, further=options["staff_role"])
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        with transaction.atomic():
            job = keep_reading(row, found, file_name=Path(path).name, by=None, now=now)
            self._choose(job, found, options)
            comparison = compare(job, by=None, today=today)
            if comparison.would_change and not options["dry_run"]:
                comparison = self._apply(job, now=now, today=today)
            else:  # an import that changes nothing leaves no trace
                transaction.set_rollback(True)
        self.stdout.write(_answer(job, comparison, **options))

    def _choose(self, job: PeopleImport, found, options: dict[str, Any]) -> None:
        groups = sorted({group for one in found.people for group in one.groups} | {""})
        choices = Choices(levels=dict.fromkeys(groups, options["level"]))
        if options["only"]:
            wanted = {words.plain(word) for word in options["only"].split(",")}
            unknown = sorted(wanted - {words.plain(group) for group in groups})
            if unknown:
                raise CommandError(f"--only: nobody in the file is {', '.join(unknown)}.", returncode=2)
            choices.left_groups = [group for group in groups if words.plain(group) not in wanted]
        choices.keep(job)

    def _apply(self, job: PeopleImport, **when: Any) -> Comparison:
        try:
            return apply_import(job, by=None, **when)
        except NotDone as no:
            raise CommandError(str(no), returncode=1) from None


def _answer(job: PeopleImport, comparison: Comparison, *, json: bool, dry_run: bool, **_options: Any) -> str:
    told = _told(job, comparison, changed=comparison.would_change and not dry_run)
    return _dump(told) if json else _words(told)


def _dump(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)


def _told(job: PeopleImport, comparison: Comparison, *, changed: bool) -> dict[str, Any]:
    """Numbers, and where in the file somebody stands who could not come in: names are on the page, not in a log."""
    odd = [one for one in [*comparison.buildings, *comparison.people] if one.row.state != State.UNDERSTOOD]
    odd += [
        one for one in comparison.people if one.verdict == Became.NOT and one.row.state == State.UNDERSTOOD
    ]
    return {
        "kind": job.kind,
        "changed": changed,
        "buildings": _counts(comparison.building_counts()),
        "people": _counts(comparison.counts()),
        "not_in_file": len(comparison.missing),
        "skipped": job.skipped,
        "notes": job.notes,
        "rows": [{"source": one.row.source, "state": one.row.state, "outcome": one.verdict} for one in odd],
    }


def _counts(found: dict[str, int]) -> dict[str, int]:
    return {"new": 0, "same": 0, **found}


def _words(told: dict[str, Any]) -> str:
    def said(counts: dict[str, int]) -> str:
        return ", ".join(f"{n} {name}" for name, n in counts.items())

    lines = [f"{row['source']}: {row['state']}, {row['outcome']}" for row in told["rows"]]
    lines += told["notes"]
    lines.append(f"people: {said(told['people'])}")
    lines.append(f"buildings: {said(told['buildings'])}")
    if told["skipped"]:
        lines.append(f"skipped, and nothing of them kept: {said(told['skipped'])}")
    if told["not_in_file"]:
        lines.append(f"{told['not_in_file']} members are not in the file; their access stays as it is")
    if not told["changed"]:
        lines.append("nothing was changed")
    return "\n".join(lines)
