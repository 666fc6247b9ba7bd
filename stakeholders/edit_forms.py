"""What every form does with text, with rows of the district, and with the version that its reader saw."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from stakeholders.editing import lock
from stakeholders.models import District, Person

# Longer text is refused by its field anyway, and composing a long pile of accents takes the square of its length.
COMPOSE_UP_TO = 10_000
TURNS_TEXT_AROUND = "\u202a-\u202e\u2066-\u2069"
_UNWANTED = re.compile(f"[{TURNS_TEXT_AROUND}\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CANNOT_BE_SEEN = ("Cf", "Zs", "Zl", "Zp", "Cc")
LONGEST_ID = 18  # digits; a longer number does not fit a database's integer


def tidy(text: str, *, lines: bool = False) -> str:
    """Return `text` as it is kept: composed (NFC), without marks that turn the direction of text around and without
    control characters, on one line unless `lines`. Text in which nothing can be seen is no text. NUL stays, for the
    field to refuse.
    """
    text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) <= COMPOSE_UP_TO:
        text = unicodedata.normalize("NFC", text)
    if not lines:
        text = text.replace("\n", " ").replace("\t", " ")
    text = text.strip()
    seen = any(c == "\0" or unicodedata.category(c) not in _CANNOT_BE_SEEN for c in text)
    return text if seen else ""


def sought(text: str, *, longest: int) -> str:
    """Return the words of a search as they are looked for: tidied, cut, and without NUL, which PostgreSQL does not take."""
    return tidy(text.replace("\0", "")[:longest])


class LongLine(forms.Textarea):
    """A field for a sentence that may fill several lines on the screen, and is kept on one."""

    def __init__(self, attrs: dict | None = None):
        super().__init__({"rows": 2, **(attrs or {})})


class TidyForm(forms.BaseForm):
    """A form whose text is tidied before it is judged; mix it in before `forms.Form` or `forms.ModelForm`."""

    def full_clean(self) -> None:
        if self.is_bound:
            self.data = self.data.copy()
            for name, field in self.fields.items():
                key = self.add_prefix(name)
                if isinstance(field, forms.CharField) and isinstance(self.data.get(key), str):
                    lines = isinstance(field.widget, forms.Textarea) and not isinstance(
                        field.widget, LongLine
                    )
                    self.data[key] = tidy(self.data[key], lines=lines)
        super().full_clean()

    def refuse(self, no: Exception) -> None:
        """Show a verb's plain-words no at the field that it names."""
        field = getattr(no, "field", "")
        self.add_error(field if field in self.fields else None, str(no))


class DistrictForm(TidyForm, forms.Form):
    """A form for a verb. `district` narrows its choices."""

    def __init__(self, *args: Any, district: District, **kwargs: Any):
        self.district = district
        super().__init__(*args, **kwargs)


class EditForm(TidyForm, forms.ModelForm):
    """A form to add or edit a row. It carries the version that its reader saw; see `stakeholders/editing.py`.

    To add, give it a new instance with its parent set. Links to several rows are left to `save_links`.
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    twin: tuple[str, ...] = ("title",)  # a new row like a live sibling in these is that sibling, sent twice
    twin_words = _("This is there already.")

    def __init__(self, *args: Any, district: District, **kwargs: Any):
        self.district = district
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version if self.instance.pk else 0

    @property
    def version_seen(self) -> int:
        """The version that the editor had before them; 0, which no row has, when it was lost on the way."""
        typed = self.cleaned_data.get("version") or ""
        return int(typed) if re.fullmatch(r"[0-9]{1,9}", typed) else 0

    def save_edit(self, *, by: Person) -> bool:
        """Save what was typed; False, with an error to show, when it cannot be.

        Raises StaleEdit when somebody else has saved the row meanwhile.
        """
        with transaction.atomic():
            self.instance.save_edit(by=by, version=self.version_seen, fields=self.fields_to_save())
            self.save_links(by=by)
        return True

    def fields_to_save(self) -> list[str]:
        """Return the columns that an edit writes."""
        return [f.name for f in self.instance._meta.concrete_fields if f.name in self._meta.fields]

    def add(self, *, by: Person) -> bool:
        """Add the row; False, with an error to show, when it is there already: a form sent twice adds one row."""
        with transaction.atomic():
            lock(getattr(self.instance, self.instance.parent or "district"))
            if self.has_twin():
                self.add_error(next(iter(self.twin), None), self.twin_words)
                return False
            self.instance._history_user = by
            self.instance.save()
            self.save_links(by=by)
        return True

    def has_twin(self) -> bool:
        return self.siblings().filter(**{name: self.cleaned_data[name] for name in self.twin}).exists()

    def siblings(self) -> models.QuerySet:
        """Return the rows beside the new one, without archived ones."""
        parent = self.instance.parent or "district"
        rows = type(self.instance).objects.filter(**{parent: getattr(self.instance, parent)})
        return rows.live() if hasattr(rows, "live") else rows

    def save_links(self, *, by: Person) -> None:
        """Save what the row's own columns do not hold. Called inside the transaction of the save."""

    def as_it_stands(self, current: Any) -> "EditForm":
        """Return the same form over the row as somebody else has left it."""
        return type(self)(instance=current, district=self.district)


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows of the district, as boxes to tick. Ids that no database could hold are no choice."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        if any(len(str(v)) > LONGEST_ID for v in value or ()):
            words = self.error_messages["invalid_choice"]
            raise ValidationError(words, code="invalid_choice", params={"value": "…"})
        return super().clean(value)


class Day(forms.DateInput):
    """The browser's own date field, which wants and gives 2026-11-17 whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict | None = None):
        super().__init__(attrs, format="%Y-%m-%d")


class DueDay(Day):
    """A day that something is promised for: the form shows beside it when school is closed or busy."""

    shows_calendar = True
