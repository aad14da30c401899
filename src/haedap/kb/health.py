"""Whether index and database agree."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from haedap.kb.documents import article_documents, published_ids
from haedap.kb.models import Outbox
from haedap.search.backends.base import IndexDamaged, Reader
from haedap.search.backends.tantivy import TantivyBackend
from haedap.search.generations import Generations, WriterLock
from haedap.search.indexing import lexical_path, readable
from haedap.search.payload import Payload, decode
from haedap.search.types import ArticleDocument

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """Article ids that the index lacks, holds in an older state, or holds too many; and how many rows wait."""

    articles: int
    missing: tuple[int, ...]
    stale: tuple[int, ...]
    surplus: tuple[int, ...]
    waiting: int

    @property
    def good(self) -> bool:
        """True if index and database agree."""
        return not (self.missing or self.stale or self.surplus)


def check(root: Path | None = None) -> Health:
    """Compare every published article with the index; reads everything, changes nothing."""
    reader = _reader(root or settings.HAEDAP_INDEX)
    held = dict(_payloads(reader)) if reader else {}
    ids = published_ids()
    documents = article_documents(pk for pk in ids if pk in held)
    stale = [document.id for document in documents if not _same(document, held[document.id])]
    published = set(ids)
    return Health(
        articles=len(ids),
        missing=tuple(pk for pk in ids if pk not in held),
        stale=tuple(stale),
        surplus=tuple(sorted(held.keys() - published)),
        waiting=Outbox.objects.count(),
    )


def index_ids(root: Path | None = None) -> set[int]:
    """Every article the index holds; none if there is no index."""
    reader = _reader(root or settings.HAEDAP_INDEX)
    return set(reader.article_ids()) if reader else set()


def set_damaged_aside(error: IndexDamaged, root: Path | None = None) -> None:
    """Answer ``error``: let no index be current, so that a new one begins from nothing.

    The damaged one is never looked at again, whatever was found wrong with it and by whom. Raises IndexLocked while
    another process writes.
    """
    root = root or settings.HAEDAP_INDEX
    with WriterLock(root / "writer.lock"):
        (root / "CURRENT").unlink(missing_ok=True)
    log.error("%s It is set aside, and a new one is built.", error)


def _reader(root: Path) -> Reader | None:
    generation = Generations(root).current()
    if generation is None or not readable(generation):
        return None
    return TantivyBackend(lexical_path(generation)).reader()


def _payloads(reader: Reader) -> Iterator[tuple[int, Payload]]:
    """One payload an article: its widest, which holds every body."""
    widest: dict[int, Payload] = {}
    matches = reader.all_matches()
    for match, data in zip(matches, reader.payloads(matches), strict=True):
        payload = decode(data)
        known = widest.get(match.article_id)
        if known is None or len(payload.bodies) > len(known.bodies):
            widest[match.article_id] = payload
    yield from widest.items()


def _same(document: ArticleDocument, payload: Payload) -> bool:
    category = document.categories[0] if document.categories else ""
    here = (document.title, document.service, category, document.updated)
    there = (payload.title.text, payload.service, payload.category, payload.updated)
    texts = {body.text for body in document.bodies}
    return here == there and texts == {body.content.text for body in payload.bodies}
