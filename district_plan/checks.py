"""System checks: an installation that is half a trial and half in earnest is told so.

An error keeps it from starting; a warning is printed at every start and by `manage.py check`.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.http.request import validate_host

from district_plan.env import LOOPBACK, is_loopback


@register(Tags.security)
def check_who_can_come_in(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse what would let strangers in."""
    return [*_sample_sign_in(), *_debug()]


@register()
def check_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn of an address that pages and e-mails cannot use."""
    return [*_address()]


@register()
def check_production_is_whole(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn of production that still leans on the stand-ins of a trial."""
    return [*_production()]


@register(Tags.database)
def check_one_district_on_sqlite(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Warn when a second district, the sample apart, lives in SQLite."""
    if "default" not in (databases or []) or connections["default"].vendor != "sqlite":
        return []
    from stakeholders.models import District

    if District._meta.db_table not in connections["default"].introspection.table_names():
        return []
    if District.objects.filter(is_sample=False).count() < 2:
        return []
    return [
        Warning(
            "More than one district lives in SQLite, which lets one person write at a time.",
            hint="Set DATABASE_URL to a PostgreSQL database: docs/running.md, “Moving to PostgreSQL”.",
            id="district_plan.W006",
        )
    ]


def _outside_hosts() -> list[str]:
    return [host for host in settings.ALLOWED_HOSTS if host not in LOOPBACK]


def _sample_sign_in() -> Iterator[CheckMessage]:
    if settings.SAMPLE_SIGN_IN and (_outside_hosts() or not is_loopback(settings.SITE_URL)):
        yield Error(
            "SAMPLE_SIGN_IN lets anybody in without a password, and this installation is not on loopback only.",
            hint="Unset SAMPLE_SIGN_IN, or leave SITE_URL and ALLOWED_HOSTS at localhost.",
            id="district_plan.E001",
        )


def _debug() -> Iterator[CheckMessage]:
    if settings.DEBUG and (_outside_hosts() or not is_loopback(settings.SITE_URL)):
        yield Error(
            "DEBUG shows settings and rows to everybody who meets an error, and this is not on loopback only.",
            hint="Unset DEBUG.",
            id="district_plan.E002",
        )


def _address() -> Iterator[CheckMessage]:
    address = urlsplit(settings.SITE_URL)
    host = address.hostname or ""
    if address.scheme == "http" and not is_loopback(settings.SITE_URL):
        yield Warning(
            f"SITE_URL is {settings.SITE_URL}: passwords and codes would cross the network in the clear.",
            hint="Put a proxy with a certificate in front and let SITE_URL begin with https://.",
            id="district_plan.W001",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Warning(
            "ALLOWED_HOSTS has a *: any host name is answered.",
            hint="Name the host of SITE_URL.",
            id="district_plan.W002",
        )
    elif not validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS):
        yield Error(
            f"SITE_URL is {settings.SITE_URL}, but ALLOWED_HOSTS does not name {host}: its pages would not be answered.",
            hint=f"Add {host} to ALLOWED_HOSTS.",
            id="district_plan.E003",
        )


def _production() -> Iterator[CheckMessage]:
    on_postgresql = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    public = not is_loopback(settings.SITE_URL)
    if on_postgresql and settings.CELERY_BROKER_URL.startswith("filesystem"):
        yield Warning(
            "The database is PostgreSQL, but work that happens later goes through files in var/queue.",
            hint="Set CELERY_BROKER_URL to a Redis server.",
            id="district_plan.W003",
        )
    if (public or on_postgresql) and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        yield Warning(
            "EMAIL_URL is not set: mail is written to var/mail and reaches nobody.",
            hint="Set EMAIL_URL, for example to smtp+tls://user:password@mail.example.org:587.",
            id="district_plan.W004",
        )
    if public and settings.SECRET_KEY_IS_GENERATED:
        yield Warning(
            "SECRET_KEY is not set: the one in var/secret_key is used, and is lost with that folder.",
            hint="Set SECRET_KEY to the content of var/secret_key, or to another 50 characters by chance.",
            id="district_plan.W005",
        )
