"""Sign-in providers in the environment: whole, or refused by name and without the secret."""

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from district_plan.env_providers import MICROSOFT, read_providers

TENANT = "11111111-1111-4111-8111-111111111111"
GOOGLE = {"GOOGLE_CLIENT_ID": "g.apps", "GOOGLE_CLIENT_SECRET": "s"}
MS = {"MICROSOFT_CLIENT_ID": "m", "MICROSOFT_CLIENT_SECRET": "s"}


@pytest.fixture
def read(monkeypatch):
    def read_given(**values: str):
        monkeypatch.setattr(environ.Env, "ENVIRON", values)
        return read_providers(environ.Env())

    return read_given


def test_none_is_configured_by_default(read):
    assert read() == read(GOOGLE_CLIENT_ID="", OIDC_PROVIDERS="") == ()


def test_google_and_microsoft(read):
    google, microsoft = read(**GOOGLE, **MS, MICROSOFT_TENANTS=f"{TENANT.upper()}, {TENANT}")

    assert (google.id, google.kind, google.issuer) == ("google", "google", "https://accounts.google.com")
    assert (microsoft.kind, microsoft.issuer, microsoft.tenants) == ("microsoft", MICROSOFT, (TENANT, TENANT))


def test_any_number_of_others(read):
    first, second = read(
        OIDC_PROVIDERS="classlink=https://c%40l:p%2Fw@launchpad.classlink.com?name=ClassLink&domains=A.org,b.org "
        "service-agency=https://id:pw@id.example.org:8443/realms/agency/"
    )

    assert (first.id, first.name, first.kind) == ("classlink", "ClassLink", "oidc")
    assert (first.client_id, first.secret, first.domains) == ("c@l", "p/w", ("a.org", "b.org"))
    assert first.issuer == "https://launchpad.classlink.com"
    assert (second.name, second.issuer) == ("Service Agency", "https://id.example.org:8443/realms/agency")


def test_without_a_certificate_on_this_computer_only(read):
    assert read(OIDC_PROVIDERS="x=http://id:pw@localhost:9000")[0].issuer == "http://localhost:9000"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"GOOGLE_CLIENT_ID": "g"}, "GOOGLE_CLIENT_SECRET"),
        ({"GOOGLE_CLIENT_SECRET": "hidden"}, "GOOGLE_CLIENT_ID"),
        ({"MICROSOFT_CLIENT_ID": "m"}, "MICROSOFT_CLIENT_SECRET"),
        ({"MICROSOFT_TENANTS": TENANT}, "MICROSOFT_TENANTS"),
        ({**MS, "MICROSOFT_TENANTS": "common"}, "MICROSOFT_TENANTS"),
        ({**MS, "MICROSOFT_TENANTS": "example.org"}, "MICROSOFT_TENANTS"),
        ({"OIDC_PROVIDERS": "https://id:hidden@host"}, "OIDC_PROVIDERS"),
        ({"OIDC_PROVIDERS": "x=https://host"}, "OIDC_PROVIDERS"),
        ({"OIDC_PROVIDERS": "x=https://id@host"}, "OIDC_PROVIDERS"),
        ({"OIDC_PROVIDERS": "x=http://id:hidden@host"}, "OIDC_PROVIDERS"),
        ({"OIDC_PROVIDERS": "x=https://id:hidden@host:many"}, "OIDC_PROVIDERS"),
        ({"OIDC_PROVIDERS": "x=https://id:hidden@host?trust=all"}, "OIDC_PROVIDERS"),
        ({"OIDC_PROVIDERS": "x=https://id:hidden@host?domains=*"}, "OIDC_PROVIDERS"),
        ({"OIDC_PROVIDERS": "x=https://id:hidden@host?name"}, "OIDC_PROVIDERS"),
        ({"OIDC_PROVIDERS": "X y=https://id:hidden@host"}, "OIDC_PROVIDERS"),
        ({"OIDC_PROVIDERS": "x=https://i:h@one x=https://i:h@two"}, "OIDC_PROVIDERS"),
        ({**GOOGLE, "OIDC_PROVIDERS": "google=https://i:hidden@host"}, "OIDC_PROVIDERS"),
    ],
)
def test_what_is_half_given_is_refused_by_name_and_the_secret_is_not_shown(read, values, named):
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(**values)

    assert named in str(refusal.value)
    assert "hidden" not in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1
