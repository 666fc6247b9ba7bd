"""Out as .xlsx and .csv, and in again: the same plan; and no line of a file is ever lost."""

import csv
import io
import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from milestones.importing import proposals
from milestones.importing.apply import apply_import
from milestones.importing.dates import PlanTime
from milestones.importing.export import FORMATS, HEADINGS, as_csv, as_xlsx, guard
from milestones.importing.labels import MARKS
from milestones.importing.reading import read_file
from milestones.importing.understand import read_plan
from milestones.models import ActionStep, Milestone
from stakeholders.files.separated import cell
from stakeholders.models import Role
from tests.builders import TODAY, make_initiative, make_plan
from tests.milestones.importing.files import document, understand, workbook
from vision.models import Goal, Plan

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
TEXTS = (
    st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=40)
    .map(lambda text: " ".join(unicodedata.normalize("NFC", text).split()))
    .filter(bool)
)  # as the forms keep text: composed, on one line
DANGEROUS = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "=1+1",
    "%x",
    "|x",
    "＝1",
    "'=1",
    "''=1",
    "'quoted",
    "- dash",
]


@pytest.mark.parametrize("text", [*DANGEROUS, "plain", "", "5%"])
def test_a_guarded_text_is_no_formula_and_comes_back_as_it_was(text):
    guarded = guard(text)

    assert not guarded or guarded[0] not in "=+-@%|＝"
    assert cell(guarded).text == text
    assert not cell(guarded).formula or not text.startswith("=") or guarded == text


@given(TEXTS)
def test_any_text_comes_back_from_behind_its_guard(text):
    assert cell(guard(text)).text == cell(f"'{text}").text or cell(guard(text)).text == text


def make_rows(plan, facts):
    for number, (goal, objective, step, roles, kind, due, cost) in enumerate(facts):
        found = Goal.objects.filter(plan=plan, title=goal).first() or Goal.objects.create(
            plan=plan, title=goal, position=number
        )
        initiative = found.initiatives.filter(title=objective).first() or make_initiative(
            plan, objective, goal=found
        )
        row = ActionStep.objects.create(
            initiative=initiative, title=step, kind=kind, position=number, written_when="some day", written_cost=cost,
            written_evidence=cost, written_status="Begun", review_on=due[0] if kind == "ongoing" else None,
        )  # fmt: skip
        made = [Role.objects.get_or_create(district=plan.district, title=title)[0] for title in roles]
        row.set_owners(lead=made[0] if made else None, support=made[1:], by=None)
        for day in due if kind != "ongoing" else []:
            Milestone.objects.create(step=row, due=day)


def facts_of(plan):
    """Everything that an export says of a plan, in an order of its own."""
    found = []
    for step in ActionStep.objects.live().in_plan(plan).select_related("initiative__goal"):
        place = step.initiative.goal.title, step.initiative.title, step.title
        owners = str(step.lead), sorted(role.title for role in step.support)
        days = sorted(one.due for one in step.milestones.all()), step.review_on
        found.append(
            (place, owners, step.kind, days, step.written_cost, step.written_evidence, step.written_status)
        )
    return sorted(found, key=str)


def bring_in(data, name, district):
    blocks = read_file(name, data)
    job = proposals.keep_reading(district, blocks, file_name=name, data=data, by=None, now=NOW)
    job.plan_title, job.plan_starts_on, job.plan_ends_on = "Again", date(2025, 7, 1), date(2028, 6, 30)
    apply_import(job, by=None, now=NOW, today=TODAY)
    return job.plan


ROLES = st.lists(
    st.sampled_from(["Principal", "Reading and Math Team", "Director of A, B & C", "Board / Cabinet", "Dean of 2030", "TC"]),
    unique=True, max_size=3,
)  # fmt: skip
DAYS = st.lists(st.dates(date(2025, 7, 1), date(2028, 6, 30)), unique=True, min_size=1, max_size=3)
GOALS = st.sampled_from(["Goal 1: Access", "Safety", "=1+1", "Access, for everybody; always"])
OBJECTIVES = st.sampled_from(["Objective A", "- Wireless", "@home"])
STEPS = st.sampled_from(
    [
        "Wire",
        "1. Test",
        "=cmd|' /C calc'!A0",
        "+1 nurse",
        "'quoted'",
        "Note: this is a step",
        "Goal setting",
        "ongoing",
        "Step",
    ]
)
FACTS = st.lists(
    st.tuples(GOALS, OBJECTIVES, STEPS | TEXTS, ROLES, st.sampled_from(["one-time", "recurring", "ongoing"]), DAYS, TEXTS),
    min_size=1, max_size=5, unique_by=lambda fact: (fact[0].casefold(), fact[1].casefold(), fact[2].casefold()),
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=FACTS)
def test_an_exported_plan_comes_back_as_it_was(cast, kind, facts):
    Plan.objects.all().delete()
    plan = make_plan(cast.cedar)
    make_rows(plan, facts)

    again = bring_in(FORMATS[kind][0](plan), f"plan.{kind}", cast.cedar)

    assert facts_of(again) == facts_of(plan)


@pytest.mark.django_db
def test_an_export_into_its_own_plan_adds_nothing(cast):
    plan = make_plan(cast.cedar)
    make_rows(
        plan,
        [
            ("G", "O", "Wire", ["Principal"], "one-time", [date(2026, 1, 1)], "x"),
            ("G", "G", "Test", [], "ongoing", [date(2026, 1, 1)], "x"),
        ],
    )
    data = as_csv(plan)
    job = proposals.keep_reading(
        cast.cedar, read_file("a.csv", data), file_name="a.csv", data=data, by=None, now=NOW
    )
    job.plan = plan

    outcome = apply_import(job, by=None, now=NOW, today=TODAY)

    assert (outcome.new, outcome.same) == (0, 2)


@pytest.mark.django_db
def test_no_cell_of_an_export_is_a_formula(cast):
    plan = make_plan(cast.cedar)
    make_rows(
        plan, [("=1", "+1", text, ["Principal"], "one-time", [date(2026, 1, 1)], "@x") for text in DANGEROUS]
    )

    sheet = load_workbook(io.BytesIO(as_xlsx(plan))).active
    lines = list(csv.reader(io.StringIO(as_csv(plan).decode("utf-8-sig"))))

    assert [one.value for one in sheet[1]] == HEADINGS == lines[0]
    assert sheet.freeze_panes == "A2"
    assert {one.data_type for row in sheet.iter_rows(min_row=2) for one in row} <= {"s", "n"}
    assert not [text for line in lines[1:] for text in line if text[:1] in tuple("=+-@|%＝")]


# No line is lost

WORDS = st.sampled_from(
    ["Wire the gym", "Goal 2: Safety", "Objective B", "Note: see below", "TRAINING", "1. Plan", "Principal", "Fall 2025",
     "ongoing", "$500", "x", "The Librarian will lend books (ongoing).", "Total", "(voluntary)", "Professional development",
     "By March 30 of each year", "Code", "TBD", "2024-25", "a. b"]
)  # fmt: skip
# Cells without the separators between which the reader has to choose, and without what looks like a formula.
PLAIN = TEXTS.filter(
    lambda text: not set(text) & set("|;") and not text.startswith(("=", "＝", "+", "@", "-", "'"))
)
CELLS = st.one_of(st.just(""), WORDS, PLAIN)
GRIDS = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=10)
HEADED = st.sampled_from(
    [[], ["Goal", "Action", "Who", "When", "Cost"], ["Task", "Owner", "2024-25", "2025-26", "Status"]]
)


def everything_in(reading):
    said = [
        text
        for row in reading.rows
        for text in (
            row.goal,
            row.objective,
            row.step,
            row.written_who,
            row.when,
            row.cost,
            row.evidence,
            row.status,
            *row.notes,
            *row.reasons,
        )
    ]
    said += [heading for table in reading.tables for heading in table.headings.values()]
    said += [f"{code} {title}" for code, title in reading.legend.items()]
    return " ".join(" ".join(said).split()).casefold()


@settings(max_examples=150, deadline=None)
@given(head=HEADED, grid=GRIDS, workbook_too=st.booleans())
def test_every_cell_of_a_table_is_in_a_row_or_stands_with_one(head, grid, workbook_too):
    lines = [head, *grid] if head else grid
    if not any(text for line in grid for text in line):
        return
    if workbook_too:
        reading = understand(
            workbook(("Plan", [[text or None for text in line] for line in lines])), "a.xlsx"
        )
    else:
        out = io.StringIO()
        csv.writer(out).writerows(lines)
        reading = understand(out.getvalue().encode())

    said = everything_in(reading)

    for line in grid:
        for text in line:
            shown = cell(text).text.casefold()
            assert not shown or shown in said or is_sign(text, line), (
                text,
                [row.as_json() for row in reading.rows],
            )


def is_sign(text, line):
    """A mark in a year's column, or a no, says something without being repeated."""
    return text.lower() in (*MARKS, "no", "n", "-", "–", "n/a", "0") or (
        len(line) > 2 and not text.strip("•*✓✔")
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS | TEXTS, min_size=1, max_size=8))
def test_every_line_of_a_text_is_in_a_row_or_stands_with_one(lines):
    lines = [line for line in lines if cell(line).text and "|" not in line]
    if not lines:
        return
    reading = read_plan(read_file("a.txt", "\n".join(lines).encode()), PlanTime())

    said = everything_in(reading)

    assert all(cell(line).text.casefold() in said for line in lines), (lines, reading.rows)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(WORDS, min_size=1, max_size=6),
    st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=1, max_size=4),
    st.lists(WORDS, max_size=3),
)
def test_every_line_of_a_document_is_in_a_row_or_stands_with_one(before, table, after):
    data = document(*before, [["Action", "Who", "When"], *table], *after)

    said = everything_in(understand(data, "a.docx"))

    assert all(
        text.casefold() in said
        for text in [*before, *after, *(text for line in table for text in line)]
        if text != "x"
    )
