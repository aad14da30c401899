"""Restoring a backup into HAEDAP_HOME.

Invariants: everything is unpacked, checked and brought up to date beside the home's state before any of it is touched;
the database is exchanged in one step, so a kill at any time leaves the old or the new one; the old one is set aside,
never deleted; the index is set aside before the exchange, so it never answers for another database.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from haedap.backup import databases, taking
from haedap.backup.archive import DATABASE, SECRET, BackupError, Manifest, Reader, make_durable, opened
from haedap.backup.workspace import workspace
from haedap.kb.models import Article
from haedap.search.backends.base import IndexLocked
from haedap.search.generations import WriterLock, sync_directory

Step = Callable[[str], None]

_PREFIX = ".restore-"
_IN_USE = (
    "This home is in use: a running `haedap serve` or another command works on it. Stop it, then restore. "
    "Nothing was changed."
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored. ``aside`` is where the state before it is kept; None if there was none."""

    manifest: Manifest
    articles: int
    uploads: int
    aside: Path | None


def restore(path: Path, *, force: bool = False, on_step: Step | None = None) -> Restored:
    """Make the center what it was when the backup was taken. The index is left to the caller.

    Args:
        path: the backup.
        force: also where the center has articles; what it holds is set aside.
        on_step: takes a short line before each long step.

    Raises:
        BackupError: it cannot be restored; nothing was changed.
    """
    say = on_step or (lambda line: None)
    try:
        with opened(path) as backup, _alone():
            if connection.vendor != "sqlite":
                with _migrations_wait():
                    databases.migrate("default")
            if not force and _has_articles():
                raise BackupError(
                    "This center has articles. Give --force to set them aside and put the backup in their place."
                )
            _check_space(backup)
            with workspace(settings.HAEDAP_HOME, _PREFIX) as folder:
                say("Checking the backup")
                _unpack(backup, folder)
                _update(folder / DATABASE, backup)
                articles = databases.count(folder / DATABASE, "kb_article")
                say("Putting it in place")
                return Restored(backup.manifest, articles, len(backup.uploads), _exchange(folder))
    except OSError as error:
        place = error.filename or settings.HAEDAP_HOME
        raise BackupError(f"{place}: {error.strerror or error}. The center is as it was.") from error
    except (sqlite3.Error, DatabaseError) as error:
        text = " ".join(str(error).split())
        raise BackupError(f"The backup cannot be put into the database: {text}. The center is as it was.") from error


@contextmanager
def _alone() -> Iterator[None]:
    """Nobody indexes meanwhile: neither a server nor another restore. Raises :class:`BackupError`."""
    settings.HAEDAP_INDEX.mkdir(parents=True, exist_ok=True)
    try:
        with WriterLock(settings.HAEDAP_INDEX / "writer.lock"):
            yield
    except IndexLocked as error:
        raise BackupError(_IN_USE) from error


@contextmanager
def _migrations_wait() -> Iterator[None]:
    """Every command that starts meanwhile waits before it opens the database."""
    lock = WriterLock(settings.HAEDAP_HOME / "migrate.lock")
    lock.acquire(wait=True)
    try:
        yield
    finally:
        lock.release()


def _database() -> Path:
    return Path(connection.settings_dict["NAME"])


def _has_articles() -> bool:
    """Whether there is anything to lose; raises :class:`BackupError` where that cannot be told."""
    if connection.vendor != "sqlite":
        return Article.objects.exists()
    if not _database().exists():
        return False
    try:
        with closing(sqlite3.connect(_database(), timeout=20)) as database:
            table = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'kb_article'").fetchone()
            return bool(table and database.execute("SELECT 1 FROM kb_article LIMIT 1").fetchone())
    except sqlite3.DatabaseError as error:
        raise BackupError(
            f"The database of this home cannot be read ({error}). Give --force to set it aside and restore."
        ) from error


def _check_space(backup: Reader) -> None:
    free = shutil.disk_usage(settings.HAEDAP_HOME).free
    if backup.size > free:
        raise BackupError(
            f"The backup needs {backup.size / 1e6:,.0f} MB unpacked, and {settings.HAEDAP_HOME} has room for "
            f"{free / 1e6:,.0f} MB. Nothing was changed."
        )


def _unpack(backup: Reader, folder: Path) -> None:
    (folder / "uploads").mkdir()
    for name in backup.manifest.members:
        backup.unpack(name, folder / name)


def _update(database: Path, backup: Reader) -> None:
    """Check the unpacked database and bring it up to date. Raises :class:`BackupError`."""
    databases.examine(database, f"The database in {backup.path}")
    later = databases.unknown(databases.applied(database))
    if later:
        raise BackupError(
            f"{backup.path} was made by a later version of Haedap ({backup.manifest.haedap}): this one does not know "
            f"{later[0]}. Install that version, then restore."
        )
    with databases.attached(database, "restored"):
        databases.migrate("restored")


def _exchange(folder: Path) -> Path | None:
    """Put what was unpacked in the place of what is there; returns where that is kept."""
    with _migrations_wait():
        connections.close_all()
        sqlite = connection.vendor == "sqlite"
        if sqlite:
            _end_journal(_database())
        _place_uploads(folder / "uploads")
        # What is derived from the old database goes before it: without an index, every article is indexed anew.
        (settings.HAEDAP_INDEX / "CURRENT").unlink(missing_ok=True)
        aside = _exchange_file(folder / DATABASE) if sqlite else _exchange_rows(folder / DATABASE)
        secret = folder / SECRET
        if secret.exists():
            secret.chmod(0o600)
            os.replace(secret, settings.HAEDAP_HOME / SECRET)
        sync_directory(settings.HAEDAP_HOME)
    return aside


def _end_journal(database: Path) -> None:
    """Have all of the old database in its one file. Raises :class:`BackupError` while any process has it open."""
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database, timeout=1)) as old:
            # Leaving the write-ahead log needs the file for oneself.
            old.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise BackupError(_IN_USE) from error
    except sqlite3.DatabaseError:
        return  # it is damaged, and set aside with whatever journal it has


def _place_uploads(unpacked: Path) -> None:
    settings.MEDIA_ROOT.mkdir(exist_ok=True)
    for file in unpacked.iterdir():
        make_durable(file)
        os.replace(file, settings.MEDIA_ROOT / file.name)
    sync_directory(settings.MEDIA_ROOT)


def _exchange_file(restored: Path) -> Path | None:
    database, aside = _database(), None
    make_durable(restored)
    if database.exists():
        aside = _free_name(database.parent, ".sqlite3")
        os.link(database, aside)
        for ending in ("-wal", "-shm", "-journal"):
            journal = Path(f"{database}{ending}")
            if journal.exists():
                os.replace(journal, f"{aside}{ending}")
    os.replace(restored, database)
    return aside


def _exchange_rows(restored: Path) -> Path | None:
    aside = None
    if Article.objects.exists():
        aside = _free_name(settings.HAEDAP_HOME, ".zip")
        taking.take(aside)
    with databases.attached(restored, "restored"):
        databases.copy_rows("restored", "default")
    ContentType.objects.clear_cache()
    return aside


def _free_name(folder: Path, ending: str) -> Path:
    stamp = datetime.strftime(timezone.localtime(), "%Y%m%d-%H%M%S")
    names = (folder / f"before-restore-{stamp}{more}{ending}" for more in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(name for name in names if not name.exists())
