"""That the walk can fail: look-ups are made to forget their district, one at a time, and each hole must be noticed."""

import pytest

from tests.foreign_rows import WAYS
from tests.holes import Line, forgetting, gone, passed_by

# Ten kinds of holes: the address at which each is made, and words of the line that then forgets its district.
SEEDED = {
    "list": ("milestones", "Plan.objects.in_district("),
    "detail": ("milestone", "Milestone.objects.in_district(request.district).with_word("),
    "form choice": ("step_edit", '.fields["building"].queryset'),
    "import": ("import_preview", "PlanImport.objects.in_district("),
    "people page": ("people", "Membership.objects.in_district("),
    "invitation": ("invitations", "Invitation.objects.in_district("),
    "search": ("milestones", "Building.objects.in_district("),
    "export": ("export_plan", "Plan.objects.in_district("),
    "history": ("step_history", "ActionStep.objects.in_district("),
    "report download": ("report_pdf", "Report.objects.in_district("),
}

# Look-ups that may forget the district without anybody seeing or changing what is not theirs: the line, and why.
HARMLESS = {
    "Measure.objects.in_district(request.district).live(), pk=measure, step=row.step_id": "the step is the visitor's",
    "missed = get_object_or_404(Slip.objects.in_district(request.district), pk=slip)": "its milestone is looked up, too",
    "current = Plan.objects.in_district(request.district).current(today=request.today)": "compared with the plan shown",
    "Visit.objects.in_district(district)": "says when one has looked oneself",
    "rows = DateMove.objects.in_district(district).filter(Q(decided_on__isnull=True) | lately)": (
        "ids that are compared with those of one's own milestones"
    ),
    "possible = pdf_is_possible() and Plan.objects.in_district(request.district).live().exists()": "yes or no",
    "rows = Milestone.objects.in_district(membership.district).filter(step=step, building__isnull=False)": (
        "the step is the visitor's"
    ),
    "live = ActionStep.objects.in_district(district).live().filter(owner_rows__role__in=roles)": (
        "the roles are the visitor's"
    ),
    "sponsors=Initiative.objects.in_district(district).live().filter(sponsor__in=roles).count(),": (
        "the roles are the visitor's"
    ),
    "buildings=StepBuilding.objects.in_district(district)": "the roles are the visitor's",
    "rows = Visit.objects.in_district(membership.district).filter(page=page_of(membership))": (
        "the page is named after a membership of the district"
    ),
    "plan = Plan.objects.in_district(request.district).current(today=request.today)": (
        "asked at the buildings of the page, which are the visitor's; the list of milestones is SEEDED"
    ),
    "roles = Role.objects.in_district(request.district).filter(pk__in=[one.role_id for one in held])": (
        "the roles are those of appointments that were looked up through the district"
    ),
    "roles = Role.objects.in_district(request.district).filter(pk__in=[one.role.pk for one in done])": (
        "the roles are those of a hand-over that was looked up through the district"
    ),
    "line = Milestone.objects.in_district(request.district).filter(pk=number).first()": (
        "only narrows milestones that are the visitor's"
    ),
    "place = get_object_or_404(Building.objects.in_district(request.district), pk=building)": (
        "404 unless the visitor's step is adapted for it"
    ),
    "rows = Milestone.objects.in_district(district).live().open().asked_of(roles, today=today)": (
        "the roles are the visitor's"
    ),
    "roles = Role.objects.in_district(district).filter(areas__isnull=False).distinct()": (
        "looked up again for areas that were read through the district"
    ),
    "rows = PeopleImportRow.objects.in_district(self.district).filter(people_import=job)": "the import is the visitor's",
    "rows = list(PeopleImportRow.objects.in_district(district).filter(people_import=job))": "the import is the visitor's",
    'for place in Workplace.objects.in_district(district).select_related("building"):': (
        "looked up again for memberships that were read through the district"
    ),
    "leaders = Membership.objects.in_district(membership.district).standing().filter(level=Level.LEADER)": (
        "yes or no: whether there is another leader"
    ),
}

# Look-ups whose rows are only compared, by a title or an address, with what a file says. No text of Cedar is one of Dune,
# so the walk cannot notice; the tests of the imports hold these.
COMPARED = {
    "rows = CalendarEntry.objects.in_district(calendar_import.district_id).live()",
    "[row for row in rows if row.what == What.BUILDING], Building.objects.in_district(district)",
    "self.roles = {role.title.casefold(): role for role in Role.objects.in_district(district)}",
}


@pytest.fixture(scope="module")
def lines(two_districts, tess) -> list[Line]:
    """Every line that looks up rows of a district, found by walking while all is well."""
    for way in WAYS:
        if way not in gone:
            assert not way.walk(way.address, *two_districts, tess), way
    return sorted(passed_by)


@pytest.mark.parametrize("kind", SEEDED)
def test_a_seeded_hole_is_noticed(kind, lines, two_districts, tess, seeded_holes):
    name, words = SEEDED[kind]
    [line] = {
        line for line in lines for way in passed_by[line] if way.address.name == name and words in line.words
    }
    faults = []

    with forgetting(line):
        for walk, address in passed_by[line]:
            if address.name == name:
                faults += walk(address, *two_districts, tess)

    assert faults, f"{line}: {line.words}"
    seeded_holes.append(
        f"{kind}: {line} forgot its district at {name}: {line.words}\n    noticed: {faults[0][:150]}"
    )


@pytest.mark.slow
def test_each_look_up_that_forgot_its_district_would_be_noticed(lines, two_districts, tess):
    assert len(lines) > 40

    unnoticed = []
    for line in lines:
        if line.words in HARMLESS or line.words in COMPARED:
            continue
        with forgetting(line):
            ways = sorted(passed_by[line], key=WAYS.index)
            if not any(walk(address, *two_districts, tess) for walk, address in ways):
                names = ", ".join(sorted({way.address.name for way in ways}))
                unnoticed.append(f"{line}: {line.words} ({names[:80]})")

    assert not unnoticed, "\n".join(unnoticed)


def test_every_harmless_line_is_still_there(lines):
    assert sorted({*HARMLESS, *COMPARED} - {line.words for line in lines}) == []
