"""What runs in the background for people: shells round functions that a management command calls, too."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from stakeholders import notices
from stakeholders.models import Heartbeat
from stakeholders.tidying import tidy


@shared_task
def sweep() -> None:
    """Send the notices that wait (`manage.py send_notices`), and tidy up after sign-ins (`manage.py tidy_sign_in`)."""
    notices.send_notices(timezone.now)
    tidy(now=timezone.now())
    Heartbeat.beat("notices", now=timezone.now())


@shared_task
def canary(sent_at: str = "") -> None:
    """Show that what beat sends is done, and how soon: two heartbeats, of the sending and of the doing."""
    if sent_at:
        Heartbeat.beat("canary sent", now=datetime.fromisoformat(sent_at))
    Heartbeat.beat("canary", now=timezone.now())
