from django.db import models
from django.utils.translation import gettext_lazy as _

from stakeholders.models.person import Person
from stakeholders.scoping import DistrictRow


class Redaction(DistrictRow):
    """A former member's name and address were taken out of a district's records. Append-only, and tells nobody's name.

    `stands_for` is a person who never was: everything that the former member did here leads there from then on.
    """

    number = models.PositiveIntegerField()
    stands_for = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="redaction")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(_("why"), max_length=300)
    texts = models.PositiveIntegerField(default=0, help_text=_("How many texts were redacted, too."))

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint("district", "number", name="redaction_number_once_per_district"),
            models.CheckConstraint(
                condition=models.Q(number__gt=0) & ~models.Q(reason=""), name="redaction_is_whole"
            ),
        ]

    def __str__(self) -> str:
        return _("Former member #%(n)s") % {"n": self.number}

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise ValueError("A redaction is never changed.")
        super().save(*args, **kwargs)
