"""What is refused before anything is read: size, disguise, encryption, macros, archives that explode, entities."""

import io
import zipfile

from stakeholders.files.shapes import MAX_BYTES, MEGABYTE, Refused

MAX_ENTRIES = 200
MAX_UNPACKED = 50 * MEGABYTE
MAX_RATIO = 100
SMALL_ENTRY = 256 * 1024  # a short repetitive part may pack better than the ratio and harms nobody

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FOREIGN = [
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a rich-text file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
]
KINDS = {"xlsx": "an Excel workbook (.xlsx)", "docx": "a Word document (.docx)"}
MAIN_PART = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}


def check_size(size):
    if size == 0:
        raise Refused("The file is empty.")
    if size > MAX_BYTES:
        raise Refused(f"The file has {size / MEGABYTE:.1f} MB; at most 5 MB can be read.")


def check_text(data):
    """A text file that is really something else is refused by its first bytes."""
    for magic, what in [*FOREIGN, (OLD_OFFICE, "an old Office file"), (b"PK\x03\x04", "a zip archive")]:
        if data.startswith(magic):
            raise Refused(f"This is {what} and not a text file. Save it as .csv, .xlsx or .docx.")
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<svg")):
        raise Refused(
            "This is a web page and not a text file. Copy the table on the page and paste it instead."
        )


def open_package(data, kind):
    """The zip archive inside an .xlsx or .docx, after everything that its listing can show was checked."""
    wanted = KINDS[kind]
    if data.startswith(OLD_OFFICE):
        raise Refused(
            f"This is not {wanted}: it is password-protected or an old .xls or .doc file. "
            "Save it again without a password in the new format."
        )
    if not data.startswith(b"PK"):
        what = next((what for magic, what in FOREIGN if data.startswith(magic)), "something else")
        raise Refused(f"This is not {wanted} but {what}.")
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused(f"This is not {wanted}, or it was cut off on its way here.") from error
    _check_listing(package, kind)
    _check_parts(package)
    return package


def _check_listing(package, kind):
    check_listing(package.infolist(), most=MAX_ENTRIES)
    names = {entry.filename for entry in package.infolist()}
    if sum(entry.file_size for entry in package.infolist()) > MAX_UNPACKED:
        raise Refused("Unpacked, the file is larger than 50 MB. It is not read.")
    for name in map(str.lower, names):
        if "vbaproject" in name or "/macrosheets/" in name or name.endswith((".exe", ".dll", ".js", ".vbs")):
            raise Refused("The file holds macros. Save it again without them, as .xlsx or .docx.")
    if "[Content_Types].xml" not in names or MAIN_PART[kind] not in names:
        raise Refused(f"This is not {KINDS[kind]}.")


def check_listing(entries, *, most):
    """What the listing of any zip archive must not show: too many parts, locks, unsafe names, bombs."""
    if len(entries) > most:
        raise Refused(f"The file holds {len(entries):,} parts; at most {most} are read.")
    for entry in entries:
        name = entry.filename
        if entry.flag_bits & 0x1:
            raise Refused("The file is encrypted. Save it again without a password.")
        if name.startswith(("/", "\\")) or ":" in name or ".." in name.replace("\\", "/").split("/"):
            raise Refused("The file holds parts with unsafe names. It is not read.")
        if entry.file_size > SMALL_ENTRY and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise Refused("A part of the file unpacks to more than 100 times its size. It is not read.")


def _check_parts(package):
    """No part may declare a document type: that is where entity bombs and outside entities begin."""
    for entry in package.infolist():
        if not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        try:
            part = package.read(entry)
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            NotImplementedError,
            RuntimeError,
            EOFError,
        ) as error:
            raise Refused("The file is damaged, or it was cut off on its way here.") from error
        if part.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in part[:200]:
            raise Refused("The file holds XML in an unusual encoding. It is not read.")
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
            raise Refused("The file holds XML entities, which it never needs. It is not read.")
        if entry.filename == "[Content_Types].xml" and b"macroEnabled" in part:
            raise Refused("The file holds macros. Save it again without them, as .xlsx or .docx.")
