"""A center moves between SQLite and PostgreSQL by a backup, and back, with every row and every number.

The server is one that HAEDAP_TEST_POSTGRES names (postgres://user:password@host/postgres), or one started here.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from backups import content, files, with_database
from commands import haedap, only_line
from postgres import server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def postgres():
    """The address of a server."""
    with server() as address:
        yield address


@pytest.fixture
def database(postgres):
    """The address of an empty database."""
    import psycopg

    name = f"haedap_test_{os.getpid()}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{postgres.rpartition('/')[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_there_and_back(made_center, made_backup, database, tmp_path):
    there = {"HAEDAP_DATABASE_URL": database}
    home, back = tmp_path / "home", tmp_path / "back"
    done = haedap(home, "restore", str(made_backup), "--no-index", **there)
    assert done.returncode == 0, done.stderr.decode()
    assert haedap(home, "backup", str(tmp_path / "pg.zip"), **there).returncode == 0
    assert haedap(back, "restore", str(tmp_path / "pg.zip"), "--no-index").returncode == 0
    assert content(back) == content(made_center) and files(back) == files(made_center)


def test_articles_are_set_aside_as_a_backup(made_center, made_backup, database, tmp_path):
    there = {"HAEDAP_DATABASE_URL": database}
    home, back = tmp_path / "home", tmp_path / "back"
    assert haedap(home, "restore", str(made_backup), "--no-index", **there).returncode == 0
    marker = b"from haedap.kb import publishing; publishing.archive(1); publishing.delete_article(2)"
    assert haedap(home, "manage", "shell", input=marker, **there).returncode == 0
    refused = haedap(home, "restore", str(made_backup), **there)
    assert refused.returncode == 1 and "--force" in only_line(refused.stderr)
    assert haedap(home, "restore", str(made_backup), "--force", **there).returncode == 0
    assert haedap(home, "index", "check", **there).returncode == 0
    (aside,) = home.glob("before-restore-*.zip")
    assert haedap(back, "restore", str(aside), "--no-index").returncode == 0
    states = {row[:2] for row in content(back)["kb_article"]}
    assert (1, "archived") in states and len(states) == len(content(made_center)["kb_article"]) - 1


def test_a_bad_row_leaves_the_database_as_it_was(made_center, made_backup, database, tmp_path):
    there = {"HAEDAP_DATABASE_URL": database}
    home = tmp_path / "home"
    assert haedap(home, "restore", str(made_backup), "--no-index", **there).returncode == 0
    bad = with_database(
        Path(made_backup), tmp_path / "bad.zip", "UPDATE kb_article SET slug = 'a' || char(0) WHERE id = 3"
    )
    refused = haedap(home, "restore", str(bad), "--force", **there)
    assert refused.returncode == 1 and "The center is as it was" in refused.stderr.decode().splitlines()[-1]
    status = haedap(home, "index", "status", **there).stdout.decode()
    assert "published  11 articles" in status
