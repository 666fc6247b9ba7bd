"""What an installation is made of, in plain words, for whoever runs it. No password and no key is among them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from district_plan.kept import kept
from district_plan.version import VERSION
from stakeholders.models import District, Heartbeat

COPY_LATE = timedelta(days=8)  # a copy a week, and a day for whoever takes it by hand


@dataclass(frozen=True)
class Fact:
    """One line: what it is about, what is so, and whether somebody should do something about it."""

    label: Any
    words: str
    needs_care: bool = False


def facts(now: datetime) -> list[Fact]:
    """Return the lines of the page."""
    return [
        Fact(gettext_lazy("Version"), VERSION),
        Fact(gettext_lazy("Address"), settings.SITE_URL),
        _database(),
        Fact(gettext_lazy("Messages to the worker"), _broker()),
        _mail(),
        _disk(),
        last_copy(now),
    ]


def warnings() -> list[str]:
    """Return what `manage.py check` has to say, hints and all. Kept for a minute: it looks at everything."""

    def ask() -> list[str]:
        found = checks.run_checks(databases=["default"])
        return [" ".join(filter(None, (str(one.msg), str(one.hint or "")))) for one in found]

    return kept.get_or_set("warnings-of-check", ask, 60) or []


def last_copy(now: datetime) -> Fact:
    """Return when `manage.py backup` last wrote a copy; the sample district alone needs none."""
    last = Heartbeat.objects.filter(name="backup").values_list("at", flat=True).first()
    needed = District.objects.filter(is_sample=False).exists()
    label = gettext_lazy("Last copy (backup)")
    if last is None:
        return Fact(label, _("never"), needs_care=needed)
    words = _("%(when)s UTC, %(n)s days ago") % {"when": f"{last:%Y-%m-%d %H:%M}", "n": (now - last).days}
    return Fact(label, words, needs_care=needed and now - last > COPY_LATE)


def _database() -> Fact:
    label = gettext_lazy("Database")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
            version, size = cursor.fetchone()
            return Fact(label, f"PostgreSQL {version.split()[0]}, {filesizeformat(size)}")
        cursor.execute(
            "SELECT sqlite_version(), (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)"
        )
        version, size = cursor.fetchone()
    return Fact(label, f"SQLite {version}, {filesizeformat(size)}")


def _broker() -> str:
    broker = urlsplit(settings.CELERY_BROKER_URL)
    if broker.scheme == "filesystem":
        return _("files in %(folder)s") % {"folder": settings.VAR_DIR / "queue"}
    return f"Redis, {broker.hostname}:{broker.port or 6379}"


def _mail() -> Fact:
    label = gettext_lazy("Mail")
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        folder = getattr(settings, "EMAIL_FILE_PATH", "")
        words = _("written to %(folder)s; it reaches nobody") % {"folder": folder}
        return Fact(label, words, needs_care=True)
    return Fact(
        label, _("through %(host)s:%(port)s") % {"host": settings.EMAIL_HOST, "port": settings.EMAIL_PORT}
    )


def _disk() -> Fact:
    usage = shutil.disk_usage(settings.VAR_DIR)
    words = _("%(free)s free of %(total)s where %(folder)s lies") % {
        "free": filesizeformat(usage.free),
        "total": filesizeformat(usage.total),
        "folder": settings.VAR_DIR,
    }
    return Fact(gettext_lazy("Disk"), words, needs_care=usage.free < 0.1 * usage.total)


def spoken(seconds: float | None) -> str:
    """Return an age as people say it."""
    if seconds is None:
        return _("never")
    if seconds < 120:
        return _("%(n)d s ago") % {"n": max(seconds, 0)}
    if seconds < 7200:
        return _("%(n)d min ago") % {"n": seconds // 60}
    if seconds < 172_800:
        return _("%(n)d h ago") % {"n": seconds // 3600}
    return _("%(n)d days ago") % {"n": seconds // 86_400}


def spoken_jobs(health: Any) -> Iterator[dict[str, Any]]:
    """Yield a line for each thing that should happen every minute."""
    names = {
        "beat": _("Beat, which wakes the worker every minute"),
        "canary": _("The worker"),
        "notices": _("Sending mail"),
        "slips": _("Finding missed dates"),
        "reports": _("Making reports"),
    }
    for one in [health.beat, health.canary, *health.sweeps]:
        yield {
            "label": names.get(one.name, one.name),
            "ago": spoken(one.seconds),
            "is_late": one.is_late,
            "latency": health.latency if one.name == "canary" else None,
        }
