"""The forms behind appointing: one appointment, its dates, and everything that somebody holds."""

from collections import Counter
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from stakeholders import appointing
from stakeholders.edit_forms import LONGEST_ID, Day, DistrictForm, EditForm
from stakeholders.models import Appointment, District, Membership, Person, Role

VACANT = "vacant"


def members(district: District) -> list[Person]:
    """Return whom one can appoint here: today's members, by name."""
    rows = Membership.objects.in_district(district).standing().select_related("person")
    return [row.person for row in rows.order_by("person__name", "pk")]


class LongSelect(forms.Select):
    """A list of a thousand people for each of several roles: written at once, not by a template for each person."""

    def render(self, name: str, value: Any, attrs: dict | None = None, renderer: Any = None) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (key, SafeString(" selected" if str(key) == chosen else ""), label)
                for key, label in self.choices
            ),
        )
        return format_html(
            "<select{}>{}</select>", flatatt({"name": name, **self.build_attrs(self.attrs, attrs)}), options
        )


class MemberField(forms.ModelChoiceField):
    """A member of the district. The choices are fetched once and shared by all such fields of a form."""

    widget = LongSelect

    def offer(self, people: list[Person], district: District, *, first: list[tuple[str, Any]]) -> None:
        rows = Membership.objects.in_district(district).standing()
        self.queryset = Person.objects.filter(pk__in=rows.values("person"))
        times = Counter(person.name for person in people)
        twice = {name for name, n in times.items() if n > 1}
        self.choices = [
            *first,
            *((p.pk, f"{p.name} ({p.email})" if p.name in twice else str(p)) for p in people),
        ]

    def to_python(self, value: Any) -> Any:
        if value == VACANT and any(key == VACANT for key, _label in self.choices):
            return VACANT
        if len(str(value or "")) > LONGEST_ID:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)

    def validate(self, value: Any) -> None:
        if self.required and value in self.empty_values:
            raise ValidationError(self.error_messages["required"], code="required")


class AppointForm(DistrictForm):
    """Somebody comes to hold a role, or to deputise."""

    person = MemberField(Person.objects.none(), label=_("Who"))
    part = forms.ChoiceField(
        choices=[
            (Appointment.Part.HOLDS, _("holds the role")),
            (Appointment.Part.DEPUTISES, _("deputises for whoever holds it")),
        ],
        initial=Appointment.Part.HOLDS,
        widget=forms.RadioSelect,
        label=_("As what"),
        help_text=_(
            "A deputy may say how things go, as the holder may. A role with deputies alone still counts as vacant; until"
            " somebody holds it, mail goes to them."
        ),
    )
    starts_on = forms.DateField(
        label=_("First day"), widget=Day, help_text=_("May lie ahead, or in the past.")
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        widget=Day,
        required=False,
        help_text=_("It counts. Empty: until further notice."),
    )

    def __init__(self, *args: Any, role: Role, today: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.role, self.today = role, today
        self.fields["person"].offer(members(self.district), self.district, first=[("", _("Choose somebody"))])
        self.fields["starts_on"].initial = today

    def save(self, *, by: Person) -> bool:
        """Appoint; False, with an error to show, when it cannot be."""
        try:
            appointing.appoint(role=self.role, by=by, today=self.today, **self.cleaned_data)
        except appointing.NotAppointed as no:
            self.refuse(no)
            return False
        return True


class DatesForm(EditForm):
    """The dates of an appointment: to end it, or to correct what was typed."""

    class Meta:
        model = Appointment
        fields = ("starts_on", "ends_on")
        labels = {"starts_on": _("First day"), "ends_on": _("Last day")}
        help_texts = {"ends_on": _("It counts. Empty: until further notice.")}
        widgets = {"starts_on": Day, "ends_on": Day}

    def __init__(self, *args: Any, today: date, **kwargs: Any):
        self.today = today
        super().__init__(*args, **kwargs)

    def clean(self) -> dict:
        told = super().clean() or self.cleaned_data
        first, last = told.get("starts_on"), told.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day lies before the first one."))
        return told

    def save_edit(self, *, by: Person) -> bool:
        try:
            appointing.change_dates(
                self.instance,
                by=by,
                today=self.today,
                version=self.version_seen,
                starts_on=self.cleaned_data["starts_on"],
                ends_on=self.cleaned_data["ends_on"],
            )
        except appointing.NotAppointed as no:
            self.refuse(no)
            return False
        return True

    def as_it_stands(self, current: Appointment) -> "DatesForm":
        return type(self)(instance=current, district=self.district, today=self.today)


class HandOverForm(DistrictForm):
    """Everything that one person holds, and to whom each of it goes."""

    first_day = forms.DateField(
        label=_("From which day"),
        widget=Day,
        help_text=_("The first day of whoever follows; the day before is the last one of the old holder."),
    )
    to_all = MemberField(
        Person.objects.none(),
        required=False,
        label=_("All to the same person"),
        help_text=_("Counts wherever nothing else is chosen below."),
    )
    end_access = forms.BooleanField(required=False)

    def __init__(self, *args: Any, person: Person, held: list[Appointment], today: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.person, self.held, self.today = person, held, today
        others = [one for one in members(self.district) if one != person]
        self.fields["first_day"].initial = today
        self.fields["to_all"].offer(others, self.district, first=[("", _("Nobody: choose for each role"))])
        for one in held:
            field = MemberField(Person.objects.none(), required=False, label=one.role.title)
            field.offer(others, self.district, first=self._first(one))
            self.fields[f"to_{one.pk}"] = field
        self.fields["end_access"].label = _("End this person’s access to the district, too, at once")
        self.order_fields(["first_day", "to_all", *(f"to_{one.pk}" for one in held), "end_access"])

    @staticmethod
    def _first(one: Appointment) -> list[tuple[str, Any]]:
        first: list[tuple[str, Any]] = [("", _("The person chosen above"))]
        if one.is_deputy:
            return [*first, (VACANT, _("Nobody: leave it without this deputy"))]
        others = [str(other.person) for other in one.role.held_now if other.person_id != one.person_id]
        if others:
            return [*first, (VACANT, _("Leave it to %(names)s") % {"names": ", ".join(others)})]
        return [*first, (VACANT, _("Nobody: leave it vacant"))]

    def rows(self) -> list[tuple[Appointment, forms.BoundField]]:
        return [(one, self[f"to_{one.pk}"]) for one in self.held]

    def clean(self) -> dict:
        told = super().clean() or self.cleaned_data
        for name in ("to_all", *(f"to_{one.pk}" for one in self.held)):
            if told.get(name) == self.person:
                self.add_error(name, _("Choose somebody else: this is whose roles are handed over."))
        first_day = told.get("first_day")
        for one in self.held:
            name = f"to_{one.pk}"
            needed = name not in self.errors and (first_day is None or one.reaches(first_day))
            if needed and not told.get(name) and not told.get("to_all"):
                self.add_error(name, _("Choose who follows, or leave it vacant on purpose."))
        return told

    def successors(self) -> dict[Appointment, Person | None]:
        """Return who follows in each appointment; None: left to others, or vacant."""
        chosen = {one: self.cleaned_data[f"to_{one.pk}"] or self.cleaned_data["to_all"] for one in self.held}
        return {one: None if to == VACANT else to for one, to in chosen.items()}
