"""What runs in the background for people: shells round functions that a management command calls, too."""

from celery import shared_task
from django.utils import timezone

from stakeholders import notices
from stakeholders.models import Heartbeat


@shared_task
def sweep() -> None:
    """Send the notices that wait (`manage.py send_notices`)."""
    notices.send_notices(timezone.now)
    Heartbeat.beat("notices", now=timezone.now())
