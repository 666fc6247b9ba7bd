from typing import Any

from django.core.management.base import BaseCommand

from district_plan.version import VERSION


class Command(BaseCommand):
    help = "Say which version this is."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(VERSION)
