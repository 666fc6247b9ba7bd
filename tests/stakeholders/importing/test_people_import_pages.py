"""The pages on which people are brought in, and that nothing of a student is anywhere afterwards."""

import logging
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from stakeholders.models import (
    Appointment,
    Building,
    Level,
    Membership,
    PeopleImport,
    PeopleImportRow,
    Person,
)
from tests.stakeholders.importing.rosters import CANARY, User, roster_1_1, roster_1_2, zipped

START = "/d/cedar/people/import/"
LIST = (
    "Name,E-mail,Title,School,Level\n"
    "Ana Rivera,ana@example.org,Principal,Lincoln,editor\n"
    "Tom Okafor,tom@example.org,Coach,Ridge,\n"
    "Vera,vera@example.org,Coach,,editor\n"
    "Mei Lindqvist,,Coach,,\n"
)


@pytest.fixture
def sue(cast, signed_in):
    return signed_in(cast.sue)


def upload(client, data, name="people.csv", **more):
    data = data.encode() if isinstance(data, str) else data
    return client.post(START, {"file": SimpleUploadedFile(name, data), **more})


def read_in(client, data=LIST, name="people.csv") -> str:
    """Upload a file and return the address of its preview."""
    answer = upload(client, data, name)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def form_of(page) -> dict:
    """What a browser would send for the preview as it stands."""
    form = page.context["form"]
    levels = {name: form[name].value() for name in form.fields if name.startswith("level-")}
    return {**levels, "shown": [one.row.pk for one in page.context["page"]]}


def group(page, label: str) -> str:
    [name] = [name for name, one in page.context["form"].groups.items() if one.label == label]
    return name


def test_a_list_is_looked_at_brought_in_and_taken_back(sue, cast):
    url = read_in(sue)
    page = sue.get(url)
    text = page.content.decode()
    assert "Bring in 2 people" in text
    assert "There is no e-mail address" in text
    assert "1 member has another level in the file" in text
    assert not Person.objects.filter(email="ana@example.org").exists()

    answer = sue.post(f"{url}apply/", form_of(page), follow=True)

    assert "2 people were brought in." in answer.content.decode()
    assert Membership.objects.get(person__email="ana@example.org").level == Level.EDITOR
    assert Membership.objects.get(person__email="vera@example.org").level == Level.VIEWER
    answer = sue.post(f"{url}undo/", follow=True)
    assert "The import was undone." in answer.content.decode()
    assert not Person.objects.filter(email="ana@example.org").exists()
    assert not Building.objects.in_district(cast.cedar).exists()


def test_groups_rows_and_titles_are_chosen_on_the_page(sue, cast):
    url = read_in(sue)
    page = sue.get(url)
    coach, principal = group(page, "Coach"), group(page, "Principal")
    tom = PeopleImportRow.objects.get(email="tom@example.org")

    answer = sue.post(url, {**form_of(page), "leave": [tom.pk], "appoint": [principal]}, follow=True)
    text = answer.content.decode()
    assert "Bring in 1 person" in text
    assert "Left out 1" in text
    sue.post(url, {**form_of(answer), "leave_groups": [coach], f"level-{principal}": "committee"})
    assert not PeopleImportRow.objects.get(pk=tom.pk).left_out, (
        "the box was cleared, the group is left out now"
    )
    page = sue.get(url)
    assert "Left out 2" in page.content.decode()

    sue.post(f"{url}apply/", {**form_of(page), "leave_groups": [coach], "appoint": [principal]})

    assert [str(one) for one in Appointment.objects.filter(role__title="Principal")] == [
        "Principal: Ana Rivera"
    ]
    assert not Person.objects.filter(email="tom@example.org").exists()


def test_boxes_on_another_page_and_filter_stay_as_they_were(sue):
    users = [User(f"t{n:03}", f"P{n:03} Invented", ("teacher",)) for n in range(150)]
    url = read_in(sue, zipped(roster_1_2(users)), "set.zip")
    first = sue.get(url)
    out = [one.row.pk for one in first.context["page"]][:3]
    sue.post(f"{url}?page=1", {**form_of(first), "leave": out})

    second = sue.get(f"{url}?page=2")
    sue.post(f"{url}?page=2", form_of(second))

    assert set(PeopleImportRow.objects.filter(left_out=True).values_list("pk", flat=True)) == set(out)
    assert [one.row.pk for one in sue.get(f"{url}?show=out").context["page"]] == out
    assert len(sue.get(f"{url}?show=buildings").context["page"]) == 2


def test_access_of_who_is_not_in_the_file_ends_only_when_ticked(sue, cast):
    url = read_in(sue, zipped(roster_1_2()), "set.zip")
    page = sue.get(f"{url}missing/")
    vera, alice = (Membership.objects.get(person=one) for one in (cast.vera, cast.alice))
    assert "Holds a role: hand it over first." in page.content.decode()

    answer = sue.post(f"{url}missing/", {"shown": [vera.pk], "end": [alice.pk]})
    assert answer.status_code == 422
    answer = sue.post(f"{url}missing/", {"shown": [vera.pk], "end": [vera.pk]}, follow=True)
    assert "You chose to end the access of 1." in answer.content.decode()
    vera.refresh_from_db()
    assert vera.ended_at is None
    sue.post(f"{url}apply/", form_of(sue.get(url)))

    vera.refresh_from_db()
    assert vera.ended_at is not None
    assert vera.history.latest().history_user == cast.sue


def test_the_same_set_again_says_that_nothing_is_new(sue):
    for data, name in ((zipped(roster_1_2()), "set.zip"), (LIST.encode(), "people.csv")):
        url = read_in(sue, data, name)
        sue.post(f"{url}apply/", form_of(sue.get(url)))

        page = sue.get(read_in(sue, data, name))

        assert not page.context["comparison"].would_change
        assert "bringing it in would change nothing" in page.content.decode()
        assert "apply/" not in page.content.decode()


def test_a_form_sent_twice_brings_in_once(sue, cast):
    url = read_in(sue)
    form = form_of(sue.get(url))

    for _time in range(2):
        assert sue.post(f"{url}apply/", form).status_code == 302

    assert Membership.objects.in_district(cast.cedar).count() == 6
    assert upload(sue, LIST).status_code == 302


def test_a_file_can_be_put_away(sue):
    url = read_in(sue)

    sue.post(f"{url}discard/")

    assert not PeopleImport.objects.exists()
    assert not PeopleImportRow.objects.exists()


@pytest.mark.parametrize(
    ("name", "data", "words", "status"),
    [
        ("people.xlsx", b"MZ\x90\x00", "a program", 422),
        ("people.csv", b"", "empty", 422),
        ("people.csv", b"a," * 3_000_000, "larger than 5 MB", 413),
        ("set.zip", b"a," * 13_200_000, "larger than 25 MB", 413),
        ("set.zip", zipped({"a.txt": "x"}), "no users.csv", 422),
        ("set.zip", zipped(roster_1_2(manifest={"file.users": "delta"})), "only what has changed", 422),
        ("../../people.svg", b"<svg/>", "can be read from", 422),
        ("fdp.exe\u202e.csv", b"MZ\x90\x00", "a program", 422),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(sue, name, data, words, status):
    answer = upload(sue, data, name)

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert not PeopleImport.objects.exists()


def test_without_a_file_it_is_asked_for(sue):
    assert sue.post(START, {}).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"leave": ["99999999"]},
        {"leave": ["9" * 40]},
        {"leave": ["x"]},
        {"leave_groups": ["odd"]},
        {"appoint": ["odd"]},
    ],
)
def test_bad_choices_are_asked_back(sue, change):
    url = read_in(sue)

    for where in (url, f"{url}apply/"):
        assert sue.post(where, {**form_of(sue.get(url)), **change}).status_code == 422
    assert not Person.objects.filter(email="ana@example.org").exists()


def test_a_level_that_is_none_is_asked_back(sue):
    url = read_in(sue)
    form = form_of(sue.get(url))
    name = next(name for name in form if name.startswith("level-"))

    assert sue.post(url, {**form, name: "king"}).status_code == 422


def test_rows_of_another_districts_file_are_no_choice(sue, cast, client):
    url = read_in(sue)
    form = form_of(sue.get(url))
    client.logout()
    client.force_login(cast.charlie, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(url).status_code == 404
    answer = client.post("/d/dune/people/import/", {"file": SimpleUploadedFile("a.csv", LIST.encode())})
    theirs = PeopleImportRow.objects.in_district(cast.cedar).first()
    page = client.get(answer["Location"])

    answer = client.post(answer["Location"], {**form_of(page), "leave": [theirs.pk]})

    assert answer.status_code == 422
    assert not theirs.left_out
    assert form["shown"]


@pytest.mark.parametrize("who", ["alice", "bob", "vera"])
def test_only_leaders_bring_people_in(cast, signed_in, who):
    client = signed_in(getattr(cast, who))

    assert client.get(START).status_code == 403
    assert "Import people" not in client.get("/d/cedar/people/").content.decode()


def test_the_preview_keeps_its_queries_for_a_thousand_people(sue, django_assert_max_num_queries):
    users = [User(f"t{n:04}", f"P{n:04} Invented", ("teacher",)) for n in range(1_000)]
    url = read_in(sue, zipped(roster_1_2(users)), "set.zip")

    with django_assert_max_num_queries(20):
        page = sue.get(f"{url}?page=3")

    assert page.content.decode().count("Leave out users.csv") == 100
    sue.post(f"{url}apply/", form_of(page))
    with django_assert_max_num_queries(20):
        assert "P0150 Invented" in sue.get(f"{url}?page=2").content.decode()


def test_hostile_words_of_a_file_are_shown_as_text(sue):
    url = read_in(sue, "Name,E-mail,Role\n<i id=hit>{{7*7}},a@example.org,<script>x</script>\n")

    text = sue.get(url).content.decode()

    assert "<i id=hit>" not in text
    assert "<script>x" not in text
    assert "&lt;i id=hit&gt;{{7*7}}" in text


def every_cell() -> str:
    """Everything that the database holds, in one text."""
    told = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            told.append(repr(list(model._base_manager.values_list())))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            told.append(repr(cursor.fetchall()))
    return "".join(told).lower()


def files_kept() -> str:
    folder = Path(settings.MEDIA_ROOT)
    return "".join(
        path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()
    ).lower()


SLIPPED = f"u9,,,true,,,{CANARY},{CANARY},,,{CANARY}@example.org,,,,,{CANARY},,,,,,,,,more,more\r\n"


@pytest.mark.parametrize("how", ["1.1", "1.2", "slipped", "unclosed", "delta", "cut off", "no roles"])
def test_nothing_of_a_student_or_a_password_is_anywhere_afterwards(sue, how, caplog, capfd, settings):
    caplog.set_level(logging.DEBUG)
    settings.DEBUG = True  # the chattiest pages
    files = {
        "1.1": roster_1_1(),
        "1.2": roster_1_2(),
        "slipped": {**roster_1_2(), "users.csv": roster_1_2()["users.csv"] + SLIPPED},
        "unclosed": {**roster_1_2(), "users.csv": roster_1_2()["users.csv"].replace("u3,", 'u3,"', 1)},
        "delta": roster_1_2(manifest={"file.users": "delta"}),
        "cut off": roster_1_2(),
        "no roles": roster_1_2(roles=None),
    }[how]
    data = zipped(files)
    pages = [upload(sue, data[:-40] if how == "cut off" else data, "set.zip")]
    if pages[0].status_code == 302:
        url = pages[0]["Location"]
        pages += [sue.get(url), sue.get(f"{url}?show=not"), sue.get(f"{url}missing/")]
        pages += [sue.post(f"{url}apply/", form_of(pages[1])), sue.get(url), sue.get("/d/cedar/people/")]
        assert Person.objects.filter(email="tom.okafor@example.org").exists() or how == "unclosed"
        pages += [sue.post(f"{url}undo/", follow=True), sue.get(START)]

    canary = CANARY.lower()
    out, err = capfd.readouterr()
    assert canary not in every_cell()
    assert canary not in files_kept()
    assert canary not in caplog.text.lower() + out.lower() + err.lower()
    for page in pages:
        assert canary not in page.content.decode().lower()
