import json
import re
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from milestones import flagging
from stakeholders.models import District


class Command(BaseCommand):
    help = (
        "Write down which milestones have slipped, each missed date once, and decide who is told. May be run as often "
        "as you like, by several processes at once, or late: the rows are the same. The sweep does this every minute."
    )
    requires_system_checks = []  # nothing but the answer is printed

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--district", metavar="SLUG", help="only this district")
        parser.add_argument(
            "--today", metavar="YYYY-MM-DD", help="the date to go by; left out: each district's own date now"
        )
        parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, district: str | None, today: str | None, **options: Any) -> None:
        day = None if today is None else _day(today)
        districts = _districts(district)
        days, lost = ({day: districts}, []) if day else flagging.local_days(districts, now=timezone.now())
        outcome = flagging.run(days, dry_run=options["dry_run"])
        said = {
            # Where districts stand on different dates, the earliest: on it everybody's day before is over.
            "today": min(days, default=timezone.now().date()).isoformat(),
            "districts": outcome.districts,
            "new_slips": outcome.new_slips,
            "open_slips": outcome.open_slips,
            "notices": outcome.notices,
        }
        self.stdout.write(json.dumps(said) if options["json"] else _words(said, dry_run=options["dry_run"]))
        if skipped := sorted({*lost, *outcome.skipped}):
            raise CommandError(f"Could not be done, see the log: {', '.join(skipped)}", returncode=1)


def _districts(slug: str | None) -> list[District]:
    if slug is None:
        return list(District.objects.all())
    districts = list(District.objects.filter(slug=slug))
    if not districts:
        raise CommandError(f"There is no district {slug!r}.", returncode=2)
    return districts


def _day(written: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", written, flags=re.ASCII):
            raise ValueError
        return date.fromisoformat(written)
    except ValueError:
        raise CommandError(
            f"--today must be a date like 2026-11-17, not {written!r}.", returncode=2
        ) from None


def _words(said: dict[str, Any], *, dry_run: bool) -> str:
    taken_back = " (nothing was changed)" if dry_run else ""
    return (
        f"{said['today']}: districts {said['districts']}, new slips {said['new_slips']}, "
        f"open slips {said['open_slips']}, notices {said['notices']}{taken_back}"
    )
