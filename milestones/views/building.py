"""Buildings: the list, a building's page with the plan as it stands there, and plain editing."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.archiving import archive, bring_back
from milestones.buildings import roll_up_of, stands
from milestones.crumbs import to_buildings
from milestones.forms.building import BuildingForm
from milestones.models import Milestone
from milestones.rollup import RollUp
from stakeholders.access import in_district
from stakeholders.edit_forms import sought
from stakeholders.edit_pages import add_page, edit_page
from stakeholders.history import history_response
from stakeholders.models import Building, Level, Membership, Role
from vision.models import Plan

PER_PAGE = 50
ARCHIVED_SHOWN = 50
PEOPLE_SHOWN = 100
LONGEST_SEARCH = 100
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@in_district()
def buildings(request: HttpRequest) -> HttpResponse:
    """List the buildings, fifty a page, each with how the plan stands there and the roles of the building."""
    rows = Building.objects.in_district(request.district)
    asked = sought(request.GET.get("q", ""), longest=LONGEST_SEARCH)
    found = rows.live().filter(name__icontains=asked.replace("\0", "")) if asked else rows.live()
    page = Paginator(found.order_by("name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    plan = Plan.objects.in_district(request.district).current(today=request.today)
    rolled = roll_up_of(list(page), plan, today=request.today) if plan else {}
    posts: dict[int, list[Role]] = {}
    for role in Role.objects.filter(building__in=list(page)).with_holders(today=request.today):
        posts.setdefault(role.building_id, []).append(role)
    context = {
        "page": page,
        "lines": [(row, rolled.get(row.pk) or RollUp(), posts.get(row.pk, [])) for row in page],
        "q": asked,
        "query": f"q={asked}" if asked else "",
    }
    if request.membership.is_editor:
        context["archived"] = rows.filter(archived_on__isnull=False)[:ARCHIVED_SHOWN]
    return render(request, "milestones/buildings.html", context)


@require_safe
@in_district()
def building(request: HttpRequest, building: int) -> HttpResponse:
    """Show the plan as it stands in one building, the people of the building, and what differs there and why."""
    row = find(request, building)
    plan = Plan.objects.in_district(request.district).current(today=request.today)
    people = Membership.objects.standing().filter(workplaces__building=row).select_related("person")
    context = {
        "building": row,
        "plan": plan,
        "here": stands(row, plan, request.membership, today=request.today) if plan else None,
        "roles": Role.objects.filter(building=row).with_holders(today=request.today),
        "people": Paginator(people.order_by("person__name", "pk"), PEOPLE_SHOWN).page(1),
        "crumbs": to_buildings(request.district.slug),
    }
    return render(request, "milestones/building.html", context)


@form_methods
@in_district(Level.EDITOR)
def building_new(request: HttpRequest) -> HttpResponse:
    slug, new = request.district.slug, Building(district=request.district)
    form = BuildingForm(request.POST or None, instance=new, district=request.district)
    return add_page(
        request,
        form,
        then=lambda row: reverse("building", args=[slug, row.pk]),
        heading=_("Add a building"),
        save=_("Save building"),
        back=reverse("buildings", args=[slug]),
        crumbs=to_buildings(slug),
    )


@form_methods
@in_district(Level.EDITOR)
def building_edit(request: HttpRequest, building: int) -> HttpResponse:
    row, slug = find(request, building), request.district.slug
    back = reverse("building", args=[slug, row.pk])
    return edit_page(
        request,
        BuildingForm(request.POST or None, instance=row, district=request.district),
        heading=_("Edit building"),
        save=_("Save building"),
        back=back,
        crumbs=[*to_buildings(slug), (row.name, back)],
    )


@require_safe
@in_district()
def building_history(request: HttpRequest, building: int) -> HttpResponse:
    row, slug = find(request, building), request.district.slug
    crumbs = [*to_buildings(slug), (row.name, reverse("building", args=[slug, row.pk]))]
    return history_response(request, row, crumbs=crumbs)


@require_POST
@in_district(Level.EDITOR)
def building_archive(request: HttpRequest, building: int) -> HttpResponse:
    """Archive a building in which nothing is open any more; else say what is."""
    row = find(request, building)
    if still := Milestone.objects.live().at(row).open().count():
        words = ngettext(
            "%(n)d milestone is open here. Finish, drop or archive it first; then the building can be archived.",
            "%(n)d milestones are open here. Finish, drop or archive them first; then the building can be archived.",
            still,
        )
        messages.error(request, words % {"n": still})
        return redirect("building", request.district.slug, row.pk)
    archive(row, by=request.user, today=request.today)
    messages.success(request, _("Archived. Its past stays; it can be brought back at the end of this page."))
    return redirect("buildings", request.district.slug)


@require_POST
@in_district(Level.EDITOR)
def building_bring_back(request: HttpRequest, building: int) -> HttpResponse:
    archived = Building.objects.in_district(request.district).filter(archived_on__isnull=False)
    row = get_object_or_404(archived, pk=building)
    bring_back(row, by=request.user, today=request.today)
    messages.success(request, _("Brought back."))
    return redirect("building", request.district.slug, row.pk)


def find(request: HttpRequest, building: int) -> Building:
    rows: QuerySet[Building] = Building.objects.in_district(request.district)
    return get_object_or_404(rows.live(), pk=building)
