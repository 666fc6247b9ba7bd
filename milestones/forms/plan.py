from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import ngettext

from milestones.models import Milestone
from vision.forms import PlanForm


class PlanDatesForm(PlanForm):
    """Title and dates of a plan that has milestones: none that is still open may be left outside."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = data.get("starts_on"), data.get("ends_on")
        due = (
            Milestone.objects.in_plan(self.instance)
            .live()
            .open()
            .order_by("due")
            .values_list("due", flat=True)
        )
        if first and "starts_on" in self.changed_data:
            self._keep_inside("starts_on", list(due.filter(due__lt=first)))
        if last and "ends_on" in self.changed_data:
            self._keep_inside("ends_on", list(due.filter(due__gt=last)))
        return data

    def _keep_inside(self, field: str, outside: list[date]) -> None:
        if not outside:
            return
        words = ngettext(
            "%(n)s open milestone would be outside the plan: it is due %(last)s. Move or drop it first.",
            "%(n)s open milestones would be outside the plan, due from %(first)s to %(last)s. Move or drop them first.",
            len(outside),
        )
        days = {"first": date_format(outside[0]), "last": date_format(outside[-1])}
        self.add_error(field, words % {"n": len(outside), **days})
