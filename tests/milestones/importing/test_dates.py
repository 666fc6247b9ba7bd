"""What a timeline cell promises: docs/importing.md, "Dates"."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestones.importing.dates import PlanTime, is_when, read_when

NO_PLAN = PlanTime(first_month=7)
PLAN = PlanTime(7, date(2023, 7, 1), date(2026, 6, 30))


def due(text, time=NO_PLAN, **options):
    return [day.isoformat() for day in read_when(text, time, **options).due]


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("Fall 2011", ["2011-12-31"]),
        ("Fall of 2011", ["2011-12-31"]),
        ("Spring 2012", ["2012-05-31"]),
        ("Summer 2012", ["2012-08-31"]),
        ("Spring '12", ["2012-05-31"]),
        ("Fall 2011-2012", ["2011-12-31"]),
        ("Spring 2011-12", ["2012-05-31"]),
        ("Fall/Spring 2012", ["2012-05-31"]),
        ("Fall 2011 - Spring 2012", ["2012-05-31"]),
        ("2011-2012", ["2012-06-30"]),
        ("2011-12", ["2012-06-30"]),
        ("2023/2024", ["2024-06-30"]),
        ("2011-2014", ["2014-06-30"]),
        ("School year 2011-2012", ["2012-06-30"]),
        ("SY 24-25", ["2025-06-30"]),
        ("end of the 2011-2012 school year", ["2012-06-30"]),
        ("2011-2012 through 2013-2014", ["2014-06-30"]),
        ("FY 2024", ["2024-06-30"]),
        ("FY24", ["2024-06-30"]),
        ("FY'24", ["2024-06-30"]),
        ("Fiscal year 2024", ["2024-06-30"]),
        ("FY24-FY26", ["2026-06-30"]),
        ("Q2 FY24", ["2023-12-31"]),
        ("2012", ["2012-12-31"]),
        ("Aug. 2001", ["2001-08-31"]),
        ("February 2024", ["2024-02-29"]),
        ("End of June 2012", ["2012-06-30"]),
        ("Oct.-Nov. 2001", ["2001-11-30"]),
        ("Nov-Jan 2002", ["2002-01-31"]),
        ("June/July 2012", ["2012-07-31"]),
        ("Sept. 2011 – June 2012", ["2012-06-30"]),
        ("06/2012", ["2012-06-30"]),
        ("2024-06", ["2024-06-30"]),
        ("2012-03-04", ["2012-03-04"]),
        ("3/4/2012", ["2012-03-04"]),
        ("3/4/12", ["2012-03-04"]),
        ("30/06/2012", ["2012-06-30"]),
        ("June 3rd, 2012", ["2012-06-03"]),
        ("3 June 2012", ["2012-06-03"]),
        ("June 1-15, 2012", ["2012-06-15"]),
        ("7/1/2012 - 6/30/2013", ["2013-06-30"]),
        ("Begin Fall 2011, complete Spring 2012", ["2012-05-31"]),
        ("June 2001 June 2002 June 2003", ["2001-06-30", "2002-06-30", "2003-06-30"]),
        ("Jan., Apr., July 2012", ["2012-01-31", "2012-04-30", "2012-07-31"]),
        ("Annually 2011-2014", ["2012-06-30", "2013-06-30", "2014-06-30"]),
    ],
)
def test_a_period_ends_on_its_last_day(written, days):
    assert due(written) == days
    assert not read_when(written, NO_PLAN).missing


@pytest.mark.parametrize(
    ("first_month", "written", "day"),
    [
        (10, "FY 2024", "2024-09-30"),
        (10, "2023-2024", "2024-09-30"),
        (1, "FY 2024", "2024-12-31"),
        (9, "SY 2023-24", "2024-08-31"),
        (3, "FY24", "2024-02-29"),
    ],
)
def test_a_school_or_fiscal_year_ends_with_the_districts_own(first_month, written, day):
    assert due(written, PlanTime(first_month)) == [day]


@pytest.mark.parametrize(
    "written",
    [
        "Winter", "Winter 2012", "Winter 2011-2012", "Fall", "June", "June 30", "by March 30", "6/30", "Jun-12", "TBD",
        "Upon approval", "School year 2012", "SY24", "Summer 2011-12", "1st semester", "Beginning Fall 2011",
        "after June 2012", "Beginning of school year 2012-2013", "October and March 2012", "Feb 30 2012", "13/13/2012",
        "Every two years", "within 30 days", "In progress", "2012-2011",
    ],
)  # fmt: skip
def test_what_does_not_say_its_day_is_asked_back(written):
    for time in (NO_PLAN, PLAN):
        answer = read_when(written, time)

        assert (answer.due, answer.missing) == ([], "date")
        assert answer.notes


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("By March 30 of each year", ["2024-03-30", "2025-03-30", "2026-03-30"]),
        ("By November of each year", ["2023-11-30", "2024-11-30", "2025-11-30"]),
        ("annually", ["2024-06-30", "2025-06-30", "2026-06-30"]),
        ("Each year by June 30", ["2024-06-30", "2025-06-30", "2026-06-30"]),
        ("every fall", ["2023-12-31", "2024-12-31", "2025-12-31"]),
        ("on a yearly basis", ["2024-06-30", "2025-06-30", "2026-06-30"]),
        ("quarterly", ["2024-06-30", "2025-06-30", "2026-06-30"]),
    ],
)
def test_what_comes_back_is_one_day_a_plan_year_and_needs_the_plans_dates(written, days):
    without, within = read_when(written, NO_PLAN), read_when(written, PLAN)

    assert (without.kind, without.due, without.missing) == ("recurring", [], "plan dates")
    assert (within.kind, [day.isoformat() for day in within.due], within.missing) == ("recurring", days, "")


@pytest.mark.parametrize(
    ("written", "days"),
    [("Year 1", ["2024-06-30"]), ("Yr. 2", ["2025-06-30"]), ("Years 1-3", ["2026-06-30"]), ("Year One", ["2024-06-30"]),
     ("Year 1, 2, 3", ["2024-06-30", "2025-06-30", "2026-06-30"])],
)  # fmt: skip
def test_a_numbered_year_is_a_year_of_the_plan(written, days):
    assert read_when(written, NO_PLAN).missing == "plan dates"
    assert due(written, PLAN) == days


def test_a_fourth_year_of_a_three_year_plan_is_asked_back():
    assert read_when("Year 4", PLAN).missing == "date"


@pytest.mark.parametrize(
    "written",
    [
        "ongoing",
        "On-going",
        "on going",
        "Sept 2000 Ongoing",
        "as needed",
        "Throughout the year",
        "May 2012; ongoing",
        "Continuous",
    ],
)
def test_ongoing_has_no_due_date(written):
    answer = read_when(written, PLAN)

    assert (answer.kind, answer.due, answer.missing) == ("ongoing", [], "")


def test_the_date_beside_ongoing_becomes_its_review_date():
    assert read_when("Sept 2000 Ongoing", NO_PLAN).review == date(2000, 9, 30)


@pytest.mark.parametrize(
    ("written", "kind"),
    [("Fall 2011", "one-time"), ("June 2001 June 2002", "recurring"), ("Oct. 2011, March 2012", "one-time")],
)
def test_days_a_year_apart_come_back_every_year(written, kind):
    assert read_when(written, NO_PLAN).kind == kind


def test_spreadsheet_day_numbers_count_from_the_workbooks_first_day():
    assert due("45473") == ["2024-06-30"]
    assert due("44011", epoch_1904=True) == ["2024-06-30"]
    assert "45473" in read_when("45473", NO_PLAN).notes[0]


def test_a_day_that_may_stand_first_is_asked_back():
    assert due("05/06/2012") == ["2012-05-06"]
    assert read_when("05/06/2012", NO_PLAN, day_first=True).missing == "date"


def test_a_plan_that_ends_within_a_fiscal_year_has_its_last_day_as_that_years():
    time = PlanTime(7, date(2023, 7, 1), date(2025, 3, 31))

    assert due("annually", time) == ["2024-06-30", "2025-03-31"]


def test_a_leap_day_each_year_is_the_last_of_february_in_other_years():
    assert due("by February 29 of each year", PLAN) == ["2024-02-29", "2025-02-28", "2026-02-28"]


@given(st.dates(date(1990, 1, 1), date(2079, 12, 31)))
def test_every_day_is_read_back_in_each_way_of_writing_it(day):
    for written in (
        day.isoformat(),
        f"{day:%m/%d/%Y}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day} {day:%b} {day.year}",
        f"{day:%b}. {day.day}, {day.year}",
    ):
        assert read_when(written, NO_PLAN).due == [day]


@given(st.text(max_size=80))
def test_any_text_has_an_answer_and_no_date_without_a_year_in_it(written):
    answer = read_when(written, NO_PLAN)

    assert bool(answer.due) + bool(answer.missing) + (answer.kind == "ongoing") >= 1
    assert not answer.due or any(character.isdigit() for character in written)


def test_a_column_of_times_is_told_from_one_of_other_words():
    assert all(map(is_when, ["Fall 2011", "Ongoing", "2011-2012", "By March 30 of each year", "6/30/2012"]))
    assert not any(map(is_when, ["Principal", "Survey of 2011", "$5,000", "Purchase in fall 2011 of carts"]))
