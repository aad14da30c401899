"""Taking a backup while the center runs.

Invariants: the database in it is the state of one moment; every upload that state names is in it, or is named as
missing; the file appears whole or not at all.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from haedap import __version__
from haedap.backup import databases
from haedap.backup.archive import DATABASE, SECRET, UPLOADS, BackupError, Manifest, Writer, make_durable
from haedap.backup.workspace import workspace
from haedap.search.generations import sync_directory

Progress = Callable[[int, int], None]

TRIES = 10
"""So often a backup is begun again because uploads were deleted meanwhile; then it names them as missing."""
_PREFIX = ".haedap-backup-"
_TABLES = {
    "articles": "kb_article",
    "revisions": "kb_revision",
    "uploads": "kb_upload",
    "users": "kb_user",
    "searches": "insights_searchlog",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was made. ``missing`` names uploads that the database knows and the disk has lost."""

    path: Path
    size: int
    counts: dict[str, int]
    missing: tuple[str, ...]


def take(path: Path, *, force: bool = False, with_secret: bool = False, on_progress: Progress | None = None) -> Taken:
    """Write a backup of this center to ``path``.

    Args:
        path: the file to write.
        force: replace a file that is there.
        with_secret: include HAEDAP_HOME/secret_key, so that signed links and sign-ins stay valid elsewhere.
        on_progress: takes files done and files in all.

    Raises:
        BackupError: it cannot be made; there is no file, or the one that was there.
    """
    if path.exists() and (not force or not path.is_file()):
        raise BackupError(f"{path} is there already. Choose another name, or give --force to replace it.")
    if not path.parent.is_dir():
        raise BackupError(f"There is no folder {path.parent}.")
    secret: Path = settings.HAEDAP_HOME / SECRET
    if with_secret and not secret.is_file():
        raise BackupError(
            "The secret is set by HAEDAP_SECRET_KEY and not kept in HAEDAP_HOME: leave out --with-secret."
        )
    try:
        with workspace(path.parent, _PREFIX) as folder:
            return _write(path, folder, secret if with_secret else None, on_progress or (lambda done, total: None))
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror or error}. No backup was made.") from error
    except sqlite3.Error as error:
        raise BackupError(f"The database cannot be copied to {path.parent}: {error}. No backup was made.") from error


def _write(path: Path, folder: Path, secret: Path | None, progress: Progress) -> Taken:
    database, part = folder / DATABASE, folder / "backup.zip"
    for left in reversed(range(TRIES)):
        uploads, lost = _settled(database)
        writer = Writer(part)
        try:
            writer.add(DATABASE, database)
            gone = _add_uploads(writer, [name for name in uploads if name not in lost], progress)
            if gone and left:
                # Somebody deleted them since the snapshot: the next one does not name them.
                writer.abandon()
                part.unlink()
                database.unlink()
                continue
            manifest = _finish(writer, database, secret, lost | gone)
            break
        except BaseException:
            writer.abandon()
            raise
    # It holds the hashes of passwords.
    part.chmod(0o600)
    make_durable(part)
    os.replace(part, path)
    sync_directory(path.parent)
    return Taken(path, path.stat().st_size, dict(manifest.counts), manifest.missing)


def _settled(database: Path) -> tuple[list[str], set[str]]:
    """A snapshot; the uploads it names, and which of them are lost: those that were absent the last time, too. What is
    absent for the first time may have been deleted since the snapshot, and the next one does not name it."""
    lost: set[str] = set()
    for left in reversed(range(TRIES)):
        uploads = _snapshot(database)
        absent = _absent(uploads)
        if absent <= lost or not left:
            break
        lost = absent
        database.unlink()
    return uploads, absent


def _finish(writer: Writer, database: Path, secret: Path | None, lost: set[str]) -> Manifest:
    """Write what is left to write, and close the file."""
    if secret:
        writer.add(SECRET, secret)
    manifest = Manifest(
        haedap=__version__,
        created=timezone.now().isoformat(timespec="seconds"),
        origin=connection.vendor,
        migrations=databases.applied(database),
        counts={name: databases.count(database, table) for name, table in _TABLES.items()},
        missing=tuple(sorted(lost)),
        members=writer.members,
    )
    writer.finish(manifest)
    return manifest


def _snapshot(target: Path) -> list[str]:
    """The database of one moment as an SQLite file, checked, without sign-ins; returns the uploads it names."""
    if connection.vendor == "sqlite":
        name = connection.settings_dict["NAME"]
        with closing(sqlite3.connect(name, timeout=60)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA secure_delete=ON")
            with copy:
                copy.execute(f"DELETE FROM {databases.SESSIONS}")
    else:
        with databases.attached(target, "snapshot"):
            databases.migrate("snapshot")
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                databases.copy_rows("default", "snapshot")
    databases.examine(target, "The database of this center")
    with closing(sqlite3.connect(target)) as copy:
        rows = copy.execute("SELECT digest, extension FROM kb_upload ORDER BY id")
        return [f"{digest}.{extension}" for digest, extension in rows]


def _add_uploads(writer: Writer, uploads: Sequence[str], progress: Progress) -> set[str]:
    """Add the files; returns those that are gone."""
    gone: set[str] = set()
    for number, name in enumerate(uploads):
        progress(number, len(uploads))
        try:
            writer.add(UPLOADS + name, settings.MEDIA_ROOT / name, packed=False)
        except FileNotFoundError:
            gone.add(name)
    return gone


def _absent(uploads: Sequence[str]) -> set[str]:
    return {name for name in uploads if not (settings.MEDIA_ROOT / name).is_file()}
