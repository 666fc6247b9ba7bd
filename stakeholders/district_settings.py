"""What a leader may set for the whole district, and what each setting means for people."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from stakeholders.edit_forms import EditForm
from stakeholders.models import District, Level, Membership, Person, SecondFactorFor
from stakeholders.time_zones import zone_choices

MOST_DOMAINS = 20
TENANT = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
ASKED_OF = {
    SecondFactorFor.NOBODY: (),
    SecondFactorFor.LEADERS: (Level.LEADER,),
    SecondFactorFor.EDITORS: (Level.EDITOR, Level.LEADER),
}


class MemberField(forms.ModelChoiceField):
    """One of the district's members, by name and level."""

    def label_from_instance(self, person: Person) -> str:
        return f"{person.name} ({person.email})"


class DistrictSettingsForm(EditForm):
    """The settings on one page. `now` decides from which local day a new time zone counts."""

    fiscal_year_starts = forms.TypedChoiceField(
        label=_("First month of the fiscal year"), choices=MONTHS, coerce=int
    )
    time_zone = forms.ChoiceField(label=_("Time zone"))
    in_charge = MemberField(
        label=_("Who is in charge of access and help"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("nobody in particular"),
        help_text=_(
            "Members see this name wherever they are told no, on the help page and at the foot of every page."
        ),
    )

    class Meta:
        model = District
        fields = [
            "name",
            "state",
            "nces_id",
            "fiscal_year_starts",
            "time_zone",
            "in_charge",
            "email_domains",
            "microsoft_tenant",
            "second_factor_for",
        ]
        labels = {
            "name": _("Name"),
            "state": _("State"),
            "nces_id": _("NCES id"),
            "email_domains": _("E-mail domains"),
            "microsoft_tenant": _("Microsoft tenant"),
            "second_factor_for": _("Who is asked for a second step at sign-in"),
        }
        widgets = {
            "email_domains": forms.Textarea({"rows": 3, "spellcheck": "false"}),
            "second_factor_for": forms.RadioSelect,
        }

    def __init__(self, *args: Any, now: datetime, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.now = now
        self.zone_before = self.instance.time_zone
        self.fields["time_zone"].choices = zone_choices(self.instance.time_zone)
        members = Membership.objects.standing().in_district(self.district)
        self.fields["in_charge"].queryset = Person.objects.filter(pk__in=members.values("person")).order_by(
            "name", "pk"
        )

    def full_clean(self) -> None:
        """Small letters are meant as capitals in a state, and the other way round in a tenant."""
        if self.is_bound:
            self.data = self.data.copy()
            for name, in_capitals in (("state", True), ("microsoft_tenant", False)):
                typed = str(self.data.get(self.add_prefix(name), ""))
                self.data[self.add_prefix(name)] = (
                    typed.strip().upper() if in_capitals else typed.strip().lower()
                )
        super().full_clean()

    def clean_email_domains(self) -> str:
        """One a line, without "@"; whatever was pasted between commas or spaces is taken as several."""
        found: list[str] = []
        for word in re.split(r"[\s,;]+", self.cleaned_data["email_domains"].lower()):
            domain = word.rpartition("@")[2].strip(".")
            if not domain:
                continue
            try:
                DomainNameValidator()(domain)
            except ValidationError:
                raise ValidationError(
                    _("“%(domain)s” is no domain. One looks like juniperflats.org."),
                    params={"domain": domain[:60]},
                ) from None
            if domain not in found:
                found.append(domain)
        if len(found) > MOST_DOMAINS:
            raise ValidationError(_("That is more than %(n)s domains."), params={"n": MOST_DOMAINS})
        return "\n".join(found)

    def clean_microsoft_tenant(self) -> str:
        tenant = self.cleaned_data["microsoft_tenant"]
        if tenant and not TENANT.fullmatch(tenant):
            raise ValidationError(
                _(
                    "A tenant’s id has 36 characters, as in 72f0a1b2-0c3d-4e5f-8a9b-001122334455. "
                    "Microsoft’s admin center shows it."
                )
            )
        return tenant

    def fields_to_save(self) -> list[str]:
        fields = super().fields_to_save()
        if self.instance.time_zone != self.zone_before:
            fields.extend(self.instance.keep_the_day(zone=self.zone_before, now=self.now))
        return fields

    def as_it_stands(self, current: District) -> "DistrictSettingsForm":
        return type(self)(instance=current, district=self.district, now=self.now)


def asked_for_second_factor(district: District, setting: str) -> list[Person]:
    """Return the members whom `setting` asks for a second step at sign-in, by name."""
    members = Membership.objects.standing().in_district(district).filter(level__in=ASKED_OF[setting])
    return [m.person for m in members.select_related("person").order_by("person__name", "pk")]


def addresses_outside(district: District) -> int:
    """Return how many members have an address outside of the district's own domains."""
    if not district.domains:
        return 0
    members = Membership.objects.standing().in_district(district)
    emails = members.values_list("person__email", flat=True)
    return sum(email.rpartition("@")[2].lower() not in district.domains for email in emails)


def without_second_factor(people: list[Person]) -> list[Person]:
    """Keep those who have set up neither an app nor a passkey."""
    if not apps.is_installed("allauth.mfa"):
        return people
    kinds = ("totp", "webauthn")
    rows = apps.get_model("mfa", "Authenticator").objects.filter(type__in=kinds)
    have = set(rows.filter(user__in=people).values_list("user", flat=True))
    return [person for person in people if person.pk not in have]
