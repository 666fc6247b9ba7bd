"""Sign-in providers as the environment names them: Google, Microsoft, and any that speaks OpenID Connect."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

MICROSOFT = "https://login.microsoftonline.com/organizations/v2.0"
TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
EXAMPLE = "classlink=https://client-id:client-secret@launchpad.classlink.com"


@dataclass(frozen=True)
class Provider:
    """One button on the sign-in page."""

    id: str  # in its address, and where a link to it is kept
    name: str  # on the button
    kind: str  # google, microsoft or oidc: which of its words prove an e-mail address
    issuer: str
    client_id: str
    secret: str
    domains: tuple[str, ...] = ()  # oidc: addresses in these are taken as proven
    tenants: tuple[str, ...] = ()  # microsoft: whose addresses are taken as proven


def read_providers(env: environ.Env) -> tuple[Provider, ...]:
    """Read them in the order of their buttons. Raises ImproperlyConfigured with the name of the value that is wrong."""
    found = [*_pair(env, "GOOGLE"), *_pair(env, "MICROSOFT"), *_others(env)]
    names = [provider.id for provider in found]
    if len(set(names)) < len(names):
        raise ImproperlyConfigured("OIDC_PROVIDERS must give each provider a name of its own.")
    return tuple(found)


def _pair(env: environ.Env, which: str) -> list[Provider]:
    client_id = env.str(f"{which}_CLIENT_ID", default="").strip()
    secret = env.str(f"{which}_CLIENT_SECRET", default="").strip()
    tenants = _tenants(env) if which == "MICROSOFT" else ()
    if bool(client_id) != bool(secret):
        raise ImproperlyConfigured(
            f"{which}_CLIENT_ID and {which}_CLIENT_SECRET must both be set, or neither."
        )
    if not client_id:
        if tenants:
            raise ImproperlyConfigured(
                "MICROSOFT_TENANTS needs MICROSOFT_CLIENT_ID and MICROSOFT_CLIENT_SECRET."
            )
        return []
    issuer = MICROSOFT if which == "MICROSOFT" else "https://accounts.google.com"
    kind = which.lower()
    return [Provider(kind, which.title(), kind, issuer, client_id, secret, tenants=tenants)]


def _tenants(env: environ.Env) -> tuple[str, ...]:
    written = env.str("MICROSOFT_TENANTS", default="").lower().replace(",", " ").split()
    for tenant in written:
        if not TENANT.fullmatch(tenant):
            raise ImproperlyConfigured(
                f"MICROSOFT_TENANTS must be ids of tenants with commas between them, not {tenant!r}."
            )
    return tuple(written)


def _others(env: environ.Env) -> list[Provider]:
    return [_other(written) for written in env.str("OIDC_PROVIDERS", default="").split()]


def _other(written: str) -> Provider:
    """Read `name=https://client-id:secret@host/path?name=Shown+so&domains=a.org,b.org`."""
    name, _equals, url = written.partition("=")
    try:
        parts, asked = urlsplit(url), parse_qs(urlsplit(url).query, strict_parsing=bool(urlsplit(url).query))
        on_loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
        good = parts.scheme == "https" or (parts.scheme == "http" and on_loopback)
        good = bool(good and parts.hostname and parts.port != 0 and parts.username and parts.password)
    except ValueError:
        good, asked = False, {}
    domains = tuple(domain for one in asked.get("domains", []) for domain in one.lower().split(","))
    if (
        not good
        or not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name)
        or set(asked) - {"name", "domains"}
        or not all(DOMAIN.fullmatch(domain) for domain in domains)
    ):  # the value holds a secret: it is not repeated here
        which = f"“{name}” does not" if re.fullmatch(r"[\w-]{1,30}", name) else "one does not"
        raise ImproperlyConfigured(
            f"OIDC_PROVIDERS must look like {EXAMPLE}, with spaces between several; {which}."
        )
    host = parts.netloc.rpartition("@")[2]
    return Provider(
        id=name,
        name=asked.get("name", [name.replace("-", " ").title()])[0][:40],
        kind="oidc",
        issuer=f"{parts.scheme}://{host}{parts.path}".rstrip("/"),
        client_id=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
        domains=domains,
    )
