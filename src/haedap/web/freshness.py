"""A stamp of everything a results page is made of, so that a kept page is never an old one.

Invariant: every change of an article or a name queues an outbox row in its transaction, and the index's own stamp
changes before that row goes; so equal stamps mean the same answers.
"""

from __future__ import annotations

import threading

from django.db.models import Max

from haedap.kb.models import Outbox
from haedap.kb.names import Names, current_names
from haedap.kb.searching import center

_lock = threading.Lock()
_names: Names | None = None
_number = 0


def stamp() -> tuple[str, int | None, int, str]:
    """Equal for equal answers: the index, the changes waiting for it, the names shown, and the recommended results and
    restricted terms in force. One small query."""
    waiting = Outbox.objects.aggregate(newest=Max("pk"))["newest"]
    return center().engine.stamp, waiting, _names_number(), center().rules.state()


def _names_number() -> int:
    """Rises whenever the names differ from those seen before."""
    global _names, _number
    names = current_names()
    if names is not _names:
        with _lock:
            if names != _names:
                _number += 1
            _names = names
    return _number
