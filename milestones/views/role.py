"""Roles: who holds each, since when, and what it leads and helps with. A role that nobody holds is a finding."""

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from milestones.crumbs import to_roles
from milestones.models import ActionStep, StepOwner
from milestones.views.goal import step_lines
from stakeholders.access import in_district
from stakeholders.edit_pages import add_page, edit_page
from stakeholders.history import history_response
from stakeholders.models import Appointment, Level, Role
from stakeholders.roles import RoleForm
from vision.models import Initiative

PER_PAGE = 60
STEPS_PER_PAGE = 40
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@in_district()
def roles(request: HttpRequest) -> HttpResponse:
    """List the roles, those first that nobody holds."""
    rows = Role.objects.in_district(request.district)
    holding = Appointment.objects.holding(request.today).filter(role=OuterRef("pk"))
    live = Q(owned__step__archived_on__isnull=True)
    counted = rows.annotate(
        is_held=Exists(holding),
        leads=Count("owned", filter=live & Q(owned__part=StepOwner.Part.LEAD)),
        helps=Count("owned", filter=live & Q(owned__part=StepOwner.Part.SUPPORT)),
    )
    ordered = counted.order_by("is_held", "title").with_holders(today=request.today)
    page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    vacant = rows.vacant(today=request.today).count()
    return render(request, "milestones/roles.html", {"page": page, "vacant": vacant})


@require_safe
@in_district()
def role(request: HttpRequest, role: int) -> HttpResponse:
    """Show a role: its holders, and the steps that it leads and helps with."""
    rows = Role.objects.in_district(request.district).with_holders(today=request.today)
    row = get_object_or_404(rows, pk=role)
    owned = StepOwner.objects.filter(step=OuterRef("pk"), role=row, part=StepOwner.Part.LEAD)
    steps = (
        ActionStep.objects.live()
        .owned_by([row])
        .annotate(leads=Exists(owned))
        .select_related("initiative")
        .order_by("-leads", "initiative_id", "position", "pk")
    )
    page = Paginator(steps, STEPS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "role": row,
        "page": page,
        "lines": step_lines(list(page), today=request.today),
        "sponsored": Initiative.objects.live().filter(sponsor=row)[:PER_PAGE],
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
    form = RoleForm(request.POST or None, instance=row, district=request.district)
    back = reverse("role", args=[slug, row.pk])
    crumbs = [*to_roles(slug), (row.title, back)]
    return edit_page(request, form, heading=_("Rename role"), save=_("Save role"), back=back, crumbs=crumbs)


@require_safe
@in_district()
def role_history(request: HttpRequest, role: int) -> HttpResponse:
    row, slug = get_object_or_404(Role.objects.in_district(request.district), pk=role), request.district.slug
    crumbs = [*to_roles(slug), (row.title, reverse("role", args=[slug, row.pk]))]
    return history_response(request, row, crumbs=crumbs)
