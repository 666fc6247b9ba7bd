"""Who is named in a cell or a sentence: docs/importing.md, "Owners"."""

import pytest

from milestones.importing import twins
from milestones.importing.owners import is_role, read_exact, read_owners, read_sentence


@pytest.mark.parametrize(
    ("cell", "titles"),
    [
        ("Principal", ["Principal"]),
        ("Board of Ed. / Superintendent / Network Manager", ["Board of Ed.", "Superintendent", "Network Manager"]),
        ("Board of Ed. Superintendent Network Manager", ["Board of Ed.", "Superintendent", "Network Manager"]),
        ("Wiring Steering Committee and Tech. Coordinator", ["Wiring Steering Committee", "Tech. Coordinator"]),
        ("Technology committee / Administration", ["Technology committee", "Administration"]),
        ("Superintendent, Technology Director, and Building "
         "Principals", ["Superintendent", "Technology Director", "Building Principals"]),
        ("Superintendent\nTech. Coordinator", ["Superintendent", "Tech. Coordinator"]),
        ("Technology\nCoordinator", ["Technology Coordinator"]),
        ("1. Superintendent\n2. Principal", ["Superintendent", "Principal"]),
        ("• Superintendent\n• Principal", ["Superintendent", "Principal"]),
        ("Principal & Librarian; Nurse", ["Principal", "Librarian", "Nurse"]),
        ("Media Team (7 teachers)", ["Media Team"]),
        ("Administration*", ["Administration"]),
        ("Director of Curriculum and Instruction", ["Director of Curriculum and Instruction"]),
        ("Director of Finance and Operations and Director of IT", ["Director of Finance and Operations", "Director of IT"]),
        ("Assistant principal for learning and student services", ["Assistant principal for learning and student services"]),
        ("Library/Media Specialist", ["Library/Media Specialist"]),
        ("CTO/CIO", ["CTO", "CIO"]),
        ("High School and Middle School Principals", ["High School Principals", "Middle School Principals"]),
        ("Technology Committee Chair", ["Technology Committee Chair"]),
        ("Superintendent or designee", ["Superintendent"]),
        ("Ms. Ash and Mr. Oak", ["Ms. Ash", "Mr. Oak"]),
        ("WireWorks", ["WireWorks"]),
    ],
)  # fmt: skip
def test_a_cell_is_taken_apart_only_where_every_piece_is_a_role(cell, titles):
    assert read_owners(cell).titles == titles


@pytest.mark.parametrize("cell", ["", "  ", "TBD", "N/A", "To be determined", "-", "?", "vacant"])
def test_a_cell_that_names_nobody_has_no_owner(cell):
    assert read_owners(cell).titles == []


@pytest.mark.parametrize(
    "cell",
    [
        "Wire the science wing of each school.",
        "wire the science wing of each school",
        "Wire the science wings of each school",
    ],
)
def test_a_cell_that_repeats_the_action_is_no_owner(cell):
    found = read_owners(cell, step="Wire the science wing of each school.")

    assert found.titles == []
    assert found.notes == ["The owner cell repeats the action and names nobody"]


def test_a_code_that_nobody_explains_is_no_owner_and_says_so():
    found = read_owners("NM, Principal")

    assert found.titles == ["Principal"]
    assert "NM" in found.notes[0]


@pytest.mark.parametrize("cell", ["NM/BP", "NM, BP", "NM BP", "nm & bp", "N.M.; B.P."])
def test_codes_are_resolved_with_the_legend(cell):
    legend = {"NM": "Network Manager", "BP": "Building Principals"}

    assert read_owners(cell, legend=legend).titles == ["Network Manager", "Building Principals"]


def test_a_cell_may_say_who_leads_and_who_supports():
    found = read_owners("Lead: Librarian; Support: Principals")

    assert (found.titles, found.lead, found.support) == (
        ["Librarian", "Principals"],
        "Librarian",
        {"Principals"},
    )


def test_a_role_that_the_district_has_is_never_cut():
    known = {"reading and math committee"}

    assert read_owners("Reading and Math Committee", known=known).titles == ["Reading and Math Committee"]


def test_our_own_export_is_not_taken_apart():
    found = read_exact("Reading / Math Team; Principal and Dean (supports)")

    assert found.titles == ["Reading / Math Team", "Principal and Dean"]
    assert found.support == {"Principal and Dean"}


@pytest.mark.parametrize(
    ("sentence", "titles"),
    [
        ("The Safety Committee will, once a year, survey families.", ["Safety Committee"]),
        ("The Safety Committee and teachers will share guides.", ["Safety Committee", "Teachers"]),
        ("Administration* will show how it leads.", ["Administration"]),
        ("Building administration* will help.", ["Building administration"]),
        ("The School Board and Superintendent shall review it.", ["School Board", "Superintendent"]),
        (
            "The Director of Curriculum and Instruction will write it.",
            ["Director of Curriculum and Instruction"],
        ),
        ("All students will have a device.", []),
        ("The network will be renewed.", []),
        ("Training for all teachers will be offered.", []),
        ("Using the survey, schools and departments will propose goals.", []),
        ("Wire the offices of principals and teachers.", []),
        ("Ask the Technology Coordinator to wire the gym.", []),
    ],
)
def test_a_sentence_names_an_owner_only_when_it_begins_with_one(sentence, titles):
    assert read_sentence(sentence).titles == titles


def test_titles_that_differ_in_abbreviation_case_and_stops_are_one_role():
    (found,) = twins.find(
        ["Tech. Coordinator", "Technology Coordinator", "technology coordinator", "Principal"]
    )

    assert (found.title, found.sure) == ("Technology Coordinator", True)
    assert set(found.others) == {"Tech. Coordinator", "technology coordinator"}


def test_a_role_that_the_district_has_keeps_its_title():
    (found,) = twins.find(["Technology Coordinator"], roles=["Tech Coordinator"])

    assert (found.title, found.others) == ("Tech Coordinator", ["Technology Coordinator"])


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Director of Technology", "Technology Director"),
        ("Principal", "Principals"),
        ("Technology Coordinator", "Technology Cordinator"),
    ],
)
def test_titles_that_are_only_alike_are_offered_and_not_merged(one, two):
    (found,) = twins.find([one, two])

    assert not found.sure


@pytest.mark.parametrize(
    ("one", "two"),
    [("Technology Coordinator", "Technology Committee"), ("Elementary Principal", "High School Principal")],
)
def test_different_roles_are_no_twins(one, two):
    assert twins.find([one, two]) == []


def test_a_column_of_roles_is_told_from_one_of_other_words():
    assert all(
        map(
            is_role,
            ["Principal", "Technology committee / Administration", "All staff", "Director of Technology"],
        )
    )
    assert not any(
        map(
            is_role,
            ["Fall 2011", "Existing funds", "Survey results", "The teachers in the building were asked."],
        )
    )
