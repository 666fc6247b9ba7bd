from django.db import models

from stakeholders.models.person import Person
from stakeholders.scoping import DistrictRow


class Visit(DistrictRow):
    """When somebody looked at a page that remembers it: append-only, and the one thing a GET may write."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["district", "person", "page", "-at"], name="visit_latest")]

    def __str__(self) -> str:
        return f"{self.person}: {self.page}"
