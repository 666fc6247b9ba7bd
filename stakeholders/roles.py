"""Naming roles, and saying what each may do here. A role is known by its title, in capitals or not, once per district."""

from django import forms
from django.db import models, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from stakeholders.edit_forms import EditForm, RowsField
from stakeholders.editing import lock
from stakeholders.models import Area, Building, Direction, District, Person, Role, RoleArea


@transaction.atomic
def role_called(title: str, *, district: District, by: Person) -> Role:
    """Return the district's role of this title; a new one when there is none."""
    lock(district)
    role = _of_title(title, district).first()
    if role is None:
        role = Role(district=district, title=title)
        role._history_user = by
        role.save()
    return role


class RoleForm(EditForm):
    """What a new role needs: its name, and perhaps its building and its side."""

    twin_words = _("The district has a role of this title already.")

    class Meta:
        model = Role
        fields = ("title", "building", "side")
        widgets = {"side": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["building"].queryset = Building.objects.in_district(self.district)

    def has_twin(self) -> bool:
        return _of_title(self.cleaned_data["title"], self.district).exclude(pk=self.instance.pk).exists()

    @transaction.atomic
    def save_edit(self, *, by: Person) -> bool:
        lock(self.district)
        if self.has_twin():
            self.add_error("title", self.twin_words)
            return False
        return super().save_edit(by=by)


class RoleFactsForm(RoleForm):
    """All that is known of a role. Whatever is left open stays "not said"."""

    directs = RowsField(
        Role.objects.none(), label=_("Which ones"), required=False, help_text=_("Where the answer is yes.")
    )
    areas = forms.MultipleChoiceField(
        choices=Area,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Areas of skill that it covers here"),
        help_text=_(
            "The ten areas of CoSN’s framework of essential skills of the K-12 CTO. What no role covers is a gap of the"
            " district; it says nothing about anybody."
        ),
    )

    class Meta(RoleForm.Meta):
        fields = (
            *RoleForm.Meta.fields,
            "in_cabinet",
            "decides_alone",
            "decides_what",
            "may_spend",
            "directs_others",
            "hours_a_week",
        )
        widgets = {
            **RoleForm.Meta.widgets,
            "in_cabinet": forms.RadioSelect,
            "decides_alone": forms.RadioSelect,
            "directs_others": forms.RadioSelect,
        }

    field_order = (
        "title",
        "building",
        "side",
        "in_cabinet",
        "decides_alone",
        "decides_what",
        "may_spend",
        "directs_others",
        "directs",
        "hours_a_week",
        "areas",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        others = Role.objects.in_district(self.district).exclude(pk=self.instance.pk)
        self.fields["directs"].queryset = others
        self.initial["directs"] = list(self.instance.directs.values_list("pk", flat=True))
        self.initial["areas"] = list(self.instance.areas.values_list("area", flat=True))

    def clean(self) -> dict:
        told = super().clean() or self.cleaned_data
        if told.get("decides_what") and not told.get("decides_alone"):
            self.add_error("decides_alone", _("Say yes here, or leave empty what it decides about."))
        if told.get("directs") and not told.get("directs_others"):
            self.add_error("directs_others", _("Say yes here, or untick the roles below."))
        return told

    def save_links(self, *, by: Person) -> None:
        role = self.instance
        wanted = {other.pk: other for other in self.cleaned_data["directs"]}
        _tie(
            Direction.objects.filter(role=role),
            "other_id",
            wanted,
            lambda pk: Direction(role=role, other=wanted[pk]),
            by,
        )
        areas = set(self.cleaned_data["areas"])
        _tie(
            RoleArea.objects.filter(role=role), "area", areas, lambda area: RoleArea(role=role, area=area), by
        )


def _tie(rows: models.QuerySet, column: str, wanted, make, by: Person) -> None:
    """Let there be a row for each of `wanted` and no other; each one that comes or goes is written into the history."""
    there = {getattr(row, column): row for row in rows}
    for key, row in there.items():
        if key not in wanted:
            row._history_user = by
            row.delete()
    for key in wanted:
        if key not in there:
            row = make(key)
            row._history_user = by
            row.save()


def _of_title(title: str, district: District) -> models.QuerySet[Role]:
    """The same comparison as that of the constraint, so that the two cannot disagree about capitals."""
    roles = Role.objects.in_district(district).annotate(known_by=Lower("title"))
    return roles.filter(known_by=Lower(Value(title)))
