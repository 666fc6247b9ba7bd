import logging
import os

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from stakeholders.visits import note_visit, with_last_visit
from tests.builders import Cast, make_cast
from tests.foreign_rows import look_around
from tests.full_district import make_two_districts
from tests.walk import Visitor

SEEDED_HOLES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request):
    """Let two runs on one server use databases of their own."""
    from pytest_django.fixtures import _set_suffix_to_test_databases

    if suffix := os.environ.get("PYTEST_DB_SUFFIX"):
        _set_suffix_to_test_databases(suffix)


@pytest.fixture(scope="session", autouse=True)
def quick_and_apart(tmp_path_factory):
    """Keep what tests write out of var/, and passwords cheap: once for all, because each change of a setting costs."""
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    folder = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=folder, PASSWORD_HASHERS=hashers, STORAGES=storages):
        yield


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def signed_in(client):
    """Return a function that signs a person in and returns the client.

    The visit is on record already, so that the first page makes as many queries as the next one.
    """

    def sign_in(person):
        for membership in with_last_visit(person.memberships.all()):
            note_visit(membership, now=timezone.now())
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def pytest_collection_modifyitems(items):
    """Without the mark, pytest-django would make no test database for the fixture below."""
    for item in items:
        if "two_districts" in getattr(item, "fixturenames", ()):
            item.add_marker("django_db")


@pytest.fixture(scope="module")
def two_districts(django_db_setup, django_db_blocker):
    """Cedar and Dune with a row of every model, made once for a module whose requests are all undone again.

    Such modules ask for refusals by the thousand; they are not logged.
    """
    logging.disable(logging.CRITICAL)
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_two_districts(look_around)
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def tess(two_districts) -> Visitor:
    """A leader of both districts: to her, a look-up that forgets the district shows what it should not."""
    return Visitor("Tess", two_districts[1].both).sign_in()


@pytest.fixture(scope="session")
def seeded_holes(request) -> list[str]:
    """Which line was holed for which kind of hole; told at the end of the run."""
    return request.config.stash.setdefault(SEEDED_HOLES, [])


def pytest_terminal_summary(terminalreporter, config):
    if told := config.stash.get(SEEDED_HOLES, []):
        terminalreporter.section(f"{len(told)} seeded holes, all noticed")
        for line in told:
            terminalreporter.write_line(line)
