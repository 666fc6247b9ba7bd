"""A whole installation for the browser: web server, worker and beat over a folder of their own, with the sample district.

The browser's tests talk to it over HTTP only. Its database can be put back to how it was in a moment.
"""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.district_plan.processes import free_port, wait_for
from tests.installation import tables_in_a_file

ROOT = Path(__file__).resolve().parent.parent.parent
SLUG = "juniper-flats"


class House:
    """An installation in `folder`, and the address at which it answers."""

    def __init__(self, folder: Path, *, sample: bool = True, **environment: str):
        self.folder, self.port = folder, free_port()
        self.url = f"http://localhost:{self.port}"
        self.home = f"/d/{SLUG}/"
        self.database = folder / "db.sqlite3"
        self.process: subprocess.Popen | None = None
        unset = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
        ours = {"VAR_DIR": str(folder), "PORT": str(self.port), "WEB_WORKERS": "1"}
        if sample:
            ours["SAMPLE_SIGN_IN"] = "1"
        self.environment = {**os.environ, **dict.fromkeys(unset, ""), **ours, **environment}

    def start(self) -> None:
        shutil.copy(tables_in_a_file(), self.database)
        self.log = (self.folder / "log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "district_plan.supervise"],
            cwd=ROOT,
            env=self.environment,
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

    def manage(self, *arguments: str) -> str:
        """Run a command as whoever keeps the installation would; return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

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

    def letters(self) -> list[str]:
        """Return the text of each mail that was written, the oldest first."""
        files = sorted((self.folder / "mail").glob("*"), key=lambda p: p.stat().st_mtime)
        # One file takes everything that one connection sends, with a line of dashes after each.
        return [
            one for file in files for one in re.split(r"^-{79}$", file.read_text(), flags=re.M) if one.strip()
        ]

    def newest_mail(self) -> str:
        """Return the text of the mail that was written last."""
        return self.letters()[-1]
