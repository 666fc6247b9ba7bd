"""manage.py import_people: one JSON object, exit codes, and nothing said of whom."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from stakeholders.models import Building, Membership, PeopleImport, Person
from tests.stakeholders.importing.rosters import CANARY, User, roster_1_1, roster_1_2, zipped

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes a set into a folder."""

    def write(files, name="set"):
        place = tmp_path / name
        place.mkdir()
        for file, text in files.items():
            (place / file).write_bytes(text.encode() if isinstance(text, str) else text)
        return place

    return write


def run(capsys, *words, **options) -> dict:
    call_command("import_people", *map(str, words), "--json", **options)
    out, err = capsys.readouterr()
    assert err == ""
    assert CANARY.lower() not in out.lower()
    return json.loads(out)


@pytest.mark.parametrize("files", [roster_1_1(), roster_1_2()], ids=["1.1", "1.2"])
def test_a_folder_is_brought_in_and_again_changes_nothing(cast, capsys, folder, files):
    place = folder(files)

    told = run(capsys, "cedar", place)
    assert told["changed"]
    assert (told["people"], told["buildings"]) == ({"new": 4, "same": 0}, {"new": 2, "same": 0})
    assert (told["skipped"], told["not_in_file"]) == ({"student": 2, "family": 1}, 4)
    rows = Membership.objects.in_district(cast.cedar).count(), PeopleImport.objects.count()

    told = run(capsys, "cedar", place)
    assert not told["changed"]
    assert (told["people"], told["buildings"]) == ({"new": 0, "same": 4}, {"new": 0, "same": 2})
    assert (Membership.objects.in_district(cast.cedar).count(), PeopleImport.objects.count()) == rows


def test_a_zip_a_folder_in_it_and_a_list_are_read(cast, capsys, tmp_path):
    (tmp_path / "set.zip").write_bytes(zipped(roster_1_2(), folder="out/"))
    (tmp_path / "people.csv").write_text("Name,E-mail\nAna Rivera,ana.rivera@example.org\nBo Winter,\n")

    assert run(capsys, "cedar", tmp_path / "set.zip")["people"]["new"] == 4
    told = run(capsys, "cedar", tmp_path / "people.csv")

    assert told["people"] == {"new": 0, "same": 1, "not understood": 1}
    assert told["rows"] == [{"source": "line 3", "state": "not understood", "outcome": "not understood"}]


def test_a_dry_run_says_the_same_and_changes_nothing(cast, capsys, folder):
    told = run(capsys, "cedar", folder(roster_1_2()), dry_run=True)

    assert told["people"]["new"] == 4
    assert not told["changed"]
    assert not PeopleImport.objects.exists()
    assert not Building.objects.exists()
    assert not Person.objects.filter(email="ana.rivera@example.org").exists()


def test_roles_and_level_are_chosen(cast, capsys, folder):
    users = [User("u1", "Ana Rivera", ("principal",)), User("u2", "Tom Okafor", ("ext:librarian",))]
    place = folder(roster_1_2([*users, User("u3", "Mei Lindqvist", ("teacher",))]))

    told = run(
        capsys,
        "cedar",
        place,
        only="principal,ext:librarian",
        level="committee",
        staff_role=["ext:librarian"],
    )

    assert told["people"] == {"new": 2, "same": 0, "left out": 1}
    assert set(Membership.objects.filter(source_id__startswith="u").values_list("level", flat=True)) == {
        "committee"
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "x"], "no district"),
        (["cedar", "/nowhere/at/all.csv"], "cannot be read"),
        (["cedar", "/nowhere/at/all.zip"], "not a zip archive"),
        (["cedar", "{}", "--level", "king"], "--level"),
        (["cedar", "{}", "--only", "janitor"], "nobody in the file is janitor"),
        (["cedar", "{}", "--staff-role", "student"], "not a staff role"),
    ],
)
def test_bad_arguments_end_with_two(cast, folder, words, said):
    place = folder(roster_1_2())

    with pytest.raises(CommandError, match=said) as no:
        call_command("import_people", *[word.format(place) for word in words])
    assert no.value.returncode == 2
    assert not PeopleImport.objects.exists()


def test_without_arguments_one_line_is_said():
    done = subprocess.run(
        [sys.executable, "manage.py", "import_people"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_in_words_it_says_how_many_and_not_who(cast, capsys, folder):
    call_command("import_people", "cedar", str(folder(roster_1_2())))

    out = capsys.readouterr().out
    assert "people: 4 new, 0 same" in out
    assert "skipped, and nothing of them kept: 2 student, 1 family" in out
    assert "4 members are not in the file; their access stays as it is" in out
    assert "Ana" not in out
