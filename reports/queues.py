"""Reports as whoever runs the installation sees them: what waits to be made, and what could not be."""

from django.utils.translation import gettext_lazy as _

from reports.making import wake
from reports.models import Report
from stakeholders.queues import Parked, Queue

REPORTS = Queue(
    name="reports",
    label=_("Reports"),
    waiting=lambda now: Report.objects.waiting(now=now),
    decided="requested_at",
    parked=lambda: Report.objects.parked().select_related("district").order_by("requested_at", "pk"),
    describe=lambda row: Parked(row.pk, str(row), row.district.name, row.requested_at, row.error),
    wait_again=lambda rows: rows.start_over(),
    wake=wake,
)
