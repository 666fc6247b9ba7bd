"""Forms for buildings: the building itself, spreading a step over many, adapting it for one, and a word for several."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Lower
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from milestones.for_several import Does
from milestones.models import ActionStep, Milestone, StepBuilding
from milestones.models.checkin import Reason
from milestones.refusals import Refused
from milestones.spreading import add_for_buildings
from stakeholders.edit_forms import Day, DistrictForm, EditForm, LongLine, RowsField
from stakeholders.editing import StaleEdit, lock
from stakeholders.models import Building, Person, Role


class BuildingForm(EditForm):
    """A school or office. Its name is known once in a district, in capitals or not, and so is its NCES id."""

    twin = ("name",)
    twin_words = _("The district has a building of this name already.")

    class Meta:
        model = Building
        fields = ["name", "nces_id"]
        help_texts = {
            "nces_id": _(
                "Twelve digits: the district’s seven and the school’s five. Leave it empty for an office."
            )
        }

    def clean_nces_id(self) -> str:
        number = self.cleaned_data["nces_id"]
        if number and self.district.nces_id and not number.startswith(self.district.nces_id):
            raise ValidationError(
                _("A school’s id begins with that of its district, %(id)s."),
                params={"id": self.district.nces_id},
            )
        other = self._others().filter(nces_id=number).first() if number else None
        if other:
            raise ValidationError(_("“%(name)s” has this id."), params={"name": other.name})
        return number

    def has_twin(self) -> bool:
        name = Lower(Value(self.cleaned_data["name"]))
        twin = self._others().annotate(known_by=Lower("name")).filter(known_by=name).first()
        if twin and twin.archived_on:
            self.twin_words = _(
                "An archived building has this name. Bring it back from the end of the list, or choose another name."
            )
        return twin is not None

    def _others(self) -> models.QuerySet[Building]:
        return Building.objects.in_district(self.district).exclude(pk=self.instance.pk)

    @transaction.atomic
    def save_edit(self, *, by: Person) -> bool:
        lock(self.district)
        if self.has_twin():
            self.add_error("name", self.twin_words)
            return False
        return super().save_edit(by=by)


class SpreadForm(DistrictForm):
    """The same milestone for many buildings, on one date; each may have a date of its own afterwards."""

    title = forms.CharField(
        max_length=500,
        required=False,
        label=_("Milestone"),
        widget=LongLine,
        help_text=_("What each building reaches. Left empty, it has the name of the step."),
    )
    due = forms.DateField(
        label=_("Due date in each of them"),
        widget=Day,
        help_text=_("Each building may have a date of its own afterwards."),
    )
    everywhere = forms.BooleanField(required=False, label=_("All buildings"))
    buildings = RowsField(queryset=Building.objects.none(), required=False, label=_("Or these buildings"))

    def __init__(self, *args: Any, step: ActionStep, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.step = step
        self.fields["buildings"].queryset = Building.objects.in_district(self.district).live()

    def clean_due(self) -> date:
        due, starts = self.cleaned_data["due"], self.step.starts_on
        if starts and due < starts:
            raise ValidationError(_("The step starts later."))
        return due

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("everywhere") and not data.get("buildings") and "buildings" not in self.errors:
            self.add_error("buildings", _("Choose all buildings, or at least one."))
        return data

    def add(self, *, by: Person, today: date) -> list[Milestone]:
        """Add the milestones; empty, with an error to show, when it is refused or all of them are there."""
        data = self.cleaned_data
        chosen = self.fields["buildings"].queryset if data["everywhere"] else data["buildings"]
        try:
            given = {"due": data["due"], "title": data["title"]}
            added = add_for_buildings(self.step, list(chosen), by=by, today=today, **given)
        except Refused as no:
            self.add_error("due", str(no))
            return []
        if not added:
            self.add_error(None, _("Every chosen building has this milestone already."))
        return added


class AdaptForm(EditForm):
    """How a step is adapted for one building: what differs and why, who leads it there, and its own dates.

    Only editors choose who leads. A date is given again only when the reader of the form changed it.
    """

    reason = forms.ChoiceField(
        label=_("If a date changes: what is it waiting for?"),
        choices=Reason,
        required=False,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = StepBuilding
        fields = ["differs", "lead"]
        widgets = {"differs": forms.Textarea({"rows": 3})}
        help_texts = {
            "differs": _("For whoever compares buildings: “The gym is rebuilt until May, so its rooms come last.”"),
            "lead": _(
                "Left empty, the step’s own lead does. Whoever holds the role may say how it goes in this building."
            ),
        }  # fmt: skip

    def __init__(
        self,
        *args: Any,
        milestones: Sequence[Milestone],
        today: date,
        is_editor: bool,
        may_approve: bool,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.milestones, self.today = list(milestones), today
        self.is_editor, self.may_approve = is_editor, may_approve
        self.asked = False  # a leader is asked for a date
        roles = Role.objects.in_district(self.district)
        here = Case(When(building=self.instance.building_id, then=Value(0)), default=Value(1))
        self.fields["lead"].queryset = roles.order_by(here, "title")
        self.fields["lead"].empty_label = _("Whoever leads the step")
        if not is_editor:
            del self.fields["lead"]
        for one in self.milestones:
            self.fields[f"due_{one.pk}"] = forms.DateField(
                label=_("Due here: %(name)s") % {"name": one.words},
                widget=Day,
                initial=one.due,
                show_hidden_initial=True,
            )
        self.adopted = bool(self.milestones) and self.milestones[0].plan.is_adopted
        if not self.adopted:
            del self.fields["reason"]
        elif self.milestones:
            self.order_fields(["differs", "lead", *(f"due_{one.pk}" for one in self.milestones), "reason"])

    @property
    def moved(self) -> list[Milestone]:
        """The milestones whose date was changed in the form."""
        changed = set(self.changed_data)
        return [
            one
            for one in self.milestones
            if f"due_{one.pk}" in changed and self.cleaned_data.get(f"due_{one.pk}") not in (None, one.due)
        ]

    def _look_for_other_moves(self) -> None:
        """Refuse a date that was chosen while another one stood: it has moved since the form was opened."""
        for one in self.moved:
            seen = self.data.get(self.add_initial_prefix(f"due_{one.pk}"))
            if seen and seen != one.due.isoformat():
                words = _("It was moved meanwhile: it is due %(day)s now.")
                self.add_error(f"due_{one.pk}", words % {"day": date_format(one.due, "M j, Y")})

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self._look_for_other_moves()
        if self.adopted and self.moved and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say what the new date waits for."))
        return data

    @transaction.atomic
    def save_edit(self, *, by: Person) -> bool:
        """Save what differs and move the dates, or nothing of both. Raises StaleEdit."""
        lock(self.instance.step)
        row = self.instance
        standing = StepBuilding.objects.filter(step=row.step_id, building=row.building_id).first()
        if row.pk is None and standing:
            raise StaleEdit(standing)
        if {"differs", "lead"} & set(self.changed_data):
            if row.pk is None:
                row._history_user = by
                row.save()
            else:
                super().save_edit(by=by)
        if self._move_dates(by):
            return True
        transaction.set_rollback(True)
        return False

    def _move_dates(self, by: Person) -> bool:
        for one in self.moved:
            name = f"due_{one.pk}"
            try:
                move = one.move_due(
                    by=by,
                    today=self.today,
                    to=self.cleaned_data[name],
                    reason=self.cleaned_data.get("reason") or Reason.OTHER,
                    words=self.cleaned_data["differs"][:1000].replace("\n", " "),
                    may_approve=self.may_approve,
                )
            except Refused as no:
                self.add_error(name, str(no))
                return False
            self.asked = self.asked or move.decided_on is None
        return True

    def as_it_stands(self, current: StepBuilding) -> "AdaptForm":
        return type(self)(
            instance=current,
            district=self.district,
            milestones=self.milestones,
            today=self.today,
            is_editor=self.is_editor,
            may_approve=self.may_approve,
        )


class ForSeveralForm(DistrictForm):
    """One word for the ticked buildings of a step. `rows`: the milestones that the visitor may speak for; `shown`: those
    of them that this page shows."""

    milestones = RowsField(queryset=Milestone.objects.none(), required=False, label=_("Buildings"))
    all_shown = forms.BooleanField(required=False, label=_("All that this page shows"))
    does = forms.ChoiceField(label=_("For the ticked ones"))
    words = forms.CharField(
        max_length=1000,
        required=False,
        label=_("In a line"),
        help_text=_("The same for all of them: how it goes or, when it is done, what shows it."),
    )

    def __init__(
        self,
        *args: Any,
        rows: models.QuerySet[Milestone],
        shown: Sequence[Milestone],
        archived: bool,
        is_editor: bool,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.shown = list(shown)
        self.fields["milestones"].queryset = rows
        does = [Does.ON_TRACK, Does.DONE, Does.UNDO, *([Does.ARCHIVE] if is_editor else [])]
        self.fields["does"].choices = [
            (one.value, one.label) for one in ([Does.BRING_BACK] if archived else does)
        ]
        if archived:
            del self.fields["words"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("all_shown"):
            data["milestones"] = self.shown
        elif not data.get("milestones") and "milestones" not in self.errors:
            self.add_error("milestones", _("Tick at least one building."))
        return data
