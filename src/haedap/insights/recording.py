"""Writing the search log, and forgetting it in time. A search waits for neither."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from haedap.buffering import Buffer
from haedap.insights.masking import mask
from haedap.insights.models import SearchLog
from haedap.kb.signals import SettledSearch
from haedap.search.text import normalize

UNLOGGED_NOTICES = frozenset({"spam", "restricted"})
CHUNK = 5000


def _write(lines: Sequence[SearchLog]) -> None:
    for line in lines:
        # An attempt that was rolled back may have left numbers that others have by now.
        line.pk = None
    SearchLog.objects.bulk_create(lines)


buffer = Buffer(_write, "lines of the search log")
atexit.register(buffer.flush)


def line_of(search: SettledSearch) -> SearchLog | None:
    """The unsaved line of one settled search, masked; None for a keystroke, a bot, spam or an empty query."""
    query = " ".join(normalize(search.query).split())
    if not search.settled or search.bot or search.notice in UNLOGGED_NOTICES or not query:
        return None
    return SearchLog(
        query=mask(query)[:200],
        total=search.total,
        notice=(search.notice or "")[:20],
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
    """Receiver of :data:`haedap.kb.signals.search_settled`; the line is written within seconds."""
    if line := line_of(search):
        buffer.add(line)


def on_hourly(**_signal: Any) -> None:
    """Receiver of :data:`haedap.kb.signals.hourly`, in the indexer process."""
    prune()
