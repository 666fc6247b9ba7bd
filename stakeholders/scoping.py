"""Rows that belong to a district are reached through the district, and no other way."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models

if TYPE_CHECKING:
    from stakeholders.models import District


class DistrictQuerySet(models.QuerySet):
    """Chainable words that every district row understands."""

    def in_district(self, district: "District") -> Self:
        """Keep the rows of one district: the first word of every look-up."""
        return self.filter(district=district)


class DistrictRow(models.Model):
    """A row with an owner district, taken from its parent and never from a form.

    Subclasses name in `parent` the foreign key from which the district comes.
    """

    parent: ClassVar[str] = ""
    # Whose words a row holds: the foreign key to a person → the columns that this person wrote. A redaction offers them.
    words_of: ClassVar[dict[str, tuple[str, ...]]] = {}
    handed_out: ClassVar[
        tuple[str, ...]
    ] = ()  # columns of a document that was given away: no redaction changes them

    district = models.ForeignKey(
        "stakeholders.District", on_delete=models.CASCADE, editable=False, related_name="+"
    )

    objects = DistrictQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self._state.adding and self.parent:
            self.district_id = getattr(self, self.parent).district_id
        super().save(*args, **kwargs)
