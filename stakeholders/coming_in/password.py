from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from stakeholders.models import Person


class PasswordForm(forms.Form):
    """Set or change a password. The old one is asked for only when nothing else proves who is there."""

    old = forms.CharField(
        label=_("Password now"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Forgotten? Sign out, come in with a code by e-mail, and set a new one without it."),
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 15 characters. Four or five words that do not belong together are good."),
    )

    def __init__(self, *args, person: Person, needs_old: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        if not needs_old:
            del self.fields["old"]

    def clean_old(self) -> str:
        if not self.person.check_password(self.cleaned_data["old"]):
            raise forms.ValidationError(_("That is not your password now."))
        return self.cleaned_data["old"]

    def clean_new(self) -> str:
        validate_password(self.cleaned_data["new"], self.person)
        return self.cleaned_data["new"]
