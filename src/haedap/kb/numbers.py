"""Numbers given once are not given again, though SQLite forgets the highest of a table that a migration remakes."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

_given: dict[str, dict[str, int]] = {}


def connect(app: AppConfig) -> None:
    """Look after the numbers in every ``migrate``; called once, when the app is ready."""
    pre_migrate.connect(_note, sender=app)
    post_migrate.connect(_keep, sender=app)


def _note(using: str, **rest: Any) -> None:
    _given[using] = {}
    if "sqlite_sequence" in _tables(using):
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            _given[using] = dict(cursor.fetchall())


def _keep(using: str, **rest: Any) -> None:
    given, tables = _given.pop(using, {}), _tables(using)
    for table, number in given.items():
        with connections[using].cursor() as cursor:
            cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [number, table])
            if cursor.rowcount == 0 and table in tables:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])


def _tables(using: str) -> list[str]:
    if connections[using].vendor != "sqlite":
        return []
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return [name for (name,) in cursor.fetchall()]
