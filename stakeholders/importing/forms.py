"""From a file to people: what is read, who comes in at which level, who stays out, whose access ends."""

import hashlib
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stakeholders.edit_forms import DistrictForm, RowsField, TidyForm
from stakeholders.files.shapes import MAX_BYTES, Refused
from stakeholders.importing import reading
from stakeholders.importing.choices import OTHERS
from stakeholders.importing.found import FoundSet
from stakeholders.importing.proposals import Comparison, Group
from stakeholders.models import Level, Membership, PeopleImport, PeopleImportRow

BATCH = 400


class UploadForm(TidyForm, forms.Form):
    """A list or a OneRoster set. It is opened here: what cannot be read is refused beside the field."""

    file = forms.FileField(
        label=_("A file"),
        allow_empty_file=True,
        help_text=_(
            "A list as CSV or Excel (up to 5 MB and 5,000 rows), or a OneRoster 1.1 or 1.2 set as one .zip (up to 25 MB)."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,.csv,.xlsx"}),
    )
    further = forms.CharField(
        label=_("Further roles that are staff"),
        required=False,
        max_length=200,
        help_text=_(
            "Only for OneRoster: roles beyond its own that mean staff, with commas, such as ext:librarian."
        ),
    )

    found: FoundSet
    too_large = False

    def __init__(self, *args: Any, today: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        file = data.get("file")
        if self.errors or not file:
            return data
        is_zip = file.name.lower().endswith(".zip")
        self.too_large = file.size > (reading.MAX_ZIP if is_zip else MAX_BYTES)
        further = [word.strip() for word in data.get("further", "").split(",") if word.strip()]
        try:
            if self.too_large and is_zip:
                raise Refused(_("The archive is larger than 25 MB. Leave out all but orgs, users and roles."))
            if self.too_large:
                raise Refused(_("The file is larger than 5 MB. Leave out what is not needed, or split it."))
            self.found = reading.read_upload(file.name, file.read(), today=self.today, further=further)
        except Refused as refusal:
            self.add_error("file", str(refusal))
        return data


class PreviewForm(DistrictForm):
    """At which level each group comes in, and who stays out."""

    let_back = forms.BooleanField(label=_("Let them in again"), required=False)
    change_levels = forms.BooleanField(label=_("Give members the level of the file"), required=False)

    def __init__(self, *args: Any, job: PeopleImport, comparison: Comparison, **kwargs: Any):
        super().__init__(*args, district=job.district, **kwargs)
        self.job, self.choices = job, comparison.choices
        self.groups = {_name(group.key): group for group in comparison.groups}
        for name, group in self.groups.items():
            self.fields[f"level-{name}"] = forms.ChoiceField(label=group.label, choices=Level.choices)
            self.initial[f"level-{name}"] = self.choices.levels.get(group.key, Level.VIEWER)
        names = [(name, group.label) for name, group in self.groups.items()]
        titles = [(name, label) for name, label in names if self.may_appoint(self.groups[name])]
        self.fields["leave_groups"] = forms.MultipleChoiceField(required=False, choices=names)
        self.fields["appoint"] = forms.MultipleChoiceField(required=False, choices=titles)
        rows = PeopleImportRow.objects.in_district(self.district).filter(people_import=job)
        self.fields["shown"] = RowsField(rows, required=False)
        self.fields["leave"] = RowsField(rows, required=False)
        self.initial.update(let_back=self.choices.let_back, change_levels=self.choices.change_levels)

    def may_appoint(self, group: Group) -> bool:
        """A list's titles may be roles of the district; a roster's roles are only words like "teacher"."""
        return not self.job.is_roster and group.key != OTHERS

    def group_rows(self):
        """(name, group, its level's field, whether it may be appointed, is left out, is appointed)."""
        for name, group in self.groups.items():
            left, appointed = group.key in self.choices.left_groups, group.key in self.choices.appoint
            yield name, group, self[f"level-{name}"], self.may_appoint(group), left, appointed

    def save(self) -> None:
        data = self.cleaned_data
        for name, group in self.groups.items():
            self.choices.levels[group.key] = data[f"level-{name}"]
        self.choices.left_groups = [self.groups[name].key for name in data["leave_groups"]]
        self.choices.appoint = [self.groups[name].key for name in data["appoint"]]
        self.choices.let_back, self.choices.change_levels = data["let_back"], data["change_levels"]
        self.choices.keep(self.job)
        rows = PeopleImportRow.objects.in_district(self.district).filter(people_import=self.job)
        left = {row.pk for row in data["leave"]}
        rows.filter(pk__in=[row.pk for row in data["shown"] if row.pk not in left]).update(left_out=False)
        rows.filter(pk__in=left).update(left_out=True)


class MissingForm(DistrictForm):
    """Whose access ends, of those who are not in the file."""

    def __init__(self, *args: Any, job: PeopleImport, comparison: Comparison, **kwargs: Any):
        super().__init__(*args, district=job.district, **kwargs)
        self.job, self.choices = job, comparison.choices
        free = [one.member.pk for one in comparison.missing if not one.stays]
        self.free = set(free)
        members = Membership.objects.in_district(self.district)
        self.fields["shown"] = RowsField(members, required=False)
        self.fields["end"] = RowsField(members, required=False)

    def clean_end(self) -> list[Membership]:
        chosen = list(self.cleaned_data["end"])
        if any(member.pk not in self.free for member in chosen):
            raise forms.ValidationError(_("Somebody's access cannot be ended here. Please look again."))
        return chosen

    def save(self) -> None:
        shown = {member.pk for member in self.cleaned_data["shown"]}
        kept = [pk for pk in self.choices.end if pk not in shown and pk in self.free]
        self.choices.end = sorted({*kept, *(member.pk for member in self.cleaned_data["end"])})
        self.choices.keep(self.job)


def _name(group: str) -> str:
    return hashlib.sha256(group.encode()).hexdigest()[:12]
