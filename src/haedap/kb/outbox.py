"""Telling the indexer: rows written in the transaction that changed the articles."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from haedap.kb.models import Article, Outbox

_CHUNK = 500


def queue(article_ids: Iterable[int], priority: int) -> int:
    """Raise ``index_version`` of the articles and queue them; returns how many. Own transaction, or the caller's."""
    ids = sorted(set(article_ids))
    with transaction.atomic():
        for start in range(0, len(ids), _CHUNK):
            chunk = Article.objects.filter(pk__in=ids[start : start + _CHUNK])
            chunk.update(index_version=F("index_version") + 1)
            Outbox.objects.bulk_create(
                Outbox(article_id=pk, index_version=version, priority=priority)
                for pk, version in chunk.order_by("pk").values_list("pk", "index_version")
            )
    return len(ids)
