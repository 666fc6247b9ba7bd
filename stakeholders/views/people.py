"""The people of a district: who may do what, and who holds which role."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stakeholders.access import in_district
from stakeholders.models import Appointment, Membership

PER_PAGE = 60


@require_safe
@in_district()
def people(request: HttpRequest) -> HttpResponse:
    """List the members with their levels and the roles that they hold today."""
    held = Appointment.objects.in_district(request.district).holding(request.today).select_related("role")
    rows = (
        Membership.objects.in_district(request.district)
        .standing()
        .select_related("person")
        .prefetch_related(Prefetch("person__appointments", queryset=held, to_attr="held_now"))
        .order_by("person__name", "pk")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "stakeholders/people.html", {"page": page})
