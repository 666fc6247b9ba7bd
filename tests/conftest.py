import os

import pytest

from tests.builders import Cast, make_cast


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request):
    """Let two runs on one server use databases of their own."""
    from pytest_django.fixtures import _set_suffix_to_test_databases

    if suffix := os.environ.get("PYTEST_DB_SUFFIX"):
        _set_suffix_to_test_databases(suffix)


@pytest.fixture(autouse=True)
def quick_and_apart(settings, tmp_path):
    """Keep what tests write out of var/, and passwords cheap."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def signed_in(client):
    """Return a function that signs a person in and returns the client."""

    def sign_in(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
