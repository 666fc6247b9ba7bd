"""Forms of the school calendar: one entry, several at once, and what becomes of each line that was read."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from stakeholders.calendar.importing import Offered, read_file, sort_out
from stakeholders.calendar.lines import MOST_LINES, NotUnderstood, read_line
from stakeholders.edit_forms import Day, DistrictForm, EditForm
from stakeholders.files.ics import LONGEST
from stakeholders.files.shapes import MAX_BYTES, Refused
from stakeholders.models import CalendarEntry, DayKind
from stakeholders.templatetags.parts import school_year_of

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
LINES_NAMED = 5
WHY = {
    "no day": _("no day was found in it"),
    "no title": _("it does not say what is on that day"),
    "its last day comes before its first": _("its last day comes before its first"),
    "there is no such day": _("there is no such day"),
}


class EntryForm(EditForm):
    """One break, testing week or day off."""

    last_day = forms.DateField(
        label=_("Last day"), widget=Day, required=False, help_text=_("Left empty, it is one day.")
    )
    twin = ("first_day", "last_day")
    twin_words = _("The calendar has these days under this title already.")

    class Meta:
        model = CalendarEntry
        fields = ["title", "kind", "first_day", "last_day"]
        labels = {"title": _("Title"), "kind": _("What it is"), "first_day": _("First day")}
        help_texts = {"title": _("As “Winter break” or “State testing”.")}
        widgets = {"kind": forms.RadioSelect, "first_day": Day}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = DayKind.choices

    def clean_first_day(self) -> date:
        return _near(self.cleaned_data["first_day"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = data.get("first_day"), data.get("last_day")
        if first and not last and "last_day" not in self.errors:
            data["last_day"] = last = first
        if first and last and last < first:
            self.add_error("last_day", _("The last day comes before the first."))
        elif first and last and last - first > timedelta(days=LONGEST):
            self.add_error("last_day", _("That is longer than half a year."))
        return data

    def has_twin(self) -> bool:
        return self.instance.twins().exists()

    def save_edit(self, *, by: Any) -> bool:
        if self.has_twin():
            self.add_error("title", self.twin_words)
            return False
        return super().save_edit(by=by)


def _near(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(_("Give a day between 2000 and 2100."))
    return day


class SeveralForm(DistrictForm):
    """A calendar's file, or lines that were copied from one. `events` and `left_out` are what was read."""

    file = forms.FileField(
        label=_("A calendar’s file"),
        required=False,
        allow_empty_file=True,
        help_text=_("An .ics file, up to 5 MB: most school calendars on the web can be exported as one."),
        widget=forms.ClearableFileInput(attrs={"accept": ".ics,text/calendar"}),
    )
    lines = forms.CharField(
        label=_("Or lines"),
        required=False,
        max_length=20_000,
        help_text=_("A line each, as “Nov 25 - Nov 27 Thanksgiving break”."),
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
    )
    school_year = forms.TypedChoiceField(label=_("Days without a year are of"), coerce=int)

    too_large = False
    events: list
    left_out: dict

    def __init__(self, *args: Any, today: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.today = today
        year = school_year_of(today)
        self.fields["school_year"].choices = [
            (n, _t("school year %(first)s–%(last)02d") % {"first": n - 1, "last": n % 100})
            for n in (year, year + 1, year - 1)
        ]

    @property
    def name_read(self) -> str:
        file = self.cleaned_data["file"]
        return file.name if file else _t("Lines that were pasted")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        file, lines = data.get("file"), data.get("lines", "").strip()
        if self.errors:
            return data
        if bool(file) == bool(lines):
            words = _("Choose one: the file or the lines.") if file else _("Choose a file, or write lines.")
            self.add_error("file", words)
        elif file:
            self._read_file(file)
        else:
            self._read_lines(lines.splitlines(), data["school_year"])
        return data

    def _read_file(self, file: Any) -> None:
        self.too_large = file.size > MAX_BYTES
        try:
            data = b"" if self.too_large else file.read()
            if self.too_large:
                raise Refused(_t("The file is larger than 5 MB."))
            self.events, self.left_out = read_file(data, time_zone=self.district.time_zone, today=self.today)
        except Refused as no:
            self.add_error("file", str(no))

    def _read_lines(self, lines: list[str], school_year: int) -> None:
        found, troubles = [], []
        for number, line in enumerate(lines[: MOST_LINES + 1], start=1):
            if not line.strip():
                continue
            try:
                read = read_line(line, school_year=school_year)
                if not FIRST_DAY <= read.first <= LAST_DAY or read.last - read.first > timedelta(
                    days=LONGEST
                ):
                    raise NotUnderstood("there is no such day")
                found.append((read.first, read.last, read.title))
            except NotUnderstood as no:
                troubles.append(_t("Line %(n)s: %(why)s.") % {"n": number, "why": WHY[str(no)]})
        if len(lines) > MOST_LINES:
            troubles.append(_t("At most %(n)s lines can be read at once.") % {"n": MOST_LINES})
        if troubles:
            self.add_error("lines", " ".join(troubles[:LINES_NAMED]))
            return
        self.left_out = {}
        events = sort_out(found, self.left_out)
        self.events = [
            {**one, "kind": one["kind"] or DayKind.OTHER} for one in events
        ]  # written, so it is meant


class PreviewForm(DistrictForm):
    """What each line that was read is taken as; those without a kind are left out."""

    def __init__(self, *args: Any, offers: list[Offered], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offers = [one for one in offers if not one.is_there]
        for one in self.offers:
            self.fields[f"kind_{one.number}"] = forms.ChoiceField(
                label=one.title,
                choices=[("", _("Leave out")), *DayKind.choices],
                required=False,
                initial=one.kind,
            )

    @property
    def kinds(self) -> dict[int, str]:
        return {one.number: self.cleaned_data[f"kind_{one.number}"] for one in self.offers}

    def rows(self) -> list[tuple[Offered, forms.BoundField]]:
        return [(one, self[f"kind_{one.number}"]) for one in self.offers]
