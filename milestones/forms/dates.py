"""Forms of the verbs that move a date, decide on one, put a milestone on hold and drop it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from milestones.models.checkin import Reason
from stakeholders.edit_forms import DueDay, TidyForm

AGREE, KEEP = "agree", "keep"


class MoveForm(TidyForm, forms.Form):
    """Ask for another date or, as a leader or in a draft, move it."""

    to = forms.DateField(label=_("New date"), widget=DueDay)
    reason = forms.ChoiceField(label=_("What is it waiting for?"), choices=Reason, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("What changed, in a line?"),
        max_length=1000,
        required=False,
        help_text=_("Stands beside the move, also in reports."),
    )


class DecideForm(TidyForm, forms.Form):
    """A leader's answer to a new date that was asked for."""

    answer = forms.ChoiceField(
        choices=[(AGREE, _("Agree to the new date")), (KEEP, _("Keep the old date"))],
        error_messages={"required": _("Agree to the new date, or keep the old one.")},
        widget=forms.HiddenInput,
    )
    note = forms.CharField(
        label=_("A word to the owner"),
        max_length=1000,
        required=False,
        help_text=_("Needed when the old date stays, so that nobody has to guess."),
    )

    def clean(self) -> dict:
        given = super().clean()
        if given.get("answer") == KEEP and not given.get("note") and "note" not in self.errors:
            self.add_error("note", _("Say in a line why the old date stays."))
        return given


class PauseForm(TidyForm, forms.Form):
    until = forms.DateField(
        label=_("On hold up to and including"),
        widget=DueDay,
        help_text=_("It is looked at again on the day after."),
    )
    reason = forms.CharField(label=_("Why is it on hold?"), max_length=1000)


class DropForm(TidyForm, forms.Form):
    reason = forms.CharField(
        label=_("Why is it dropped?"), max_length=1000, help_text=_("Stays on record, and can be taken back.")
    )
