"""A database of its own, with real processes that work on it: for what only shows when several run, or one is killed.

SQLite in a folder, or another database on the same server where the tests run on PostgreSQL.
"""

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
SET_UP = "import os, sys, django; django.setup()\n"


class Installation:
    """An installation that keeps everything in `folder`."""

    def __init__(self, folder: Path, **environment: str):
        unset = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
        self.folder = folder
        self._on_server = f"apart_{uuid4().hex}" if connection.vendor == "postgresql" else None
        self.environment = {
            **os.environ,
            **dict.fromkeys(unset, ""),
            "DJANGO_SETTINGS_MODULE": "district_plan.settings",
            "VAR_DIR": str(folder),
            "DATABASE_URL": self._url() if self._on_server else "",
            **environment,
        }

    def __enter__(self) -> "Installation":
        if self._on_server:
            self._tell_server(f"CREATE DATABASE {self._on_server} TEMPLATE {tables_on_server()}")
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(tables_in_a_file(), self.folder / "db.sqlite3")
        return self

    def __exit__(self, *exception) -> None:
        self.drop_database()

    def make_database(self) -> None:
        """Make a database without any table."""
        if self._on_server:
            self._tell_server(f"CREATE DATABASE {self._on_server}")

    def drop_database(self) -> None:
        if self._on_server:
            self._tell_server(f"DROP DATABASE {self._on_server} WITH (FORCE)")

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start a Python process on this installation; its pipes are open."""
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**self.environment, **environment},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start("manage.py", *arguments, **environment)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def python(self, code: str) -> str:
        """Run code with Django set up; return what it printed. Fails where it fails."""
        process = self.start("-c", SET_UP + code)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out

    def _url(self) -> str:
        to = connection.settings_dict
        who = f"{quote(to['USER'])}:{quote(to['PASSWORD'])}@" if to["PASSWORD"] else f"{quote(to['USER'])}@"
        return f"postgres://{who}{to['HOST']}:{to['PORT'] or 5432}/{self._on_server}"

    def _tell_server(self, statement: str) -> None:
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)


# Migrating takes half a minute, so each run of the tests does it once on either database, and copies that.


@cache
def tables_in_a_file() -> Path:
    """Return a SQLite database with every table and without rows of a district."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _migrate(VAR_DIR=str(folder), DATABASE_URL="")
    return folder / "db.sqlite3"


@cache
def tables_on_server() -> str:
    """Return the name of such a database on the PostgreSQL server of the tests."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    empty = Installation(Path(folder))
    empty.make_database()
    at = {key: value for key, value in connection.get_connection_params().items() if key in _WHERE}
    atexit.register(_drop, empty._on_server, {**at, "dbname": "postgres"})
    _migrate(VAR_DIR=folder, DATABASE_URL=empty.environment["DATABASE_URL"])
    return empty._on_server


_WHERE = ("host", "port", "user", "password")


def _migrate(**environment: str) -> None:
    unset = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(
        command, cwd=ROOT, env={**os.environ, **dict.fromkeys(unset, ""), **environment}, check=True
    )


def _drop(name: str, at: dict) -> None:
    with psycopg.connect(**at, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
