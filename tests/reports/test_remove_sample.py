"""The sample district goes with everything that is its own, and with nothing else."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError

from reports.models import Report, SampleRemoved
from reports.sample import remove as removing
from reports.sample.build import SLUG
from stakeholders.models import District, Membership, Person
from tests.builders import make_person
from tests.full_district import make_full_district, rows_of

PAGE = f"/d/{SLUG}/settings/remove-sample/"


@pytest.fixture
def sample(cast):
    """A sample with a row of every model: smaller than Juniper Flats, and with more in it."""
    rows = make_full_district(SLUG, prefix="J")
    District.objects.filter(pk=rows.district.pk).update(is_sample=True)
    return District.objects.get(pk=rows.district.pk)


@pytest.fixture
def kim(sample, signed_in):
    return signed_in(Person.objects.get(name="J-Sue"))


def rows_without(district_id: int) -> list:
    """Every row of ours that is not the district's."""
    left = []
    for model in apps.get_models():
        names = {f.name for f in model._meta.fields}
        if "district" in names:
            left.append(
                (model, list(model._base_manager.exclude(district=district_id).order_by("pk").values()))
            )
    return left


def test_its_rows_files_history_and_people_go_and_other_districts_stay(cast, sample, kim):
    both = make_person(sample, "Both")
    Membership.objects.create(district=cast.cedar, person=both)
    pk = sample.pk
    before = rows_without(pk)

    answer = kim.post(PAGE, {"name": sample.name.upper()})

    assert answer.status_code == 200
    assert "manage.py sample_district" in answer.content.decode()
    assert not District.objects.filter(is_sample=True).exists()
    assert [m.__name__ for m in apps.get_models() if rows_of(m, District(pk=pk)).exists()] == []
    assert rows_without(pk) == before
    assert set(Person.objects.values_list("name", flat=True)) == {
        "Sue",
        "Alice",
        "Bob",
        "Vera",
        "Charlie",
        "Both",
    }
    assert kim.get("/account/").status_code == 302


def test_its_files_go_when_that_is_certain(sample, django_capture_on_commit_callbacks):
    report = Report.objects.exclude(pdf="").get()
    assert report.pdf.storage.exists(report.pdf.name)

    with django_capture_on_commit_callbacks(execute=True):
        removing.remove_sample()

    assert not report.pdf.storage.exists(report.pdf.name)


@pytest.mark.parametrize("name", ["", "Cedar School District", "x" * 301, "a\0"])
def test_without_its_name_nothing_goes(kim, name):
    answer = kim.post(PAGE, {"name": name})

    assert answer.status_code == 422
    assert District.objects.filter(slug=SLUG).exists()


def test_a_real_district_cannot_be_removed(cast, signed_in):
    sue = signed_in(cast.sue)

    assert "no sample here" in sue.get("/d/cedar/settings/remove-sample/").content.decode()
    answer = sue.post("/d/cedar/settings/remove-sample/", {"name": cast.cedar.name})

    assert answer.status_code == 422
    assert District.objects.filter(slug="cedar").exists()


def test_whoever_runs_the_installation_may_without_belonging_to_it(cast, sample, signed_in):
    url = "/running/sample/"
    assert signed_in(cast.sue).post(url, {"name": sample.name}).status_code == 404
    Person.objects.filter(pk=cast.charlie.pk).update(is_staff=True)
    staff = signed_in(cast.charlie)
    assert staff.get(url).status_code == 200

    assert staff.post(url, {"name": sample.name}).status_code == 200

    assert not District.objects.filter(slug=SLUG).exists()
    assert "no sample here" in staff.get(url).content.decode()
    assert staff.post(url, {"name": sample.name}).status_code == 422


def test_the_settings_lead_there_in_the_sample_only(cast, kim, signed_in):
    assert PAGE in kim.get(f"/d/{SLUG}/settings/").content.decode()
    assert "remove-sample" not in signed_in(cast.sue).get("/d/cedar/settings/").content.decode()


def test_a_job_that_writes_meanwhile_only_delays_it(sample, monkeypatch):
    done = []

    def meanwhile(district):
        done.append(district)
        if len(done) < 3:
            raise IntegrityError("a new row leads to one that is being deleted")
        real(district)

    real = removing.remove_district
    monkeypatch.setattr(removing, "remove_district", meanwhile)

    removing.remove_sample()

    assert len(done) == 3
    assert not District.objects.filter(slug=SLUG).exists()


def test_removed_on_purpose_it_stays_away_until_somebody_asks_for_it(db, settings, tmp_path, capsys):
    settings.SAMPLE_SIGN_IN = True
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = []
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    call_command("set_up")
    assert District.objects.filter(slug=SLUG).exists()

    call_command("sample_district", remove=True)
    call_command("set_up")

    assert not District.objects.exists()
    assert "manage.py sample_district" in capsys.readouterr().err
    call_command("sample_district", verbosity=0)
    assert District.objects.filter(slug=SLUG).exists()
    assert not SampleRemoved.objects.exists()


def test_removing_what_is_not_there_says_so(db, capsys):
    call_command("sample_district", remove=True)

    assert "There is no sample district" in capsys.readouterr().out
