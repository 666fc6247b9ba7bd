import os

import pytest
from django.core.management import call_command

from stakeholders.models import District


@pytest.fixture
def installation(settings, tmp_path, db):
    """An installation with one static file and nothing in var/."""
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    settings.STATIC_ROOT = settings.VAR_DIR / "static"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.SAMPLE_SIGN_IN = False
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "app.css").write_text("body { margin: 0 }")
    return tmp_path


def test_static_files_are_collected_again_only_when_one_has_changed(installation):
    collected = installation / "var" / "static" / "app.css"
    call_command("set_up")
    assert collected.read_text() == "body { margin: 0 }"

    collected.write_text("untouched")
    os.utime(collected, (0, 0))
    call_command("set_up")
    assert collected.read_text() == "untouched"

    (installation / "source" / "app.css").write_text("body { margin: 1rem }")
    call_command("set_up")
    assert collected.read_text() == "body { margin: 1rem }"


def test_static_files_that_were_deleted_are_collected_again(installation):
    call_command("set_up")
    (installation / "var" / "static" / "app.css").unlink()
    (installation / "var" / "static").rmdir()

    call_command("set_up")

    assert (installation / "var" / "static" / "app.css").exists()


def test_an_installation_in_earnest_gets_no_sample_district(installation, capsys):
    call_command("set_up")

    assert not District.objects.exists()
    assert capsys.readouterr().out == ""


def test_the_sample_district_does_not_come_to_where_there_is_a_district(installation, settings, capsys):
    settings.SAMPLE_SIGN_IN = True
    District.objects.create(slug="cedar", name="Cedar School District", time_zone="America/Denver")

    call_command("set_up")

    assert District.objects.get().slug == "cedar"
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_the_first_start_for_trying_out_loads_the_sample_district_and_says_who_can_sign_in(
    installation, settings, capsys
):
    settings.SAMPLE_SIGN_IN = True
    settings.EMAIL_FILE_PATH = "var/mail"

    call_command("set_up")

    assert District.objects.get().is_sample
    said = capsys.readouterr().out
    assert said.count("@") == 4
    assert said.endswith("The code that is sent to an address lies in var/mail\n")
