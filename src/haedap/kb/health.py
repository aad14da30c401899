"""Whether index and database agree."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from haedap.kb.documents import article_documents, published_ids
from haedap.kb.models import Outbox
from haedap.search.answering import answering, matrix_path
from haedap.search.backends.base import IndexDamaged, Reader
from haedap.search.backends.tantivy import TantivyBackend
from haedap.search.generations import Generations, WriterLock
from haedap.search.indexing import lexical_path, readable
from haedap.search.payload import Payload, decode
from haedap.search.semantic.matrix import MatrixReader
from haedap.search.semantic.parts import part_keys
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


@dataclass(frozen=True, slots=True)
class Vectors:
    """Of the texts of the index, how many have a vector of an embedder; ``answers`` is True once these are searched."""

    held: int
    texts: int
    answers: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """What can be told of the index without reading every article.

    ``failed`` counts waiting rows that could not be indexed and are tried later; ``vectors`` is None without an
    embedder; ``generation`` and ``built_at`` are None before the first index.
    """

    published: int
    indexed: int
    missing: int
    surplus: int
    waiting: int
    failed: int
    generation: int | None
    built_at: datetime | None
    vectors: Vectors | None


def summary(embedder: str | None, root: Path | None = None) -> Summary:
    """How the index stands; ``embedder`` is the fingerprint of the one in use. Raises IndexDamaged."""
    root = root or settings.HAEDAP_INDEX
    generations, reader = Generations(root), _reader(root)
    generation = generations.current()
    published, held = set(published_ids()), set(reader.article_ids()) if reader else set()
    completed = generations.completed(generation) if generation else None
    vectors = None
    if generation and reader and embedder:
        texts = {key for match in reader.all_matches() for key in part_keys(match.vector_key)}
        known = set(map(int, MatrixReader(matrix_path(generation, embedder)).keys))
        vectors = Vectors(len(texts & known), len(texts), answering(generation) == embedder)
    return Summary(
        published=len(published),
        indexed=len(held),
        missing=len(published - held),
        surplus=len(held - published),
        waiting=Outbox.objects.count(),
        failed=Outbox.objects.filter(not_before__gt=timezone.now()).count(),
        generation=generation.number if generation else None,
        built_at=datetime.fromtimestamp(completed, UTC) if completed else None,
        vectors=vectors,
    )


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
