"""Recommended results as items of a result page, read from the database: they need no index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from haedap.kb.documents import read_documents
from haedap.search.cache import LruCache
from haedap.search.sentences import segments
from haedap.search.snippets import merged
from haedap.search.text import fold, normalize
from haedap.search.types import ArticleDocument, Body, Hit, Snippet, Span

SNIPPET = 160
"""Characters of a snippet at most, as of any other result."""


@dataclass(frozen=True, slots=True)
class _Card:
    """What an item shows of an article, and where it stands; ``sentences`` are the first ones of its bodies by scope,
    ``scopes`` in the order of the document."""

    title: str
    service: str
    categories: tuple[str, ...]
    sentences: Mapping[str, str]
    scopes: tuple[str, ...]
    first: str


Version = tuple[int, datetime]
"""What tells one state of an article from another: its index version, and when it was last updated (after a restore,
versions alone begin again)."""
_cards: LruCache[tuple[int, Version], _Card] = LruCache(500)


def recommended(
    versions: Mapping[int, Version],
    ids: Iterable[int],
    query: str,
    *,
    service: str | None = None,
    category: str | None = None,
    platform: str | None = None,
    limit: int,
) -> list[Hit]:
    """Hits of those of ``ids`` that match the filters, in their order, at most ``limit``.

    Args:
        versions: the version of each article that may be shown, by id; others are left out.
        query: its words are marked in titles.
    """
    wanted = [pk for pk in ids if pk in versions]
    cards = _known([(pk, versions[pk]) for pk in wanted])
    hits = [
        _hit(pk, cards[pk], query, platform)
        for pk in wanted
        if pk in cards and _matches(cards[pk], service, category, platform)
    ]
    return hits[:limit]


def _known(keys: Sequence[tuple[int, Version]]) -> dict[int, _Card]:
    """The card of each (id, version), read anew only for a version not seen before."""
    found = {pk: card for pk, version in keys if (card := _cards.get((pk, version))) is not None}
    missing = {pk: version for pk, version in keys if pk not in found}
    for document in read_documents(list(missing)) if missing else ():
        card = found[document.id] = _card(document)
        # One that changed since is read again next time.
        if document.version == missing[document.id][0]:
            _cards.put((document.id, missing[document.id]), card)
    return found


def _card(document: ArticleDocument) -> _Card:
    firsts = [(body, _first_sentence(body)) for body in document.bodies]
    return _Card(
        title=document.title,
        service=document.service,
        categories=document.categories,
        sentences={scope: sentence for body, sentence in firsts for scope in body.scopes},
        scopes=tuple(scope for body in document.bodies for scope in body.scopes),
        first=next((sentence for _body, sentence in firsts if sentence), ""),
    )


def _first_sentence(body: Body) -> str:
    """The first sentence under no heading mark, shortened like a snippet; "" if the body has no text."""
    for block in body.blocks:
        if block.kind in ("heading", "code"):
            continue
        text = body.text[block.start : block.end]
        for start, end in segments(text):
            sentence = text[start:end]
            return sentence if len(sentence) <= SNIPPET else f"{sentence[: SNIPPET - 2].rstrip()} …"
    return ""


def _matches(card: _Card, service: str | None, category: str | None, platform: str | None) -> bool:
    return (
        (not service or card.service == service)
        and (not category or category in card.categories)
        and (not platform or platform in card.scopes)
    )


def _hit(pk: int, card: _Card, query: str, platform: str | None) -> Hit:
    return Hit(
        article_id=pk,
        title=card.title,
        title_highlights=_typed(card.title, query),
        snippet=Snippet(card.sentences.get(platform, "") if platform else card.first),
        score=0.0,
        scopes=card.scopes,
        service=card.service,
        category=card.categories[0] if card.categories else "",
    )


def _typed(title: str, query: str) -> tuple[Span, ...]:
    """Where words of the query, of two characters or more, stand in the title; overlapping ones are joined."""
    folded = fold(title)
    spans: list[Span] = []
    for word in {word for word in fold(normalize(query)).split() if len(word) > 1}:
        at = folded.find(word)
        while at >= 0:
            spans.append((at, at + len(word)))
            at = folded.find(word, at + len(word))
    return merged(spans)
