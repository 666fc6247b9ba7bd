"""Makes reports: takes one that waits, freezes its facts as text, has the PDF made by a child process, and keeps it.

The row is the truth. A worker that is killed leaves a lease that runs out, and the next sweep takes the report up again;
facts that were frozen before stay as they were frozen.
"""

import hashlib
import json
import logging
import re
import zoneinfo
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reports.as_of import read_plan
from reports.content import Content, board_content
from reports.models import Report
from reports.page_one import lay_out
from reports.pdf_child import CannotRender, make_pdf

logger = logging.getLogger(__name__)


def wake() -> None:
    """Have a waiting report made soon, once this transaction stands. A broker that is away fails nothing: a sweep comes."""
    transaction.on_commit(_ring)


def _ring() -> None:
    from reports.tasks import sweep  # it calls this module

    try:
        sweep.apply_async(expires=60, retry=False)
    except Exception as error:  # whatever the broker's client raises
        logger.warning("The worker could not be woken; the sweep will come by itself: %s", error)


def make_next(clock: Callable[[], datetime]) -> Report | None:
    """Make the report that has waited longest, and ask to be called again when more wait. None when none waits."""
    now = clock()
    waiting = Report.objects.waiting(now=now)
    waiting.filter(attempts__gte=Report.ATTEMPTS).update(
        state=Report.State.FAILED,
        lease_until=None,
        error=_("Three times the worker ended while it was making this."),
    )
    for report in waiting.select_related("district", "plan").order_by("attempts", "requested_at"):
        if report.claim(now=now):
            make(report, clock)
            if Report.objects.waiting(now=clock()).exists():
                wake()
            return report
    return None


def make(report: Report, clock: Callable[[], datetime]) -> None:
    """Make a report that was claimed. Whatever goes wrong is noted on it in words; nothing is raised."""
    try:
        with translation.override(settings.LANGUAGE_CODE):
            if not report.html:
                freeze(report, now=clock())
            made = make_pdf(document(report))
    except CannotRender as error:
        report.put_off(str(error), now=clock())
    except (Exception, MemoryError) as error:
        logger.exception("Report %s could not be made", report.pk)
        words = _(
            "Something went wrong while it was made (%(what)s). Whoever runs the installation finds more in its log."
        )
        report.put_off(words % {"what": type(error).__name__}, now=clock())
    else:
        _keep(report, made.data, pages=made.pages, now=clock())


def freeze(report: Report, *, now: datetime) -> None:
    """Write the report's facts and its text into its row. From here on changes to the plan do not change it."""
    before = _report_before(report)
    stood = read_plan(report.plan, as_of=report.as_of)
    content = board_content(stood, before=before.facts if before else None)
    facts = json.loads(json.dumps(content.frozen(), cls=DjangoJSONEncoder))
    html = article(report, content, before=before, now=now, print_of=fingerprint(facts))
    if not report.write_if_mine(facts=facts, html=html, frozen_at=now):
        raise CannotRender(_("Another worker has taken this over."))


def _report_before(report: Report) -> Report | None:
    """Return the report to compare with: the last ready one on the same plan with an earlier day."""
    earlier = Report.objects.ready().filter(plan=report.plan, kind=report.kind, as_of__lt=report.as_of)
    return earlier.order_by("-as_of", "-ready_at").first()


def fingerprint(facts: dict) -> str:
    """Return a short print of the facts: the paper in hand and the web page show the same one."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return " ".join(digest[n : n + 4] for n in range(0, 16, 4))


def article(report: Report, content: Content, *, before: Report | None, now: datetime, print_of: str) -> str:
    """Return the document's text as HTML: the same for the web page and for the PDF."""
    says = {
        "district": _("%(name)s (sample)") % {"name": report.district.name}
        if report.district.is_sample
        else report.district.name,
        "number": report.number,
        "meeting_on": report.meeting_on,
        "prepared_by": report.prepared_by,
        "approved_by": report.approved_by.name if report.approved_by else "",
        "supersedes": report.supersedes.number if report.supersedes else "",
        "asks": report.asked,
        "foot": _foot(report, now, print_of),
        "previous": before.number if before else "",
        "url": settings.SITE_URL + reverse("report_web", args=[report.district.slug, report.pk]),
    }
    by = render_to_string("reports/print/_by.html", {"report": says})
    page_one = lay_out(content, asks=says["asks"], by=by)
    context = {"report": says, "content": content, "page_one": page_one, "by": by}
    return render_to_string("reports/print/board.html", context)


def _foot(report: Report, now: datetime, print_of: str) -> str:
    """Return the line at the foot of each page: as of when, the number, and the fingerprint of the facts."""
    local = now.astimezone(zoneinfo.ZoneInfo(report.district.time_zone))
    if report.as_of == local.date():
        when = _("Facts as of %(when)s") % {"when": date_format(local, "M j, Y, g:i a")}
    else:
        when = _("Facts as of the end of %(day)s") % {"day": date_format(report.as_of, "M j, Y")}
    names = {"when": when, "number": report.number, "print": print_of}
    return _("%(when)s · Report %(number)s · Fingerprint %(print)s") % names


def document(report: Report) -> str:
    """Return the whole HTML document that becomes the PDF."""
    further = re.search("[\u0100-\u024f\u1e00-\u1eff]", report.html + report.title)
    return render_to_string(
        "reports/print/document.html", {"report": report, "further_letters": bool(further)}
    )


def _keep(report: Report, data: bytes, *, pages: int, now: datetime) -> None:
    """Keep the PDF under a name that nobody can guess; throw it away when another worker has taken the report over."""
    report.pdf.save("report.pdf", ContentFile(data), save=False)
    kept = report.write_if_mine(
        state=Report.State.READY,
        lease_until=None,
        error="",
        pdf=report.pdf.name,
        pages=pages,
        fingerprint=hashlib.sha256(data).hexdigest(),
        ready_at=now,
    )
    if not kept:
        report.pdf.delete(save=False)
