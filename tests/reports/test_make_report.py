"""`manage.py make_report DISTRICT board --out FILE`."""

import io

import pytest
from django.core.management import CommandError, call_command

from reports import making
from reports.models import Report
from reports.pdf_child import CannotRender, Pdf
from tests.builders import make_plan
from tests.reports.story import make_story

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_child(monkeypatch):
    monkeypatch.setattr(making, "make_pdf", lambda html: Pdf(b"%PDF-1.7 made", 4))


def test_it_makes_the_report_and_writes_it_where_it_was_asked_to(cast, tmp_path):
    make_story(cast)
    said, out = io.StringIO(), tmp_path / "report.pdf"

    call_command("make_report", "cedar", "board", out=out, stdout=said)

    report = Report.objects.get()
    assert out.read_bytes() == b"%PDF-1.7 made"
    assert report.is_ready
    assert report.number in said.getvalue()


def test_it_takes_an_earlier_day(cast, tmp_path):
    make_story(cast)

    call_command(
        "make_report", "cedar", "board", "--as-of", "2026-10-20", out=tmp_path / "r.pdf", stdout=io.StringIO()
    )

    assert str(Report.objects.get().as_of) == "2026-10-20"


def test_what_cannot_be_made_is_said_and_parked(cast, tmp_path, monkeypatch):
    make_story(cast)

    def refuse(html):
        raise CannotRender("It took longer than 120 seconds.")

    monkeypatch.setattr(making, "make_pdf", refuse)

    with pytest.raises(CommandError, match="120 seconds") as error:
        call_command("make_report", "cedar", "board", out=tmp_path / "r.pdf")

    assert error.value.returncode == 1
    assert Report.objects.get().is_parked
    assert making.make_next(lambda: Report.objects.get().requested_at) is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "board"], "no district nowhere"),
        (["dune", "board"], "dune has no plan"),
        (["cedar", "board", "--as-of", "2999-01-01"], "has not come yet"),
        (["cedar", "cabinet"], "invalid choice"),
        (["cedar", "board", "--as-of", "soon"], "--as-of"),
    ],
)
def test_bad_arguments_end_with_2_and_one_line(cast, tmp_path, capfd, arguments, words):
    make_plan(cast.cedar)

    with pytest.raises((SystemExit, CommandError)) as error:
        call_command("make_report", *arguments, out=tmp_path / "r.pdf")

    if isinstance(error.value, SystemExit):
        assert error.value.code == 2
        assert words in capfd.readouterr().err
    else:
        assert words in str(error.value)
    assert not Report.objects.exists()


def test_a_folder_that_is_not_there_is_said_before_anything_is_made(cast, tmp_path):
    make_story(cast)

    with pytest.raises(SystemExit) as error:
        call_command("make_report", "cedar", "board", out=tmp_path / "none" / "r.pdf")

    assert error.value.code == 2
    assert not Report.objects.exists()
