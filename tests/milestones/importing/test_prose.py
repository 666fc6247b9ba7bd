"""Plans without a table: owner and date in the sentence, nested numbers, labels under a step."""

import pytest

from milestones.importing.prose import find_when
from tests.milestones.importing.files import brief, document, rows_of

LISTED = """Safety
1. The Safety Committee will, on a yearly basis, ask all families what worries them.
a. The Safety Committee will write the questions, such as: doors (on going) radios (on going)
b. The Safety Committee will count the answers. (on going)
2. The Safety Committee and teachers will share drills. (ongoing)
3. Administration* will show how it keeps doors locked.
a. The School Board and Superintendent will look at every door. (2025-2026)
"""


def test_a_list_with_owner_and_date_inside_its_sentences():
    rows = rows_of(LISTED, "pasted.txt")

    assert [(row.source, row.owners, row.kind, row.missing) for row in rows] == [
        ("line 2", ["Safety Committee"], "recurring", ["plan dates"]),
        ("line 3", ["Safety Committee"], "ongoing", []),
        ("line 4", ["Safety Committee"], "ongoing", []),
        ("line 5", ["Safety Committee", "Teachers"], "ongoing", []),
        ("line 6", ["Administration"], "one-time", ["date"]),
        ("line 7", ["School Board", "Superintendent"], "one-time", []),
    ]
    assert {row.goal for row in rows} == {"Safety"}
    assert rows[1].objective.startswith("1. The Safety Committee")
    assert rows[5].due[0].isoformat() == "2026-06-30"


def test_labels_under_a_step_fill_its_cells():
    rows = rows_of(
        "Goal 1: Access\nObjective A: Wireless\n1. Hang antennas.\nPerson Responsible: Network Manager\n"
        "Timeline: Fall 2024\nBudget: $4,000\n"
        "2. Test them.\nResponsible: Network Manager and Librarian; Timeline: May 2025\n",
        "pasted.txt",
    )

    assert [(row.goal, row.objective, row.owners, row.cost, row.state) for row in rows] == [
        ("Goal 1: Access", "Objective A: Wireless", ["Network Manager"], "$4,000", "understood"),
        ("Goal 1: Access", "Objective A: Wireless", ["Network Manager", "Librarian"], "", "understood"),
    ]


def test_roles_and_times_behind_dashes_or_in_brackets_together():
    rows = rows_of(
        "1. Buy books – Librarian – Fall 2025\n2. Hang antennas (Network Manager, May 2025)\n"
        "3. Train key people (principals, librarians)\n",
        "a.txt",
    )

    assert [brief(row)[1:3] for row in rows] == [
        (["Librarian"], ["2025-12-31"]),
        (["Network Manager"], ["2025-05-31"]),
        ([], []),
    ]


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("By March 30 of each year, schools will report.", "By March 30 of each year"),
        ("Report to the board by November of each year and publish it.", "by November of each year"),
        ("Wire the gym by June 30, 2025.", "by June 30, 2025"),
        ("Wire the gym no later than Spring 2025 for the fair.", "no later than Spring 2025"),
        ("Wire the gym during the 2025-2026 school year.", "during the 2025-2026 school year"),
        ("Decide by March 30.", "by March 30"),
        ("Annually review the list.", "Annually"),
        ("Coach teachers (ongoing).", "ongoing"),
        ("Use the results of the 2005 survey of the five-year plan.", ""),
        ("Write a plan for annual reports.", ""),
        ("Wire rooms used by the band in the afternoon.", ""),
        ("Follow the standards adopted in 2012 (see page 4).", ""),
    ],
)
def test_only_words_that_promise_a_time_are_a_time(sentence, words):
    assert find_when(sentence) == words


def test_wrapped_lines_are_put_together():
    rows = rows_of(
        "1. The Librarian will buy books that\nare easy to read by May 2025.\n"
        "2. The Librarian will lend them (ongoing).\n",
        "a.txt",
    )

    assert [row.step for row in rows] == [
        "1. The Librarian will buy books that are easy to read by May 2025.",
        "2. The Librarian will lend them (ongoing).",
    ]


def test_lines_without_numbers_are_steps_under_their_headings():
    rows = rows_of(
        "Digital library\nThe Librarian will open the portal by June 30, 2025.\n"
        "Replace shelves in Fall 2025\n\nSafety\nThe Board of Education will review the rules annually.\n",
        "a.txt",
    )

    assert [(row.goal, row.owners, row.missing) for row in rows] == [
        ("Digital library", ["Librarian"], []),
        ("Digital library", [], ["owner"]),
        ("Safety", ["Board of Education"], ["plan dates"]),
    ]


def test_lists_of_a_word_document():
    def style(made):
        for paragraph in made.paragraphs[1:]:
            paragraph.style = "List Number"

    rows = rows_of(
        document(
            "Library",
            "The Librarian will lend books each fall.",
            "Principals will help (2024-2025).",
            prepare=style,
        ),
        "plan.docx",
    )

    assert [(row.goal, row.owners) for row in rows] == [
        ("Library", ["Librarian"]),
        ("Library", ["Principals"]),
    ]


def test_text_in_which_nothing_is_a_step_is_shown_line_by_line():
    rows = rows_of("Welcome\nTo our district\n", "a.txt")

    assert [(row.step, row.state) for row in rows] == [
        ("Welcome", "not understood"),
        ("To our district", "not understood"),
    ]
    assert all(row.reason for row in rows)
