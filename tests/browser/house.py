"""A whole installation for the browser: web server, worker and beat over a folder of their own, with the sample district.

The browser's tests talk to it over HTTP only. Its database can be put back to how it was in a moment.
"""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.district_plan.processes import free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
SLUG = "juniper-flats"


class House:
    """An installation in `folder`, and the address at which it answers."""

    def __init__(self, folder: Path, **environment: str):
        self.folder, self.port, self.environment = folder, free_port(), environment
        self.url = f"http://localhost:{self.port}"
        self.home = f"/d/{SLUG}/"
        self.database = folder / "db.sqlite3"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        unset = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
        ours = {
            "VAR_DIR": str(self.folder),
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            "SAMPLE_SIGN_IN": "1",
            **self.environment,
        }
        self.log = (self.folder / "log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "district_plan.supervise"],
            cwd=ROOT,
            env={**os.environ, **dict.fromkeys(unset, ""), **ours},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        wait_for(self._answers, seconds=180)  # a busy machine takes its time

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            return urlopen(f"{self.url}/healthz", timeout=2).status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()
            self.log.close()

    def remember(self, name: str = "start") -> None:
        """Keep the database as it is now."""
        with self.rows() as now, closing(sqlite3.connect(self.folder / f"{name}.kept")) as kept:
            now.backup(kept)

    def go_back(self, name: str = "start") -> None:
        """Put the database back to how it was kept."""
        with closing(sqlite3.connect(self.folder / f"{name}.kept")) as kept, self.rows() as now:
            kept.backup(now)

    @contextmanager
    def rows(self):
        """Give a connection to the database, past the application."""
        with closing(sqlite3.connect(self.database, timeout=20)) as connection:
            yield connection
            connection.commit()

    def one(self, sql: str, *values) -> object:
        """Return the first column of the first row."""
        with self.rows() as connection:
            found = connection.execute(sql, values).fetchone()
        return found[0] if found else None

    def newest_mail(self) -> str:
        """Return the text of the mail that was written last."""
        letters = sorted((self.folder / "mail").iterdir(), key=lambda p: p.stat().st_mtime)
        return letters[-1].read_text()
