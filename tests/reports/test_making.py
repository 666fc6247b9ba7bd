"""From a request to a frozen report: who takes it, what is frozen, and what happens when it cannot be made."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from milestones.models import Milestone
from reports import making, pdf, pdf_child
from reports.models import Report
from reports.pdf_child import CannotRender, Pdf, make_pdf
from tests.builders import make_initiative, make_milestone, make_plan
from tests.district_plan.processes import runs, wait_for
from tests.reports.paper import Told, whole
from tests.reports.story import TODAY, make_story

NOW = datetime(2026, 11, 17, 20, 0, tzinfo=UTC)
WORDS = {"asks": "Approve the reserve.", "prepared_by": "Technology Coordinator"}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def go(self, **by) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def plan(cast):
    return make_story(cast)


@pytest.fixture
def report(plan, cast):
    return Report.request(plan=plan, by=cast.alice, now=NOW, as_of=TODAY, **WORDS)


@pytest.fixture
def child(monkeypatch):
    """Stand in for the child process, which test_pdf.py and the last tests here run for real. Set `child.refuses`."""

    class Child:
        refuses = ""
        seen: list[str] = []

        def __call__(self, html: str) -> Pdf:
            self.seen = [*self.seen, html]
            if self.refuses:
                raise CannotRender(self.refuses)
            return Pdf(b"%PDF-1.7 made", 3)

    monkeypatch.setattr(making, "make_pdf", child := Child())
    return child


def test_a_request_becomes_a_frozen_report(report, clock, child):
    made = making.make_next(clock)

    assert made == report
    report.refresh_from_db()
    assert (report.state, report.pages, report.attempts) == ("ready", 3, 1)
    assert report.frozen_at == report.ready_at == NOW
    assert report.pdf.read() == b"%PDF-1.7 made"
    assert "Teacher coaching" in report.html
    assert report.facts["goals"][0]["initiatives"][1]["pill"]["value"] == "slipped"
    assert len(report.fingerprint) == 64


def test_nothing_waits_nothing_is_made(db, clock):
    assert making.make_next(clock) is None


def test_what_changes_afterwards_does_not_change_it(report, clock, child, cast):
    making.make_next(clock)
    report.refresh_from_db()
    before = (report.html, report.facts, report.fingerprint)

    coaching = Milestone.objects.get(title="Coaches are hired")
    coaching.complete(by=cast.alice, today=TODAY, done_on=TODAY, evidence="Contracts")
    making.make_next(clock)

    report.refresh_from_db()
    assert (report.html, report.facts, report.fingerprint) == before


def test_the_place_of_its_file_tells_nothing_and_cannot_be_guessed(report, clock, child):
    making.make_next(clock)

    report.refresh_from_db()
    name = report.pdf.name.removeprefix("reports/").removesuffix(".pdf")
    assert len(name) == 32
    assert int(name, 16) >= 0


def test_two_workers_never_make_the_same_report(report, clock, child):
    other = Report.objects.get(pk=report.pk)

    assert report.claim(now=NOW)
    assert not other.claim(now=NOW)
    assert not other.claim(now=NOW + timedelta(seconds=179))


def test_a_report_that_its_worker_left_is_taken_up_again_when_the_lease_has_run_out(report, clock, child):
    report.claim(now=clock())  # and then the worker is killed

    clock.go(seconds=60)
    assert making.make_next(clock) is None, "somebody may still be at it"
    clock.go(seconds=121)
    assert making.make_next(clock) == report

    report.refresh_from_db()
    assert (report.state, report.attempts) == ("ready", 2)


def test_facts_that_were_frozen_stay_frozen_when_it_is_taken_up_again(report, clock, child, cast):
    report.claim(now=clock())
    making.freeze(report, now=clock())
    Milestone.objects.get(title="Coaches are hired").drop(
        by=cast.alice, today=TODAY, reason="No longer needed"
    )

    clock.go(seconds=181)
    making.make_next(clock)

    report.refresh_from_db()
    assert report.is_ready
    assert "No longer needed" not in report.html
    assert report.frozen_at == NOW


def test_a_worker_that_was_too_slow_does_not_overwrite_the_one_that_took_over(report, clock, child):
    slow = Report.objects.get(pk=report.pk)
    slow.claim(now=clock())
    making.freeze(slow, now=clock())
    clock.go(seconds=181)
    making.make_next(clock)
    report.refresh_from_db()
    files = report.pdf.storage.listdir("reports")

    making.make(slow, clock)

    kept = Report.objects.get(pk=report.pk)
    assert (kept.pdf.name, kept.ready_at) == (report.pdf.name, report.ready_at)
    assert report.pdf.storage.listdir("reports") == files, "its own PDF is thrown away"


def test_after_three_tries_it_is_parked_with_the_reason_and_left_alone(report, clock, child):
    child.refuses = "It took longer than 120 seconds."

    for _try in range(5):
        making.make_next(clock)
        clock.go(seconds=31)

    report.refresh_from_db()
    assert (report.state, report.attempts, report.error) == ("failed", 3, "It took longer than 120 seconds.")
    assert len(child.seen) == 3


def test_a_report_that_ends_three_workers_is_parked_too(report, clock, child):
    for _try in range(3):
        assert Report.objects.get(pk=report.pk).claim(now=clock())
        clock.go(seconds=181)

    assert making.make_next(clock) is None

    report.refresh_from_db()
    assert report.is_parked
    assert "Three times" in report.error
    assert child.seen == []


def test_a_parked_report_gets_three_new_tries_when_somebody_asks(report, clock, child):
    child.refuses = "No."
    for _try in range(3):
        making.make_next(clock)
        clock.go(seconds=31)
    child.refuses = ""

    assert Report.objects.get(pk=report.pk).try_again()
    making.make_next(clock)

    report.refresh_from_db()
    assert (report.state, report.error) == ("ready", "")


def test_one_that_cannot_be_made_does_not_hold_up_the_others(report, plan, cast, clock, child):
    child.refuses = "No."
    making.make_next(clock)
    child.refuses = ""
    other = Report.request(plan=plan, by=cast.sue, now=clock(), as_of=TODAY)

    assert making.make_next(clock) == other


@pytest.mark.parametrize(
    "error", [RecursionError("deep"), MemoryError(), RuntimeError("odd"), OSError("disk full")]
)
def test_whatever_goes_wrong_is_noted_in_words_and_raises_nothing(report, clock, monkeypatch, error):
    def broken(html):
        raise error

    monkeypatch.setattr(making, "make_pdf", broken)

    making.make_next(clock)

    report.refresh_from_db()
    assert report.state == "requested"
    assert "Something went wrong" in report.error


def test_a_broker_that_is_away_fails_no_save(plan, cast, monkeypatch, django_capture_on_commit_callbacks):
    from reports.tasks import sweep

    def away(*args, **kwargs):
        raise ConnectionRefusedError("no broker")

    monkeypatch.setattr(sweep, "apply_async", away)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        report = Report.request(plan=plan, by=cast.alice, now=NOW, as_of=TODAY)
        making.wake()

    assert len(callbacks) == 1
    assert Report.objects.get(pk=report.pk).state == "requested"


def test_numbers_are_unique_in_a_district_and_name_the_month_of_the_meeting(plan, cast):
    meeting = TODAY + timedelta(days=20)
    numbers = [
        Report.request(plan=plan, by=cast.alice, now=NOW, as_of=TODAY, meeting_on=day).number
        for day in (None, None, meeting)
    ]

    assert numbers == ["2026-11-B", "2026-11-B2", "2026-12-B"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.create(plan=plan, number="2026-11-B", as_of=TODAY, requested_at=NOW)


@pytest.mark.parametrize("missing", ["html", "pdf", "fingerprint"])
def test_the_database_refuses_a_ready_report_that_is_not_whole(report, clock, child, missing):
    making.make_next(clock)

    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(**{missing: ""})


def test_the_next_report_says_what_changed_since_the_last_one(report, plan, cast, clock, child):
    making.make_next(clock)
    later = TODAY + timedelta(days=28)
    Milestone.objects.get(title="Coaches are hired").complete(
        by=cast.alice, today=later, done_on=later, evidence="Contracts"
    )
    clock.go(days=28)
    Report.request(plan=plan, by=cast.alice, now=clock(), as_of=later)

    second = making.make_next(clock)

    second.refresh_from_db()
    assert "What changed since report 2026-11-B" in second.html
    assert "Teacher coaching: from slipped to complete." in second.html
    assert "1 milestone was finished." in second.html


def test_a_report_on_an_earlier_day_says_nothing_of_later_days(plan, cast, clock, child):
    Report.request(plan=plan, by=cast.alice, now=NOW, as_of=TODAY - timedelta(days=20))

    report = making.make_next(clock)

    report.refresh_from_db()
    assert "Signal test in 18 rooms" not in report.html
    assert "Facts as of the end of Oct 28, 2026" in report.html


# --- the child process, for real -----------------------------------------------------------------------------------------


def test_what_is_nested_too_deeply_is_refused_in_words():
    deep = whole([Told("Wi-Fi")]).replace("<article", "<ul><li>" * 400 + "<article")

    with pytest.raises(CannotRender, match="nested too deeply"):
        make_pdf(deep)


def test_what_takes_too_much_memory_is_refused_in_words():
    with pytest.raises(CannotRender, match="more memory"):
        make_pdf(whole([Told("Wi-Fi", milestones=400)]), memory=150 << 20)


def test_what_takes_too_long_is_ended_with_all_that_it_started_and_leaves_no_file(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    endless = tmp_path / "endless.py"
    endless.write_text(
        "import os, subprocess, sys, time\n"
        f"open({str(tmp_path / 'group')!r}, 'w').write(str(os.getpid()))\n"
        "subprocess.Popen(['sleep', '60'])\n"
        "time.sleep(60)\n"
    )
    monkeypatch.setattr(pdf, "__file__", str(endless))

    began = time.monotonic()

    with pytest.raises(CannotRender, match="longer than 2 seconds"):
        make_pdf("<p>Hello</p>", seconds=2)

    assert time.monotonic() - began < 20
    group = int((tmp_path / "group").read_text())
    wait_for(lambda: not [each for each in everybody() if group_of(each) == group and runs(each)], seconds=5)
    assert list(folder.iterdir()) == []


def everybody() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def test_without_pango_it_says_so(monkeypatch):
    pdf_child.pdf_is_possible.cache_clear()
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)

    with pytest.raises(CannotRender, match="Pango"):
        make_pdf("<html></html>")

    pdf_child.pdf_is_possible.cache_clear()


def test_the_child_sees_none_of_our_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for children")
    seen = {}

    class Popen(pdf_child.subprocess.Popen):
        def __init__(self, *args, **kwargs):
            seen.update(kwargs["env"])
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(pdf_child.subprocess, "Popen", Popen)
    make_pdf("<html lang=en><title>t</title><p>Hello</p></html>")

    assert "PATH" in seen
    assert not {"SECRET_KEY", "DATABASE_URL", "EMAIL_URL"} & set(seen)


# --- plans with little in them -------------------------------------------------------------------------------------------


def test_a_draft_says_that_nothing_has_been_promised(cast, clock, child):
    plan = make_plan(cast.cedar)
    make_milestone(plan, by=cast.alice, today=TODAY)
    Report.request(plan=plan, by=cast.alice, now=NOW, as_of=TODAY)

    report = making.make_next(clock)

    report.refresh_from_db()
    assert report.is_ready
    assert "no date has been promised" in report.html
    assert "<svg" in report.html


@pytest.mark.parametrize("initiative", [False, True])
def test_an_empty_plan_has_a_report_too(cast, clock, child, initiative):
    plan = make_plan(cast.cedar, adopted_by=cast.sue)
    if initiative:
        make_initiative(plan)
    Report.request(plan=plan, by=cast.alice, now=NOW, as_of=TODAY)

    report = making.make_next(clock)

    report.refresh_from_db()
    assert report.is_ready, report.error
    assert "<svg" not in report.html
    assert ("No milestones yet" in report.html) == initiative


def test_a_day_before_the_plan_began_has_no_chart(plan, cast, clock, child):
    Report.request(plan=plan, by=cast.alice, now=NOW, as_of=plan.adopted_on - timedelta(days=200))

    report = making.make_next(clock)

    report.refresh_from_db()
    assert report.is_ready, report.error
    assert "<svg" not in report.html
