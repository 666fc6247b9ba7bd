import json
import re
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from milestones.importing import proposals, reading
from milestones.importing.apply import apply_import, count_new
from milestones.importing.understand import Reading, read_plan
from milestones.refusals import Refused as NotDone
from stakeholders.files.shapes import MAX_BYTES, Refused
from stakeholders.models import District
from vision.models import Plan


class Command(BaseCommand):
    help = (
        "Read a plan file (.xlsx, .docx, .csv, or .txt for text) and import its steps. Every row is understood, understood "
        "in part or not understood, with the reason. The same file again adds nothing."
    )
    requires_system_checks = []  # nothing but the answer is printed

    def create_parser(self, *args: Any, **kwargs: Any) -> ArgumentParser:
        parser = super().create_parser(*args, **kwargs)

        def error(message: str) -> NoReturn:
            """One line, without the usage: whoever calls this from a script reads it."""
            sys.stderr.write(f"import_plan: {message}\n")
            raise SystemExit(2)

        if getattr(parser, "called_from_command_line", False):
            parser.error = error
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("district", metavar="DISTRICT", help="the district's address name")
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--plan", metavar="TITLE", help="the plan; one is started when there is none of that title"
        )
        parser.add_argument("--starts", metavar="YYYY-MM-DD", help="first day of a new plan")
        parser.add_argument("--ends", metavar="YYYY-MM-DD", help="last day of a new plan")
        parser.add_argument("--dry-run", action="store_true", help="read and say, and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, district: str, file: str, **options: Any) -> None:
        row = District.objects.filter(slug=district).first()
        if row is None:
            raise CommandError(f"There is no district {district!r}.", returncode=2)
        starts, ends = _days(options["starts"], options["ends"])
        data = _bytes(file)
        title = " ".join((options["plan"] or Path(file).stem.replace("-", " ").replace("_", " ")).split())[
            :200
        ]
        plan = Plan.objects.in_district(row).live().filter(title__iexact=title).order_by("pk").last()
        if plan and starts and (plan.starts_on, plan.ends_on) != (starts, ends):
            raise CommandError(
                f"“{plan}” runs from {plan.starts_on} to {plan.ends_on}; leave out --starts and --ends.",
                returncode=2,
            )
        try:
            blocks = reading.read_safely(file, data)
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        time = proposals.plan_time(row, plan=plan, starts=starts, ends=ends)
        found = read_plan(blocks, time, roles=proposals.role_titles(row))
        if options["dry_run"]:
            outcome = count_new(plan, title, found, set())
        else:
            outcome = self._import(row, blocks, found, title, plan, starts, ends, file, data)
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json(), ensure_ascii=False))
        else:
            self.stdout.write(_words(found, outcome, dry_run=options["dry_run"]))

    def _import(self, district, blocks, found, title, plan, starts, ends, file, data):
        now = timezone.now()
        today = district.today(now)
        kept = proposals.keep_reading(
            district, blocks, file_name=Path(file).name, data=data, by=None, now=now
        )
        if plan is None and not starts:
            starts, ends = proposals.covering_term(found, district, today=today)
        kept.plan, kept.plan_title = plan, title
        kept.plan_starts_on, kept.plan_ends_on = (None, None) if plan else (starts, ends)
        kept.save()
        try:
            return apply_import(kept, by=None, now=now, today=today, reading=found)
        except NotDone as no:
            raise CommandError(str(no), returncode=1) from None


def _days(starts: str | None, ends: str | None) -> tuple[date | None, date | None]:
    if bool(starts) != bool(ends):
        raise CommandError("--starts and --ends go together.", returncode=2)
    if not starts or not ends:
        return None, None
    first, last = _day("--starts", starts), _day("--ends", ends)
    if last <= first:
        raise CommandError("--ends must come after --starts.", returncode=2)
    return first, last


def _day(name: str, written: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", written, flags=re.ASCII):
            raise ValueError
        return date.fromisoformat(written)
    except ValueError:
        raise CommandError(f"{name} must be a date like 2026-07-01, not {written!r}.", returncode=2) from None


def _bytes(file: str) -> bytes:
    """The file, or one byte more than can be read: a larger one is refused without reading it all."""
    try:
        with Path(file).open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise CommandError(f"{file} cannot be read: {reason}.", returncode=2) from None


def _words(found: Reading, outcome, *, dry_run: bool) -> str:
    lines = []
    for row in found.rows:
        missing = f" (missing: {', '.join(row.missing)})" if row.missing else ""
        lines.append(f"{row.source}: {row.state}{missing} – {row.step[:100]}")
        if row.reason and row.state != "understood":
            lines.append(f"    {row.reason}")
    counts = found.counts()
    lines.append(
        f"{len(found.rows)} rows: {counts['understood']} understood, {counts['partly']} in part, "
        f"{counts['not_understood']} not understood"
    )
    would = " (nothing was changed)" if dry_run else ""
    lines.append(f"{outcome.new} new, {outcome.same} same, {outcome.not_read} not imported{would}")
    lines.extend(outcome.notes)
    return "\n".join(lines)
