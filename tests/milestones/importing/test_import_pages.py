"""The import pages: upload or paste, columns, rows, import, undo, export."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from milestones.models import ActionStep, ImportRow, PlanImport
from stakeholders.models import Role
from tests.builders import make_plan, make_role
from tests.milestones.importing.files import workbook
from vision.models import Plan

START = "/d/cedar/import/"
TEXT = (
    "Goal\tTask\tWho\tWhen\nAccess\tHang antennas\tTech. Coordinator\tFall 2026\n"
    "\tTest\tNetwork Manager\tevery year\n\tLend\t\tMay 2027\n"
)
NEW_PLAN = {
    "plan": "new",
    "plan_title": "Brought in",
    "plan_starts_on": "2026-07-01",
    "plan_ends_on": "2028-06-30",
}


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def read_in(client, text=TEXT):
    """Paste a plan and return the import that came of it."""
    answer = client.post(START, {"text": text})
    assert answer.status_code == 302, answer.content.decode()
    return PlanImport.objects.order_by("pk").last()


def columns_of(client, job):
    """The columns page's form as a browser would send it, with a new plan chosen."""
    form = client.get(f"{START}{job.pk}/columns/").context["form"]
    found = {name: form[name].value() for name in form.fields if re.fullmatch(r"t\d+c\d+", name)}
    return {**found, **NEW_PLAN}


def on_to_rows(client, job, **changes):
    answer = client.post(f"{START}{job.pk}/columns/", {**columns_of(client, job), **changes})
    assert answer.status_code == 302, answer.content.decode()
    return client.get(answer["Location"])


def rows_form(page):
    form = page.context["form"]
    return {name: form[name].value() for name in form.fields if name != "leave"}


def test_pasted_text_becomes_a_plan_and_goes_again(alice, cast):
    job = read_in(alice)
    page = on_to_rows(alice, job)
    assert page.context["counts"] == {"understood": 2, "partly": 1, "not_understood": 0}

    answer = alice.post(f"{START}{job.pk}/apply/?page=1", rows_form(page), follow=True)

    assert "3 steps were imported" in answer.content.decode()
    assert Plan.objects.get().title == "Brought in"
    assert ActionStep.objects.get(title="Hang antennas").lead == cast.coordinator
    assert ActionStep.objects.get(title="Test").milestones.count() == 2
    answer = alice.post(f"{START}{job.pk}/undo/", follow=True)
    assert "The import was undone" in answer.content.decode()
    assert not Plan.objects.exists()
    assert not Role.objects.filter(title="Network Manager").exists()


def test_a_file_may_be_uploaded(alice):
    file = SimpleUploadedFile(
        "our plan.xlsx", workbook(("Plan", [["Task", "Owner", "When"], ["Wire", "Principal", "May 2027"]]))
    )

    answer = alice.post(START, {"file": file})

    job = PlanImport.objects.get()
    assert answer["Location"] == f"{START}{job.pk}/columns/"
    assert (job.file_name, job.made_by.name) == ("our plan.xlsx", "Alice")


@pytest.mark.parametrize(
    ("name", "data", "words", "status"),
    [
        ("plan.xlsx", b"MZ\x90\x00", "a program", 422),
        ("plan.csv", b"", "empty", 422),
        ("plan.xls", b"\xd0\xcf\x11\xe0", "Save it from Excel", 422),
        ("plan.csv", b"a," * 3_000_000, "larger than 5 MB", 413),
        ("../../plan.svg", b"<svg/>", "can be read from", 422),
        ("fdp.exe\u202e.csv", b"MZ\x90\x00", "a program", 422),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(alice, name, data, words, status):
    answer = alice.post(START, {"file": SimpleUploadedFile(name, data)})

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert not PlanImport.objects.exists()


def test_what_was_pasted_is_kept_when_it_cannot_be_read(alice):
    answer = alice.post(START, {"text": "kept\x00"})
    assert answer.status_code == 422

    answer = alice.post(START, {"text": "Task\tWho\n" + "x" * 21_000 + "\tPrincipal"})

    assert answer.status_code == 422
    assert "Task\tWho" in answer.content.decode()


@pytest.mark.parametrize("both", [True, False])
def test_a_file_or_a_text_and_not_both_or_neither(alice, both):
    answer = alice.post(
        START, {"file": SimpleUploadedFile("a.csv", b"Task,Who\n"), "text": "x"} if both else {"text": " "}
    )

    assert answer.status_code == 422


def test_columns_can_be_corrected(alice):
    job = read_in(alice, "Doing\tBy the hand of\tUntil\nHang antennas\tMay 2027\tLibrarian\n")
    page = on_to_rows(alice, job, t0c0="step", t0c1="when", t0c2="owners")

    (row,) = [row for row in page.context["reading"].rows if row.step == "Hang antennas"]

    assert (row.owners, row.state) == (["Librarian"], "understood")


def test_a_table_without_a_step_column_is_asked_back(alice):
    job = read_in(alice)

    answer = alice.post(f"{START}{job.pk}/columns/", {**columns_of(alice, job), "t0c1": "other"})

    assert answer.status_code == 422
    assert "which column holds the action step" in answer.content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"plan_title": ""}, {"plan_starts_on": ""}, {"plan_ends_on": "2020-01-01"}, {"plan_ends_on": "9999-12-31"},
        {"plan": "999999"}, {"t0c0": "nonsense"},
    ],
)  # fmt: skip
def test_bad_choices_are_asked_back_and_what_was_typed_is_kept(alice, change):
    job = read_in(alice)

    answer = alice.post(
        f"{START}{job.pk}/columns/", {**columns_of(alice, job), "plan_title": "Typed title", **change}
    )

    assert answer.status_code == 422
    assert change.get("plan_title") == "" or "Typed title" in answer.content.decode()
    assert not PlanImport.objects.get().plan_title


def test_a_plan_of_the_district_can_be_filled_and_another_districts_cannot(alice, cast):
    ours, theirs = make_plan(cast.cedar, title="Ours"), make_plan(cast.dune, title="Theirs")
    job = read_in(alice)
    page = alice.get(f"{START}{job.pk}/columns/").content.decode()
    assert "Ours" in page
    assert "Theirs" not in page

    refused = alice.post(f"{START}{job.pk}/columns/", {**columns_of(alice, job), "plan": theirs.pk})
    taken = alice.post(
        f"{START}{job.pk}/columns/", {**columns_of(alice, job), "plan": ours.pk, "plan_title": ""}
    )

    assert (refused.status_code, taken.status_code) == (422, 302)
    assert PlanImport.objects.get().plan == ours


def test_title_and_term_of_the_file_are_suggested(alice):
    job = read_in(alice, "Juniper Technology Plan 2026-2029\nTask\tWho\tWhen\nWire\tPrincipal\tMay 2027\n")

    form = alice.get(f"{START}{job.pk}/columns/").context["form"]

    assert form["plan_title"].value() == "Juniper Technology Plan 2026-2029"
    assert (str(form["plan_starts_on"].value()), str(form["plan_ends_on"].value())) == (
        "2026-07-01",
        "2029-06-30",
    )


def test_roles_are_proposed_and_a_person_may_choose_others(alice, cast):
    make_role(cast.cedar, "Data Manager")
    make_role(cast.dune, "Dune Manager")
    job = read_in(alice)
    page = on_to_rows(alice, job)
    proposals = {one.title: (one.taken_for, one.is_new) for one in page.context["form"].proposals}
    assert proposals == {
        "Tech. Coordinator": ("Technology Coordinator", False),
        "Network Manager": ("Network Manager", True),
    }
    assert "Dune Manager" not in page.content.decode()
    named = {one.title: field.name for one, field in page.context["form"].roles()}

    alice.post(
        f"{START}{job.pk}/apply/", {named["Tech. Coordinator"]: "", named["Network Manager"]: "Data Manager"}
    )

    assert ActionStep.objects.get(title="Hang antennas").lead is None
    assert ActionStep.objects.get(title="Test").lead.title == "Data Manager"
    assert not Role.objects.filter(title="Network Manager").exists()


def test_a_role_that_was_not_offered_is_refused(alice):
    page = on_to_rows(alice, read_in(alice))
    form = dict.fromkeys(rows_form(page), "Dune Manager")

    answer = alice.post(page.request["PATH_INFO"], form)

    assert answer.status_code == 422
    assert not PlanImport.objects.get().choices


def test_rows_can_be_left_out_and_the_choice_is_kept(alice):
    page = on_to_rows(alice, read_in(alice))
    path = page.request["PATH_INFO"]

    alice.post(path, {**rows_form(page), "leave": ["line 3"]})

    page = alice.get(path)
    assert page.context["would"].left_out == 1
    alice.post(f"{path}apply/", {**rows_form(page), "leave": ["line 3"]})
    assert [row.became for row in ImportRow.objects.all()] == ["new", "left out", "new"]


def test_importing_twice_makes_one_plan(alice):
    job = read_in(alice)
    page = on_to_rows(alice, job)
    for _time in range(2):
        answer = alice.post(f"{START}{job.pk}/apply/", rows_form(page), follow=True)

    assert answer.status_code == 200
    assert Plan.objects.count() == 1
    assert ActionStep.objects.count() == 3


def test_an_import_that_was_worked_with_says_why_it_stays(alice, cast):
    job = read_in(alice)
    alice.post(f"{START}{job.pk}/apply/", rows_form(on_to_rows(alice, job)))
    ActionStep.objects.first().set_owners(lead=cast.superintendent, by=cast.alice)

    answer = alice.post(f"{START}{job.pk}/undo/", follow=True)

    assert "people have worked with it since" in answer.content.decode()
    assert ActionStep.objects.count() == 3


def test_a_file_can_be_put_away_until_it_is_imported(alice):
    job = read_in(alice)
    alice.post(f"{START}{job.pk}/discard/")
    assert not PlanImport.objects.exists()

    job = read_in(alice)
    alice.post(f"{START}{job.pk}/apply/", rows_form(on_to_rows(alice, job)))

    assert alice.post(f"{START}{job.pk}/discard/").status_code == 404


def test_rows_cannot_be_looked_at_before_the_plan_is_chosen(alice):
    job = read_in(alice)

    answer = alice.get(f"{START}{job.pk}/")

    assert answer["Location"] == f"{START}{job.pk}/columns/"
    assert alice.post(f"{START}{job.pk}/apply/").status_code == 302
    assert not Plan.objects.exists()


def test_two_hundred_rows_come_in_pages_and_none_is_lost(alice, django_assert_max_num_queries):
    text = "Task\tWho\tWhen\n" + "".join(f"Step {n} {'w' * 300}\tPrincipal\tMay 2027\n" for n in range(205))
    job = read_in(alice, text)
    page = on_to_rows(alice, job)
    assert page.content.decode().count("<tr class=") == 100

    with django_assert_max_num_queries(12):
        last = alice.get(f"{START}{job.pk}/?page=3")

    assert last.content.decode().count("<tr class=") == 5
    alice.post(f"{START}{job.pk}/apply/?page=3", rows_form(last))
    assert ActionStep.objects.count() == 205


def test_a_text_without_any_step_shows_its_lines(alice):
    page = on_to_rows(alice, read_in(alice, "Welcome to our district\n"))

    assert "No action step was recognised" in page.content.decode()
    assert page.context["would"].new == 0
    assert "There is no new step" in page.content.decode()


def test_what_a_file_says_is_shown_as_text(alice):
    page = on_to_rows(
        alice, read_in(alice, "Task\tWho\tWhen\n<script>alert(1)</script>\t<b>Principal\tMay 2027\n")
    )

    assert "<script>alert(1)" not in page.content.decode()
    assert "&lt;script&gt;alert(1)" in page.content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_plan_goes_out_as_a_file_for_every_member(cast, signed_in, kind):
    plan = make_plan(cast.cedar, title="Our plan: 2026 / 2029")

    answer = signed_in(cast.vera).get(f"/d/cedar/plans/{plan.pk}/export/{kind}/")

    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="our-plan-2026-2029.{kind}"'
    assert signed_in(cast.charlie).get(f"/d/cedar/plans/{plan.pk}/export/{kind}/").status_code == 404
    assert signed_in(cast.alice).get(f"/d/cedar/plans/{plan.pk}/export/exe/").status_code == 404


def test_committee_and_viewers_may_not_import_and_outsiders_see_nothing(cast, signed_in):
    job = read_in(signed_in(cast.alice))
    paths = [START, f"{START}{job.pk}/", f"{START}{job.pk}/columns/"]

    for person, status in ((cast.bob, 403), (cast.vera, 403), (cast.charlie, 404)):
        client = signed_in(person)
        assert {client.get(path).status_code for path in paths} == {status}
        assert client.post(f"{START}{job.pk}/apply/").status_code == status
