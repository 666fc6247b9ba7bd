"""What a board report costs beside WeasyPrint alone on the same finished HTML: processor seconds, each in a fresh process.

`python -m tests.bench.report REPORT` is the fresh process for ours; Django is up, as in a worker, when its clock starts.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 5
MILESTONES = 250  # about twenty pages
STATIC = Path(__file__).resolve().parents[2] / "static"
ALONE = """
import sys
from weasyprint import HTML
HTML(string=sys.stdin.read(), base_url=sys.argv[1]).write_pdf(sys.argv[2], pdf_variant=sys.argv[3] or None)
"""


def report() -> list[tuple[str, float, float]]:
    """Return (what, median processor seconds, ratio to WeasyPrint alone), measured in turn so that noise hits all alike."""
    from django.utils import timezone

    from milestones.management.commands.load_scale import load_district
    from reports import making, pdf
    from reports.models import Report
    from stakeholders.models import District
    from vision.models import Plan

    district = load_district(District.objects.count() + 1, milestones=MILESTONES)
    today = district.today(timezone.now())
    plan = Plan.objects.in_district(district).get()

    def ask() -> Report:
        return Report.request(plan=plan, by=None, now=timezone.now(), as_of=today)

    first = ask()
    first.claim(now=timezone.now())
    making.make(first, timezone.now)
    first.refresh_from_db()
    html = making.document(first).encode()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.pdf")

        def alone(variant: str) -> float:
            return _spent([sys.executable, "-c", ALONE, f"{STATIC}/", str(out), variant], html)

        ways = {
            f"WeasyPrint alone, {first.pages} pages, tagged": lambda: alone("pdf/ua-1"),
            "WeasyPrint alone, without tags": lambda: alone(""),
            "our process for the PDF, from its start": lambda: _spent(
                [sys.executable, "-I", pdf.__file__, str(STATIC), str(out)], html
            ),
            "ours whole: facts, template, PDF": lambda: float(
                subprocess.run(
                    [sys.executable, "-m", "tests.bench.report", str(ask().pk)],
                    check=True,
                    capture_output=True,
                    text=True,
                ).stdout
            ),
        }
        spent = {name: [] for name in ways}
        for _round in range(ROUNDS):
            for name, way in ways.items():
                spent[name].append(way())
    medians = {name: statistics.median(seconds) for name, seconds in spent.items()}
    base = next(iter(medians.values()))
    return [(name, seconds, seconds / base) for name, seconds in medians.items()]


def _spent(command: list[str], document: bytes) -> float:
    """Return the processor seconds of a command that reads `document`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=document, check=True, stdout=subprocess.DEVNULL)
    return _between(before, resource.getrusage(resource.RUSAGE_CHILDREN))


def _between(before, after) -> float:
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _make_one(pk: int) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "district_plan.settings")
    django.setup()
    from django.utils import timezone

    from reports import making
    from reports.models import Report

    row = Report.objects.get(pk=pk)
    us, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    row.claim(now=timezone.now())
    making.make(row, timezone.now)
    spent = _between(us, resource.getrusage(resource.RUSAGE_SELF))
    spent += _between(children, resource.getrusage(resource.RUSAGE_CHILDREN))
    assert Report.objects.get(pk=pk).is_ready
    print(spent)


if __name__ == "__main__":
    _make_one(int(sys.argv[1]))
