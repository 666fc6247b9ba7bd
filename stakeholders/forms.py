"""Plain editing of a row that two people may edit at once."""

from django import forms

from stakeholders.editing import Versioned


class EditForm(forms.ModelForm):
    """A ModelForm that carries the version which its reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=True)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version

    def as_it_stands(self, current: Versioned) -> "EditForm":
        """Return this form filled with the row as somebody else has saved it."""
        return type(self)(instance=current, prefix=self.prefix)
