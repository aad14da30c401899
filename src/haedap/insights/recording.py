"""Writing the search log, and forgetting it in time."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from haedap.insights.masking import mask
from haedap.insights.models import SearchLog
from haedap.kb.signals import SettledSearch
from haedap.search.text import normalize

log = logging.getLogger(__name__)

UNLOGGED_NOTICES = frozenset({"spam", "restricted"})
CHUNK = 5000


def record(search: SettledSearch) -> SearchLog | None:
    """Store one settled search, masked; nothing for a keystroke, a bot, spam or an empty query."""
    query = " ".join(normalize(search.query).split())
    if not search.settled or search.bot or search.notice in UNLOGGED_NOTICES or not query:
        return None
    return SearchLog.objects.create(
        query=mask(query)[:200],
        total=search.total,
        notice=search.notice or "",
        service=search.service[:60],
        category=search.category[:130],
        platform=search.platform[:40],
        sort=search.sort[:10],
        page=min(search.page, 32767),
        source=search.source,
    )


def prune() -> int:
    """Delete lines older than HAEDAP_LOG_RETENTION_DAYS, in short transactions; returns how many."""
    before = timezone.now() - timedelta(days=settings.HAEDAP_LOG_RETENTION_DAYS)
    removed = 0
    while ids := list(SearchLog.objects.filter(created_at__lt=before).values_list("pk", flat=True)[:CHUNK]):
        for start in range(0, len(ids), 500):
            removed += SearchLog.objects.filter(pk__in=ids[start : start + 500]).delete()[0]
    return removed


def on_search_settled(*, search: SettledSearch, **_signal: Any) -> None:
    """Receiver of :data:`haedap.kb.signals.search_settled`. A line that cannot be written fails no search."""
    try:
        record(search)
    except DatabaseError as error:
        # The kind alone: a database may repeat the values, and what people typed belongs into no other log.
        log.warning("A search could not be recorded (%s).", type(error).__name__)


def on_hourly(**_signal: Any) -> None:
    """Receiver of :data:`haedap.kb.signals.hourly`, in the indexer process."""
    prune()
