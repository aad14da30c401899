"""A second database beside that of the center: opened, checked, brought up to date, copied row by row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from haedap.backup.archive import BackupError

_CHUNK = 500
SESSIONS = "django_session"


@contextmanager
def attached(path: Path, alias: str) -> Iterator[BaseDatabaseWrapper]:
    """An SQLite file, which need not exist, as a database of Django under ``alias``."""
    wanted = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": {"transaction_mode": "IMMEDIATE"}}
    connections.databases[alias] = connections.configure_settings({"default": {}, alias: wanted})[alias]
    try:
        yield connections[alias]
    finally:
        connections[alias].close()
        del connections[alias], connections.databases[alias]


def migrate(alias: str) -> None:
    """Bring a database up to date."""
    call_command("migrate", database=alias, verbosity=0, interactive=False)


def examine(path: Path, name: str) -> None:
    """Make an SQLite file whole in itself, and read all of it. Raises :class:`BackupError` where it is damaged."""
    try:
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
            found = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
            broken = database.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{name} cannot be read: {error}.") from error
    if found != "ok":
        raise BackupError(f"{name} is damaged: {' '.join(found.split())}")
    if broken:
        raise BackupError(
            f"{name} is damaged: row {broken[1]} of {broken[0]} points at a row of {broken[2]} that is not there."
        )


def applied(path: Path) -> tuple[str, ...]:
    """The migrations that made an SQLite file, as ``app.name``. Raises :class:`BackupError` if it is of no center."""
    with closing(sqlite3.connect(path)) as database:
        try:
            rows = database.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
            database.execute("SELECT count(*) FROM kb_article")
            odd = database.execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchone()
        except sqlite3.DatabaseError as error:
            raise BackupError(f"The database is of no help center: {error}.") from error
    if odd:
        raise BackupError(f"The database has something that no help center has: {odd[0]}. It is not used.")
    return tuple(f"{app}.{name}" for app, name in rows)


def unknown(migrations: tuple[str, ...]) -> list[str]:
    """Those that this version does not have: the database is of a later one."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {".".join(key) for key in loader.disk_migrations}
    known |= {".".join(old) for migration in loader.disk_migrations.values() for old in migration.replaces}
    return [name for name in migrations if name not in known]


def count(path: Path, table: str) -> int:
    """Rows of a table of an SQLite file."""
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def copy_rows(source: str, target: str) -> None:
    """Make every table of ``target`` hold what ``source`` holds, in one transaction; both are up to date.

    Sign-ins are left out. Numbers that were given once are not given again.
    """
    tables = [
        model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
    ]
    connection = connections[target]
    with transaction.atomic(using=target), connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(no_style(), [model._meta.db_table for model in tables]):
            cursor.execute(statement)
        for model in tables:
            if model._meta.db_table != SESSIONS:
                _copy_table(model, source, connection, cursor)
        for model in tables:
            if isinstance(model._meta.pk, models.AutoField):
                _set_last_number(model, connection, cursor, _last_number(model, connections[source]))


def _copy_table(model: type[models.Model], source: str, connection: BaseDatabaseWrapper, cursor: Any) -> None:
    fields = model._meta.concrete_fields
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({', '.join(['%s'] * len(fields))})"
    rows = model._base_manager.using(source).order_by("pk").values_list(*(field.attname for field in fields))
    batch: list[list[Any]] = []
    for row in rows.iterator(_CHUNK):
        batch.append([field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)])
        if len(batch) == _CHUNK:
            cursor.executemany(insert, batch)
            batch.clear()
    if batch:
        cursor.executemany(insert, batch)


def _last_number(model: type[models.Model], connection: BaseDatabaseWrapper) -> int:
    """The highest number a table ever gave, also to a row that is gone; 0 if it gave none."""
    meta = model._meta
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [meta.db_table])
        else:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{meta.db_table}"', _number_column(model)])
            (sequence,) = cursor.fetchone() or ("",)
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _set_last_number(model: type[models.Model], connection: BaseDatabaseWrapper, cursor: Any, number: int) -> None:
    meta = model._meta
    if connection.vendor == "sqlite":
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [meta.db_table])
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [meta.db_table, number])
    else:
        sequence = f"pg_get_serial_sequence('\"{meta.db_table}\"', '{_number_column(model)}')"
        cursor.execute(f"SELECT setval({sequence}, %s, %s)", [max(number, 1), number > 0])


def _number_column(model: type[models.Model]) -> str:
    assert model._meta.pk is not None and model._meta.pk.column is not None
    return model._meta.pk.column
