"""The bodies that the report of links reads, by article; what was read of a body is remembered.

Invariants: memory and the number of queries follow the size of a chunk, not of the center; a body never changes under
its id, so what is remembered of it stays true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from haedap.kb.markdown import anchors
from haedap.kb.markdown_references import Reference, references
from haedap.kb.models import Article, Revision, Variant, VariantPlatform
from haedap.search.cache import LruCache

CHUNK = 500
"""Articles looked at together."""
REMEMBERED = 30_000
"""Bodies whose links are kept in memory; a center that has more is read anew each time, and no worse."""
# Most bodies have no link at all; a look for one is far cheaper than reading the body.
_MAY_LINK = re.compile(r"\]\s*[(\[:]|<[a-z/]|\bhttps?:", re.IGNORECASE)

# A restored backup may use an id for another body, written at another time.
_Key = tuple[int, datetime]
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Body:
    """A body of an article; ``published`` says that the public reads it.

    ``anchors`` are the ids on its page, for a body that links to one of them.
    """

    article: int
    title: str
    is_public: bool
    published: bool
    language: str
    platforms: tuple[str, ...]
    references: tuple[Reference, ...]
    anchors: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Links:
    references: tuple[Reference, ...] = ()
    anchors: frozenset[str] = frozenset()


_links: LruCache[_Key, _Links] = LruCache(REMEMBERED)
_anchors: LruCache[_Key, frozenset[str]] = LruCache(REMEMBERED)


def chunks(ids: Iterable[int] | None) -> Iterator[list[Body]]:
    """The bodies that hold links or pictures, those of :data:`CHUNK` articles at a time.

    They are those that are shown and those that were written last; what is archived is left out. ``ids`` limits them to
    some articles.
    """
    last = 0
    wanted = Article.objects.exclude(status=Article.Status.ARCHIVED).annotate(newest=Revision.newest()).order_by("pk")
    if ids is not None:
        wanted = wanted.filter(pk__in=list(ids))
    columns = ("pk", "status", "visibility", "published_revision", "newest")
    while rows := list(wanted.filter(pk__gt=last).values_list(*columns, named=True)[:CHUNK]):
        last = rows[-1].pk
        yield _bodies(rows)


def anchors_of(ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The ids on the pages of articles that anybody or staff may read, of all their bodies together."""
    shown = Article.readable(staff=True).filter(pk__in=ids).values("published_revision")
    columns = ("pk", "revision__created_at", "revision__article")
    rows = list(Variant.objects.filter(revision__in=shown).order_by().values_list(*columns))
    read = _remembered(_anchors, [row[:2] for row in rows], anchors)
    found: dict[int, frozenset[str]] = {}
    for pk, _created, article in rows:
        found[article] = found.get(article, frozenset()) | read.get(pk, frozenset())
    return found


def _bodies(articles: list[Any]) -> list[Body]:
    public = {row.pk for row in articles if row.visibility == Article.Visibility.PUBLIC}
    shown = {row.published_revision for row in articles if row.status == Article.Status.PUBLISHED}
    wanted = shown | {row.newest for row in articles} - {None}
    columns = ("pk", "revision__created_at", "revision", "revision__article", "revision__title", "language")
    variants = Variant.objects.filter(revision__in=wanted)
    ordered = variants.order_by("revision__article", "revision__number", "-is_fallback", "pk")
    rows = list(ordered.values_list(*columns))
    read = _remembered(_links, [row[:2] for row in rows], _links_in)
    linking = [row for row in rows if row[0] in read and read[row[0]].references]
    platforms = _platforms([row[0] for row in linking])
    return [
        Body(
            article=article,
            title=title,
            is_public=article in public,
            published=revision in shown,
            language=language,
            platforms=tuple(platforms.get(pk, ())),
            references=read[pk].references,
            anchors=read[pk].anchors,
        )
        for pk, _created, revision, article, title, language in linking
    ]


def _platforms(variants: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    placed = VariantPlatform.objects.filter(variant__in=variants).order_by("platform__order", "platform")
    for variant, slug in placed.values_list("variant", "platform__slug"):
        found.setdefault(variant, []).append(slug)
    return found


def _links_in(body: str, body_format: str) -> _Links:
    found = tuple(references(body, body_format)) if _MAY_LINK.search(body) else ()
    inner = any(reference.address.startswith("#") for reference in found)
    return _Links(found, anchors(body, body_format) if inner else frozenset())


def _remembered(
    memory: LruCache[_Key, _Read], keys: Iterable[_Key], read: Callable[[str, str], _Read]
) -> dict[int, _Read]:
    """What ``read`` finds in bodies, by their ids. Those that are not remembered are fetched, one by one."""
    known = {key: memory.get(key) for key in keys}
    found = {pk: value for (pk, _created), value in known.items() if value is not None}
    unknown = {key[0]: key for key, value in known.items() if value is None}
    rows = Variant.objects.filter(pk__in=unknown).order_by().values_list("pk", "body", "body_format")
    for pk, body, body_format in rows.iterator(chunk_size=50):
        found[pk] = read(body, body_format)
        memory.put(unknown[pk], found[pk])
    return found
