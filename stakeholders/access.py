"""Who may see and do what. Look-up is authorisation: a page's address leads to its rows through the district only."""

from collections.abc import Callable
from functools import partial, wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from stakeholders.calendar.school_days import SchoolCalendar
from stakeholders.coming_in import second_factor, vouching
from stakeholders.in_charge import with_in_charge
from stakeholders.models import Level, Membership
from stakeholders.visits import note_visit, with_last_visit


def in_district(level: Level = Level.VIEWER) -> Callable:
    """Decorate a view under `/d/<district>/`: swap the address name for the district, if the visitor belongs to it.

    Sets `request.district`, `request.membership`, `request.now`, `request.today` (the district's own date, read here and
    nowhere below) and `request.calendar` (the school calendar, fetched when somebody looks at it), and notes that this
    member is here. Not signed in: to the sign-in page. No standing membership: 404, the same as for no such district. A
    lower level than `level`, or a way of signing in that the district does not take: 403.
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: HttpRequest, district: str, *args, **kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                to_sign_in = redirect_to_login(request.get_full_path())
                return HttpResponseClientRedirect(to_sign_in.url) if request.htmx else to_sign_in
            membership = (
                with_last_visit(with_in_charge(Membership.objects.standing()))
                .filter(district__slug=district, person=request.user)
                .first()
            )
            if membership is None:
                raise Http404
            request.membership = membership
            request.district = membership.district
            request.now = timezone.now()
            request.today = membership.district.today(request.now)
            request.calendar = SimpleLazyObject(partial(SchoolCalendar.of, membership.district))
            if page := asks_more(request):
                return page
            note_visit(membership, now=request.now)
            require(membership, level)
            with timezone.override(membership.district.time_zone):  # an hour on a page is the district's hour
                return view(request, *args, **kwargs)

        guarded.level = level
        return guarded

    return decorate


def asks_more(request: HttpRequest) -> HttpResponse | None:
    """Return the page that says what the district asks beyond membership: a second factor, or another way of signing in.

    It leads to where that can be done, and other districts of the same person are not touched by it.
    """
    account = vouching.came_by(request)
    if account and not vouching.takes(request.district, account):
        more = {"why": "account", "account": account}
    elif second_factor.asked_of(request.membership) and not second_factor.shown(request):
        factors = second_factor.factors_of(request.user)
        more = {"why": "show" if factors["app"] or factors["passkeys"] else "set up"}
    else:
        return None
    return render(request, "stakeholders/asks_more.html", more, status=403)


def require(membership: Membership, level: Level) -> None:
    """Raise PermissionDenied, in plain words, unless the member has the rights of `level`."""
    if not membership.may(level):
        raise PermissionDenied(_("%(who)s may do this.") % {"who": who_may(level)})


def who_may(level: Level) -> str:
    """Return in words who has the rights of `level`."""
    return {
        Level.VIEWER: _("Every member"),
        Level.COMMITTEE: _("Committee members, editors and leaders"),
        Level.EDITOR: _("Editors and leaders"),
        Level.LEADER: _("Leaders"),
    }[level]
