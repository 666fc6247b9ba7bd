"""What signing in leaves behind and nobody needs any more: sessions that are over, counters, used codes."""

from datetime import datetime

from stakeholders.coming_in import delays, sessions
from stakeholders.models import Kept


def tidy(*, now: datetime) -> None:
    """Remove it. Writes nothing when there is nothing to remove."""
    sessions.purge(now=now)
    delays.forget_old(now=now)
    old = Kept.objects.filter(expires__lt=now)
    if old.exists():
        old.delete()
