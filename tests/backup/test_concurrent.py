"""Backups that are taken while other processes write: each restores to a center that is consistent in itself."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from commands import PATIENCE, environment, haedap

pytestmark = pytest.mark.slow

EDITING = Path(__file__).with_name("editing.py")
ROUNDS = 3


@contextlib.contextmanager
def editors(home: Path, count: int):
    """Processes that edit; each wrote something before the block begins."""
    env = environment(home, DJANGO_SETTINGS_MODULE="haedap.settings")
    running = [
        subprocess.Popen(
            [sys.executable, str(EDITING), str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env
        )
        for seed in range(count)
    ]
    try:
        for process in running:
            assert process.stdout.readline()
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


def changes(process) -> int:
    """How many changes it has made, once it has ended in good order."""
    said, _errors = process.communicate(b"\n", timeout=PATIENCE)
    assert process.returncode == 0
    return len(said.splitlines())


def problems(home: Path) -> list[str]:
    """Everything in the restored center that does not fit together."""
    found: list[str] = []
    stored = {path.name for path in (home / "uploads").glob("[!.]*")}
    with contextlib.closing(sqlite3.connect(home / "haedap.sqlite3")) as database:
        ask = database.execute
        found += [f"broken key {row}" for row in ask("PRAGMA foreign_key_check")]
        found += [
            f"article {pk} shows a revision that is not its own"
            for (pk,) in ask(
                "SELECT a.id FROM kb_article a LEFT JOIN kb_revision r ON r.id = a.published_revision_id "
                "WHERE a.status = 'published' AND (r.id IS NULL OR r.article_id <> a.id)"
            )
        ]
        found += [
            f"article {pk} has gaps in its revisions"
            for (pk,) in ask(
                "SELECT article_id FROM kb_revision GROUP BY article_id "
                "HAVING min(number) <> 1 OR max(number) <> count(*)"
            )
        ]
        found += [
            f"revision {pk} has no body"
            for (pk,) in ask("SELECT id FROM kb_revision WHERE id NOT IN (SELECT revision_id FROM kb_variant)")
        ]
        found += [
            f"article {pk} has no revision"
            for (pk,) in ask("SELECT id FROM kb_article WHERE id NOT IN (SELECT article_id FROM kb_revision)")
        ]
        known = {f"{digest}.{extension}" for digest, extension in ask("SELECT digest, extension FROM kb_upload")}
        found += [f"the file {name} is not there" for name in known - stored]
        newest = ask(
            "SELECT body FROM kb_variant v JOIN kb_revision r ON r.id = v.revision_id WHERE number = "
            "(SELECT max(number) FROM kb_revision s WHERE s.article_id = r.article_id)"
        )
        named = {name for (body,) in newest for name in re.findall(r"/uploads/([0-9a-f]{64}\.[a-z]+)", body)}
        found += [f"{name} is shown and not kept" for name in named - known]
        found += [
            f"outbox: article {pk} is behind"
            for (pk,) in ask(
                "SELECT o.article_id FROM kb_outbox o JOIN kb_article a ON a.id = o.article_id "
                "GROUP BY o.article_id HAVING max(o.index_version) > max(a.index_version)"
            )
        ]
        gone = ask("SELECT article_id FROM kb_tombstone WHERE article_id IN (SELECT id FROM kb_article)")
        found += [f"article {pk} is removed and there" for (pk,) in gone]
    return found


def test_backups_under_writing_restore_to_consistent_centers(tmp_path):
    home = tmp_path / "home"
    assert haedap(home, "manage", "check").returncode == 0
    sizes = []
    with editors(home, 2) as running:
        for round in range(ROUNDS):
            for process in running:
                for _ in range(15):
                    assert process.stdout.readline()
            done = haedap(home, "backup", str(tmp_path / f"{round}.zip"))
            assert done.returncode == 0, done.stderr.decode()
        # They went on writing during every backup, and were kept from nothing.
        assert all(changes(process) > 0 for process in running)
    for round in range(ROUNDS):
        restored = tmp_path / f"restored-{round}"
        done = haedap(restored, "restore", str(tmp_path / f"{round}.zip"))
        assert done.returncode == 0, done.stderr.decode()
        assert problems(restored) == []
        checked = haedap(restored, "index", "check")
        assert checked.returncode == 0 and b" 0 outbox rows waiting" in checked.stdout, checked.stdout.decode()
        with contextlib.closing(sqlite3.connect(restored / "haedap.sqlite3")) as database:
            sizes.append(database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'kb_revision'").fetchone()[0])
    assert sizes == sorted(set(sizes)) and len(sizes) == ROUNDS
