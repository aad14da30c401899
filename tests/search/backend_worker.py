"""A second process with a backend of its own, for tests that need a real one.

It imports no Django and starts by spawn, so it shares nothing with the test but the directory.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from haedap.search.backends.base import Backend
from haedap.search.backends.memory import MemoryBackend
from haedap.search.backends.tantivy import TantivyBackend


def open_backend(kind: str, path: Path) -> Backend:
    return MemoryBackend(path) if kind == "memory" else TantivyBackend(path)


def serve(connection: Connection) -> None:
    """Answers (what, arguments) with ("ok", value) or ("error", error); several indexes by path."""
    backends: dict[Path, Backend] = {}
    writers: dict[Path, Any] = {}
    while True:
        try:
            what, kind, path, arguments = connection.recv()
        except EOFError:
            return
        try:
            value = None
            if what == "open":
                backends[path] = open_backend(kind, path)
                writers[path] = backends[path].writer()
            elif what == "close":
                writers.pop(path).__exit__(None, None, None)
            elif what == "article_ids":
                value = open_backend(kind, path).reader().article_ids()
            elif what == "commit_for_ever":
                # Says each commit that it finished, until it is killed.
                first, entries = arguments
                for number in range(first, first + 100_000):
                    for article, entry in entries(number):
                        writers[path].replace(article, [entry])
                    writers[path].commit()
                    connection.send(number)
            else:
                value = getattr(writers[path], what)(*arguments)
            connection.send(("ok", value))
        except Exception as error:
            connection.send(("error", error))


class Worker:
    """Runs writer calls on the index at ``path`` in another process."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def send(self, backend: Backend, path: Path, what: str, *arguments: Any) -> None:
        self.connection.send((what, backend.name, path, arguments))

    def do(self, backend: Backend, path: Path, what: str, *arguments: Any) -> Any:
        """The call's value; its error is raised here."""
        self.send(backend, path, what, *arguments)
        state, value = self.connection.recv()
        if state == "error":
            raise value
        return value

    def kill(self) -> None:
        """SIGKILL, and wait until the process is gone."""
        if self._process.pid is not None and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()
