from datetime import datetime

from django.db import models


class Heartbeat(models.Model):
    """The last time that a background job came round. A worker that answers pings may still do nothing."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def beat(cls, name: str, *, now: datetime) -> None:
        """Write down that the job `name` came round."""
        cls.objects.update_or_create(name=name, defaults={"at": now})
