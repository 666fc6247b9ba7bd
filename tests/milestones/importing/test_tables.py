"""Tables of every shape: where the headings stand, and what stands around the rows."""

from datetime import date

import pytest

from milestones.importing.columns import field_of
from milestones.importing.dates import PlanTime
from tests.milestones.importing.files import brief, document, rows_of, understand, workbook

PLAN = PlanTime(7, date(2024, 7, 1), date(2027, 6, 30))


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Action Step", "step"), ("Activities", "step"), ("STRATEGY/ACTIVITY", "step"), ("Task", "step"),
        ("Subindicator", "step"),
        ("What", "step"), ("Action Items", "step"), ("Objective", "objective"), ("Strategies", "objective"),
        ("Indicator", "objective"),
        ("Goal", "goal"), ("Goals/Objectives", "goal"), ("Focus Area", "goal"), ("Priority", "goal"),
        ("Person Responsible", "owners"), ("Person(s)/Group Responsible", "owners"), ("PERSONNEL RESPONSIBLE", "owners"),
        ("Leadership", "owners"), ("Owner", "owners"), ("Who", "owners"), ("Lead", "owners"),
        ("Responsible Stakeholder:", "owners"),
        ("Who is responsible?", "owners"), ("Responsible Party/Parties", "owners"), ("Assigned to", "owners"),
        ("Staff", "owners"),
        ("Timeline", "when"), ("Timing", "when"), ("Time Frame", "when"), ("When", "when"),
        ("Target Date", "when"), ("School year", "when"),
        ("Deadline", "due"), ("Anticipated date of completion", "due"), ("Completion Date", "due"),
        ("End Date", "due"), ("By when?", "due"),
        ("Start Date", "start"), ("2024-25", "year"), ("Year 1", "year"), ("FY25", "year"), ("Fall 2011", "year"),
        ("Costs", "cost"), ("Resources/Budget Needs", "cost"), ("Funding Source", "cost"),
        ("Budget Estimate", "cost"), ("How much", "cost"),
        ("Measurement", "evidence"), ("Evaluation Strategies for each objective", "evidence"),
        ("Evidence of Completion", "evidence"),
        ("Evaluation Plan (Metrics)", "evidence"), ("Success Indicators", "evidence"), ("Documentation", "evidence"),
        ("Status", "status"), ("% Complete", "status"), ("#", "number"), ("Step No.", "number"),
        ("Notes", "other"), ("Building", "other"),
    ],
)  # fmt: skip
def test_headings_that_districts_use_are_known(heading, field):
    assert field_of(heading) == field


@pytest.mark.parametrize(
    "text",
    [
        "Purchase activity trackers",
        "Board of Education",
        "Install it by June.",
        "Goal 1: Wire all rooms",
        "",
        "Budget committee report",
    ],
)
def test_a_cell_of_the_plan_is_no_heading(text):
    assert field_of(text) is None


def test_the_objective_stands_only_in_the_first_row_of_its_group():
    rows = rows_of(
        "PLAN OF WORK,,,\nOnline library,,,\nOBJECTIVES,ACTIVITIES,TIMELINE,PERSONNEL RESPONSIBLE\n"
        "Objective 1: Choose,1.1 Compare,Aug. 2024,Librarian\n"
        ",1.2 Buy,Oct.-Nov. 2024,Board of Ed. Superintendent Librarian\n"
        "Objective 2: Train,2.1 Show,Spring 2025,Librarian\n"
    )

    assert [(row.goal, row.objective) for row in rows] == [
        ("Online library", "Objective 1: Choose"),
        ("Online library", "Objective 1: Choose"),
        ("Online library", "Objective 2: Train"),
    ]
    assert rows[1].owners == ["Board of Ed.", "Superintendent", "Librarian"]
    assert "PLAN OF WORK" in rows[0].reason


def test_goal_and_objective_stand_above_the_table_and_dates_in_the_sentence():
    rows = rows_of(
        "Goal 4. Every family is heard.\nIndicator C. Listen\nSubindicator;Progress;Milestones\n"
        "A. By October 15 of each year, ask families.;Asked once.;In Progress\n"
        "B. Yearly report what was heard.;;Not Started\n"
        "C. By April 1, decide.;;Not Started\n",
        time=PLAN,
    )

    assert {(row.goal, row.objective) for row in rows} == {
        ("Goal 4. Every family is heard.", "Indicator C. Listen")
    }
    assert [row.missing for row in rows] == [["owner"], ["owner"], ["owner", "date"]]
    assert [day.isoformat() for day in rows[0].due] == ["2024-10-15", "2025-10-15", "2026-10-15"]
    assert (rows[0].when, rows[0].evidence, rows[0].status) == (
        "By October 15 of each year",
        "Asked once.",
        "In Progress",
    )


def test_owner_cells_that_repeat_the_action_leave_the_owner_missing():
    rows = rows_of(
        "\ufeffACTIONS,LEADERSHIP,TIMEFRAME,EVALUATION,STATUS\n"
        "List every licence the district holds.,List every licence the district holds.,2024-2025,List done,\n"
        "Cancel what nobody uses each year.,Business manager,2025-2026,Money saved,\n"
    )

    assert [(row.state, row.missing) for row in rows] == [("partly", ["owner"]), ("understood", [])]
    assert "repeats the action" in rows[0].reason
    assert rows[1].kind == "one-time"


def test_each_table_of_a_file_has_its_own_goal_and_numbering_may_restart():
    rows = rows_of(
        "Goal 1: Networks\nAction Steps;Person Responsible;Time Frame\n1. Wire;Network Manager;May 2025\n"
        "1. Test;Network Manager;June 2025\n\n"
        "Goal 2: Learning\nObjective 2.1: Courses\nAction Steps;Person Responsible;Time Frame\n"
        "1. Plan;Librarian;May 2026\nNote: voluntary.\n"
    )

    assert [(row.goal, row.objective, row.step) for row in rows] == [
        ("Goal 1: Networks", "", "1. Wire"),
        ("Goal 1: Networks", "", "1. Test"),
        ("Goal 2: Learning", "Objective 2.1: Courses", "1. Plan"),
    ]
    assert "Note: voluntary." in rows[2].reason


def test_goals_and_sections_between_rows_hold_for_the_rows_below():
    rows = rows_of(
        "Task,Who,When\nGoal A: Safety,,\nLock doors,Principal,May 2025\nTRAINING,,\nHold drills,Principal,June 2025\n"
        "Goal 2:,Wireless,\nHang antennas,Network Manager,July 2025\n"
    )

    assert [(row.goal, row.objective) for row in rows] == [
        ("Goal A: Safety", ""),
        ("Goal A: Safety", "TRAINING"),
        ("Goal 2: Wireless", ""),
    ]


@pytest.mark.parametrize(
    "note",
    [
        "Note: dates depend on the levy.",
        "(Training is voluntary.)",
        "* Subject to funding",
        "All dates depend on the levy.",
        "Source: survey of 2023",
        "Total",
    ],
)
def test_a_note_between_rows_stands_with_the_row_before(note):
    rows = rows_of(
        f"Task,Who,When\nLock doors,Principal,May 2025\n{note},,\nHold drills,Principal,June 2025\n"
    )

    assert [row.step for row in rows] == ["Lock doors", "Hold drills"]
    assert note in rows[0].reason


def test_a_step_alone_in_its_row_is_a_step_without_owner_and_date():
    rows = rows_of("Task,Who,When\nLock doors,Principal,May 2025\nHold drills,,\n3. Buy radios,,\n")

    assert [row.missing for row in rows] == [[], ["owner", "date"], ["owner", "date"]]


def test_headings_two_rows_deep_with_year_columns():
    csv = (
        "Action,Who is responsible?,Timeline,,,Budget,\n,,Year 1,Year 2,Year 3,Amount,Source\n"
        "Wire,Network Manager,X,,✓,500,Title II\nTrain,Librarian,,x,,,\n"
    )

    without, within = rows_of(csv), rows_of(csv, time=PLAN)

    assert [row.missing for row in without] == [["plan dates"], ["plan dates"]]
    assert brief(within[0]) == (
        "Wire",
        ["Network Manager"],
        ["2025-06-30", "2027-06-30"],
        "recurring",
        "understood",
    )
    assert brief(within[1]) == ("Train", ["Librarian"], ["2026-06-30"], "one-time", "understood")
    assert within[0].cost == "500; Title II"


def test_year_columns_marked_x_become_one_milestone_a_year():
    rows = rows_of(
        "Activity,Responsible,2024-25,2025-26,2026-27\nRenew laptops,Network Manager,X,X,X\nPilot,Librarian,Try out,,\n"
        "Coach,Librarian,ongoing,,\nNothing,Librarian,,,\n"
    )

    assert brief(rows[0]) == (
        "Renew laptops",
        ["Network Manager"],
        ["2025-06-30", "2026-06-30", "2027-06-30"],
        "recurring",
        "understood",
    )
    assert brief(rows[1])[2:] == (["2025-06-30"], "one-time", "understood")
    assert "Try out" in rows[1].reason
    assert brief(rows[2])[2:] == ([], "ongoing", "understood")
    assert rows[3].missing == ["date"]
    assert rows[0].when == "2024-25, 2025-26, 2026-27"


def test_year_columns_of_money_are_costs():
    (row,) = rows_of('Activity,Who,When,2024-25,2025-26\nRenew,Principal,May 2026,"$5,000","$6,000"\n')

    assert (row.cost, row.due) == ("2024-25: $5,000; 2025-26: $6,000", [date(2026, 5, 31)])


def test_a_start_is_no_due_date():
    rows = rows_of(
        "Action,Lead,Start Date,End Date\nWire,Principal,9/1/2024,6/30/2025\nTest,Principal,9/1/2024,\n"
    )

    assert [row.due for row in rows] == [[date(2025, 6, 30)], []]
    assert (rows[0].when, rows[1].missing) == ("9/1/2024 – 6/30/2025", ["date"])


def test_columns_with_unknown_headings_are_told_by_what_they_hold():
    rows = rows_of("Activity,Point guard,Horizon\nWire,Principal,Fall 2025\nTest,Librarian,Spring 2026\n")

    assert [row.state for row in rows] == ["understood", "understood"]


def test_a_table_without_headings_is_read_only_when_its_columns_are_beyond_doubt():
    clear = rows_of("Wire the gym\tNetwork Manager\tFall 2024\nTest it\tPrincipal\tMay 2025\n", "pasted.txt")
    unclear = rows_of("red;blue\nbig;small\n")

    assert [row.state for row in clear] == ["understood", "understood"]
    assert "No heading row" in clear[0].reason
    assert [row.state for row in unclear] == ["not understood", "not understood"]
    assert [row.step for row in unclear] == ["red blue", "big small"]


def test_a_row_without_a_step_says_so():
    rows = rows_of("Task,Who,When\nLock doors,Principal,May 2025\n,Librarian,June 2025\n")

    assert (rows[1].state, rows[1].missing) == ("partly", ["step"])


def test_a_cell_that_only_goes_on_stands_with_the_row_above():
    (row,) = rows_of("Task,Who,When,Evidence\nLock doors,Principal,May 2025,Report\n,,,and a photo\n")

    assert "and a photo" in row.reason


def test_other_columns_stand_with_their_row():
    (row,) = rows_of("Task,Who,When,Building\nLock doors,Principal,May 2025,North\n")

    assert "Building: North" in row.reason


def test_a_pick_list_beside_a_description_is_not_the_step():
    rows = rows_of("Action Step,Action Step - Description,Responsible Stakeholder:,Anticipated date of completion\n"
                   "Planning,Form a group that looks at tools,Director of Technology,06/30/2025\n")  # fmt: skip

    assert (rows[0].step, rows[0].due) == ("Form a group that looks at tools", [date(2025, 6, 30)])


def test_columns_can_be_corrected():
    csv = "Thing,Person Responsible,Comment\nWire,May 2025,Principal\n"

    (row,) = rows_of(csv, columns=[{0: "step", 1: "when", 2: "owners"}])

    assert brief(row) == ("Wire", ["Principal"], ["2025-05-31"], "one-time", "understood")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_encodings_and_line_ends_may_be_any(separator, encoding, end):
    lines = [
        ["Action", "Owner", "When"],
        ["Café – wire", "Principal", "Fall 2025"],
        ["Two", "Librarian", "May 2026"],
    ]
    data = end.join(separator.join(line) for line in lines).encode(encoding)

    rows = rows_of(data)

    assert [row.step for row in rows] == ["Café – wire", "Two"]
    assert [row.source for row in rows] == ["line 2", "line 3"]
    assert {row.state for row in rows} == {"understood"}


def test_a_quote_that_is_never_closed_swallows_nothing():
    rows = rows_of('Action,Owner,When\n"Buy 12 screens,Principal,May 2025\nTwo,Librarian,May 2026\n')

    assert len(rows) == 2


def test_sheets_with_merged_cells_a_cover_and_a_legend():
    def merge(book):
        sheet = book["Goal 1"]
        for place in ("A1:H1", "A2:H2", "A3:A4", "B3:B4", "C3:C4", "D3:F3", "G3:H3", "A5:A6", "A7:H7"):
            sheet.merge_cells(place)

    data = workbook(
        ("Cover", [["Birch Hill School District"], ["Technology Plan"], ["2024-2027"]]),
        ("Goal 1", [
            ["Action plan"], ["Goal 1: Access"],
            ["Objective", "Action Step", "Responsible", "Timeline", None, None, "Budget"],
            [None, None, None, "2024-25", "2025-26", "2026-27", "Amount", "Source"],
            ["Wireless", "Hang", "NM", "X", None, "X", 500, "Title I"], [None, "Test", "NM/BP", None, "x", None, 0],
            ["Professional development"], ["Courses", "Train", "NM", None, None, "x"],
        ]),
        ("Legend", [["Code", "Role"], ["NM", "Network Manager"], ["BP", "Building Principals"]]),
        prepare=merge,
    )  # fmt: skip

    rows = rows_of(data, "plan.xlsx")

    assert [(row.source, row.goal, row.objective, row.step) for row in rows] == [
        ("Goal 1!5", "Goal 1: Access", "Wireless", "Hang"),
        ("Goal 1!6", "Goal 1: Access", "Wireless", "Test"),
        ("Goal 1!8", "Goal 1: Access", "Courses", "Train"),
    ]
    assert [row.owners for row in rows] == [
        ["Network Manager"],
        ["Network Manager", "Building Principals"],
        ["Network Manager"],
    ]
    assert "Birch Hill School District" in rows[0].reason
    assert "Professional development" in rows[2].reason or rows[2].objective == "Professional development"


def test_a_sheet_called_by_a_goal_gives_it_to_its_rows():
    heading, row = ["Action", "Lead", "When"], ["Wire", "Principal", "May 2025"]

    rows = rows_of(workbook(("Goal 1", [heading, row]), ("Goal 2", [heading, row])), "plan.xlsx")

    assert [row.goal for row in rows] == ["Goal 1", "Goal 2"]


def test_dates_in_a_workbook_are_what_the_cell_shows():
    def formats(book):
        book.active["C3"].number_format = "mmm-yy"
        book.active["C4"].number_format = "yyyy"

    data = workbook(
        ("Plan", [["Task", "Owner", "Due"], ["a", "Principal", date(2025, 6, 12)],
        ["b", "Principal", date(2025, 6, 1)], ["c", "Principal", date(2025, 1, 1)], ["d", "Principal", 45838]]),
        prepare=formats,
    )  # fmt: skip

    rows = rows_of(data, "plan.xlsx")

    assert [row.due for row in rows] == [
        [date(2025, 6, 12)],
        [date(2025, 6, 30)],
        [date(2025, 12, 31)],
        [date(2025, 6, 30)],
    ]
    assert rows[1].when == "June 2025"


def test_a_workbook_that_counts_from_1904():
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    def mac(book):
        book.epoch = CALENDAR_MAC_1904

    data = workbook(
        (
            "Plan",
            [["Task", "Owner", "Due"], ["a", "Principal", date(2025, 6, 30)], ["b", "Principal", 44376]],
        ),
        prepare=mac,
    )

    assert [row.due for row in rows_of(data, "plan.xlsx")] == [[date(2025, 6, 30)], [date(2025, 6, 30)]]


def test_word_tables_with_merged_cells_and_titles_above():
    def merge(made):
        table = made.tables[0]
        for one, two in (((0, 2), (0, 4)), ((0, 0), (1, 0)), ((0, 1), (1, 1)), ((3, 0), (3, 4))):
            table.cell(*one).merge(table.cell(*two))

    data = document(
        "Technology Action Plan",
        "Goal 1: Wireless",
        [["Action Steps", "Who", "Timeline", "", ""], ["", "", "2024-25", "2025-26", "2026-27"],
        ["Hang", "Network Manager\nPrincipal", "X", "", ""],
         ["Objective B: devices", "", "", "", ""], ["Renew", "Network Manager", "", "X", "X"]],
        "Note: costs are estimates.",
        "Goal 2: Learning",
        [["Activity", "Personnel", "Timeframe"], ["Hold class", "Principal", "Summer 2025"]],
        prepare=merge,
    )  # fmt: skip

    rows = rows_of(data, "plan.docx")

    assert [(row.source, row.goal, row.objective, row.owners) for row in rows] == [
        ("Table 1!3", "Goal 1: Wireless", "", ["Network Manager", "Principal"]),
        ("Table 1!5", "Goal 1: Wireless", "Objective B: devices", ["Network Manager"]),
        ("Table 2!2", "Goal 2: Learning", "", ["Principal"]),
    ]
    assert "Note: costs are estimates." in " ".join(row.reason for row in rows)


def test_upright_forms_are_read_a_form_a_step():
    rows = rows_of(
        "Goal,Safety\nAction Step,Hang cameras\nPerson Responsible,Principal\nTimeline,Fall 2025\n"
        "Action Step,Train\nPerson Responsible,Librarian\nTimeline,Spring 2026\n"
    )

    assert [(row.goal, *brief(row)) for row in rows] == [
        ("Safety", "Hang cameras", ["Principal"], ["2025-12-31"], "one-time", "understood"),
        ("Safety", "Train", ["Librarian"], ["2026-05-31"], "one-time", "understood"),
    ]


@pytest.mark.parametrize(
    "legend",
    [
        "NM = Network Manager; BP = Building Principals",
        "Key: NM – Network Manager, BP – Building Principals",
        "Legend: NM: Network Manager; BP: Building Principals",
        "NM=Network Manager",
        "Network Manager (NM) answers for wiring.",
    ],
)
@pytest.mark.parametrize("above", [True, False])
def test_a_legend_explains_codes_wherever_it_stands(legend, above):
    table = "Task,Who,When\nWire,NM,May 2025\n"
    line = f'"{legend}",,\n'

    reading = understand(line + table if above else table + line)

    assert [row.owners for row in reading.rows] == [["Network Manager"]]
    assert "NM is Network Manager" in reading.rows[0].reason


def test_a_legend_may_stand_in_the_heading():
    rows = rows_of("Step;Who (NM=Network Manager, P=Principal);When\nWire;NM;May 2025\nTest;P, NM;May 2026\n")

    assert [sorted(row.owners) for row in rows] == [["Network Manager"], ["Network Manager", "Principal"]]


def test_a_code_without_a_legend_is_asked_back():
    (row,) = rows_of("Task,Who,When\nWire,NM,May 2025\n")

    assert (row.owners, row.missing) == ([], ["owner"])
    assert "NM" in row.reason


def test_twins_in_a_file_are_one_role():
    rows = rows_of("Task,Who,When\nWire,Tech. Coordinator,May 2025\nTest,Technology Coordinator,May 2026\n")

    assert [row.owners for row in rows] == [["Technology Coordinator"]] * 2
    assert "“Tech. Coordinator” is taken for Technology Coordinator" in rows[0].reason


def test_a_person_may_choose_otherwise():
    csv = "Task,Who,When\nWire,Tech. Coordinator,May 2025\nTest,Technology Coordinator,May 2026\n"

    rows = rows_of(csv, choices={"Tech. Coordinator": "Tech. Coordinator", "Technology Coordinator": ""})

    assert [row.owners for row in rows] == [["Tech. Coordinator"], []]
    assert rows[1].missing == ["owner"]


@pytest.mark.parametrize(
    "lines",
    [
        ["Key:", "NM - Network Manager", "BP - Building Principals", "P - Principal"],
        ["Legend", "NM: Network Manager", "BP: Building Principals"],
        ["Code,Role", "NM,Network Manager", "BP,Building Principals", "ZZ,Librarian"],
        ["Person responsible key: NM: Network Manager, BP: Building Principals"],
    ],
)
@pytest.mark.parametrize("above", [True, False])
def test_a_list_of_codes_is_a_legend_and_no_row(lines, above):
    table = ["Task;Who;When", "Wire;NM, BP;May 2025", "Test;BP;May 2025"]
    lines = [line.replace(",", ";") if line.count(",") == 1 and ":" not in line else line for line in lines]

    rows = rows_of("\n".join(lines + table if above else table + lines))

    assert [(row.step, row.owners) for row in rows] == [
        ("Wire", ["Network Manager", "Building Principals"]),
        ("Test", ["Building Principals"]),
    ]


def test_a_heading_row_that_repeats_takes_no_row_with_it():
    rows = rows_of(
        "Activity,Who,Time Line\nWire,School Technology Team,Spring 2026\nActivity,Who,Time Line\nTest,Principal,May 2026\n"
    )

    assert [row.step for row in rows] == ["Wire", "Test"]


def test_an_objective_between_strategies_is_none_of_them():
    rows = rows_of("Strategies,Who,When\nObjective 2.1: Learn,,\nHold courses,Principal,May 2026\n")

    assert [(row.objective, row.step) for row in rows] == [("Objective 2.1: Learn", "Hold courses")]


def test_a_column_that_ranks_is_no_goal():
    (row,) = rows_of("Task,Priority,Who,When\nHold courses,High,Principal,May 2026\n")

    assert (row.goal, row.notes) == ("", ["Priority: High"])
