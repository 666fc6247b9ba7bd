"""Forms about people: inviting, changing a level, ending access."""

from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from stakeholders.addresses import Address, Unread, read_addresses
from stakeholders.edit_forms import DistrictForm, EditForm, LongLine, TidyForm
from stakeholders.editing import lock
from stakeholders.invitations import levels_to_give
from stakeholders.memberships import is_last_leader, last_leader_words
from stakeholders.models import Appointment, Level, Membership, Person

ADDRESSES_AT_ONCE = 200
WHAT_EACH_MAY = {
    Level.VIEWER: _("Viewer: reads the plan and its reports"),
    Level.COMMITTEE: _("Committee: also takes part in the committee’s work"),
    Level.EDITOR: _("Editor: also changes the plan, makes reports, invites the committee"),
    Level.LEADER: _("Leader: also adopts plans, agrees to new dates, manages people"),
}


class InviteForm(DistrictForm):
    """A list of addresses as it was pasted, and what all of them are invited to."""

    addresses = forms.CharField(
        label=_("E-mail addresses"),
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "One or many, with commas, semicolons or lines between them. Names may stand beside them: "
            "Maria Lopez <maria@example.org>"
        ),
    )
    level = forms.ChoiceField(label=_("They join as"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("A line from you"),
        required=False,
        max_length=300,
        widget=LongLine,
        help_text=_("It stands in the invitation, under your name."),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any):
        super().__init__(*args, **kwargs)
        levels = levels_to_give(membership)
        self.fields["level"].choices = [(level.value, WHAT_EACH_MAY[level]) for level in levels]
        self.initial.setdefault("level", Level.COMMITTEE)
        self.found: list[Address] = []
        self.unread: list[Unread] = []

    def clean_addresses(self) -> str:
        """Keep the good ones in `found` and the others in `unread`; only where none is good there is nothing to do."""
        pasted = self.cleaned_data["addresses"]
        self.found, self.unread = read_addresses(pasted)
        if not self.found:
            lines = [f"{one.line}: {one.text}" for one in self.unread[:3]]
            words = _("No e-mail address was found. Line %(lines)s") % {"lines": "; ".join(lines)}
            raise forms.ValidationError(words if lines else _("Please write at least one address."))
        if len(self.found) > ADDRESSES_AT_ONCE:
            words = _(
                "These are %(n)d addresses; %(most)d go at once. For more, bring people in from a file."
            )
            raise forms.ValidationError(words % {"n": len(self.found), "most": ADDRESSES_AT_ONCE})
        return pasted


class LevelForm(EditForm):
    """Another level for a member. One's own is lowered only when that is meant."""

    sure = forms.BooleanField(
        label=_("I mean myself, and know that only another leader can undo this."), required=False
    )

    class Meta:
        model = Membership
        fields = ["level"]
        widgets = {"level": forms.RadioSelect}

    def __init__(self, *args: Any, by: Person, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["level"].choices = WHAT_EACH_MAY.items()
        if self.instance.person_id != by.pk:
            del self.fields["sure"]

    def clean(self) -> dict:
        told = super().clean()
        lowers = told.get("level") and told["level"] != Level.LEADER
        if lowers and "sure" in self.fields and not told.get("sure"):
            self.add_error("sure", _("This is your own level: please tick the box if you mean it."))
        return told

    @transaction.atomic
    def save_edit(self, *, by: Person) -> bool:
        lock(self.district)
        if self.cleaned_data["level"] != Level.LEADER and is_last_leader(self.instance):
            self.add_error("level", last_leader_words())
            return False
        return super().save_edit(by=by)

    def as_it_stands(self, current: Membership) -> "LevelForm":
        return type(self)(instance=current, district=self.district, by=self.by)


class EndForm(DistrictForm):
    """Ending access. Where roles are held, it is asked whether they are to be handed over first."""

    def __init__(self, *args: Any, held: list[Appointment], is_own: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if held:
            self.fields["anyway"] = forms.BooleanField(
                label=_("End access now all the same. The roles can be handed over later."),
                error_messages={
                    "required": _("Hand the roles over first, or tick the box to do it the other way round.")
                },
            )
        if is_own:
            self.fields["sure"] = forms.BooleanField(
                label=_("I mean myself, and know that only another leader can undo this."),
                error_messages={
                    "required": _("This is your own access: please tick the box if you mean it.")
                },
            )


class NameForm(TidyForm, forms.ModelForm):
    """One's own name, as everybody here sees it."""

    class Meta:
        model = Person
        fields = ("name",)
        help_texts = {"name": _("First and last name, as the other people of your districts know you.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
