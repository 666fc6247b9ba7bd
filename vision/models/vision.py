from datetime import date
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from stakeholders.editing import Versioned
from stakeholders.models import Person
from stakeholders.scoping import DistrictQuerySet, DistrictRow


class LiveQuerySet(DistrictQuerySet):
    def live(self) -> Self:
        """Leave out what was archived."""
        return self.filter(archived_on__isnull=True)


class Vision(Versioned, DistrictRow):
    """What the district wants technology to do for its learners: a statement with two to five themes."""

    statement = models.TextField(_("statement"), max_length=4000)
    how_we_know = models.TextField(_("we will know because"), max_length=2000, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint("district", name="vision_one_per_district")]

    def __str__(self) -> str:
        return self.statement[:80]


class Theme(Versioned, DistrictRow):
    """One of the parts of a vision. Goals and initiatives say which themes they serve."""

    parent = "vision"

    vision = models.ForeignKey(Vision, on_delete=models.CASCADE, related_name="themes")
    title = models.CharField(_("theme"), max_length=120)
    words = models.TextField(_("in a sentence"), max_length=1000, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    archived_on = models.DateField(null=True, blank=True, editable=False)

    history = HistoricalRecords()
    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title

    def archive(self, *, by: Person, today: date) -> None:
        """Take it out of the vision; what serves it is remembered for when it is brought back."""
        self._set_archived(today, by=by)

    def bring_back(self, *, by: Person) -> None:
        self._set_archived(None, by=by)

    def _set_archived(self, on: date | None, *, by: Person) -> None:
        self.archived_on = on
        self._history_user = by
        self.save(update_fields=["archived_on"])
