"""What the containers set, what the settings read, what `.env.example` and the documentation name: one list."""

import ast
import importlib.util
import itertools
import re
from pathlib import Path

import environ
import pytest
import yaml
from django.core.management import get_commands

from district_plan import checks, env, supervise, web_server

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = ["web", "worker", "beat"]
FOR_COMPOSE_ONLY = {"POSTGRES_PASSWORD"}


def named_in_example() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def read_by_settings(tmp_path, monkeypatch) -> set[str]:
    names = set()

    class Recording(dict):
        def __getitem__(self, name):
            names.add(name)
            return super().__getitem__(name)

    monkeypatch.setattr(environ.Env, "ENVIRON", Recording())
    env.read_environment(tmp_path)
    return names


def read_by_processes() -> set[str]:
    """Names that the web server and the supervisor read by themselves."""
    return {
        node.args[0].value
        for module in (web_server, supervise)
        for node in ast.walk(ast.parse(Path(module.__file__).read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "whole_number"
    }


def words(command: str | list[str]) -> list[str]:
    return (command if isinstance(command, str) else " ".join(command)).split()


def test_the_example_names_what_is_read_and_nothing_else(tmp_path, monkeypatch):
    read = read_by_settings(tmp_path, monkeypatch) | read_by_processes()

    assert {"DATABASE_URL", "PORT", "WEB_WORKERS"} < read
    assert named_in_example() == read | FOR_COMPOSE_ONLY


def test_the_documentation_explains_the_same_names():
    table = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "running.md").read_text(), re.MULTILINE)

    assert set(table) == named_in_example()
    assert len(table) == len(set(table))


@pytest.mark.parametrize("service", OURS)
def test_what_the_containers_set_is_read(service, tmp_path, monkeypatch):
    given = set(COMPOSE["services"][service]["environment"])

    assert given <= read_by_settings(tmp_path, monkeypatch) | read_by_processes()
    assert {"DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY"} <= given


def test_what_the_containers_take_from_the_file_is_in_the_example():
    taken = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))

    assert taken <= named_in_example()


def test_the_containers_and_the_example_are_whole_production(tmp_path, monkeypatch, settings):
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    values |= {"SECRET_KEY": "x" * 50, "POSTGRES_PASSWORD": "word"}
    given = {
        name: re.sub(r"\$\{([A-Z_]+)[^}]*\}", lambda found: values.get(found[1], ""), value)
        for name, value in COMPOSE["services"]["web"]["environment"].items()
    }
    monkeypatch.setattr(environ.Env, "ENVIRON", given)
    read = env.read_environment(tmp_path)
    settings.SITE_URL, settings.ALLOWED_HOSTS = read.site_url, read.allowed_hosts
    settings.CELERY_BROKER_URL, settings.EMAIL_BACKEND = read.broker_url, read.email["EMAIL_BACKEND"]
    settings.SECRET_KEY_IS_GENERATED = read.secret_key_is_generated

    assert (read.database["HOST"], read.database["PASSWORD"]) == ("db", "word")
    assert checks.check_address(None) == checks.check_production_is_whole(None) == []


@pytest.mark.parametrize("service", [*OURS, "db", "redis"])
def test_every_container_is_watched_and_started_again(service):
    assert COMPOSE["services"][service]["restart"] == "unless-stopped"
    assert {"test", "interval", "timeout"} <= set(COMPOSE["services"][service]["healthcheck"])


def test_redis_keeps_what_it_was_given():
    command = COMPOSE["services"]["redis"]["command"]

    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


@pytest.mark.parametrize("service", OURS)
def test_what_the_containers_start_exists(service):
    definition = COMPOSE["services"][service]
    everything = words(definition["command"]) + words(definition["healthcheck"]["test"])

    for word, after in itertools.pairwise(everything):
        if word == "manage.py":
            assert after in get_commands()
        if word in ("-m", "-A"):
            assert importlib.util.find_spec(after)
        if after.startswith("python:"):
            assert importlib.util.find_spec(after.removeprefix("python:"))


def test_the_file_that_beat_s_health_check_looks_at_is_the_one_beat_touches(settings):
    assert f"var/{settings.BEAT_ALIVE_FILE.name}" in COMPOSE["services"]["beat"]["healthcheck"]["test"][1]


def test_the_image_has_the_system_packages_that_bin_run_asks_for():
    asked_for = re.search(r"^prepare_system (.*)$", (ROOT / "bin" / "run").read_text(), re.MULTILINE)[
        1
    ].split()
    dockerfile, guide = (ROOT / "Dockerfile").read_text(), (ROOT / "docs" / "running.md").read_text()

    assert asked_for
    for package in asked_for:
        assert package in dockerfile
        assert package in guide


@pytest.mark.parametrize("service", OURS)
def test_the_logs_of_the_containers_are_json_and_do_not_fill_the_disk(service):
    assert COMPOSE["services"][service]["environment"]["LOG_FORMAT"] == "${LOG_FORMAT:-json}"
    assert {"max-size", "max-file"} <= set(COMPOSE["services"][service]["logging"]["options"])


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_every_setting_but_those_of_a_trial_reaches_the_containers(service):
    """What somebody writes into .env must not be left lying there."""
    set_by_themselves = {"VAR_DIR", "SAMPLE_SIGN_IN", "DEBUG", "PORT", "POSTGRES_PASSWORD"}

    assert set(COMPOSE["services"][service]["environment"]) == named_in_example() - set_by_themselves


@pytest.mark.parametrize("guide", ["running.md", "agency.md"])
def test_a_guide_names_settings_and_commands_that_exist(guide):
    text = (ROOT / "docs" / guide).read_text()
    settings = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", text)) | set(re.findall(r"\b([A-Z]+_[A-Z_]+)=", text))
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))

    assert settings - named_in_example() == set()
    assert commands - set(get_commands()) == set()
    assert settings
    assert commands


def test_the_proxies_of_the_guide_let_through_what_the_app_takes(settings):
    guide = (ROOT / "docs" / "agency.md").read_text()
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024

    assert f"max_size {limit}MB" in guide
    assert f"client_max_body_size {limit}m;" in guide
    assert guide.count(f"{web_server.timeout}s") >= 2  # as long as the web server gives a request
    assert "proxy_set_header X-Forwarded-Proto https;" in guide
    assert settings.SECURE_PROXY_SSL_HEADER == ("HTTP_X_FORWARDED_PROTO", "https") if settings.HTTPS else True
