"""The file-system broker of a small installation: a message is a file in `var/queue`.

kombu's own transport writes a message under its final name, so a consumer can meet half of it: messages
were lost with two producers and two consumers, and one empty file ended the worker. Here a file gets its
name only when it is complete and on disk, one consumer claims it by renaming, and a file that cannot be
read is set aside. There is no acknowledgement: a message taken by a worker that is then killed is gone,
and only the row in the database and the sweep bring its work back.
"""

import fcntl
import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

LEFT_BEHIND = 3600.0  # seconds after which an unfinished file has no writer any more


class Channel(filesystem.Channel):
    """Messages and bindings, each written whole or not at all."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg"
        try:
            _write_whole(Path(self.data_folder_out) / name, payload)
        except OSError as error:
            raise ChannelError(f"Cannot write a message into {self.data_folder_out}: {error}") from error

    def _get(self, queue: str, timeout: Any = None) -> Any:
        """Return the oldest message of `queue`; raises Empty when there is none."""
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if not _is_message(name, queue):
                continue
            claimed = folder / f"{name}.taken"
            try:
                (folder / name).rename(claimed)
            except FileNotFoundError:
                continue  # another consumer was faster
            try:
                message = _read(claimed)
            except (OSError, ValueError) as error:
                self._set_aside(claimed, name, error)
                continue
            claimed.unlink()
            return message
        self._tidy(folder)
        raise Empty

    def _set_aside(self, claimed: Path, name: str, error: Exception) -> None:
        aside = claimed.parent / "unreadable"
        aside.mkdir(exist_ok=True)
        claimed.rename(aside / name)
        logger.error("Message %s cannot be read and was moved to %s: %s", name, aside, error)

    def _tidy(self, folder: Path) -> None:
        """Remove what killed processes left half done; at most once a minute, when there is nothing to do."""
        if time.monotonic() - getattr(self, "_tidied", 0.0) < 60:
            return
        self._tidied = time.monotonic()
        for path in (*folder.glob("*.msg.new"), *folder.glob("*.msg.taken")):
            try:
                if time.time() - path.stat().st_mtime > LEFT_BEHIND:
                    path.unlink()
            except FileNotFoundError:
                continue

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        with self._bindings(exchange) as (file, table):
            binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
            if binding not in table:
                _write_whole(file, [binding, *table])

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **kwargs: Any
    ) -> None:
        self._purge(queue)
        with self._bindings(exchange) as (file, table):
            binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
            if binding in table:
                _write_whole(file, [known for known in table if known != binding])

    @contextmanager
    def _bindings(self, exchange: str) -> Iterator[tuple[Path, list[Any]]]:
        """Yield the file and the bindings of an exchange while nobody else may change them."""
        file = self._exchange_file(exchange)
        file.parent.mkdir(parents=True, exist_ok=True)
        with (file.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield file, self.get_table(exchange)


class Transport(filesystem.Transport):
    Channel = Channel


def _is_message(name: str, queue: str) -> bool:
    return name.partition(".")[2] == f"{queue}.msg"


def _read(path: Path) -> dict[str, Any]:
    """Return the message in a file. Raises ValueError when it is none."""
    message = loads(path.read_bytes().decode())
    if not isinstance(message, dict) or not message.keys() >= {"body", "properties"}:
        raise ValueError("not a message")
    return message


def _write_whole(path: Path, content: Any) -> None:
    """Write under another name, force it to disk, and only then give it its own."""
    unfinished = path.with_name(f"{path.name}.new")
    try:
        with unfinished.open("wb") as file:
            file.write(dumps(content).encode())
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
