"""What an owner can say of a milestone: a form for each word, and each calls its verb."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from milestones.models import CheckIn, Measure, Milestone, Slip
from milestones.models.checkin import HowSure, Reason, Says
from stakeholders.edit_forms import Day, DueDay, TidyForm

WORDS, LINK = 1000, 500  # characters that the columns hold


class CheckInForm(TidyForm, forms.Form):
    """What all of them share. Ids carry the milestone's, since a page shows several cards."""

    says = ""
    title: Any = ""

    def __init__(self, *args: Any, milestone: Milestone, **kwargs: Any):
        super().__init__(*args, auto_id=f"m-{milestone.pk}-%s", **kwargs)
        self.milestone = milestone

    def save(self, **who: Any) -> CheckIn:
        """Call the verb with what was typed; `who` is by, today, role and may_approve. Raises Refused."""
        return self.milestone.check_in(says=self.says, **self.cleaned_data, **who)


class OnTrackForm(CheckInForm):
    says = Says.ON_TRACK
    title = _("Still on track")
    words = forms.CharField(label=_("In a line"), max_length=WORDS, required=False)


class DoneForm(CheckInForm):
    says = Says.DONE
    title = _("Done")
    done_on = forms.DateField(label=_("Finished on"), widget=Day)
    evidence = forms.CharField(
        label=_("What shows it?"),
        max_length=WORDS,
        required=False,
        help_text=_("A few words or a link: a photo, a count, a page. No student faces or names."),
    )

    def clean_evidence(self) -> str:
        typed = self.cleaned_data["evidence"]
        self.link = ""
        if typed.lower().startswith(("http://", "https://")) and " " not in typed:
            if len(typed) > LINK:
                raise ValidationError(_("This link is longer than %(n)s characters."), params={"n": LINK})
            URLValidator(schemes=["http", "https"])(typed)
            self.link = typed
        return "" if self.link else typed

    def save(self, *, by: Any, today: date, role: Any, may_approve: bool) -> CheckIn:
        return self.milestone.complete(
            by=by, today=today, role=role, evidence_link=self.link, **self.cleaned_data
        )


class AtRiskForm(CheckInForm):
    says = Says.AT_RISK
    title = _("At risk")
    words = forms.CharField(
        label=_("What could go wrong?"), max_length=WORDS, help_text=_("One line is enough.")
    )
    how_sure = forms.ChoiceField(
        label=_("How sure is the date?"), choices=HowSure, required=False, widget=forms.RadioSelect
    )


class SlippingForm(CheckInForm):
    says = Says.SLIPPING
    title = _("Slipping")
    expected = forms.DateField(label=_("New date"), widget=DueDay)
    how_sure = forms.ChoiceField(
        label=_("How sure is it?"), choices=HowSure, required=False, widget=forms.RadioSelect
    )
    reason = forms.ChoiceField(label=_("What is it waiting for?"), choices=Reason, widget=forms.RadioSelect)
    words = forms.CharField(label=_("What happened, in a line?"), max_length=WORDS, required=False)
    would_help = forms.CharField(label=_("What would help?"), max_length=WORDS, required=False)
    off_track = forms.BooleanField(
        label=_("It is worse than this date says: call it off track"), required=False
    )
    ask_to_move = forms.BooleanField(
        label=_("Ask a leader to agree to the new date"), required=False, initial=True
    )

    def __init__(self, *args: Any, asks: bool = True, **kwargs: Any):
        """`asks`: a leader is to be asked; otherwise the date moves at once, and there is nothing to untick."""
        super().__init__(*args, **kwargs)
        if not asks:
            del self.fields["ask_to_move"]

    @property
    def date_given(self) -> date | None:
        """The new date as far as it has been given and can be read."""
        try:
            return self.fields["expected"].clean(self["expected"].value())
        except ValidationError:
            return None


class NumberForm(TidyForm, forms.Form):
    """A new number for a measure of the step: what was counted today."""

    value = forms.DecimalField(
        max_digits=14, decimal_places=2, widget=forms.TextInput({"inputmode": "decimal"})
    )

    def __init__(self, measure: Measure, milestone: Milestone, now: str, data: Any = None):
        super().__init__(data, auto_id=f"m-{milestone.pk}-n{measure.pk}-%s")
        self.measure = measure
        self.fields["value"].label = measure.name
        self.fields["value"].help_text = now


class SlipForm(TidyForm, forms.ModelForm):
    """The owner's right of reply: a sentence that stands beside a missed date, in the app and in every report."""

    class Meta:
        model = Slip
        fields = ["owner_words"]
        labels = {"owner_words": _("The owner’s sentence")}
        help_texts = {
            "owner_words": _(
                "What others should know who read of the missed date. Left empty, none is shown."
            )
        }


FORMS = {form.says: form for form in (OnTrackForm, DoneForm, AtRiskForm, SlippingForm)}
