from django.db import models

from stakeholders.models.outgoing import Outgoing
from stakeholders.models.person import Person


class Notice(Outgoing):
    """One message to one person, decided once and sent once.

    Unique on person, district, kind and the district's local day. The text is written by the floor that
    knows it; what the notice was about is kept in rows of that floor.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=30)
    local_day = models.DateField()
    subject = models.CharField(max_length=250)
    body = models.TextField()

    class Meta(Outgoing.Meta):
        abstract = False
        ordering = ["-local_day", "pk"]
        constraints = [
            models.UniqueConstraint("district", "person", "kind", "local_day", name="notice_once_a_day"),
            *Outgoing.Meta.constraints,
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.person})"
