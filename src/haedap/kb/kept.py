"""A few rows kept in memory, read again when they may have changed: for what nearly every request needs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import DatabaseError
from django.db.models import Model
from django.db.models.signals import post_delete, post_save

Rows = TypeVar("Rows")
log = logging.getLogger(__name__)


class Kept(Generic[Rows]):
    """What ``read`` gives, at most ``max_age`` seconds old by ``clock``.

    A change of one of ``models`` in this process shows at once.
    """

    def __init__(
        self,
        read: Callable[[], Rows],
        max_age: float,
        models: tuple[type[Model], ...],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._max_age = max_age
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[float, Rows] | None = None
        for model in models:
            post_save.connect(self.forget, sender=model)
            post_delete.connect(self.forget, sender=model)

    def get(self) -> Rows:
        """The rows. Raises what ``read`` raises."""
        known = self._fresh()
        if known is None:
            with self._lock:
                known = self._fresh()
                if known is None:
                    known = self._known = (self._clock(), self._read())
        return known[1]

    def get_or_last(self, otherwise: Rows) -> Rows:
        """The rows; without a database those last known, or ``otherwise``."""
        try:
            return self.get()
        except DatabaseError as error:
            log.warning("What %s keeps cannot be read (%s); that known stays in use.", self._read.__module__, error)
            return otherwise if self._known is None else self._known[1]

    def _fresh(self) -> tuple[float, Rows] | None:
        known = self._known
        return known if known is not None and self._clock() - known[0] <= self._max_age else None

    @property
    def last(self) -> Rows | None:
        """The rows as they were last read, without reading; None if they never were."""
        return self._known[1] if self._known else None

    def forget(self, **_signal: Any) -> None:
        """Read anew next time."""
        self._known = None
