"""Where one lands after signing in, and one's own page."""

from collections.abc import Callable
from functools import wraps

from allauth.account.internal.flows.login import record_authentication
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from stakeholders.coming_in import delays
from stakeholders.coming_in.arriving import JOINED
from stakeholders.coming_in.password import PasswordForm
from stakeholders.coming_in.second_factor import factors_of
from stakeholders.coming_in.sessions import end_sessions, follow, sessions_of
from stakeholders.coming_in.sign_in import came_by_code
from stakeholders.edit_pages import form_page
from stakeholders.in_charge import with_in_charge
from stakeholders.invitations import offered_to
from stakeholders.models import Appointment, District, Membership, Person
from stakeholders.people_forms import NameForm
from stakeholders.views.sign_in import sample_buttons, waits_when_told

SESSIONS_SHOWN = 50


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to one's district; with several, or with an invitation, offer the choice; with none, say whom to ask."""
    person = request.user
    memberships = list(person.memberships.standing().select_related("district").order_by("district__name"))
    joined = request.session.pop(JOINED, None)
    if joined in {membership.district.slug for membership in memberships}:
        return redirect(f"/d/{joined}/")
    offers = list(offered_to(person, now=timezone.now()))
    if len(memberships) == 1 and not offers:
        return redirect(f"/d/{memberships[0].district.slug}/")
    context = {"memberships": memberships, "offers": offers}
    context["left"] = [] if memberships or offers else _whom_to_ask_again(person)
    return render(request, "stakeholders/home.html", context)


def _whom_to_ask_again(person: Person) -> list[District]:
    """Return the districts that somebody belonged to and that name a member who is in charge."""
    here = Membership.objects.standing().filter(district=OuterRef("pk"), person=OuterRef("in_charge"))
    ended = Membership.objects.filter(person=person, ended_at__isnull=False)
    districts = District.objects.filter(Exists(here), pk__in=ended.values("district"))
    return list(districts.select_related("in_charge"))


def keeping_the_way_back(view: Callable) -> Callable:
    """Decorate a page outside of every district: whoever belongs to one district only keeps its navigation."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            memberships = with_in_charge(request.user.memberships.standing())[:2]
            if len(memberships) == 1:
                request.membership = memberships[0]
                request.district = memberships[0].district
                request.today = request.district.today(timezone.now())
            if memberships:
                with timezone.override(memberships[0].district.time_zone):
                    return view(request, *args, **kwargs)
        return view(request, *args, **kwargs)

    return wrapped


@require_safe
@login_required
@keeping_the_way_back
def account(request: HttpRequest) -> HttpResponse:
    """Show who one is here: name, address, ways to sign in, where one is signed in, districts with level and roles."""
    shown = {
        "places": places_of(request.user),
        "sample_people": sample_buttons(),
        "factors": factors_of(request.user),
        "links": links_of(request.user),
        "sessions": sessions_of(request.user, now=timezone.now())[:SESSIONS_SHOWN],
        "this_session": request.session.session_key,
    }
    return render(request, "stakeholders/account.html", shown)


@require_http_methods(["GET", "POST"])
@login_required
@keeping_the_way_back
def name(request: HttpRequest) -> HttpResponse:
    """Change one's own name. The row is fetched anew, so that a form that is refused changes nothing around it."""
    form = NameForm(request.POST or None, instance=Person.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("account")
    crumbs = [(_("Your account"), reverse("account"))]
    return form_page(
        request, form, heading=_("Your name"), save=_("Save name"), back=reverse("account"), crumbs=crumbs
    )


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@login_required
@keeping_the_way_back
@waits_when_told
def password(request: HttpRequest) -> HttpResponse:
    """Set or change one's password. Whoever just came in by code need not know the old one."""
    needs_old = request.user.has_usable_password() and not came_by_code(request)
    form = PasswordForm(
        request.POST if request.method == "POST" else None, person=request.user, needs_old=needs_old
    )
    if request.method == "POST":
        email, now = request.user.email, timezone.now()
        counted = delays.claim("password", account=email, request=request, now=now) if needs_old else None
        if form.is_valid():
            if counted:
                counted.forgive()
            save_password(request, form.cleaned_data["new"])
            return redirect("account")
    return render(request, "stakeholders/password.html", {"form": form}, status=422 if form.errors else 200)


def save_password(request: HttpRequest, new: str) -> None:
    """Keep a new password. Whoever came in with the old one elsewhere is signed out there."""
    request.user.set_password(new)
    request.user.save(update_fields=["password"])
    before = request.session.session_key
    update_session_auth_hash(request, request.user)
    follow(request, before)
    record_authentication(request, request.user, method="password", reauthenticated=True)
    ended = end_sessions(request.user, but=request.session.session_key)
    messages.success(
        request,
        _("Your new password is saved, and you are signed out everywhere else.")
        if ended
        else _("Your new password is saved. It works from the next sign-in on."),
    )


@require_safe
@keeping_the_way_back
def help_page(request: HttpRequest) -> HttpResponse:
    """Say whom to ask, how to come in, and what the levels and the three dates mean."""
    return render(request, "stakeholders/help.html")


def links_of(person: Person) -> list[dict]:
    """Return the accounts of providers that lead to this person, each with the name on its button."""
    names = {provider.id: provider.name for provider in settings.SIGN_IN_PROVIDERS}
    return [
        {
            "pk": link.pk,
            "name": names.get(link.provider, link.provider),
            "email": link.extra_data.get("email"),
        }
        for link in SocialAccount.objects.filter(user=person).order_by("pk")
    ]


def places_of(person: Person) -> list[dict]:
    """Return the districts that a person belongs to, each with the level and the roles held on that district's today."""
    now = timezone.now()
    appointments = list(Appointment.objects.filter(person=person).select_related("role"))
    places = []
    for membership in person.memberships.standing().select_related("district").order_by("district__name"):
        today = membership.district.today(now)
        roles = [
            appointment.role.title
            for appointment in appointments
            if appointment.district_id == membership.district_id
            and appointment.starts_on <= today
            and (appointment.ends_on is None or appointment.ends_on >= today)
        ]
        places.append({"membership": membership, "district": membership.district, "roles": roles})
    return places
