"""The file of a backup: a zip whose comment at the very end holds a checksum of everything before it.

    manifest.json           what the rest is: version, migrations, key fingerprint, a checksum for each member
    tables/<app.model>      a table: a line of JSON for each row
    media/<name>            a file that a row refers to

A file that was cut off, changed or added to does not fit its checksum. Where it was made with the key of this
installation, the seal beside the checksum also shows that nobody else made it.
"""

import contextlib
import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO

from django.utils.crypto import constant_time_compare, salted_hmac

FORMAT = 1
MANIFEST = "manifest.json"
AT_A_TIME = 1024 * 1024
LONGEST_LINE = 64 * 1024 * 1024  # one row; the longest is a report with all its text
LARGEST_MANIFEST = 256 * 1024 * 1024
MOST_UNPACKED = 500  # times the packed size; rows of JSON come to 50 at most, and a bomb to 1,000

_END_RECORD = 22  # bytes of the zip's last record without its comment
_COMMENT = "sha256 {checksum} seal {seal}"
_COMMENT_LENGTH = len(_COMMENT.format(checksum="0" * 64, seal="0" * 64))


class Refused(Exception):
    """This file, or this place, is not one to work with. `str()` of it is one line for whoever asked."""


def key_fingerprint() -> str:
    """Return a print of SECRET_KEY: enough to see whether two are the same, and no way back to the key."""
    return salted_hmac("district_plan.backup.key", "", algorithm="sha256").hexdigest()[:16]


def seal_of(checksum: str) -> str:
    """Return what only somebody with this installation's SECRET_KEY can write under a checksum."""
    return salted_hmac("district_plan.backup.seal", checksum, algorithm="sha256").hexdigest()


class Writer:
    """A backup in the making. Members go in one after the other; `finish` writes the manifest and the checksum."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._zip = zipfile.ZipFile(file, "w", compression=zipfile.ZIP_DEFLATED, compresslevel=3)

    def add(self, name: str, chunks: Iterable[bytes], *, packed: bool = True) -> dict[str, Any]:
        """Write one member and return its size and checksum."""
        member = zipfile.ZipInfo(name)
        member.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        member.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(member, "w", force_zip64=True) as into:
            for chunk in chunks:
                into.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        return {"bytes": size, "sha256": digest.hexdigest()}

    def give_up(self) -> None:
        """Let go of the file, which will not be finished."""
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest, and seal the file."""
        self.add(MANIFEST, [json.dumps(manifest, indent=1).encode()])
        self._zip.comment = b" " * _COMMENT_LENGTH
        self._zip.close()
        length = self._file.seek(0, os.SEEK_END) - _COMMENT_LENGTH
        checksum = _checksum(self._file, length)
        self._file.seek(length)
        self._file.write(_COMMENT.format(checksum=checksum, seal=seal_of(checksum)).encode())


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that gets the name `path` only when it is complete and on disk; never in the place of another.

    Raises Refused when there is such a file, before and after the work. Readable by its owner only.
    """
    if path.exists():
        raise Refused(f"{path} exists already; a copy never takes the place of another file.")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, path)  # a link, unlike a renaming, fails where another was faster
        except FileExistsError:
            raise Refused(f"{path} exists already; a copy never takes the place of another file.") from None
        _sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _checksum(file: IO[bytes], length: int) -> str:
    """Return the checksum of the first `length` bytes."""
    digest = hashlib.sha256()
    file.seek(0)
    while length and (chunk := file.read(min(length, AT_A_TIME))):
        digest.update(chunk)
        length -= len(chunk)
    return digest.hexdigest()


class Reader:
    """A backup that was looked over: it is whole, and every member is one that its manifest names."""

    def __init__(self, file: BinaryIO) -> None:
        """Look it over without unpacking it. Raises Refused."""
        self.is_ours = _is_whole(file)
        try:
            self._zip = zipfile.ZipFile(file)
            self.manifest = self._read_manifest()
        except (zipfile.BadZipFile, ValueError, KeyError, NotImplementedError, RecursionError) as error:
            raise Refused(f"It is no backup of District Plan ({error}).") from None
        self._look_over()

    @property
    def size(self) -> int:
        """How many bytes it takes unpacked."""
        return sum(member.file_size for member in self._zip.infolist())

    def lines(self, name: str, expected: dict[str, Any]) -> Iterator[bytes]:
        """Yield the lines of a member. Raises Refused at its end when it is not what the manifest says."""
        digest = hashlib.sha256()
        with self._open(name) as member:
            while line := member.readline(LONGEST_LINE):
                digest.update(line)
                if not line.endswith(b"\n"):
                    raise Refused(f"{name} has a row that is cut off or too long.")
                yield line
        self._compare(name, digest.hexdigest(), expected)

    def unpack(self, name: str, expected: dict[str, Any], into: IO[bytes]) -> None:
        """Copy a member. Raises Refused when it is not what the manifest says."""
        digest = hashlib.sha256()
        with self._open(name) as member:
            while chunk := member.read(AT_A_TIME):
                digest.update(chunk)
                into.write(chunk)
        self._compare(name, digest.hexdigest(), expected)

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._zip.open(name) as member:
                yield member
        except (zipfile.BadZipFile, EOFError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
            raise Refused(f"{name} cannot be unpacked ({error}).") from None

    def _compare(self, name: str, checksum: str, expected: dict[str, Any]) -> None:
        if checksum != expected["sha256"]:
            raise Refused(f"{name} was changed: it does not fit its checksum.")

    def _read_manifest(self) -> dict[str, Any]:
        info = self._zip.getinfo(MANIFEST)
        if info.file_size > LARGEST_MANIFEST:
            raise ValueError("its list of contents is too long")
        manifest = json.loads(self._zip.read(info))
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise ValueError("its format is not known here")
        for name in ("tables", "media"):
            if not isinstance(manifest[name], dict):
                raise ValueError(f"{name} is not a list of members")
        return manifest

    def _look_over(self) -> None:
        """Refuse names that lead elsewhere, members that nobody named, and what unpacks to far more than it is."""
        members = self._zip.infolist()
        for member in members:
            check_name(member.filename)
            if member.file_size > MOST_UNPACKED * max(member.compress_size, 1024):
                raise Refused(f"{member.filename} would unpack to {member.file_size} bytes.")
        names = [member.filename for member in members]
        named = {
            MANIFEST,
            *(f"tables/{table}" for table in self.manifest["tables"]),
            *(f"media/{name}" for name in self.manifest["media"]),
        }
        if len(names) != len(set(names)) or set(names) != named:
            raise Refused("What is in it is not what its list of contents says.")


def check_name(name: str) -> None:
    """Refuse the name of a member that could lead out of the folder into which it is unpacked."""
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or str(path) != name
        or any(part in ("..", ".") for part in path.parts)
        or not name.isprintable()
        or set(name) & set('\\:*?"<>|')
        or len(name.encode()) > 250
    ):
        raise Refused(f"It has a member named {name[:80]!r}, which could lead out of its folder.")


def _is_whole(file: BinaryIO) -> bool:
    """Compare the file with the checksum at its end; return whether it was sealed here. Raises Refused."""
    length = file.seek(0, os.SEEK_END) - _COMMENT_LENGTH
    if length < _END_RECORD:
        raise Refused("It is no backup of District Plan, or it was cut off.")
    file.seek(length)
    words = file.read(_COMMENT_LENGTH).decode("ascii", errors="replace").split(" ")
    if len(words) != 4 or (words[0], words[2]) != ("sha256", "seal"):
        raise Refused("It is no backup of District Plan, or it was cut off or added to.")
    checksum = _checksum(file, length)
    if checksum != words[1]:
        raise Refused("It was changed, cut off or damaged: it does not fit its checksum.")
    return constant_time_compare(words[3], seal_of(checksum))
