"""The durable store of vectors: what has been embedded once is never embedded again.

Invariant: a vector's id is a hash of the embedder's fingerprint and the exact input, so a stored vector is never out
of date. The store outlives every index generation; many processes may use it at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

_CHUNK = 500
_DTYPES: dict[int, str] = {16: "<f2", 32: "<f4"}


class VectorStoreError(Exception):
    """The store cannot be used; the message names the file and what to do."""


def vector_id(fingerprint: str, text: str) -> int:
    """The key of ``text`` under an embedder: from 1 to 2**63 - 1, so that it fits SQLite and every engine."""
    source = f"{fingerprint}\x00{text}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(source, digest_size=8).digest(), "big") >> 1 or 1


class VectorStore:
    """A SQLite file of vectors by id. Safe to share between threads and across ``os.fork``."""

    def __init__(self, path: Path, bits: Literal[16, 32] = 16) -> None:
        """Open or create the file. ``bits`` is the precision new vectors are kept in.

        Raises :class:`VectorStoreError` if the file cannot be opened or is no such store.
        """
        self._path, self._bits = path, bits
        self._local = threading.local()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _alone(path.parent), self._connection() as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS vectors"
                    " (id INTEGER PRIMARY KEY, bits INTEGER NOT NULL, value BLOB NOT NULL)"
                )
        except (OSError, sqlite3.Error) as error:
            raise VectorStoreError(
                f"The vector store {path} cannot be opened ({error}). If the file is damaged, delete it: "
                "its vectors are computed again."
            ) from error

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection in this process (SQLite connections must not cross a fork)."""
        if getattr(self._local, "process", None) != os.getpid():
            connection = sqlite3.connect(self._path, timeout=30)
            connection.execute("PRAGMA synchronous = FULL")
            self._local.connection, self._local.process = connection, os.getpid()
        current: sqlite3.Connection = self._local.connection
        return current

    def close(self) -> None:
        """Close this thread's connection; the store opens another when it is used again."""
        if getattr(self._local, "process", None) == os.getpid():
            self._local.connection.close()
            self._local.process = None

    def get_many(self, keys: Iterable[int]) -> dict[int, NDArray[np.float32]]:
        """The stored vectors among ``keys``, each of shape (d,); keys that are not stored are left out."""
        found: dict[int, NDArray[np.float32]] = {}
        for chunk in _chunks(keys):
            statement = f"SELECT id, bits, value FROM vectors WHERE id IN ({','.join('?' * len(chunk))})"
            for key, bits, value in self._connection().execute(statement, chunk):
                found[key] = np.frombuffer(value, _DTYPES[bits]).astype(np.float32)
        return found

    def missing(self, keys: Iterable[int]) -> list[int]:
        """Those of ``keys`` that are not stored, in their order, each once."""
        wanted = list(dict.fromkeys(keys))
        stored: set[int] = set()
        for chunk in _chunks(wanted):
            statement = f"SELECT id FROM vectors WHERE id IN ({','.join('?' * len(chunk))})"
            stored.update(key for (key,) in self._connection().execute(statement, chunk))
        return [key for key in wanted if key not in stored]

    def put_many(self, vectors: Mapping[int, NDArray[np.float32]]) -> None:
        """Store vectors by id, all of them or none; durable on return. Replaces what a key had."""
        dtype = _DTYPES[self._bits]
        rows = [(key, self._bits, np.asarray(vector, dtype).tobytes()) for key, vector in vectors.items()]
        with self._connection() as connection:
            connection.executemany("INSERT OR REPLACE INTO vectors (id, bits, value) VALUES (?, ?, ?)", rows)

    def prune(self, keep: Iterable[int]) -> int:
        """Delete every vector whose key is not in ``keep``; returns how many there were."""
        with self._connection() as connection:
            connection.execute("CREATE TEMP TABLE kept (id INTEGER PRIMARY KEY)")
            try:
                connection.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((key,) for key in keep))
                return connection.execute("DELETE FROM vectors WHERE id NOT IN (SELECT id FROM kept)").rowcount
            finally:
                connection.execute("DROP TABLE kept")

    def __len__(self) -> int:
        """How many vectors are stored."""
        (count,) = self._connection().execute("SELECT count(*) FROM vectors").fetchone()
        return int(count)


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """One process at a time: when two change SQLite to WAL, one fails at once, whatever its timeout."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _chunks(keys: Iterable[int]) -> Iterator[Sequence[int]]:
    """Keys in runs that fit one SQL statement."""
    rest = iter(keys)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
