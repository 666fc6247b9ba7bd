"""From a file to a plan: what is read, which column says what, which plan it becomes, which roles are meant."""

import hashlib
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from milestones.importing import columns as c
from milestones.importing import reading
from milestones.importing.proposals import role_proposals, role_titles, suggested_term, suggested_title
from milestones.importing.understand import Reading
from milestones.models import PlanImport
from stakeholders.edit_forms import Day, DistrictForm
from stakeholders.files.shapes import MAX_BYTES, Refused
from vision.forms import FIRST_DAY, LAST_DAY, LONGEST_YEARS
from vision.models import Plan

COLUMN_WORDS = {
    c.STEP: _("Action step"),
    c.GOAL: _("Goal"),
    c.OBJECTIVE: _("Objective (initiative)"),
    c.OWNER: _("Who (owners)"),
    c.WHEN: _("When"),
    c.DUE: _("Due date"),
    c.START: _("Start date"),
    c.YEAR: _("A year, marked with X"),
    c.COST: _("Cost"),
    c.EVIDENCE: _("Evidence"),
    c.STATUS: _("Status"),
    c.KIND: _("Once or every year"),
    c.EXACT_OWNERS: _("Roles, one a semicolon"),
    c.NUMBER: _("A number"),
    c.OTHER: _("Something else (kept as a note)"),
}
SAMPLES = 3
NOBODY = ""
NEW = "new"
NEW_PLAN = ("plan_title", "plan_starts_on", "plan_ends_on")


class UploadForm(forms.Form):
    """A file or pasted text. It is opened here: whoever cannot be read is refused beside the field."""

    file = forms.FileField(
        label=_("A file"),
        required=False,
        allow_empty_file=True,
        help_text=_("Word (.docx), Excel (.xlsx) or CSV, up to 5 MB and 5,000 rows."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.docx,.csv,.txt"}),
    )
    text = forms.CharField(
        label=_("Or paste it"),
        required=False,
        strip=False,
        help_text=_("Rows copied from a spreadsheet, a table or a list from a web page."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    blocks: list
    data_read: bytes
    too_large = False

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        file, text = data.get("file"), data.get("text", "")
        if self.errors:
            return data
        if bool(file) == bool(text.strip()):
            words = (
                _("Choose one: the file or the pasted text.")
                if file
                else _("Choose a file, or paste the plan.")
            )
            self.add_error("file", words)
            return data
        if file and file.size > MAX_BYTES:
            self.too_large = True
        try:
            if self.too_large:
                raise Refused(_("The file is larger than 5 MB. Save it without pictures, or split it."))
            self.data_read = file.read() if file else text.encode("utf-8", "replace")
            self.blocks = reading.read_safely(file.name if file else "pasted.txt", self.data_read)
        except Refused as refusal:
            self.add_error("file" if file else "text", str(refusal))
        return data

    @property
    def name_read(self) -> str:
        file = self.cleaned_data["file"]
        return str(file.name) if file else str(_("Pasted text"))


class ColumnsForm(DistrictForm):
    """Which column says what, and which plan the rows go to."""

    plan = forms.ChoiceField(label=_("Import into"))
    plan_title = forms.CharField(label=_("Title of the new plan"), max_length=200)
    plan_starts_on = forms.DateField(label=_("First day"), widget=Day)
    plan_ends_on = forms.DateField(label=_("Last day"), widget=Day)

    def __init__(self, *args: Any, plan_import: PlanImport, reading: Reading, **kwargs: Any):
        super().__init__(*args, district=plan_import.district, **kwargs)
        self.job, self.reading = plan_import, reading
        self.plans = {str(plan.pk): plan for plan in Plan.objects.in_district(self.district).live()}
        self.fields["plan"].choices = [
            (NEW, _("A new plan")),
            *((pk, plan.title) for pk, plan in self.plans.items()),
        ]
        self.groups = _groups(reading.tables)
        for number, tables in enumerate(self.groups):
            for column in range(tables[0].width()):
                self._add_column(number, column, tables[0])
        self.initial.update(self._plan_so_far())

    def _add_column(self, number: int, column: int, table) -> None:
        heading = table.headings.get(column, "")
        samples = table.samples().get(column, [])[:SAMPLES]
        if not heading and not samples:
            return
        label = heading or _("Column %(number)s") % {"number": column + 1}
        field = forms.ChoiceField(
            label=label[:90],
            choices=list(COLUMN_WORDS.items()),
            help_text=" · ".join(one[:60] for one in samples),
        )
        self.fields[f"t{number}c{column}"] = field
        self.initial[f"t{number}c{column}"] = table.fields.get(column, c.OTHER)

    def _plan_so_far(self) -> dict[str, Any]:
        job = self.job
        if job.plan:
            return {"plan": str(job.plan.pk)}
        if job.plan_title:
            return {name: getattr(job, name) for name in NEW_PLAN}
        starts, ends = suggested_term(self.reading, self.district) or (None, None)
        title = suggested_title(self.reading, job.file_name)
        return {"plan_title": title, "plan_starts_on": starts, "plan_ends_on": ends}

    def tables(self):
        """(heading words, bound fields) of each kind of table."""
        for number, tables in enumerate(self.groups):
            yield tables, [self[name] for name in self.fields if name.startswith(f"t{number}c")]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for number in range(len(self.groups)):
            chosen = [value for name, value in data.items() if name.startswith(f"t{number}c")]
            if chosen and c.STEP not in chosen and set(chosen) - {c.OTHER, c.NUMBER}:
                self.add_error(None, _("Say which column holds the action step."))
        if data.get("plan") in self.plans:
            for name in NEW_PLAN:
                self.errors.pop(name, None)
        else:
            self._clean_new_plan(data)
        return data

    def _clean_new_plan(self, data: dict[str, Any]) -> None:
        first, last = data.get("plan_starts_on"), data.get("plan_ends_on")
        for name, day in (("plan_starts_on", first), ("plan_ends_on", last)):
            if day and not FIRST_DAY <= day <= LAST_DAY:
                self.add_error(name, _("Give a day between 1990 and 2100."))
        if first and last and not 0 < (last - first).days <= 366 * LONGEST_YEARS:
            self.add_error(
                "plan_ends_on", _("The last day must come after the first, and not many years later.")
            )

    def save(self) -> None:
        """Keep the corrections. What is as it was found is kept as found."""
        data = self.cleaned_data
        numbers = {id(table): number for number, group in enumerate(self.groups) for table in group}
        self.job.columns = []
        for table in self.reading.tables:
            number = numbers[id(table)]
            chosen = {column: data.get(f"t{number}c{column}") for column in range(table.width())}
            used = any(value not in (None, c.OTHER) for value in chosen.values())
            self.job.columns.append(
                {str(column): value for column, value in chosen.items() if value} if used else {}
            )
        self.job.plan = self.plans.get(data["plan"])
        for name, empty in zip(NEW_PLAN, ("", None, None), strict=True):
            setattr(self.job, name, empty if self.job.plan else data[name])
        self.job.save(update_fields=["columns", "plan", *NEW_PLAN])


def _groups(tables: list) -> list[list]:
    """Tables with the same headings are corrected together."""
    groups: dict[tuple, list] = {}
    for table in tables:
        groups.setdefault(tuple(sorted(table.headings.items())), []).append(table)
    return list(groups.values())


class RowsForm(DistrictForm):
    """Which roles are meant, and which rows stay out."""

    def __init__(self, *args: Any, plan_import: PlanImport, reading: Reading, shown: list, **kwargs: Any):
        super().__init__(*args, district=plan_import.district, **kwargs)
        self.job, self.shown = plan_import, shown
        self.proposals = role_proposals(plan_import, reading)
        there = role_titles(self.district)
        new = [one.title for one in self.proposals if one.title not in there]
        for proposal in self.proposals:
            field = forms.ChoiceField(
                label=proposal.title, required=False, choices=_role_choices(proposal, there, new)
            )
            self.fields[_name(proposal.title)] = field
            self.initial[_name(proposal.title)] = proposal.taken_for
        choices = [(row.source, row.source) for row in shown]
        self.fields["leave"] = forms.MultipleChoiceField(required=False, choices=choices)

    def roles(self):
        return [(proposal, self[_name(proposal.title)]) for proposal in self.proposals]

    def save(self) -> None:
        chosen = {one.title: self.cleaned_data[_name(one.title)] for one in self.proposals}
        self.job.choices = {**self.job.choices, **chosen}
        shown = {row.source for row in self.shown}
        stay_out = [source for source in self.job.left_out if source not in shown]
        self.job.left_out = stay_out + self.cleaned_data["leave"]
        self.job.save(update_fields=["choices", "left_out"])


def _role_choices(proposal, there: list[str], new: list[str]) -> list:
    """The title itself first, then what looks like it, then every other role."""
    itself = _("New role: %(title)s") if proposal.title not in there else "%(title)s"
    choices = [(proposal.title, itself % {"title": proposal.title})]
    alike = [
        title
        for title in dict.fromkeys([proposal.taken_for, *proposal.alike])
        if title and title != proposal.title
    ]
    choices += [(title, _("Same as: %(title)s") % {"title": title}) for title in alike]
    rest = [title for title in dict.fromkeys([*there, *new]) if title not in (proposal.title, *alike)]
    choices += [(title, title) for title in rest]
    return [*choices, (NOBODY, _("Nobody: leave these steps without it"))]


def _name(title: str) -> str:
    return f"role-{hashlib.sha256(title.encode()).hexdigest()[:16]}"
