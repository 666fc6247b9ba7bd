from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from stakeholders.tidying import tidy


class Command(BaseCommand):
    help = "Remove sessions that are over, and counters of tries that nobody asks any more. The sweep does so every minute."

    def handle(self, *args: Any, **options: Any) -> None:
        tidy(now=timezone.now())
