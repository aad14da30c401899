"""``haedap backup`` and ``haedap restore``.

1. What is restored is what was backed up, also the numbers that are not to be given again; nobody stays signed in.
2. Nothing is overwritten unasked: neither a file, nor a center that has articles, which is set aside.
3. A running server is backed up, and not restored over.
4. A file that the center has lost is named; the secret goes along only when asked for.
5. A backup of the first version restores.
6. A restore that is killed leaves the old center or the new one.
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import signal
import sqlite3
import stat
import time
import zipfile

import pytest
from backups import content, files, left_over
from commands import PATIENCE, count, free_port, haedap, only_line, serving, start

from haedap.backup.workspace import workspace

pytestmark = pytest.mark.slow


def test_what_is_restored_is_what_was_backed_up(made_center, made_backup, home):
    done = haedap(home, "restore", str(made_backup), "--no-index")
    said = done.stdout.decode()
    assert done.returncode == 0 and "Restored 11 articles and 1 files" in said, done.stderr.decode()
    assert "kept in" not in said
    assert content(home) == content(made_center)
    assert ("kb_article", 12) in content(home)["sqlite_sequence"]
    assert files(home) == files(made_center) and len(files(home)) == 1
    assert count(made_center, "django_session") == 1 and count(home, "django_session") == 0
    assert left_over(home) == left_over(made_backup.parent) == []


def test_the_index_is_made_anew(made_backup, home):
    assert b"11 articles are searchable" in haedap(home, "restore", str(made_backup)).stdout
    assert haedap(home, "index", "check").returncode == 0
    found = json.loads(haedap(home, "search", "무지개 우산", "--json").stdout)
    assert found["results"][0]["title"] == "무지개 우산"


def test_a_backup_is_readable_by_its_owner_only_and_holds_no_session_nor_secret(made_center, made_backup, tmp_path):
    assert stat.S_IMODE(made_backup.stat().st_mode) == 0o600
    with contextlib.closing(sqlite3.connect(made_center / "haedap.sqlite3")) as database:
        (session,) = database.execute("SELECT session_key FROM django_session").fetchone()
    with zipfile.ZipFile(made_backup) as archive:
        assert "secret_key" not in archive.namelist()
        held = archive.read("database.sqlite3")
    assert session.encode() not in held and "무지개 우산".encode() in held
    with_secret = tmp_path / "with.zip"
    assert haedap(made_center, "backup", str(with_secret), "--with-secret").returncode == 0
    home = tmp_path / "home"
    assert haedap(home, "restore", str(with_secret), "--no-index").returncode == 0
    secret = home / "secret_key"
    assert secret.read_text() == (made_center / "secret_key").read_text()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_no_file_is_replaced_unasked(made_center, tmp_path):
    there = tmp_path / "there.zip"
    there.write_bytes(b"kept")
    refused = haedap(made_center, "backup", str(there))
    assert refused.returncode == 1 and "there already" in only_line(refused.stderr) and there.read_bytes() == b"kept"
    assert haedap(made_center, "backup", str(there), "--force").returncode == 0
    assert zipfile.is_zipfile(there)
    nowhere = haedap(made_center, "backup", str(tmp_path / "no" / "such.zip"))
    assert nowhere.returncode == 1 and "There is no folder" in only_line(nowhere.stderr)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.zip"]


def test_a_center_with_articles_is_set_aside_not_overwritten(center, made_backup):
    assert (
        haedap(center, "manage", "shell", input=b"from haedap.kb import publishing; publishing.archive(1)").returncode
        == 0
    )
    before = content(center)
    refused = haedap(center, "restore", str(made_backup))
    assert refused.returncode == 1 and "--force" in only_line(refused.stderr) and content(center) == before
    done = haedap(center, "restore", str(made_backup), "--force", "--no-index")
    assert done.returncode == 0, done.stderr.decode()
    (aside,) = center.glob("before-restore-*.sqlite3")
    assert str(aside) in done.stdout.decode() and content(center) != before
    shutil.move(aside, center / "haedap.sqlite3")
    assert content(center) == before
    # Without an index nothing answers for the center that was here before.
    assert not (center / "index" / "CURRENT").exists()


def test_a_damaged_database_is_set_aside_with_force(center, made_backup, made_center):
    (center / "haedap.sqlite3").write_bytes(b"SQLite format 3\0" + b"rubbish" * 5000)
    refused = haedap(center, "restore", str(made_backup))
    assert refused.returncode == 1 and "cannot be read" in only_line(refused.stderr)
    assert haedap(center, "restore", str(made_backup), "--force", "--no-index").returncode == 0
    assert content(center) == content(made_center)
    broken = haedap(center, "backup", str(center.parent / "next.zip"))
    assert broken.returncode == 0


def test_no_backup_is_made_of_a_damaged_database(center):
    database = center / "haedap.sqlite3"
    whole = bytearray(database.read_bytes())
    # The last pages are rows of a table, so the file still opens and its schema can be read.
    whole[-4096 * 12 : -4096] = bytes(4096 * 11)
    database.write_bytes(whole)
    target = center.parent / "damaged.zip"
    refused = haedap(center, "backup", str(target))
    assert refused.returncode == 1 and not target.exists()
    assert "damaged" in only_line(refused.stderr) or "malformed" in only_line(refused.stderr)


def test_a_running_server_is_backed_up_and_not_restored_over(center, made_backup, tmp_path):
    with serving(center, free_port()) as server:
        done = haedap(center, "backup", str(tmp_path / "live.zip"))
        assert done.returncode == 0 and "11 articles, 1 files" in done.stdout.decode(), done.stderr.decode()
        refused = haedap(center, "restore", str(made_backup), "--force")
        assert refused.returncode == 1 and "in use" in only_line(refused.stderr)
        assert server.get("/healthz")[0] == 200 and not list(center.glob("before-restore-*"))
        server.stop()
    assert haedap(center, "restore", str(tmp_path / "live.zip"), "--force", "--no-index").returncode == 0


def test_any_other_process_that_has_the_database_open_keeps_it(center, made_backup):
    with contextlib.closing(sqlite3.connect(center / "haedap.sqlite3")) as other:
        other.execute("SELECT count(*) FROM kb_article").fetchone()
        refused = haedap(center, "restore", str(made_backup), "--force")
        assert refused.returncode == 1 and "in use" in refused.stderr.decode().splitlines()[-1]
    assert content(center) and not list(center.glob("before-restore-*")) and left_over(center) == []


def test_a_file_that_was_lost_is_named(center, home, tmp_path):
    (lost,) = files(center)
    (center / "uploads" / lost).unlink()
    done = haedap(center, "backup", str(tmp_path / "b.zip"))
    assert done.returncode == 0 and lost in only_line(done.stderr) and "0 files" in done.stdout.decode()
    assert haedap(home, "restore", str(tmp_path / "b.zip"), "--no-index").returncode == 0
    assert files(home) == {}


def test_a_backup_of_the_first_version_restores(home, tmp_path, unpack_old):
    from haedap.backup.archive import DATABASE, Manifest, Writer

    old, file = unpack_old(tmp_path / "old"), tmp_path / "old.zip"
    writer = Writer(file)
    writer.add(DATABASE, old / "haedap.sqlite3")
    writer.finish(Manifest("0.1.0", "2024-06-01T00:00:00+00:00", "sqlite", (), {"articles": 11}, (), writer.members))
    done = haedap(home, "restore", str(file))
    assert done.returncode == 0 and "Restored 11 articles" in done.stdout.decode(), done.stderr.decode()
    assert haedap(home, "index", "check").returncode == 0
    assert count(home, "kb_revision") == count(old, "kb_revision")
    with contextlib.closing(sqlite3.connect(home / "haedap.sqlite3")) as database:
        assert database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'kb_article'").fetchone() == (12,)


def test_killed_at_any_time_it_leaves_the_old_center_or_the_new(center, made_center, made_backup):
    marker = b"from haedap.kb import publishing; publishing.archive(1)"
    assert haedap(center, "manage", "shell", input=marker).returncode == 0
    old, new = content(center)["kb_article"], content(made_center)["kb_article"]
    started = time.monotonic()
    whole = start(center, "restore", str(made_backup), "--force", "--no-index")
    assert whole.wait(PATIENCE) == 0
    took = time.monotonic() - started
    chance, seen = random.Random(8), set()
    for share in (0.3, *(chance.uniform(0.5, 1.0) for _ in range(9))):
        (aside, *_) = sorted(center.glob("before-restore-*.sqlite3"))
        shutil.copy(aside, center / "haedap.sqlite3")
        process = start(center, "restore", str(made_backup), "--force", "--no-index")
        with contextlib.suppress(Exception):
            process.wait(took * share)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        left = content(center)["kb_article"]
        assert left in (old, new)
        seen.add(left == new)
    assert haedap(center, "restore", str(made_backup), "--force", "--no-index").returncode == 0
    assert content(center)["kb_article"] == new and left_over(center) == []
    assert False in seen


def test_a_folder_of_a_killed_process_goes_and_one_in_use_stays(tmp_path):
    for name in ("before-its-lock", "half-removed"):
        (tmp_path / f".work-{name}").mkdir()
    (tmp_path / ".work-half-removed" / "part.zip").write_text("x")
    with workspace(tmp_path, ".work-") as first, workspace(tmp_path, ".work-") as second:
        assert sorted(tmp_path.iterdir()) == sorted([first, second])
    assert list(tmp_path.iterdir()) == []
