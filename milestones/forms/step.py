"""Plain editing of action steps, their owners and measures, and the small forms that add dates and readings."""

import calendar
from datetime import date
from typing import Any

from django import forms
from django.db import transaction
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from milestones.models import ActionStep, Measure, Milestone
from milestones.recurring import add_each_year
from milestones.refusals import Refused
from stakeholders.edit_forms import Day, DistrictForm, DueDay, EditForm, LongLine, RowsField
from stakeholders.editing import lock
from stakeholders.models import Building, Person, Role
from stakeholders.roles import role_called
from vision.forms import FIRST_DAY, LAST_DAY
from vision.models import Goal, Initiative
from vision.ordering import last_position


class StepForm(EditForm):
    twin_words = _("The initiative has a step in these words already.")

    lead = forms.ModelChoiceField(
        queryset=Role.objects.none(), required=False, label=_("Who leads"), empty_label=_("No owner yet")
    )
    new_role = forms.CharField(
        max_length=200,
        required=False,
        label=_("Or a role that is not in the list"),
        help_text=_(
            "Its title, as “Technology Coordinator”. It is added to the district’s roles and leads this step."
        ),
    )
    support = RowsField(queryset=Role.objects.none(), required=False, label=_("Who helps"))
    also_serves = RowsField(queryset=Goal.objects.none(), required=False, label=_("Also serves these goals"))

    class Meta:
        model = ActionStep
        fields = [
            "title",
            "initiative",
            "kind",
            "starts_on",
            "review_on",
            "check_in_days",
            "building",
            "notes",
        ]
        widgets = {
            "title": LongLine,
            "kind": forms.RadioSelect,
            "starts_on": Day,
            "review_on": DueDay,
            "notes": forms.Textarea({"rows": 3}),
        }
        labels = {"initiative": _("Part of the initiative")}
        help_texts = {
            "review_on": _("Only an ongoing step has one: it has no due date and is looked at again.")
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        plan, roles = self.instance.initiative.goal.plan_id, Role.objects.in_district(self.district)
        goals = Goal.objects.live().filter(plan=plan)
        self.fields["initiative"].queryset = Initiative.objects.live().filter(goal__in=goals)
        self.fields["initiative"].empty_label = None
        self.fields["building"].queryset = Building.objects.in_district(self.district)
        self.fields["building"].empty_label = _("The whole district")
        self.fields["lead"].queryset = self.fields["support"].queryset = roles
        self.fields["also_serves"].queryset = goals.exclude(pk=self.instance.initiative.goal_id)
        if self.instance.pk:
            self._start_with_links()

    def _start_with_links(self) -> None:
        lead = self.instance.lead
        self.initial["lead"] = lead and lead.pk
        self.initial["support"] = [role.pk for role in self.instance.support]
        self.initial["also_serves"] = list(self.instance.also_serves.values_list("pk", flat=True))

    def clean_check_in_days(self) -> int:
        days = self.cleaned_data["check_in_days"]
        if not 1 <= days <= 366:
            raise forms.ValidationError(_("From 1 to 366 days."))
        return days

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        ongoing = data.get("kind") == ActionStep.Kind.ONGOING
        if ongoing and not data.get("review_on") and "review_on" not in self.errors:
            self.add_error("review_on", _("Give the day on which an ongoing step is looked at again."))
        if data.get("review_on") and data.get("kind") and not ongoing:
            self.add_error("review_on", _("Only an ongoing step has one. Clear it, or choose “Ongoing”."))
        for name in ("starts_on", "review_on"):
            if data.get(name) and not FIRST_DAY <= data[name] <= LAST_DAY:
                self.add_error(name, _("Give a day between 1990 and 2100."))
        if data.get("lead") and data.get("new_role"):
            self.add_error("new_role", _("Choose a role above or write a new one, not both."))
        if self.instance.pk:
            self._look_at_milestones(data, ongoing=ongoing)
        return data

    def _look_at_milestones(self, data: dict[str, Any], *, ongoing: bool) -> None:
        dated = self.instance.milestones.live().open()
        if ongoing and "kind" in self.changed_data and (n := dated.count()):
            words = ngettext(
                "The step has %(n)d open milestone. An ongoing step has none: finish, drop or archive it first.",
                "The step has %(n)d open milestones. An ongoing step has none: finish, drop or archive them first.",
                n,
            )
            self.add_error("kind", words % {"n": n})
        starts = data.get("starts_on")
        if starts and "starts_on" in self.changed_data and dated.filter(due__lt=starts).exists():
            self.add_error("starts_on", _("A milestone of the step is due before that day."))

    def add(self, *, by: Person) -> bool:
        self.instance.position = last_position(self.siblings())
        return super().add(by=by)

    def save_links(self, *, by: Person) -> None:
        lead = self.cleaned_data["lead"]
        if title := self.cleaned_data["new_role"]:
            lead = role_called(title, district=self.district, by=by)
        self.instance.set_owners(lead=lead, support=self.cleaned_data["support"], by=by)
        self.instance.set_also_serves(self.cleaned_data["also_serves"], by=by)


class NewMilestoneForm(DistrictForm):
    """A dated event of a step. Without a name of its own it goes by the step's."""

    title = forms.CharField(
        max_length=500,
        required=False,
        label=_("Milestone"),
        widget=LongLine,
        help_text=_("What everybody can see on that day. Left empty, it has the name of the step."),
    )
    due = forms.DateField(label=_("Due date"), widget=DueDay)

    def __init__(self, *args: Any, step: ActionStep, **kwargs: Any):
        self.step = step
        super().__init__(*args, **kwargs)

    def clean_due(self) -> date:
        due, starts = self.cleaned_data["due"], self.step.starts_on
        if starts and due < starts:
            raise forms.ValidationError(_("The step starts later."))
        return due

    def add(self, *, by: Person, today: date) -> Milestone | None:
        """Add the milestone; None, with an error to show, when it is refused or there already."""
        wanted = {"title": self.cleaned_data["title"], "due": self.cleaned_data["due"]}
        with transaction.atomic():
            lock(self.step)
            if self.step.milestones.live().filter(**wanted).exists():
                self.add_error("due", _("The step has this milestone on this day already."))
                return None
            try:
                return self.step.add_milestone(by=by, today=today, **wanted)
            except Refused as no:
                self.add_error("due", str(no))
        return None


class EachYearForm(DistrictForm):
    """One milestone in each year of the plan."""

    title = forms.CharField(max_length=500, required=False, label=_("Milestone"), widget=LongLine)
    month = forms.TypedChoiceField(label=_("Month"), coerce=int, choices=list(MONTHS.items()))
    day = forms.IntegerField(label=_("Day"), min_value=1, max_value=31)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        month, day = data.get("month"), data.get("day")
        if month and day and day > calendar.monthrange(2024, month)[1]:  # a leap year: February has 29
            self.add_error("day", _("%(month)s has no such day.") % {"month": MONTHS[month]})
        return data

    def add(self, step: ActionStep, *, by: Person, today: date) -> list[Milestone]:
        """Add the milestones; empty, with an error to show, when nothing can be added."""
        try:
            added = add_each_year(step, by=by, today=today, **self.cleaned_data)
        except Refused as no:
            self.refuse(no)
            return []
        if not added:
            self.add_error(None, _("The step has a milestone on that day in every year of the plan."))
        return added


class MeasureForm(EditForm):
    twin = ("name",)
    twin_words = _("The step has a measure of this name already.")

    class Meta:
        model = Measure
        fields = ["name", "unit", "direction", "baseline", "target", "target_on"]
        widgets = {"direction": forms.RadioSelect, "target_on": Day}
        help_texts = {
            "name": _("What is counted, as “Privacy agreements signed”."),
            "unit": _("As “agreements”, “Mbit/s” or “%”."),
        }

    def clean_target_on(self) -> date | None:
        return _near(self.cleaned_data["target_on"])


class ReadingForm(DistrictForm):
    """What was counted on a day."""

    on = forms.DateField(label=_("Counted on"), widget=Day)
    value = forms.DecimalField(label=_("Value"), max_digits=14, decimal_places=2)
    note = forms.CharField(max_length=300, required=False, label=_("Note"))

    def __init__(self, *args: Any, today: date, **kwargs: Any):
        self.today = today
        super().__init__(*args, **kwargs)

    def clean_on(self) -> date:
        on = _near(self.cleaned_data["on"])
        if on > self.today:
            raise forms.ValidationError(_("That day has not come yet."))
        return on


def _near(day: date | None) -> date | None:
    if day and not FIRST_DAY <= day <= LAST_DAY:
        raise forms.ValidationError(_("Give a day between 1990 and 2100."))
    return day
