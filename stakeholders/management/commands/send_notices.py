from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from stakeholders.notices import send_notices


class Command(BaseCommand):
    help = "Send the notices that wait, for about 45 seconds at most. The sweep does this every minute."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = send_notices(timezone.now)
        self.stdout.write(
            f"{outcome.sent} sent, {outcome.withdrawn} withdrawn, {outcome.put_off} put off, {outcome.parked} parked"
        )
