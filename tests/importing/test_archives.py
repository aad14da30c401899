"""Properties of reading an archive.

1. What a zip holds is what its folder held, Korean names included, whoever wrote the zip.
2. Nothing is written outside, over another entry, or as anything but a plain file.
3. It says too much of itself, or too little: what counts is what comes out.
4. Whatever is wrong is one line that names the archive and the entry, and nothing is left behind.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from haedap.importing import archives
from haedap.importing.archives import opened
from haedap.importing.readers import reading
from haedap.importing.records import ImportProblem

Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where archives are unpacked: empty after each test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a zip of (name or ZipInfo, content) pairs."""

    def _make(*entries: tuple[str | zipfile.ZipInfo, bytes], name: str = "center.zip", **more: int) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, content in entries:
                archive.writestr(entry, content, **more)
        return path

    return _make


def refused(path: Path) -> str:
    with pytest.raises(ImportProblem) as caught, opened(path):
        pytest.fail("it was opened")
    assert "\n" not in str(caught.value) and path.name in str(caught.value)
    return str(caught.value)


def special(name: str, mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = mode << 16
    return entry


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_zip_is_its_folder_and_goes_when_it_was_read(make, temporary):
    path = make(("a.md", b"1"), ("deep/folder/b.md", b"2"), ("empty/", b""))
    with opened(path) as folder:
        assert files(folder) == {"a.md": b"1", "deep/folder/b.md": b"2"}
    assert not folder.exists() and not list(temporary.iterdir())


def test_a_folder_zipped_whole_is_entered_and_leftovers_stay_out(make):
    path = make(("site/a.md", b"1"), ("site/sub/b.md", b"2"), ("__MACOSX/site/._a.md", b"x"), ("site/.DS_Store", b"x"))
    with opened(path) as folder:
        assert files(folder) == {"a.md": b"1", "sub/b.md": b"2"}


def test_folders_and_files_are_as_they_are(tmp_path):
    file = tmp_path / "faq.jsonl"
    file.write_text("{}")
    with opened(tmp_path) as folder, opened(file) as same:
        assert (folder, same) == (tmp_path, file)


def test_korean_names_of_windows_are_read(tmp_path):
    path = tmp_path / "windows.zip"
    with zipfile.ZipFile(path, "w") as archive:
        # As Windows in Korea writes it: CP949 bytes, no flag; Python reads such bytes as CP437.
        entry = zipfile.ZipInfo("place-holder")
        archive.writestr(entry, b"1")
    data = path.read_bytes()
    name = "결제/환불.md".encode("cp949")
    assert len(name) == len("place-holder")
    path.write_bytes(data.replace(b"place-holder", name))
    with opened(path) as folder:
        assert list(files(folder)) == ["환불.md"]


def test_names_decomposed_by_macos_are_composed(make):
    with opened(make(("\u1112\u116a\u11ab\u1107\u116e\u11af.md", b"1"), ("b.md", b"2"))) as folder:
        assert set(files(folder)) == {"환불.md", "b.md"}


def test_backslashes_of_windows_are_folders(tmp_path):
    path = tmp_path / "windows.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pay\\refund.md", b"1")
        archive.writestr("talk\\chat.md", b"2")
    with opened(path) as folder:
        assert set(files(folder)) == {"pay/refund.md", "talk/chat.md"}


@pytest.mark.parametrize("name", ["../evil.md", "a/../../evil.md", "/etc/evil.md", "C:\\evil.md", "..\\evil.md"])
def test_a_way_out_of_the_folder_is_refused(make, tmp_path, name):
    assert "outside" in refused(make(("good.md", b"1"), (name, b"x")))
    assert not list(tmp_path.rglob("evil.md")) and not Path("/etc/evil.md").exists()


def test_a_link_is_refused(make):
    message = refused(make((special("passwords", stat.S_IFLNK | 0o777), b"/etc/passwd"), ("b.md", b"")))
    assert "symbolic link" in message and "passwords" in message


def test_a_device_is_refused(make):
    assert "special file" in refused(make((special("pipe", stat.S_IFIFO | 0o644), b""), ("b.md", b"")))


def test_a_zip_bomb_is_stopped_while_it_unpacks(make, monkeypatch, temporary):
    monkeypatch.setattr(archives, "FREE_BYTES", 1024 * 1024)
    path = make(("good.md", b"1"), ("bomb.html", bytes(20 * 1024 * 1024)))
    message = refused(path)
    assert "'bomb.html'" in message and "zip bomb" in message
    assert not list(temporary.iterdir())


def test_a_bomb_that_lies_about_its_size_is_stopped(make, monkeypatch):
    monkeypatch.setattr(archives, "FREE_BYTES", 1024 * 1024)
    path = make(("bomb.html", bytes(20 * 1024 * 1024)))
    true = struct.pack("<L", 20 * 1024 * 1024)
    data = path.read_bytes()
    assert data.count(true) == 2
    path.write_bytes(data.replace(true, struct.pack("<L", 100)))
    refused(path)


def test_all_files_together_have_a_limit(make, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1024**2 * 3)
    path = make(*((f"{n}.bin", os.urandom(1024**2)) for n in range(2)), ("c.md", bytes(2 * 1024**2)))
    assert "come out of it" in refused(path)


def test_too_many_entries_are_refused(make, monkeypatch):
    monkeypatch.setattr(archives, "MAX_ENTRIES", 10)
    assert "holds 11 entries" in refused(make(*((f"{n}.md", b"") for n in range(11))))


def test_a_huge_list_of_entries_is_refused_before_it_is_read(make, monkeypatch):
    monkeypatch.setattr(archives, "MAX_DIRECTORY", 1000)
    assert "too large" in refused(make(*((f"{n}.md", b"") for n in range(100))))


def test_two_entries_of_one_name_are_refused(make):
    with pytest.warns(UserWarning):
        path = make(("a.md", b"1"), ("a.md", b"2"))
    assert "'a.md' twice" in refused(path)


def test_a_file_that_is_a_folder_too_is_refused(make):
    assert "both as a file and as a folder" in refused(make(("a", b"1"), ("a/b.md", b"2")))


def test_a_locked_entry_is_refused(make):
    path = make(("secret.md", b"12345"))
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    path.write_bytes(bytes(data))
    assert "password" in refused(path)


def test_damage_names_the_entry(make):
    content = os.urandom(5000)
    path = make(("photo.bin", content), ("b.md", b""))
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(bytes(data))
    assert "'photo.bin' is damaged" in refused(path)


def test_half_a_zip_and_no_zip(make, tmp_path):
    path = make(("a.md", b"1" * 100))
    path.write_bytes(path.read_bytes()[:-30])
    assert "no usable zip archive" in refused(path)
    path.write_bytes(b"")
    assert "no usable zip archive" in refused(path)


def test_a_name_that_no_file_system_takes_is_refused(make):
    assert "no usable file name" in refused(make(("가" * 100 + ".md", b"1"), ("b.md", b"")))


def test_an_archive_inside_stays_a_file(make):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("../evil.md", b"x")
    with opened(make(("inner.zip", inner.getvalue()), ("b.md", b""))) as folder:
        assert set(files(folder)) == {"inner.zip", "b.md"}


def test_other_archives_are_refused_with_advice(tmp_path):
    path = tmp_path / "center.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(__file__, "a.md")
    assert "make a .zip" in refused(path)
    with pytest.raises(ImportProblem, match=r"make a \.zip"), reading(path):
        pytest.fail("it was read")
