"""`manage.py make_report DISTRICT board --out FILE`: a report from the command line, for a scheduler or a shell."""

import sys
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from reports import making
from reports.models import Report
from stakeholders.models import District
from vision.models import Plan


class Command(BaseCommand):
    help = "Make a report, keep it in the district's list, and write its PDF to a file."

    def add_arguments(self, parser) -> None:
        parser.add_argument("district", help="the district's address name")
        parser.add_argument("kind", choices=Report.Kind.values)
        parser.add_argument(
            "--as-of", type=date.fromisoformat, help="facts as of the end of this day (default: today)"
        )
        parser.add_argument("--out", type=Path, required=True, help="the PDF file to write")

    def handle(self, *, district: str, kind: str, as_of: date | None, out: Path, **options) -> None:
        home = District.objects.filter(slug=district).first() or self.refuse(
            f"there is no district {district}"
        )
        today = home.today(timezone.now())
        as_of = as_of or today
        if as_of > today:
            self.refuse(f"{as_of} has not come yet")
        if not out.parent.is_dir():
            self.refuse(f"there is no folder {out.parent}")
        plan = Plan.objects.in_district(home).current(today=today) or self.refuse(f"{district} has no plan")
        report = self.make(plan, as_of=as_of, kind=kind)
        out.write_bytes(report.pdf.read())
        self.stdout.write(f"{report.number}: {report.pages} pages in {out}")

    def make(self, plan: Plan, **words) -> Report:
        """Make it here and now: it is claimed before a worker can see it. A failure is parked, and said."""
        now = timezone.now()
        with transaction.atomic():
            report = Report.request(plan=plan, by=None, now=now, **words)
            report.claim(now=now)
        making.make(report, timezone.now)
        report.refresh_from_db()
        if not report.is_ready:
            report.park()
            raise CommandError(report.error, returncode=1)
        return report

    def refuse(self, why: str):
        print(f"make_report: {why}", file=sys.stderr)
        sys.exit(2)
