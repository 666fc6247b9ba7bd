"""Roles: who holds each, since when, what it leads and what it may do here. A role that nobody holds is a finding."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from milestones.crumbs import to_roles
from milestones.handing_over import load_by_role
from milestones.models import ActionStep, StepBuilding, StepOwner
from milestones.views.goal import step_lines
from stakeholders.access import in_district
from stakeholders.appointing import may_appoint
from stakeholders.areas import areas_of
from stakeholders.edit_pages import add_page, edit_page
from stakeholders.history import Link, history_response
from stakeholders.models import Appointment, Building, Direction, Level, Role, RoleArea
from stakeholders.powers import has_no_say, sentences, unsaid
from stakeholders.roles import RoleFactsForm, RoleForm
from vision.models import Initiative

PER_PAGE = 60
STEPS_PER_PAGE = 40
EARLIER_SHOWN = 40
form_methods = require_http_methods(["GET", "HEAD", "POST"])
SHOW = {
    "": gettext_lazy("All"),
    "vacant": gettext_lazy("Vacant"),
    "instructional": gettext_lazy("Instructional"),
    "technical": gettext_lazy("Technical"),
    "both": gettext_lazy("Instructional and technical"),
    "untagged": gettext_lazy("Side not said"),
}


@require_safe
@in_district()
def roles(request: HttpRequest) -> HttpResponse:
    """List the roles, those first that nobody holds, narrowed by `show` and `building`."""
    rows = Role.objects.in_district(request.district)
    ordered = _counted(_narrow(request, rows), request.today).order_by("is_held", "title")
    page = Paginator(ordered.select_related("building"), PER_PAGE).get_page(request.GET.get("page"))
    kept = QueryDict(mutable=True)
    kept.update({k: v for k, v in request.GET.items() if k in ("show", "building") and v})
    context = {
        "page": page,
        "query": kept.urlencode(),
        "vacant": rows.vacant(today=request.today).count(),
        "shows": SHOW.items(),
        "show": request.GET.get("show", ""),
        "buildings": list(
            Building.objects.in_district(request.district).filter(roles__isnull=False).distinct()
        ),
        "building": request.GET.get("building", ""),
    }
    return render(request, "milestones/roles.html", context)


def _counted(rows: QuerySet[Role], today: date) -> QuerySet[Role]:
    live = Q(owned__step__archived_on__isnull=True)
    holding = Appointment.objects.holding(today).filter(role=OuterRef("pk"))
    return rows.annotate(
        is_held=Exists(holding),
        leads=Count("owned", filter=live & Q(owned__part=StepOwner.Part.LEAD)),
        helps=Count("owned", filter=live & Q(owned__part=StepOwner.Part.SUPPORT)),
    ).with_holders(today=today)


def _narrow(request: HttpRequest, rows: QuerySet[Role]) -> QuerySet[Role]:
    show, building = request.GET.get("show", ""), request.GET.get("building", "")
    if show == "vacant":
        rows = rows.vacant(today=request.today)
    elif show == "untagged":
        rows = rows.filter(side="")
    elif show in Role.Side.values:
        rows = rows.filter(side=show)
    if building.isascii() and building.isdigit():
        rows = rows.filter(building=int(building[:15]))
    return rows


@require_safe
@in_district()
def powers(request: HttpRequest) -> HttpResponse:
    """Show what each role leads beside what it may do here, those first that lead most."""
    rows = _counted(Role.objects.in_district(request.district), request.today).prefetch_related("directs")
    page = Paginator(rows.order_by("-leads", "title"), PER_PAGE).get_page(request.GET.get("page"))
    little = sum(has_no_say(role) and role.leads > 0 for role in page)
    return render(request, "milestones/role_powers.html", {"page": page, "little": little})


@dataclass
class Service:
    """Who served in a role, sorted by when: now, later and before."""

    now: list[Appointment] = field(default_factory=list)
    later: list[Appointment] = field(default_factory=list)
    before: list[Appointment] = field(default_factory=list)
    other_hats: dict[int, list[Role]] = field(default_factory=dict)


def _service(role: Role, *, today: date) -> Service:
    """Gather the appointments of a role, and what else its holders of today hold: two queries."""
    found = Service()
    for one in role.appointments.select_related("person").order_by("part", "starts_on", "pk"):
        over = not one.reaches(today)
        (found.before if over else found.now if one.starts_on <= today else found.later).append(one)
    found.later.sort(key=lambda one: one.starts_on)
    found.before.sort(key=lambda one: one.ends_on, reverse=True)
    hats = Appointment.objects.in_district(role.district_id).holding(today).exclude(role=role)
    for hat in hats.filter(person__in=[one.person_id for one in found.now]).select_related("role"):
        found.other_hats.setdefault(hat.person_id, []).append(hat.role)
    return found


@require_safe
@in_district()
def role(request: HttpRequest, role: int) -> HttpResponse:
    """Show a role: who serves in it, what it may do here, and the steps that it leads and helps with."""
    rows = Role.objects.in_district(request.district).with_holders(today=request.today)
    row = get_object_or_404(
        rows.select_related("building").prefetch_related("directs", "directed_by"), pk=role
    )
    owned = StepOwner.objects.filter(step=OuterRef("pk"), role=row, part=StepOwner.Part.LEAD)
    steps = (
        ActionStep.objects.live()
        .owned_by([row])
        .annotate(leads=Exists(owned))
        .select_related("initiative")
        .order_by("-leads", "initiative_id", "position", "pk")
    )
    page = Paginator(steps, STEPS_PER_PAGE).get_page(request.GET.get("page"))
    leads, helps = load_by_role([row]).get(row.pk, (0, 0))
    service = _service(row, today=request.today)
    context = {
        "role": row,
        "page": page,
        "lines": step_lines(list(page), today=request.today),
        "sponsored": Initiative.objects.live().filter(sponsor=row)[:PER_PAGE],
        "service": service,
        "serving": [(one, service.other_hats.get(one.person_id, [])) for one in service.now],
        "before": service.before[:EARLIER_SHOWN],
        "leads": leads,
        "helps": helps,
        "buildings_led": StepBuilding.objects.filter(lead=row, step__archived_on__isnull=True).count(),
        "sentences": sentences(row),
        "unsaid": unsaid(row),
        "little": leads > 0 and has_no_say(row),
        "areas": areas_of(row),
        "may_appoint": may_appoint(request.membership),
        "crumbs": to_roles(request.district.slug),
    }
    return render(request, "milestones/role.html", context)


@form_methods
@in_district(Level.EDITOR)
def role_new(request: HttpRequest) -> HttpResponse:
    slug = request.district.slug
    form = RoleForm(request.POST or None, instance=Role(district=request.district), district=request.district)
    return add_page(
        request,
        form,
        then=lambda row: reverse("role", args=[slug, row.pk]),
        heading=_("Add a role"),
        save=_("Save role"),
        back=reverse("roles", args=[slug]),
        crumbs=to_roles(slug),
    )


@form_methods
@in_district(Level.EDITOR)
def role_edit(request: HttpRequest, role: int) -> HttpResponse:
    row, slug = get_object_or_404(Role.objects.in_district(request.district), pk=role), request.district.slug
    form = RoleFactsForm(request.POST or None, instance=row, district=request.district)
    back = reverse("role", args=[slug, row.pk])
    return edit_page(
        request,
        form,
        heading=_("Edit role"),
        lede=_("What the post may do here, as the district has set it up. Members of the district see it."),
        save=_("Save role"),
        back=back,
        crumbs=[*to_roles(slug), (row.title, back)],
    )


@require_safe
@in_district()
def role_history(request: HttpRequest, role: int) -> HttpResponse:
    row, slug = get_object_or_404(Role.objects.in_district(request.district), pk=role), request.district.slug
    crumbs = [*to_roles(slug), (row.title, reverse("role", args=[slug, row.pk]))]
    links = [
        Link(Appointment, "role", "person", _appointed),
        Link(Direction, "role", "other", _directs),
        Link(RoleArea, "role", "area", _covers),
    ]
    return history_response(request, row, links=links, crumbs=crumbs)


def _appointed(record: Any, name: str, came: bool) -> str:
    day = date_format(record.starts_on, "M j, Y")
    names = {"name": name, "first": day, "last": record.ends_on and date_format(record.ends_on, "M j, Y")}
    if not came:
        words = _("The appointment of %(name)s from %(first)s was taken back")
    elif record.part == Appointment.Part.DEPUTISES:
        words = (
            _("%(name)s deputises from %(first)s to %(last)s")
            if record.ends_on
            else _("%(name)s deputises from %(first)s")
        )
    else:
        words = (
            _("%(name)s holds it from %(first)s to %(last)s")
            if record.ends_on
            else _("%(name)s holds it from %(first)s")
        )
    return words % names


def _directs(_record: Any, name: str, came: bool) -> str:
    words = _("Directs “%(name)s”") if came else _("No longer directs “%(name)s”")
    return words % {"name": name}


def _covers(_record: Any, name: str, came: bool) -> str:
    words = _("Covers %(name)s") if came else _("No longer covers %(name)s")
    return words % {"name": name}
