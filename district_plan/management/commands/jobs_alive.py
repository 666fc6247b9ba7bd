from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from stakeholders.models import Heartbeat


class Command(BaseCommand):
    help = "Say when each sweep last came to its end. Exits with 1 when one is older than --max-age: a health check."
    # A worker that has lost its broker can answer pings and do nothing: only work done shows that work is done.

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--max-age", type=int, default=300, metavar="SECONDS", help="default: 300")

    def handle(self, *args: Any, max_age: int, **options: Any) -> None:
        now = timezone.now()
        last = dict(Heartbeat.objects.values_list("name", "at"))
        silent = []
        for name in settings.CELERY_BEAT_SCHEDULE:
            age = (now - last[name]).total_seconds() if name in last else None
            self.stdout.write(f"{name}: never" if age is None else f"{name}: {age:.0f} s ago")
            if age is None or age > max_age:
                silent.append(name)
        if silent:
            raise CommandError(f"Not for {max_age} s: {', '.join(silent)}")
