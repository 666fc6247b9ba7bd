"""The school calendar of Juniper Flats, on the days on which schools have such days."""

from datetime import date, timedelta


def school_year(ends: int) -> list[tuple[str, str, date, date]]:
    """Return kind, title, first and last day of the school calendar of the year that ends in June of `ends`."""

    def nth(n: int, weekday: int, month: int) -> date:
        """The n-th Monday (0) to Sunday (6) of a month."""
        first = date(ends - (month >= 7), month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))

    thanksgiving, spring = nth(4, 3, 11), nth(3, 0, 3)
    winter = nth(3, 0, 12)
    memorial = date(ends, 5, 31) - timedelta(days=date(ends, 5, 31).weekday())  # the last Monday
    return [
        ("staff", "Teachers prepare, no students", nth(2, 0, 8), nth(2, 0, 8) + timedelta(days=2)),
        ("day-off", "Labor Day", nth(1, 0, 9), nth(1, 0, 9)),
        ("break", "Fall break", nth(2, 3, 10), nth(2, 3, 10) + timedelta(days=1)),
        ("break", "Thanksgiving break", thanksgiving - timedelta(days=1), thanksgiving + timedelta(days=1)),
        ("break", "Winter break", winter, winter + timedelta(days=11)),
        ("day-off", "Martin Luther King Jr. Day", nth(3, 0, 1), nth(3, 0, 1)),
        ("staff", "Parent-teacher conferences", nth(2, 3, 2), nth(2, 3, 2) + timedelta(days=1)),
        ("break", "Spring break", spring, spring + timedelta(days=4)),
        ("testing", "State testing", nth(2, 0, 4), nth(2, 0, 4) + timedelta(days=11)),
        ("day-off", "Memorial Day", memorial, memorial),
    ]
