"""The environment, read once and typed. A bad value is refused with one line that names it."""

import os
import secrets
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from district_plan.env_providers import Provider, read_providers

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Environment:
    """What the installation says about itself."""

    debug: bool
    secret_key: str
    secret_key_is_generated: bool
    allowed_hosts: list[str]
    site_url: str
    ssl_redirect: bool
    sample_sign_in: bool
    var_dir: Path
    database: dict[str, Any]
    broker_url: str
    broker_transport: str | None
    broker_transport_options: dict[str, Any]
    email: dict[str, Any]
    from_email: str
    providers: tuple[Provider, ...]
    proxies: int
    health_token: str
    log_format: str


def read_environment(base_dir: Path) -> Environment:
    """Read every setting. Raises ImproperlyConfigured with the name of the value that is wrong."""
    read_dot_env(base_dir)
    env = environ.Env()
    var_dir = _var_dir(env, base_dir)
    broker_url, transport, options = _broker(env, var_dir)
    secret = env.str("SECRET_KEY", default="")
    return Environment(
        debug=_bool(env, "DEBUG", default=False),
        secret_key=secret or _kept_secret(var_dir),
        secret_key_is_generated=not secret,
        allowed_hosts=_allowed_hosts(env),
        site_url=_site_url(env),
        ssl_redirect=_bool(env, "SSL_REDIRECT", default=True),
        sample_sign_in=_bool(env, "SAMPLE_SIGN_IN", default=False),
        var_dir=var_dir,
        database=_database(env, base_dir, var_dir),
        broker_url=broker_url,
        broker_transport=transport,
        broker_transport_options=options,
        email=_email(env, var_dir),
        from_email=_from_email(env),
        providers=read_providers(env),
        proxies=_proxies(env),
        health_token=_health_token(env),
        log_format=log_format(env.str("LOG_FORMAT", default="")),
    )


def read_dot_env(base_dir: Path) -> None:
    """Take from the file `.env` what the environment does not say already."""
    if (base_dir / ".env").exists():
        environ.Env.read_env(base_dir / ".env")


def is_loopback(url: str) -> bool:
    """Whether this address can be reached from this computer only."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


def whole_number(name: str, *, default: int, least: int, most: int) -> int:
    """Read a whole number from the environment. Raises ImproperlyConfigured."""
    written = os.environ.get(name, "").strip() or str(default)
    if not written.isascii() or not written.isdigit() or not least <= int(written) <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {written!r}.")
    return int(written)


def _bool(env: environ.Env, name: str, *, default: bool) -> bool:
    written = env.str(name, default="").strip().lower()
    if written in ("", "0", "1", "true", "false", "yes", "no", "on", "off"):
        return written in ("1", "true", "yes", "on") if written else default
    raise ImproperlyConfigured(f"{name} must be true or false, not {written!r}.")


def _proxies(env: environ.Env) -> int:
    written = env.str("PROXIES", default="").strip() or "0"
    if written not in ("0", "1", "2", "3"):
        raise ImproperlyConfigured(f"PROXIES must be a whole number from 0 to 3, not {written!r}.")
    return int(written)


def _var_dir(env: environ.Env, base_dir: Path) -> Path:
    var_dir = base_dir / (env.str("VAR_DIR", default="") or "var")
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"VAR_DIR must be a folder that can be written to: {error}") from error
    return var_dir


def _allowed_hosts(env: environ.Env) -> list[str]:
    """Return the host names that are answered. This computer's own are always among them, for health checks."""
    written = env.str("ALLOWED_HOSTS", default="")
    hosts = [host.strip() for host in written.split(",") if host.strip()]
    for host in hosts:
        if "/" in host or " " in host:
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS must be host names with commas between them, not {written!r}."
            )
    return [*hosts, *(name for name in LOOPBACK if name not in hosts)]


def _site_url(env: environ.Env) -> str:
    url = (env.str("SITE_URL", default="") or "http://localhost:8000").rstrip("/")
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.path or parts.query or parts.fragment or parts.username:
        raise ImproperlyConfigured(f"SITE_URL must look like https://plan.example.org, not {url!r}.")
    return url


def _kept_secret(var_dir: Path) -> str:
    """Return the secret of a small installation: made on first use, readable by its owner only."""
    path = var_dir / "secret_key"
    made = var_dir / f"secret_key.{os.getpid()}"
    try:
        if not path.exists():
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            # A link appears whole, and fails where another process was first.
            os.link(made, path)
    except FileExistsError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(
            f"SECRET_KEY is not set, and none can be kept in {path}: {error}"
        ) from error
    finally:
        made.unlink(missing_ok=True)
    return path.read_text()


def _database(env: environ.Env, base_dir: Path, var_dir: Path) -> dict[str, Any]:
    url = env.str("DATABASE_URL", default="")
    if not url:
        return _sqlite(var_dir / "db.sqlite3")
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.removeprefix("/"):
        return _sqlite(base_dir / rest.removeprefix("/"))
    if scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must be postgres://… or sqlite:///…, or unset.")
    try:
        config = env.db_url_config(url)
    except Exception as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from error
    if not config.get("NAME"):
        raise ImproperlyConfigured("DATABASE_URL must end with the name of a database.")
    config["CONN_MAX_AGE"] = 600  # a new connection costs 7 ms a request
    config["CONN_HEALTH_CHECKS"] = True
    config.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    return config


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": 600,
        # IMMEDIATE: with the default, two writers at once meet "database is locked" in spite of the timeout.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def _broker(env: environ.Env, var_dir: Path) -> tuple[str, str | None, dict[str, Any]]:
    url = env.str("CELERY_BROKER_URL", default="")
    # A save must not wait for a broker that is away: one quick try again, then the sweep finds the row.
    quick = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
    if not url:
        folder = var_dir / "queue"
        folder.mkdir(parents=True, exist_ok=True)
        options = {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": str(folder / "control"),
            "polling_interval": 0.25,
        }
        return "filesystem://localhost", "district_plan.broker:Transport", {**quick, **options}
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("redis", "rediss") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ImproperlyConfigured("CELERY_BROKER_URL must be redis://… or rediss://…, or unset.")
    return (
        url,
        None,
        {
            **quick,
            "visibility_timeout": 600,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 2,
            "socket_timeout": 3,
        },
    )


def _email(env: environ.Env, var_dir: Path) -> dict[str, Any]:
    """Without EMAIL_URL, mail is written to var/mail and the pages say so."""
    url = env.str("EMAIL_URL", default="")
    if not url:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(var_dir / "mail"),
        }
    try:
        config = env.email_url_config(url)
        good = url.startswith("smtp") and config.get("EMAIL_HOST") and urlsplit(url).port != 0
    except Exception:
        good = False
    if not good:
        raise ImproperlyConfigured(
            "EMAIL_URL must look like smtp+tls://user:password@mail.example.org:587, or be unset."
        )
    config.pop("EMAIL_FILE_PATH", None)
    usual_port = 465 if config.get("EMAIL_USE_SSL") else 587 if config.get("EMAIL_USE_TLS") else 25
    return {**config, "EMAIL_PORT": config["EMAIL_PORT"] or usual_port, "EMAIL_TIMEOUT": 20}


def _from_email(env: environ.Env) -> str:
    written = env.str("FROM_EMAIL", default="") or "District Plan <plan@localhost>"
    if "@" not in parseaddr(written)[1] or "\n" in written:
        raise ImproperlyConfigured(
            f"FROM_EMAIL must look like District Plan <plan@example.org>, not {written!r}."
        )
    return written


def _health_token(env: environ.Env) -> str:
    token = env.str("HEALTH_TOKEN", default="")
    if token and (len(token) < 20 or not token.isascii() or not token.isprintable() or " " in token):
        raise ImproperlyConfigured("HEALTH_TOKEN must be 20 or more letters and digits by chance, or unset.")
    return token


def log_format(written: str) -> str:
    """Return how log lines are written. Raises ImproperlyConfigured."""
    if written not in ("", "text", "json"):
        raise ImproperlyConfigured(f"LOG_FORMAT must be text or json, not {written!r}.")
    return written or "text"
