"""Settings from the environment: each is typed, and a value that cannot be understood is refused by name."""

import os
import stat

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from district_plan.env import read_environment


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Return a function that reads an environment of the given values and no others."""

    def read_given(**values: str):
        monkeypatch.setattr(environ.Env, "ENVIRON", dict(values))
        return read_environment(tmp_path)

    return read_given


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("SAMPLE_SIGN_IN", "2"),
        ("SSL_REDIRECT", "nope"),
        ("SITE_URL", "plan.example.org"),
        ("SITE_URL", "ftp://plan.example.org"),
        ("SITE_URL", "https://"),
        ("SITE_URL", "https://plan.example.org:many"),
        ("SITE_URL", "https://[::1"),
        ("SITE_URL", "https://plan.example.org/below"),
        ("ALLOWED_HOSTS", "https://plan.example.org"),
        ("ALLOWED_HOSTS", "plan.example.org www.example.org"),
        ("DATABASE_URL", "mysql://localhost/plan"),
        ("DATABASE_URL", "plan"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "postgres://localhost:many/plan"),
        ("DATABASE_URL", "postgres://localhost"),
        ("CELERY_BROKER_URL", "amqp://localhost"),
        ("CELERY_BROKER_URL", "redis://"),
        ("CELERY_BROKER_URL", "redis://localhost:many/0"),
        ("EMAIL_URL", "mail.example.org"),
        ("EMAIL_URL", "pigeon://mail.example.org"),
        ("EMAIL_URL", "smtp://mail.example.org:many"),
        ("EMAIL_URL", "smtp://"),
        ("FROM_EMAIL", "District Plan"),
        ("FROM_EMAIL", "plan@example.org\nBcc: all@example.org"),
        ("VAR_DIR", "/dev/null/var"),
    ],
)
def test_a_value_that_cannot_be_understood_is_refused_by_name(read, name, value):
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(**{name: value})

    assert name in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1 or "\n" in value


def test_nothing_set_means_a_small_installation_on_this_computer(read, tmp_path):
    env = read()

    assert env.database["NAME"] == tmp_path / "var" / "db.sqlite3"
    assert env.database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert env.broker_transport == "district_plan.broker:Transport"
    assert env.broker_transport_options["control_folder"].startswith(str(tmp_path / "var"))
    assert env.email["EMAIL_FILE_PATH"] == str(tmp_path / "var" / "mail")
    assert env.site_url == "http://localhost:8000"
    assert env.allowed_hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert (env.debug, env.sample_sign_in, env.ssl_redirect) == (False, False, True)


def test_an_empty_value_is_the_same_as_none(read):
    names = [
        "DEBUG",
        "SITE_URL",
        "ALLOWED_HOSTS",
        "DATABASE_URL",
        "CELERY_BROKER_URL",
        "EMAIL_URL",
        "FROM_EMAIL",
    ]

    assert read(**dict.fromkeys(names, "")) == read()


@pytest.mark.parametrize(
    ("written", "means"), [("1", True), ("TRUE", True), ("on", True), ("0", False), ("no", False)]
)
def test_true_and_false_may_be_written_in_several_ways(read, written, means):
    assert read(DEBUG=written).debug is means


def test_production_as_the_containers_have_it(read):
    env = read(
        DATABASE_URL="postgres://plan:secret@db:5432/plan",
        CELERY_BROKER_URL="redis://redis:6379/0",
        EMAIL_URL="smtp+tls://user:pass%40word@mail.example.org",
        SITE_URL="https://plan.example.org/",
        ALLOWED_HOSTS="plan.example.org, www.plan.example.org",
        SECRET_KEY="x" * 50,
    )

    assert (env.database["HOST"], env.database["NAME"]) == ("db", "plan")
    assert env.broker_transport is None
    assert env.broker_transport_options["visibility_timeout"] == 600
    assert (env.email["EMAIL_HOST_PASSWORD"], env.email["EMAIL_PORT"]) == ("pass@word", 587)
    assert env.site_url == "https://plan.example.org"
    assert env.allowed_hosts[:2] == ["plan.example.org", "www.plan.example.org"]
    assert (env.secret_key, env.secret_key_is_generated) == ("x" * 50, False)


def test_this_computer_s_own_names_are_always_answered_for_health_checks(read):
    assert "127.0.0.1" in read(ALLOWED_HOSTS="plan.example.org").allowed_hosts


def test_a_secret_is_made_once_and_only_its_owner_can_read_it(read, tmp_path):
    first, second = read(), read()

    assert first.secret_key == second.secret_key
    assert first.secret_key_is_generated
    assert len(first.secret_key) >= 50
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600


def test_the_file_dot_env_says_what_the_environment_does_not(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("SITE_URL=https://file.example.org\nFROM_EMAIL=file@example.org\n")
    monkeypatch.setattr(environ.Env, "ENVIRON", {"SITE_URL": "https://environment.example.org"})

    env = read_environment(tmp_path)

    assert env.site_url == "https://environment.example.org"
    assert env.from_email == "file@example.org"


def test_a_relative_var_dir_is_within_the_checkout_wherever_the_command_is_called(
    read, tmp_path, monkeypatch
):
    monkeypatch.chdir(os.sep)

    assert read(VAR_DIR="elsewhere").var_dir == tmp_path / "elsewhere"
