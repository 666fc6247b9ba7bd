"""System checks on settings: what is half a trial and half production is told so."""

import os
import subprocess
import sys

import pytest
from django.core.checks import ERROR, run_checks

from stakeholders.models import District

PRODUCTION = {
    "DATABASE_URL": "postgres://plan@db/plan",
    "CELERY_BROKER_URL": "redis://redis:6379/0",
    "SECRET_KEY": "jN3vU0mYx7kQ2wLr9TzB5cHf8PdGs1AeVoXi6RnZyMqKtWbJ4u",
    "SITE_URL": "https://plan.example.org",
    "ALLOWED_HOSTS": "plan.example.org",
    "EMAIL_URL": "smtp+tls://mail.example.org",
}
NAMES = [*PRODUCTION, "DEBUG", "SAMPLE_SIGN_IN", "SSL_REDIRECT", "FROM_EMAIL"]


def found(**more) -> set[str]:
    return {message.id for message in run_checks(**more) if message.id.startswith("district_plan.")}


@pytest.fixture
def production(settings):
    settings.SITE_URL = "https://plan.example.org"
    settings.ALLOWED_HOSTS = ["plan.example.org", "localhost", "127.0.0.1", "[::1]"]
    settings.SECRET_KEY_IS_GENERATED = False
    settings.CELERY_BROKER_URL = "redis://redis:6379/0"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.SAMPLE_SIGN_IN = settings.DEBUG = False
    return settings


@pytest.fixture
def database_is(settings, monkeypatch):
    return lambda name: monkeypatch.setitem(
        settings.DATABASES["default"], "ENGINE", f"django.db.backends.{name}"
    )


@pytest.fixture
def trial(settings, database_is):
    settings.SITE_URL = "http://localhost:8000"
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    settings.SECRET_KEY_IS_GENERATED = True
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    database_is("sqlite3")
    settings.SAMPLE_SIGN_IN = settings.DEBUG = False
    return settings


def test_whole_production_and_a_plain_trial_are_both_quiet(production):
    assert found() == set()


def test_a_plain_trial_is_quiet_with_the_sample_sign_in_too(trial):
    trial.SAMPLE_SIGN_IN = trial.DEBUG = True

    assert found() == set()


@pytest.mark.parametrize("setting", ["SAMPLE_SIGN_IN", "DEBUG"])
@pytest.mark.parametrize(
    "reachable",
    [
        {"SITE_URL": "https://plan.example.org"},
        {"SITE_URL": "http://192.0.2.7:8000"},
        {"SITE_URL": "http://localhost.example.org"},
        {"ALLOWED_HOSTS": ["localhost", "plan.example.org"]},
        {"ALLOWED_HOSTS": ["*"]},
        {"ALLOWED_HOSTS": [".localhost"]},
    ],
)
def test_what_lets_strangers_in_is_an_error_anywhere_but_on_loopback(trial, setting, reachable):
    setattr(trial, setting, True)
    for name, value in reachable.items():
        setattr(trial, name, value)

    refused = {message.id for message in run_checks() if message.level >= ERROR}

    assert {"SAMPLE_SIGN_IN": "district_plan.E001", "DEBUG": "district_plan.E002"}[setting] in refused


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("SITE_URL", "http://plan.example.org", "district_plan.W001"),
        ("ALLOWED_HOSTS", ["*"], "district_plan.W002"),
        ("ALLOWED_HOSTS", ["www.example.org"], "district_plan.E003"),
        ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "district_plan.W004"),
        ("SECRET_KEY_IS_GENERATED", True, "district_plan.W005"),
    ],
)
def test_half_of_production_is_told(production, setting, value, expected):
    setattr(production, setting, value)

    assert found() == {expected}


def test_postgresql_without_redis_or_mail_is_told(trial, database_is):
    database_is("postgresql")

    assert found() == {"district_plan.W003", "district_plan.W004"}


@pytest.mark.django_db
def test_a_second_district_on_sqlite_is_told_and_the_sample_does_not_count():
    from django.db import connection

    on_sqlite = connection.vendor == "sqlite"
    District.objects.create(slug="sample", name="Sample", time_zone="America/Denver", is_sample=True)
    District.objects.create(slug="one", name="One", time_zone="America/Denver")
    before = found(databases=["default"])

    District.objects.create(slug="two", name="Two", time_zone="America/Denver")

    assert "district_plan.W006" not in before
    assert ("district_plan.W006" in found(databases=["default"])) is on_sqlite


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    blank = dict.fromkeys(NAMES, "")
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env={**os.environ, **blank, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_the_deployment_check_has_nothing_to_say_about_whole_production(tmp_path):
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, VAR_DIR=str(tmp_path))

    assert checked.returncode == 0, checked.stderr


@pytest.mark.slow
def test_the_web_application_does_not_start_where_strangers_could_sign_in(tmp_path):
    code = "import district_plan.wsgi"
    environment = {**os.environ, **PRODUCTION, "SAMPLE_SIGN_IN": "1", "VAR_DIR": str(tmp_path)}

    started = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)

    assert started.returncode != 0
    assert "district_plan.E001" in started.stderr
