"""The pages of reports: asking, watching, reading, downloading; with htmx and without."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reports import making, pdf_child
from reports.models import Report
from reports.pdf_child import Pdf
from stakeholders.models import Level, Membership
from tests.builders import make_person, make_plan, make_role
from tests.reports.story import make_story

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_child(monkeypatch):
    """The child process has its own tests."""
    monkeypatch.setattr(making, "make_pdf", lambda html: Pdf(b"%PDF-1.7 made", 4))


@pytest.fixture
def plan(cast):
    return make_story(cast)


@pytest.fixture
def today(cast):
    return cast.cedar.today(timezone.now())


@pytest.fixture
def waiting(plan, cast, today):
    return Report.request(plan=plan, by=cast.alice, now=timezone.now(), as_of=today)


@pytest.fixture
def ready(waiting):
    making.make_next(timezone.now)
    waiting.refresh_from_db()
    assert waiting.is_ready
    return waiting


def address(name: str, *args) -> str:
    return reverse(name, args=["cedar", *args])


def filled_in(plan, today, /, **instead) -> dict:
    return {
        "plan": plan.pk,
        "as_of": today.isoformat(),
        "meeting_on": "",
        "asks": "",
        "supersedes": "",
        **instead,
    }


def test_an_editor_asks_for_a_report_and_is_led_to_where_it_is_made(signed_in, cast, plan, today):
    meeting = today + timedelta(days=6)
    words = filled_in(
        plan, today, meeting_on=meeting, asks="Approve $48,000.\n\nNote the date.", prepared_by=cast.coordinator.pk,
        approved_by=cast.sue.pk,
    )  # fmt: skip

    answer = signed_in(cast.alice).post(address("report_new"), words)

    report = Report.objects.get()
    assert answer.status_code == 302
    assert answer.url == address("report", report.pk)
    assert (report.state, report.requested_by, report.approved_by) == ("requested", cast.alice, cast.sue)
    assert report.asked == ["Approve $48,000.", "Note the date."]
    assert report.number == f"{meeting:%Y-%m}-B"
    assert report.prepared_by == "Technology Coordinator"


def test_the_form_offers_today_and_the_role_that_leads_most(signed_in, cast, plan, today):
    make_role(cast.cedar, "Archivist", cast.alice)

    form = signed_in(cast.alice).get(address("report_new")).context["form"]

    assert form["as_of"].initial == today
    assert form["prepared_by"].initial == cast.coordinator
    assert list(form.fields["approved_by"].queryset) == [cast.sue]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"as_of": "2999-01-01"}, "as_of"),
        ({"as_of": "1999-01-01"}, "as_of"),
        ({"as_of": "soon"}, "as_of"),
        ({"meeting_on": "0001-01-01"}, "meeting_on"),
        ({"asks": "1\n2\n3\n4"}, "asks"),
        ({"asks": "a" * 201}, "asks"),
        ({"plan": "0"}, "plan"),
        ({"prepared_by": "999999999999999999999"}, "prepared_by"),
    ],
)
def test_bad_input_is_said_and_what_was_typed_is_kept(signed_in, cast, plan, today, wrong, field):
    answer = signed_in(cast.alice).post(
        address("report_new"), filled_in(plan, today, **{"asks": "Keep this", **wrong})
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    if "asks" not in wrong:
        assert "Keep this" in answer.content.decode()
    assert not Report.objects.exists()


def test_rows_of_another_district_cannot_be_named(signed_in, cast, plan, today):
    theirs = make_plan(cast.dune)
    foreign = Report.request(plan=theirs, by=cast.charlie, now=timezone.now(), as_of=today)
    Report.objects.filter(pk=foreign.pk).update(
        state="ready",
        html="x",
        pdf="x",
        fingerprint="x",
        pages=1,
        frozen_at=timezone.now(),
        ready_at=timezone.now(),
    )
    role = make_role(cast.dune, "Theirs")

    answer = signed_in(cast.alice).post(
        address("report_new"),
        filled_in(
            plan,
            today,
            plan=theirs.pk,
            approved_by=cast.charlie.pk,
            prepared_by=role.pk,
            supersedes=foreign.pk,
        ),
    )

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"plan", "approved_by", "prepared_by", "supersedes"}


def test_a_viewer_reads_what_is_ready_and_makes_nothing(signed_in, cast, ready, today):
    other = Report.request(plan=ready.plan, by=cast.alice, now=timezone.now(), as_of=today)
    vera = signed_in(cast.vera)

    listed = vera.get(address("reports")).content.decode()

    assert ready.number in listed
    assert f"{other.number}<" not in listed
    assert "New board report" not in listed
    assert vera.get(address("report", other.pk)).status_code == 404
    assert vera.get(address("report_pdf", ready.pk)).status_code == 200
    assert vera.get(address("report_new")).status_code == 403
    assert vera.post(address("report_new"), {}).status_code == 403
    assert vera.post(address("report_retry", ready.pk)).status_code == 403


def test_an_outsider_gets_what_nothing_gets(signed_in, cast, ready):
    charlie = signed_in(cast.charlie)

    for name in ("report", "report_web", "report_pdf"):
        assert charlie.get(address(name, ready.pk)).status_code == 404
        assert charlie.get(reverse(name, args=["dune", ready.pk])).status_code == 404


def test_the_pdf_is_handed_out_for_keeping_and_for_no_cache(signed_in, cast, ready):
    answer = signed_in(cast.vera).get(address("report_pdf", ready.pk))

    body = b"".join(answer.streaming_content)
    assert body == b"%PDF-1.7 made"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="cedar-board-report-{ready.number}.pdf"'
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert hashlib.sha256(body).hexdigest() == ready.fingerprint


def test_a_right_that_has_ended_ends_the_download(signed_in, cast, ready):
    client = signed_in(cast.vera)
    assert client.get(address("report_pdf", ready.pk)).status_code == 200

    Membership.objects.filter(person=cast.vera).update(ended_at=timezone.now())

    assert client.get(address("report_pdf", ready.pk)).status_code == 404


def test_a_file_that_was_lost_is_not_found_rather_than_a_fault(signed_in, cast, ready):
    ready.pdf.storage.delete(ready.pdf.name)

    assert signed_in(cast.vera).get(address("report_pdf", ready.pk)).status_code == 404


def test_the_web_page_is_the_frozen_text_and_carries_no_script_or_style_of_its_own(signed_in, cast, ready):
    page = signed_in(cast.vera).get(address("report_web", ready.pk)).content.decode()

    assert ready.html in page
    assert page.count("<h1") == 1
    assert not re.search(r"<style|style=|<script(?! src)", ready.html)


def test_what_people_wrote_is_text_on_the_web_page(signed_in, cast, plan, today):
    plan.goals.update(title="<script>alert(1)</script>")
    Report.request(
        plan=plan, by=cast.alice, now=timezone.now(), as_of=today, asks="<img src=x onerror=alert(2)>"
    )
    report = making.make_next(timezone.now)

    page = signed_in(cast.vera).get(address("report_web", report.pk)).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<img" not in page


def test_a_replaced_report_says_so(signed_in, cast, ready, today):
    Report.request(plan=ready.plan, by=cast.alice, now=timezone.now(), as_of=today, supersedes=ready)
    newer = making.make_next(timezone.now)
    client = signed_in(cast.vera)

    old, new = (client.get(address("report_web", r.pk)).content.decode() for r in (ready, newer))

    assert f"This report was replaced by {newer.number}" in old
    assert f"Replaces report {ready.number}." in new


# --- watching it being made ----------------------------------------------------------------------------------------------


def asks_again(content: bytes) -> str:
    found = re.search(r'hx-get="([^"]*)" hx-trigger="load delay:(\d+)s"', content.decode())
    return f"{found[1]} {found[2]}" if found else ""


def test_the_page_asks_again_soon_at_first_and_then_with_patience(signed_in, cast, waiting):
    client, here = signed_in(cast.alice), address("report", waiting.pk)

    seconds = []
    for minutes in (0, 1, 10):
        Report.objects.update(requested_at=timezone.now() - timedelta(minutes=minutes))
        seconds.append(asks_again(client.get(here).content))

    assert seconds == [f"{here}?step=1 {n}" for n in (2, 5, 15)]
    page = client.get(here).content.decode()
    assert f'<a href="{here}">Check now</a>' in page


def test_htmx_gets_the_part_that_changes_and_is_told_only_of_changes(signed_in, cast, waiting):
    client, here = signed_in(cast.alice), address("report", waiting.pk)

    same = client.get(f"{here}?step=1", headers={"HX-Request": "true"}).content.decode()
    making.make_next(timezone.now)
    changed = client.get(f"{here}?step=1", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in same
    assert 'id="say"' not in same
    assert "The report is ready." in changed
    assert asks_again(changed.encode()) == "", "it stops when there is nothing to wait for"
    assert address("report_pdf", waiting.pk) in changed


def test_a_parked_report_says_why_and_can_be_tried_again(signed_in, cast, waiting):
    Report.objects.update(state="failed", attempts=3, error="It took longer than 120 seconds.")
    client, here = signed_in(cast.alice), address("report", waiting.pk)

    page = client.get(here).content.decode()
    answer = client.post(address("report_retry", waiting.pk))

    assert "It took longer than 120 seconds." in page
    assert asks_again(page.encode()) == ""
    assert answer.url == here
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == ("requested", 0)


def test_trying_again_leaves_a_ready_report_alone(signed_in, cast, ready):
    signed_in(cast.alice).post(address("report_retry", ready.pk))

    assert Report.objects.get(pk=ready.pk).is_ready


def test_reading_changes_nothing(signed_in, cast, ready):
    before = list(Report.objects.values())
    client = signed_in(cast.alice)

    for name in ("report", "report_web", "report_pdf"):
        client.get(address(name, ready.pk))
        assert client.get(address("report_retry", ready.pk)).status_code == 405

    assert list(Report.objects.values()) == before


def test_without_pango_the_page_says_why_there_are_no_pdfs(signed_in, cast, plan, today, monkeypatch):
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    pdf_child.pdf_is_possible.cache_clear()
    client = signed_in(cast.alice)

    listed, new = (client.get(address(name)).content.decode() for name in ("reports", "report_new"))
    answer = client.post(address("report_new"), filled_in(plan, today))

    pdf_child.pdf_is_possible.cache_clear()
    assert "libpango" in listed
    assert "libpango" in new
    assert answer.status_code == 422
    assert not Report.objects.exists()


def test_one_file_alone_imports_the_renderer():
    root = Path(__file__).resolve().parents[2]
    sources = [
        path
        for folder in ("district_plan", "reports", "milestones", "vision", "stakeholders")
        for path in (root / folder).rglob("*.py")
        if re.search(r"^\s*(import|from) weasyprint", path.read_text(), re.MULTILINE)
    ]

    assert sources == [root / "reports" / "pdf.py"]


def test_the_list_takes_as_many_queries_for_many_reports_as_for_few(
    signed_in, cast, plan, today, django_assert_num_queries
):
    client = signed_in(make_person(cast.cedar, "Nora", Level.EDITOR))

    def ask(count: int) -> None:
        for _n in range(count):
            Report.request(plan=plan, by=cast.alice, now=timezone.now(), as_of=today)

    ask(2)
    with CaptureQueriesContext(connection) as few:
        client.get(address("reports"))
    ask(15)
    with django_assert_num_queries(len(few)):
        client.get(address("reports"))
