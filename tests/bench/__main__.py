"""Run with `bin/bench [pages] [flags] [report] [nothing]`; each on the database that DATABASE_URL names (unset: SQLite)."""

import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings


def show(title: str, heads: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(str(row[n])) for row in [heads, *rows]) for n in range(len(heads))]
    print(f"\n{title} ({connection.vendor})")
    for row in [heads, *rows]:
        print(
            "  "
            + "  ".join(
                str(cell).rjust(w) if n else str(cell).ljust(w)
                for n, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
        )


def bench_pages() -> None:
    from tests.bench.pages import pages

    with override_settings(ROOT_URLCONF="tests.bench.pages"):
        for size in (2000, 20):  # the large one first: the bare template has 50 rows to show in both
            found = pages(size)
            one, rows = found[0].cpu_ms, found[1].cpu_ms
            show(
                f"A plan of {size} milestones",
                ["", "CPU ms", "median ms", "queries", "kB", "status", "x bare view", "x 50 rows"],
                [
                    [m.name, f"{m.cpu_ms:.1f}", f"{m.median_ms:.1f}", m.queries, f"{m.kilobytes:.0f}", m.status,
                     f"{m.cpu_ms / one:.1f}", f"{m.cpu_ms / rows:.2f}"]
                    for m in found
                ],
            )  # fmt: skip


def bench_flags() -> None:
    from tests.bench.flags import flags

    rows = [[name, f"{ours:.0f}", f"{hand:.0f}", f"{ours / hand:.2f}"] for name, ours, hand in flags(200_000)]
    show("flag_slips over 200,000 milestones", ["", "ours ms", "by hand ms", "ratio"], rows)


def bench_report() -> None:
    from tests.bench.report import report

    rows = [[name, f"{seconds:.2f}", f"{ratio:.2f}"] for name, seconds, ratio in report()]
    show("A tagged board report of about 20 pages, each in a fresh process", ["", "seconds", "ratio"], rows)


def bench_nothing() -> None:
    from tests.bench.nothing import ROUNDS, nothing

    rows = [[name, *(f"{figure:.2f}" for figure in figures)] for name, *figures in nothing()]
    heads = ["", "another district's ms", "nothing ms", "difference ms"]
    show(f"404, median of {ROUNDS}", heads, rows)


WORK = {"pages": bench_pages, "flags": bench_flags, "report": bench_report, "nothing": bench_nothing}


def main() -> None:
    django.setup()
    if "bench" not in str(settings.DATABASES["default"]["NAME"]):
        sys.exit("Start this with bin/bench, which gives it a database of its own.")
    chosen = [name for name in WORK if name in sys.argv[1:]] or list(WORK)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    for name in chosen:
        call_command("flush", interactive=False, verbosity=0)
        WORK[name]()


main()
