"""The file of a backup: what was done to it afterwards is found, and nothing in it leads anywhere else."""

import io
import os
import zipfile

import pytest

from district_plan.backup import archive
from district_plan.backup.archive import FORMAT, Reader, Refused, Writer, new_file

ROWS = b'[1,"Cedar"]\n'


def packed(*, extra: tuple[tuple[str, bytes], ...] = (), media: dict | None = None, **manifest) -> bytes:
    """Return a copy with one table and, without names in the manifest, the members `extra`."""
    file = io.BytesIO()
    writer = Writer(file)
    table = writer.add("tables/stakeholders.district", [ROWS])
    for name, data in extra:
        writer.add(name, [data])
    contents = {"format": FORMAT, "tables": {"stakeholders.district": table}, "media": media or {}}
    writer.finish({**contents, **manifest})
    return file.getvalue()


def read(data: bytes) -> Reader:
    return Reader(io.BytesIO(data))


def test_it_gives_back_what_was_put_in():
    reader = read(packed())

    table = reader.manifest["tables"]["stakeholders.district"]
    assert table["bytes"] == len(ROWS)
    assert list(reader.lines("tables/stakeholders.district", table)) == [ROWS]
    assert reader.is_ours


def test_what_was_cut_off_is_refused_wherever_the_cut_is():
    data = packed()

    for length in [0, 10, 100, *range(len(data) // 2, len(data), 7), len(data) - 1]:
        with pytest.raises(Refused):
            read(data[:length])


@pytest.mark.parametrize("more", [b"\0", b"\n", b"PK\x05\x06" + bytes(18), b"x" * 70_000])
def test_what_was_added_to_is_refused_at_either_end(more):
    for data in (packed() + more, more + packed()):
        with pytest.raises(Refused):
            read(data)


def test_what_was_changed_in_any_place_is_refused():
    data = packed()

    for place in [*range(0, len(data), 5), len(data) - 1]:
        changed = bytearray(data)
        changed[place] ^= 1
        try:
            reader = read(bytes(changed))
        except Refused:
            continue
        assert not reader.is_ours, f"byte {place} may be changed"


def test_what_somebody_else_sealed_is_not_ours(settings):
    data = packed()
    settings.SECRET_KEY = "another " * 8

    assert not read(data).is_ours


def test_the_key_s_print_tells_keys_apart_and_does_not_hold_them(settings):
    settings.SECRET_KEY = "a" * 50
    first = archive.key_fingerprint()
    settings.SECRET_KEY = "b" * 50

    assert len(first) == 16
    assert first != archive.key_fingerprint()


@pytest.mark.parametrize("data", [b"", b"PK", b"hello" * 1000, bytes(10_000)])
def test_what_is_no_copy_at_all_is_refused(data):
    with pytest.raises(Refused, match="no backup"):
        read(data)


def test_another_zip_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as other:
        other.writestr("manifest.json", "{}")

    with pytest.raises(Refused):
        read(file.getvalue())


@pytest.mark.parametrize(
    "name",
    [
        "../secret_key",
        "media/../../secret_key",
        "/etc/passwd",
        "media//x",
        "media/./x",
        "media\\x",
        "c:x",
        "a\nb",
    ],
)
def test_a_name_that_leads_out_of_its_folder_is_refused(name):
    listed = {name.removeprefix("media/"): {"bytes": 1, "sha256": ""}}

    with pytest.raises(Refused, match="lead out of its folder"):
        read(packed(extra=((name, b"x"),), media=listed))


def test_a_member_that_nobody_named_is_refused():
    with pytest.raises(Refused, match="list of contents"):
        read(packed(extra=(("media/reports/x.pdf", b"x"),)))


def test_a_named_member_that_is_not_there_is_refused():
    with pytest.raises(Refused, match="list of contents"):
        read(packed(media={"reports/x.pdf": {"bytes": 1, "sha256": ""}}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused():
    with pytest.raises(Refused, match="list of contents"):
        read(packed(extra=(("tables/stakeholders.district", ROWS),)))


def test_a_member_that_would_unpack_to_far_more_is_refused():
    name = "reports/x.pdf"

    with pytest.raises(Refused, match="would unpack to"):
        read(packed(extra=((f"media/{name}", bytes(50_000_000)),), media={name: {"sha256": ""}}))


def test_a_member_that_does_not_fit_its_checksum_is_refused():
    name = "reports/x.pdf"
    reader = read(packed(extra=((f"media/{name}", b"x"),), media={name: {"sha256": "0"}}))

    with pytest.raises(Refused, match="does not fit its checksum"):
        reader.unpack(f"media/{name}", reader.manifest["media"][name], io.BytesIO())


def test_a_row_without_an_end_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "LONGEST_LINE", 5)
    reader = read(packed())

    with pytest.raises(Refused, match="too long"):
        list(reader.lines("tables/stakeholders.district", {"sha256": ""}))


@pytest.mark.parametrize("manifest", [{"format": 2}, {"media": ["x"]}, {"tables": None}])
def test_a_list_of_contents_of_another_kind_is_refused(manifest):
    with pytest.raises(Refused, match="no backup"):
        read(packed(**manifest))


def test_a_new_file_has_its_name_only_when_it_is_complete(tmp_path):
    with new_file(tmp_path / "copy.zip") as file:
        file.write(b"all of it")
        assert not (tmp_path / "copy.zip").exists()

    assert [path.name for path in tmp_path.iterdir()] == ["copy.zip"]
    assert (tmp_path / "copy.zip").read_bytes() == b"all of it"
    assert (tmp_path / "copy.zip").stat().st_mode & 0o777 == 0o600


def test_a_new_file_does_not_take_the_place_of_another(tmp_path):
    (tmp_path / "copy.zip").write_text("yesterday's")

    with pytest.raises(Refused, match="exists already"), new_file(tmp_path / "copy.zip"):
        pass
    assert (tmp_path / "copy.zip").read_text() == "yesterday's"


def test_a_new_file_does_not_take_the_place_of_one_that_came_meanwhile(tmp_path):
    with pytest.raises(Refused, match="exists already"), new_file(tmp_path / "copy.zip"):
        (tmp_path / "copy.zip").write_text("somebody else's")

    assert (tmp_path / "copy.zip").read_text() == "somebody else's"
    assert len(os.listdir(tmp_path)) == 1


def test_work_that_fails_leaves_no_file(tmp_path):
    def fails():
        with new_file(tmp_path / "copy.zip") as file:
            file.write(b"half")
            raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fails()

    assert list(tmp_path.iterdir()) == []
