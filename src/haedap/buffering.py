"""Writing what requests leave behind without making them wait: in memory first, then together, by another thread.

Invariant: what was added is written within seconds, or by the flush that ends the process; only a process that is
killed, or a database that stays away until the buffer is full, loses any of it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import Error, close_old_connections, connection

log = logging.getLogger(__name__)

Item = TypeVar("Item")

SECONDS = 5.0


class Buffer(Generic[Item]):
    """Collects items and hands them to ``write`` together; safe to use from many threads.

    Args:
        write: takes items in the order they came; one call, one transaction.
        what: names the items in the log.
        seconds: how long an item waits at most.
        size: that many items are written at once, by a thread of their own.
        limit: the most items that are kept while the database takes none; then the oldest go.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], object],
        what: str,
        *,
        seconds: float = SECONDS,
        size: int = 500,
        limit: int = 20_000,
    ) -> None:
        self._write = write
        self._what = what
        self._seconds = seconds
        self._size = size
        self._limit = limit
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._items: list[Item] = []
        self._timer: threading.Timer | None = None

    def __len__(self) -> int:
        """How many items wait."""
        return len(self._items)

    def add(self, item: Item) -> None:
        """Keep one item; never waits for the database."""
        with self._lock:
            self._items.append(item)
            self._forget_oldest()
            if len(self._items) == self._size:
                self._start_timer(0.0)
            elif self._timer is None:
                self._start_timer(self._seconds)

    def flush(self) -> None:
        """Write what waits, after any write that is under way. If the database cannot take it now, it waits on."""
        with self._writing:
            with self._lock:
                items, self._items = self._items, []
                self._stop_timer()
            if not items:
                return
            try:
                self._write(items)
            except Error as error:
                # The kind alone: a database may repeat the values, and what people typed belongs into no log.
                log.warning("%d %s could not be written yet (%s).", len(items), self._what, type(error).__name__)
                with self._lock:
                    self._items = items + self._items
                    self._forget_oldest()

    def _forget_oldest(self) -> None:
        surplus = len(self._items) - self._limit
        if surplus > 0:
            del self._items[:surplus]

    def _start_timer(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = threading.Timer(seconds, self._flush_in_thread)
        self._timer.daemon = True
        self._timer.start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush_in_thread(self) -> None:
        close_old_connections()
        try:
            self.flush()
        finally:
            connection.close()
        with self._lock:
            if self._items and self._timer is None:
                self._start_timer(self._seconds)
