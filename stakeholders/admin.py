"""For whoever runs the installation: who is where, and what became of the notices. Nothing is deleted here."""

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from allauth.socialaccount.admin import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from simple_history.admin import SimpleHistoryAdmin

from stakeholders.models import (
    Appointment,
    Building,
    District,
    Heartbeat,
    Invitation,
    Membership,
    Notice,
    Person,
    Role,
)

# Other people's pages about things that are not used here: levels stand for groups, a person has one address, providers come
# from the environment. Second factors and linked accounts are their owner's.
admin.site.unregister([Group, EmailAddress, SocialApp, SocialAccount, SocialToken, Authenticator])
admin.site.site_header = admin.site.site_title = _("District Plan: administration")
admin.site.index_title = _("For whoever runs this installation")


def sign_in_as_everybody_does(request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
    """In place of the admin pages' own sign-in, which knows no delays and no second step."""
    onward = request.GET.get("next") or reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect_to_login(onward)
    if admin.site.has_permission(request):
        return redirect("admin:index")
    messages.warning(request, _("Those pages are for whoever runs this installation."))
    return redirect("home")


admin.site.login = sign_in_as_everybody_does


class NothingIsDeleted:
    """Access and appointments end, people are switched off, plans are archived: each by a date, and it can be seen later."""

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


class OnlyToLookAt(NothingIsDeleted):
    """Rows that the application writes by itself, or that people edit on its pages, by its rules."""

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


class DistrictOnceForm(forms.ModelForm):
    """Asks for the district of a new row. It stays what it is from then on, so the row's own field is on no form."""

    in_district = forms.ModelChoiceField(District.objects.all(), label=_("district"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["in_district"].disabled = True
            self.initial["in_district"] = self.instance.district_id

    def clean(self) -> dict:
        if district := self.cleaned_data.get("in_district"):
            self.instance.district = district
        return super().clean()


@admin.register(District)
class DistrictAdmin(NothingIsDeleted, admin.ModelAdmin):
    list_display = ("name", "slug", "state", "time_zone", "is_sample")
    list_filter = ("is_sample", "state")
    search_fields = ("name", "slug", "nces_id")
    readonly_fields = ("is_sample", "created_at")


@admin.register(Building)
class BuildingAdmin(NothingIsDeleted, admin.ModelAdmin):
    form = DistrictOnceForm
    fields = ("in_district", "name", "nces_id")
    list_display = ("name", "district", "nces_id")
    list_filter = ("district",)
    search_fields = ("name", "nces_id")


class NewPersonForm(AdminUserCreationForm):
    class Meta:
        model = Person
        fields = ("email", "name")
        field_classes: dict = {}


class PersonForm(UserChangeForm):
    class Meta:
        model = Person
        fields = "__all__"
        field_classes: dict = {}


class MembershipInline(NothingIsDeleted, admin.TabularInline):
    model = Membership
    form = DistrictOnceForm
    fields = ("in_district", "level", "since", "ended_at")
    readonly_fields = ("since",)
    extra = 0


@admin.register(Person)
class PersonAdmin(NothingIsDeleted, UserAdmin):
    form, add_form = PersonForm, NewPersonForm
    inlines = (MembershipInline,)
    ordering = ("name",)
    list_display = ("name", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "memberships__district")
    search_fields = ("name", "email")
    filter_horizontal = ()
    readonly_fields = ("joined_at", "last_login")
    actions = ("switch_off", "switch_on")
    fieldsets = (
        (None, {"fields": ("email", "name", "password", "is_active")}),
        (_("Runs this installation"), {"fields": ("is_staff", "is_superuser")}),
        (_("When"), {"fields": ("joined_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: Person, form: forms.ModelForm, change: bool) -> None:
        """Whoever runs the installation vouches for an address that they type."""
        if "email" in form.changed_data:
            obj.proven_at = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Switch off everywhere: ends every session at once"), permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        """Nobody switches off themselves by mistake. Each row is saved by itself: its sessions end with that."""
        others = queryset.filter(is_active=True).exclude(pk=request.user.pk)
        self._switch(request, others, is_active=False)

    @admin.action(description=_("Switch on again"), permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        self._switch(request, queryset.filter(is_active=False), is_active=True)

    def _switch(self, request: HttpRequest, people: QuerySet[Person], *, is_active: bool) -> None:
        for person in (switched := list(people)):
            person.is_active = is_active
            person.save(update_fields=["is_active"])
            words = "Switched on again." if is_active else "Switched off everywhere."
            self.log_change(request, person, words)
        words = ngettext("%(n)d person is changed.", "%(n)d people are changed.", len(switched))
        self.message_user(request, words % {"n": len(switched)}, messages.SUCCESS)


class AppointmentForm(forms.ModelForm):
    def clean(self) -> dict:
        """A role is held by members: anybody else could not open what they are told of."""
        told = super().clean() or self.cleaned_data
        person, role = told.get("person"), told.get("role")
        if person and role and not self.instance.pk:
            members = Membership.objects.standing().filter(district=role.district_id)
            if not members.filter(person=person).exists():
                raise forms.ValidationError(_("Give this person access to the district first."))
        return told


class AppointmentInline(NothingIsDeleted, admin.TabularInline):
    model = Appointment
    form = AppointmentForm
    fields = ("person", "starts_on", "ends_on")
    autocomplete_fields = ("person",)
    extra = 0


@admin.register(Role)
class RoleAdmin(NothingIsDeleted, SimpleHistoryAdmin):
    form = DistrictOnceForm
    fields = ("in_district", "title")
    inlines = (AppointmentInline,)
    list_display = ("title", "district")
    list_filter = ("district",)
    search_fields = ("title", "appointments__person__name")

    def save_model(self, request: HttpRequest, obj: Role, form: forms.ModelForm, change: bool) -> None:
        """Raise the version, as the pages do: whoever has this role open in an editor is shown both texts."""
        if change:
            obj.save_edit(by=request.user, version=obj.version, fields=["title"])
        else:
            super().save_model(request, obj, form, change)


class StateFilter(admin.SimpleListFilter):
    title = _("what became of it")
    parameter_name = "state"
    states = {
        "parked": (_("given up"), {"parked_at__isnull": False}),
        "waiting": (
            _("waits"),
            {"sent_at__isnull": True, "withdrawn_at__isnull": True, "parked_at__isnull": True},
        ),
        "sent": (_("sent"), {"sent_at__isnull": False}),
        "withdrawn": (_("withdrawn"), {"withdrawn_at__isnull": False}),
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple]:
        return [(value, label) for value, (label, _facts) in self.states.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        return queryset.filter(**self.states[self.value()][1]) if self.value() in self.states else queryset


@admin.register(Invitation)
class InvitationAdmin(OnlyToLookAt, admin.ModelAdmin):
    list_display = (
        "email",
        "district",
        "level",
        "invited_by",
        "made_at",
        "expires_at",
        "sent_at",
        "accepted_at",
    )
    list_filter = (StateFilter, "level", "district")
    list_select_related = ("district", "invited_by")
    search_fields = ("email", "name", "invited_by__name")


@admin.register(Notice)
class NoticeAdmin(OnlyToLookAt, admin.ModelAdmin):
    list_display = ("subject", "person", "district", "local_day", "sent_at", "parked_at", "attempts", "error")
    list_filter = (StateFilter, "kind", "district")
    list_select_related = ("person", "district")
    search_fields = ("person__name", "person__email", "message_id")
    date_hierarchy = "local_day"
    actions = ("try_again",)

    @admin.action(description=_("Try again to send those that were given up"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        given_up = queryset.filter(parked_at__isnull=False)
        count = given_up.update(parked_at=None, attempts=0, lease_until=None)
        words = ngettext("%(n)d notice waits again.", "%(n)d notices wait again.", count)
        self.message_user(request, words % {"n": count}, messages.SUCCESS)


@admin.register(Heartbeat)
class HeartbeatAdmin(OnlyToLookAt, admin.ModelAdmin):
    list_display = ("name", "at")
