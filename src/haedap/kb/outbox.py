"""Telling the indexer: rows written in the transaction that changed the articles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from haedap.kb.models import Article, Outbox

_CHUNK = 500


def queue(article_ids: Iterable[int], priority: int, *, not_before: datetime | None = None) -> int:
    """Raise ``index_version`` of the articles and queue them; returns how many. Own transaction, or the caller's.

    The indexer leaves them alone until ``not_before``; None means now.
    """
    ids = sorted(set(article_ids))
    not_before = not_before or timezone.now()
    with transaction.atomic():
        for start in range(0, len(ids), _CHUNK):
            chunk = Article.objects.filter(pk__in=ids[start : start + _CHUNK])
            chunk.update(index_version=F("index_version") + 1)
            Outbox.objects.bulk_create(
                Outbox(article_id=pk, index_version=version, priority=priority, not_before=not_before)
                for pk, version in chunk.order_by("pk").values_list("pk", "index_version")
            )
    return len(ids)
