"""What rooms tell one another without knowing each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.dispatch import Signal


@dataclass(frozen=True, slots=True)
class SettledSearch:
    """A search someone waited for. ``settled`` is False for a keystroke; ``bot`` True for a known crawler."""

    query: str
    total: int
    source: Literal["web", "api"]
    notice: str | None = None
    service: str = ""
    category: str = ""
    platform: str = ""
    sort: str = "relevance"
    page: int = 1
    settled: bool = True
    bot: bool = False


@dataclass(frozen=True, slots=True)
class MissedSchedule:
    """An article that could not be shown or hidden ``at`` its time, and why; ``field`` of it held the time."""

    article_id: int
    field: Literal["publish_at", "unpublish_at"]
    at: datetime
    reason: str


schedule_missed = Signal()
"""Sent as ``schedule_missed.send(sender, missed=MissedSchedule(...))`` in the transaction that takes the time away."""

search_settled = Signal()
"""Sent as ``search_settled.send(sender, search=SettledSearch(...))`` after the answer is made."""

hourly = Signal()
"""Sent by the indexer process about once an hour, for housekeeping that needs no visitor."""
