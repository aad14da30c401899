"""Files that are no good backup: one clear line, and the center is as it was; so when the disk is full."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from backups import listed, parts, with_database, written
from commands import PATIENCE, environment, haedap, only_line

pytestmark = pytest.mark.slow

MB = 1 << 20


def half(backup: Path, path: Path) -> Path:
    path.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    return path


def a_byte_changed(backup: Path, path: Path) -> Path:
    content = bytearray(backup.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    return path


def no_zip(backup: Path, path: Path) -> Path:
    path.write_text("not a backup at all\n" * 100)
    return path


def other_zip(backup: Path, path: Path) -> Path:
    return written(path, {"readme.txt": b"hello"})


def other_database(backup: Path, path: Path) -> Path:
    with contextlib.closing(sqlite3.connect(path.with_name("other.sqlite3"))) as database:
        database.execute("CREATE TABLE notes (text)")
    return written(path, listed(parts(backup) | {"database.sqlite3": path.with_name("other.sqlite3").read_bytes()}))


def another_database_than_listed(backup: Path, path: Path) -> Path:
    members = parts(backup)
    return written(path, members | {"database.sqlite3": members["database.sqlite3"] + b" "})


def a_file_exchanged(backup: Path, path: Path) -> Path:
    members = parts(backup)
    (upload,) = (name for name in members if name.startswith("uploads/"))
    return written(path, members | {upload: members[upload][::-1]})


def larger_than_listed(backup: Path, path: Path) -> Path:
    return written(path, parts(backup) | {"database.sqlite3": bytes(64 * MB)})


def a_member_missing(backup: Path, path: Path) -> Path:
    members = parts(backup)
    return written(path, {name: members[name] for name in members if not name.startswith("uploads/")})


def a_name_outside(backup: Path, path: Path) -> Path:
    return written(path, listed(parts(backup) | {"uploads/../../escaped.txt": b"x"}))


def an_absolute_name(backup: Path, path: Path) -> Path:
    return written(path, listed(parts(backup) | {"/tmp/escaped.txt": b"x"}))


def a_name_that_is_no_upload(backup: Path, path: Path) -> Path:
    return written(path, listed(parts(backup) | {"uploads/index.html": b"<script>"}))


def a_later_format(backup: Path, path: Path) -> Path:
    return written(path, listed(parts(backup), format=99, haedap="9.0"))


def no_manifest_but_json(backup: Path, path: Path) -> Path:
    return written(path, parts(backup) | {"manifest.json": b"[1, 2]"})


def a_later_migration(backup: Path, path: Path) -> Path:
    return with_database(
        backup, path, "INSERT INTO django_migrations (app, name, applied) VALUES ('kb', '9999_new', '2030-01-01')"
    )


def a_row_that_points_nowhere(backup: Path, path: Path) -> Path:
    return with_database(backup, path, "UPDATE kb_variant SET revision_id = 999999 WHERE id = 1")


def a_trigger(backup: Path, path: Path) -> Path:
    statement = "CREATE TRIGGER t AFTER UPDATE ON kb_article BEGIN UPDATE kb_user SET is_superuser = 1; END"
    return with_database(backup, path, statement)


HOSTILE: dict[Callable[[Path, Path], Path], str] = {
    half: "no backup, or only a part of one",
    a_byte_changed: "damaged",
    no_zip: "no backup",
    other_zip: "holds no manifest.json",
    other_database: "of no help center",
    another_database_than_listed: "checksum",
    a_file_exchanged: "checksum",
    larger_than_listed: "checksum",
    a_member_missing: "not what its manifest.json lists",
    a_name_outside: "which no backup of Haedap has",
    an_absolute_name: "which no backup of Haedap has",
    a_name_that_is_no_upload: "which no backup of Haedap has",
    a_later_format: "later version of Haedap (9.0)",
    no_manifest_but_json: "damaged",
    a_later_migration: "later version",
    a_row_that_points_nowhere: "damaged",
    a_trigger: "something that no help center has",
}


def state(center: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in center.rglob("*") if path.is_file() and path.suffix != ".lock"}


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_a_bad_file_changes_nothing(make, made_backup, center, tmp_path):
    file, before = make(made_backup, tmp_path / "hostile.zip"), state(center)
    refused = haedap(center, "restore", str(file), "--force")
    lines = refused.stderr.decode().replace("Checking the backup …\n", "")
    assert refused.returncode == 1 and HOSTILE[make] in only_line(lines.encode()), lines
    assert state(center) == before


def test_a_file_that_is_not_there(home, tmp_path):
    refused = haedap(home, "restore", str(tmp_path / "no.zip"))
    assert refused.returncode == 1 and "No such file" in only_line(refused.stderr)


def limited(home: Path, most: int, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """A command that may write no file larger than ``most`` bytes."""
    return subprocess.run(
        [sys.executable, "-m", "haedap.cli", *arguments],
        capture_output=True,
        env=environment(home),
        cwd=home.parent,
        timeout=PATIENCE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )


@pytest.mark.parametrize("most", [200_000, 1_500_000], ids=["for the database", "for the files"])
def test_no_room_for_the_backup(center, tmp_path, most):
    folder = tmp_path / "full"
    folder.mkdir()
    (folder / "old.zip").write_bytes(b"kept")
    (upload,) = (center / "uploads").glob("[!.]*")
    upload.write_bytes(os.urandom(3_000_000))
    assert 200_000 < (center / "haedap.sqlite3").stat().st_size < 1_500_000
    refused = limited(center, most, "backup", str(folder / "old.zip"), "--force")
    assert refused.returncode == 1 and "No backup was made" in only_line(refused.stderr)
    assert [path.name for path in folder.iterdir()] == ["old.zip"] and (folder / "old.zip").read_bytes() == b"kept"


@pytest.mark.parametrize("most", [4096, 300_000])
def test_no_room_for_the_restored(center, made_backup, most):
    before = state(center)
    refused = limited(center, most, "restore", str(made_backup), "--force")
    assert refused.returncode == 1 and "center is as it was" in refused.stderr.decode().splitlines()[-1]
    assert "Traceback" not in refused.stderr.decode()
    assert state(center) == before


def test_a_disk_that_is_too_small_is_told_before_anything_is_unpacked(center, made_backup, tmp_path):
    members = parts(made_backup)
    manifest = json.loads(members["manifest.json"])
    manifest["members"]["database.sqlite3"]["size"] = shutil.disk_usage(center).total * 2
    huge = written(tmp_path / "huge.zip", members | {"manifest.json": json.dumps(manifest).encode()})
    refused = haedap(center, "restore", str(huge), "--force")
    assert refused.returncode == 1 and "has room for" in only_line(refused.stderr)
