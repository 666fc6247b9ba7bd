"""What runs in the background for reports: shells round functions that a management command calls, too."""

from celery import shared_task
from django.utils import timezone

from reports import making
from stakeholders.models import Heartbeat


@shared_task
def sweep() -> None:
    """Make a report that waits (`manage.py make_report`)."""
    making.make_next(timezone.now)
    Heartbeat.beat("reports", now=timezone.now())
