"""What a center holds, and backups taken apart and put together again, for the tests of backup and restore."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import zipfile
from pathlib import Path

VOLATILE = ("django_session", "django_migrations")
"""Sign-ins are left out on purpose; when a migration ran is of the database, not of the center."""


def content(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with contextlib.closing(sqlite3.connect(home / "haedap.sqlite3")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {
            table: sorted((tuple(map(_value, row)) for row in database.execute(f'SELECT * FROM "{table}"')), key=repr)
            for table in tables
            if table not in VOLATILE
        }
    found["sqlite_sequence"] = [row for row in found["sqlite_sequence"] if row[0] not in VOLATILE and row[1]]
    return found


def _value(value: object) -> object:
    """An object of JSON with its keys in order: PostgreSQL keeps none."""
    return json.dumps(json.loads(value), sort_keys=True) if isinstance(value, str) and value[:2] == '{"' else value


def files(home: Path) -> dict[str, bytes]:
    folder = home / "uploads"
    return {path.name: path.read_bytes() for path in folder.glob("[!.]*")}


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith((".restore-", ".haedap-backup-")))


def parts(backup: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(backup) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def listed(members: dict[str, bytes], **changed: object) -> dict[str, bytes]:
    """The same with a manifest that lists what is there."""
    manifest = json.loads(members.pop("manifest.json")) | changed
    manifest["members"] = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in members.items()
    }
    return {**members, "manifest.json": json.dumps(manifest).encode()}


def with_database(backup: Path, path: Path, statement: str) -> Path:
    members, file = parts(backup), path.with_suffix(".sqlite3")
    file.write_bytes(members["database.sqlite3"])
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        database.execute(statement)
    return written(path, listed(members | {"database.sqlite3": file.read_bytes()}))
