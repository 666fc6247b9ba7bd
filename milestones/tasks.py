"""What runs in the background for milestones: shells round functions that a management command calls, too."""

from celery import shared_task
from django.utils import timezone

from milestones import flagging
from stakeholders.models import District, Heartbeat


@shared_task
def sweep() -> None:
    """Flag what has slipped and tell whoever leads it (`manage.py flag_slips`)."""
    now = timezone.now()
    flagging.run(flagging.local_days(District.objects.all(), now=now)[0])
    Heartbeat.beat("slips", now=now)
