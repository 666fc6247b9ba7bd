from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from reports.models import Report
from stakeholders.edit_forms import DistrictForm
from stakeholders.models import District, Level, Membership, Person, Role
from vision.models import Plan

MOST_ASKS, LONGEST_ASK = 3, 200
DAYS_BACK = 366 * 5


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class BoardReportForm(DistrictForm):
    """What has to be said before a report to the board can be frozen."""

    plan = forms.ModelChoiceField(label=_("Plan"), queryset=Plan.objects.none(), empty_label=None)
    meeting_on = forms.DateField(
        label=_("For the meeting of"), widget=DateInput, required=False, help_text=_("Stands on page 1.")
    )
    as_of = forms.DateField(label=_("Facts as of"), widget=DateInput, help_text=_("Today or earlier."))
    asks = forms.CharField(
        label=_("What we ask of the board"),
        widget=forms.Textarea({"rows": 3}),
        required=False,
        max_length=MOST_ASKS * (LONGEST_ASK + 2),
        help_text=_("One a line, three at most. Left empty, page 1 says “Nothing tonight”."),
    )
    prepared_by = forms.ModelChoiceField(
        label=_("Prepared by"),
        queryset=Role.objects.none(),
        required=False,
        empty_label=_("Not said"),
        help_text=_("A role."),
    )
    approved_by = forms.ModelChoiceField(
        label=_("Approved by"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("Not said"),
        help_text=_("By name."),
    )
    supersedes = forms.ModelChoiceField(
        label=_("Replaces"),
        queryset=Report.objects.none(),
        required=False,
        empty_label=_("No other report"),
        help_text=_("The older report stays readable, and says that there is a newer one."),
    )

    def __init__(self, *args, district: District, person: Person, today: date, **kwargs):
        super().__init__(*args, district=district, **kwargs)
        self.today = today
        plans = Plan.objects.in_district(district)
        self.fields["plan"].queryset = plans.live()
        self.fields["plan"].initial = plans.current(today=today)
        self.fields["as_of"].initial = today
        self.fields["prepared_by"].queryset = roles = Role.objects.in_district(district)
        hats = roles.held_by(person, today=today).annotate(steps_owned=Count("owned"))
        self.fields["prepared_by"].initial = hats.order_by("-steps_owned", "title").first()
        leaders = Membership.objects.in_district(district).standing().filter(level=Level.LEADER)
        self.fields["approved_by"].queryset = Person.objects.filter(pk__in=leaders.values("person")).order_by(
            "name"
        )
        self.fields["supersedes"].queryset = Report.objects.in_district(district).ready()

    def clean_as_of(self) -> date:
        as_of = self.cleaned_data["as_of"]
        if as_of > self.today:
            raise ValidationError(_("That day has not come yet."))
        if as_of < self.today - timedelta(days=DAYS_BACK):
            raise ValidationError(_("That is more than five years ago."))
        return as_of

    def clean_meeting_on(self) -> date | None:
        meeting = self.cleaned_data["meeting_on"]
        if meeting and abs((meeting - self.today).days) > DAYS_BACK:
            raise ValidationError(_("That is more than five years away."))
        return meeting

    def clean_asks(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["asks"].splitlines() if line.strip()]
        if len(lines) > MOST_ASKS:
            raise ValidationError(_("Three at most: page 1 has to hold them."))
        if any(len(line) > LONGEST_ASK for line in lines):
            raise ValidationError(_("A line may have %(most)s characters."), params={"most": LONGEST_ASK})
        return "\n".join(lines)

    def words(self) -> dict:
        """Return the fields of the report that were filled in, besides plan and day."""
        given = self.cleaned_data
        return {
            "meeting_on": given["meeting_on"],
            "asks": given["asks"],
            "prepared_by": given["prepared_by"].title if given["prepared_by"] else "",
            "approved_by": given["approved_by"],
            "supersedes": given["supersedes"],
        }
