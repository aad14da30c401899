"""Suggestions while typing: titles that what is typed may become.

Invariant: every suggestion passed the check of its tier on its own title, so what is marked is what was typed; the
engine only finds candidates. Tiers come in the order of :data:`TIERS`, within one the popular and then the shorter
title first. They live in the search index itself: filters, scopes and commits are those of the search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from haedap.search.backends.base import Filters, Reader, Request
from haedap.search.guard import inspect
from haedap.search.payload import Card, decode_card
from haedap.search.query import Node
from haedap.search.suggest.keys import Title
from haedap.search.suggest.steps import TIERS, Check, Step, Tier, steps
from haedap.search.text import normalize
from haedap.search.types import MAX_QUERY, Span

__all__ = ["TIERS", "NameMatch", "Suggestion", "Tier", "match_names", "suggest"]

CANDIDATES = 32
"""Titles looked at a step, the most popular ones; among more of equal popularity the oldest."""
CUT_CANDIDATES = 100
"""The same where what was typed is longer than what is indexed."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One article. ``highlights`` are the parts of ``title`` that were typed; ``scopes`` are all its platforms;
    ``tier`` says how it matched."""

    article_id: int
    title: str
    highlights: tuple[Span, ...]
    service: str
    category: str
    scopes: tuple[str, ...]
    tier: Tier


@dataclass(frozen=True, slots=True)
class NameMatch:
    """The name of this ``number`` in the list matched; the rest as in :class:`Suggestion`."""

    number: int
    highlights: tuple[Span, ...]
    tier: Tier


def suggest(reader: Reader, text: str, filters: Filters, limit: int = 8) -> list[Suggestion]:
    """At most ``limit`` suggestions for any ``text``, best first, each article once; none for spam or a long text."""
    found: dict[int, Suggestion] = {}
    cards: dict[int, Card] = {}

    def holds(node: Node) -> bool:
        return reader.search(Request(node, filters=filters, limit=0)).total > 0

    for step in steps(_typed(text), holds):
        if len(found) >= limit:
            break
        if step.if_nothing and found:
            continue
        candidates = _candidates(reader, step, filters, cards)
        _take(candidates, step.check, step.tier, limit, found)
        if step.last_resort and not found:
            _take(candidates, step.last_resort, step.tier, limit, found)
    return list(found.values())


def _typed(text: str) -> str:
    """``text`` normalized; empty where it is not to be answered."""
    text = normalize(text[: 4 * MAX_QUERY + 1]).strip()
    return text if text and len(text) <= MAX_QUERY and not inspect(text).notice else ""


def match_names(text: str, names: Sequence[str]) -> list[NameMatch]:
    """Which of ``names`` (NFC; a few hundred at most) ``text`` may become, the best match first; see ``suggest``."""
    titles = [_title(name) for name in names]
    found: dict[int, NameMatch] = {}
    for step in steps(_typed(text), lambda node: True):
        if found and step.tier == "slip":
            break
        for number, title in enumerate(titles):
            highlights = None if number in found else step.check(title)
            if highlights is not None:
                found[number] = NameMatch(number, highlights, step.tier)
    return list(found.values())


@lru_cache(maxsize=2000)
def _title(name: str) -> Title:
    return Title(name)


def _candidates(reader: Reader, step: Step, filters: Filters, cards: dict[int, Card]) -> list[tuple[int, Card]]:
    """Article ids with their cards, in the order of suggestions; ``cards`` are those read before, and gets the new."""
    request = Request(step.node(), filters=filters, sort="hits", limit=CUT_CANDIDATES if step.is_cut else CANDIDATES)
    matches = reader.search(request).matches
    new = [match for match in matches if match.article_id not in cards]
    cards.update(zip((match.article_id for match in new), map(decode_card, reader.payloads(new)), strict=True))
    return sorted(
        ((match.article_id, cards[match.article_id]) for match in matches),
        key=lambda pair: (-pair[1].hits, len(pair[1].title), pair[0]),
    )


def _take(
    candidates: Sequence[tuple[int, Card]], check: Check, tier: Tier, limit: int, found: dict[int, Suggestion]
) -> None:
    """Add those that pass the check to ``found`` until it holds ``limit``."""
    for article_id, card in candidates:
        if len(found) >= limit:
            return
        highlights = None if article_id in found else check(_title(card.title))
        if highlights is not None:
            found[article_id] = Suggestion(
                article_id, card.title, highlights, card.service, card.category, card.scopes, tier
            )
