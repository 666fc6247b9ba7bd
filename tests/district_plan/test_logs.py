"""What is in a log line, and what is in none whatever happens."""

import io
import json
import logging
import os
import signal
import subprocess
import sys

import pytest

from district_plan import running
from district_plan.kept import kept
from district_plan.logs import Json, Text, WithoutPeople, cleaned, configuration
from tests.builders import make_person
from tests.district_plan.processes import wait_for
from tests.installation import ROOT, Installation

CANARY = "Kanarienvogel"
SECRET_PLACE = "k4n4r13nk4n4r13n"


@pytest.fixture
def log():
    """Everything that is logged, as the JSON lines of an installation, in a list that grows."""

    class Lines(list):
        def __str__(self):
            return "\n".join(self)

        def of(self, logger):
            return [json.loads(line) for line in self if json.loads(line)["logger"] == logger]

    lines = Lines()

    class Kept(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    handler, requests = Kept(), logging.getLogger("district_plan.requests")
    handler.setFormatter(Json())
    handler.addFilter(WithoutPeople())
    logging.getLogger().addHandler(handler)
    level = requests.level
    requests.setLevel(logging.INFO)
    yield lines
    requests.setLevel(level)
    logging.getLogger().removeHandler(handler)


def test_a_request_is_one_line_without_address_and_query(client, db, log):
    answer = client.get("/help/?who=kanarienvogel@example.org", headers={"User-Agent": CANARY})

    (line,) = log.of("district_plan.requests")
    assert (line["method"], line["route"], line["status"]) == ("GET", "help", 200)
    assert line["ms"] >= 0
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert set(line) == {
        "time",
        "level",
        "logger",
        "message",
        "method",
        "route",
        "status",
        "ms",
        "request_id",
    }


def test_an_id_that_came_along_is_kept_when_it_can_hold_nothing_else(client, db):
    given = "0af7651916cd43dd8448eb211c80319c"

    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    for other in ("kanarienvogel@example.org", "x" * 20, "1" * 65, ""):
        assert client.get("/healthz", headers={"X-Request-ID": other}).headers["X-Request-ID"] != other


def test_signing_in_leaves_no_address_behind(client, cast, log):
    for address in (f"{CANARY}@example.org", cast.alice.email):
        client.post("/sign-in/", {"email": address})
        client.post("/sign-in/password/", {"login": address, "password": f"{CANARY} {CANARY}"})

    assert len(log.of("district_plan.requests")) == 4
    assert CANARY.lower() not in str(log).lower()
    assert "alice" not in str(log)


def test_the_key_of_a_link_is_in_no_line(client, db, log):
    client.get(f"/invitations/{SECRET_PLACE}/")
    client.get(f"/{SECRET_PLACE}/{CANARY}/")
    client.post(f"/d/{SECRET_PLACE}/people/", {"name": CANARY})

    assert len(log) >= 5
    assert SECRET_PLACE not in str(log)
    assert CANARY not in str(log)


def test_what_is_imported_is_in_no_line(signed_in, cast, log):
    signed_in(cast.alice).post(
        "/d/cedar/plan/import/", {"text": f"Goal\tWho\tWhen\n{CANARY}\t{CANARY}@example.org\tFall 2027\n"}
    )

    assert log.of("district_plan.requests")
    assert CANARY.lower() not in str(log).lower()


def test_an_error_says_what_kind_and_where_and_nothing_that_anybody_typed(client, db, log, monkeypatch):
    person = make_person(None, CANARY, is_staff=True)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = False

    def broken(now):
        local = person.email
        try:
            {}[local]
        except KeyError as error:
            raise RuntimeError(f"cannot look at {person.name} <{local}>") from error

    monkeypatch.setattr(running, "look", broken)
    answer = client.get("/running/", {"about": CANARY})

    (line,) = log.of("django.request")
    assert answer.status_code == 500
    assert line["error"] == "builtins.RuntimeError, from builtins.KeyError"
    assert any("test_logs.py" in place and place.endswith("broken") for place in line["raised_at"])
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["route"] == "running"
    assert CANARY.lower() not in str(log).lower()


def test_words_are_cleaned_of_addresses_of_people_and_of_computers():
    words = cleaned(
        "550 <a.b+c@example.org>: refused for 192.0.2.7 and 2001:db8::1 at /x/?email=a&b=c, 12:30:05"
    )

    assert words == "550 <[address]>: refused for [network] and [network] at /x/?… 12:30:05"


def test_the_form_for_people_is_cleaned_too():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Text("{levelname} {message}", style="{"))
    handler.addFilter(WithoutPeople())
    try:
        raise ValueError(f"{CANARY}@example.org")
    except ValueError:
        record = logging.LogRecord("x", 40, "", 1, "%s said no", (f"{CANARY}@example.org",), sys.exc_info())
    handler.handle(record)

    assert stream.getvalue().startswith("ERROR [address] said no\nTraceback")
    assert CANARY not in stream.getvalue()


def test_what_the_web_server_says_of_a_request_has_no_address():
    record = logging.LogRecord(
        "gunicorn.error", 40, "", 1, "Error handling request %s", (f"/x/{CANARY}",), None
    )

    WithoutPeople().filter(record)

    assert record.getMessage() == "Error handling request -"


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_configuration_is_one_that_logging_takes(form):
    code = "import logging.config; from district_plan.logs import configuration\n"
    code += f"logging.config.dictConfig(configuration({form!r}))"

    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
    assert configuration(form)["handlers"]["console"]["formatter"] == form


@pytest.mark.slow
def test_the_worker_s_lines_name_the_task_and_not_what_went_wrong_in_words(
    tmp_path, django_db_setup, django_db_blocker
):
    rename = "from django.db import connection; connection.cursor().execute('ALTER TABLE {} RENAME TO {}')"
    ring = "from stakeholders.tasks import canary; canary.delay()"
    with (
        django_db_blocker.unblock(),
        Installation(tmp_path / "var", CELERY_BROKER_URL="", LOG_FORMAT="json") as installation,
        (tmp_path / "log").open("w") as log,
    ):
        command = [
            "worker",
            "-c",
            "1",
            "-l",
            "INFO",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "--quiet", "-A", "district_plan", *command],
            cwd=ROOT,
            env=installation.environment,
            start_new_session=True,
            stdout=log,
            stderr=log,
        )
        try:
            installation.python(ring)
            installation.python(f"{ring}\n")
            done = wait_for(lambda: with_task(tmp_path / "log", "succeeded"), 60)
            installation.python(rename.format("stakeholders_heartbeat", "kanarienvogel"))
            installation.python(ring)
            failed = wait_for(lambda: with_task(tmp_path / "log", "Task raised"), 60)
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        lines = (tmp_path / "log").read_text().splitlines()

    assert done[0]["task"] == "stakeholders.tasks.canary"
    assert done[0]["seconds"] > 0
    assert "django.db.utils." in failed[0]["error"]
    assert failed[0]["task_id"]
    assert "does not exist" not in failed[0]["message"]
    assert "no such table" not in str(lines)


def with_task(path, words: str) -> list[dict]:
    found = [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]
    return [line for line in found if words in line["message"]]


@pytest.fixture(autouse=True)
def asked_for_the_first_time():
    kept.clear()
