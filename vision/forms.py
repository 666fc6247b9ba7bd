"""Plain editing of the vision, the plan, its goals and its initiatives."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stakeholders.edit_forms import Day, EditForm, LongLine, RowsField
from stakeholders.models import Person, Role
from vision.models import Goal, Initiative, Plan, Theme, Vision
from vision.ordering import last_position

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
LONGEST_YEARS = 15


class VisionForm(EditForm):
    twin = ()
    twin_words = _("A vision was written meanwhile. Open it to see both.")

    class Meta:
        model = Vision
        fields = ["statement", "how_we_know"]
        widgets = {"statement": forms.Textarea({"rows": 4}), "how_we_know": forms.Textarea({"rows": 3})}
        help_texts = {
            "statement": _(
                "A sentence or two that anybody here could say: what learners will be able to do."
            ),
            "how_we_know": _("What people would see in classrooms and homes."),
        }


class ThemeForm(EditForm):
    class Meta:
        model = Theme
        fields = ["title", "words"]
        widgets = {"words": forms.Textarea({"rows": 2})}
        help_texts = {"title": _("A word or two, as “Access”. Two to five themes are plenty.")}

    def add(self, *, by: Person) -> bool:
        self.instance.position = last_position(self.siblings())
        return super().add(by=by)


class PlanForm(EditForm):
    twin = ("title", "starts_on")

    class Meta:
        model = Plan
        fields = ["title", "starts_on", "ends_on"]
        widgets = {"starts_on": Day, "ends_on": Day}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = data.get("starts_on"), data.get("ends_on")
        for name, day in (("starts_on", first), ("ends_on", last)):
            if day and not FIRST_DAY <= day <= LAST_DAY:
                self.add_error(name, _("Give a day between 1990 and 2100."))
        if first and last and last <= first:
            self.add_error("ends_on", _("The last day comes after the first."))
        elif first and last and (last - first).days > LONGEST_YEARS * 366:
            self.add_error("ends_on", _("A plan runs for fifteen years at most."))
        return data


class ServingForm(EditForm):
    """A form for a row that serves themes of the vision."""

    themes = RowsField(
        queryset=Theme.objects.none(), required=False, label=_("Serves these themes of the vision")
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["themes"].queryset = Theme.objects.in_district(self.district).live()
        if self.instance.pk:
            self.initial["themes"] = list(self.instance.serves.values_list("theme", flat=True))

    def add(self, *, by: Person) -> bool:
        self.instance.position = last_position(self.siblings())
        return super().add(by=by)

    def save_links(self, *, by: Person) -> None:
        self.instance.set_themes(self.cleaned_data["themes"], by=by)


class GoalForm(ServingForm):
    twin_words = _("The plan has a goal in these words already.")

    class Meta:
        model = Goal
        fields = ["title", "words"]
        widgets = {"title": LongLine}


class InitiativeForm(ServingForm):
    twin_words = _("The goal has an initiative of this name already.")

    class Meta:
        model = Initiative
        fields = ["title", "goal", "why", "summary", "sponsor"]
        widgets = {
            "title": LongLine,
            "summary": LongLine,
            "why": forms.Textarea({"rows": 3}),
        }
        labels = {"goal": _("Carries out the goal")}
        help_texts = {"title": _("A name that people recognise, as “Reliable Wi-Fi in every classroom”.")}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["goal"].queryset = Goal.objects.live().filter(plan=self.instance.goal.plan_id)
        self.fields["goal"].empty_label = None
        self.fields["sponsor"].queryset = Role.objects.in_district(self.district)
        self.fields["sponsor"].empty_label = _("Nobody yet")
