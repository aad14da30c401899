"""What a synonym, a recommended result or a restricted term would change, tried on real queries before it is saved.

Nothing that answers visitors is touched: the change lives in a search of its own over the same index.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from haedap.kb.curation import key_of, rules_with
from haedap.kb.models import PinnedResult, RestrictedTerm, Synonym
from haedap.kb.searching import SearchParams, Trial, center

MOST = 100
"""Queries that are tried, at most."""
SECONDS = 4.0
"""After so long no further query is tried."""
TOP = 5
"""Results shown of each side; changes are looked for on the whole first page."""

Mark = Literal["", "new", "lost", "up", "down"]
Changed = Synonym | PinnedResult | RestrictedTerm


@dataclass(frozen=True, slots=True)
class Line:
    """One result: where it stands from 1 (0: recommended above the list), and what became of it."""

    place: int
    id: str
    title: str
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Side:
    """What a query gives: recommended results, the first results, how many there are, and a notice."""

    total: int
    notice: str | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A query that is answered in another way."""

    query: str
    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class Preview:
    """``tried`` queries were asked before and after; ``left`` were not, for want of time."""

    tried: int
    left: int
    differences: tuple[Difference, ...]


def preview(changed: Changed, typed: Iterable[str], logged: Iterable[str], seconds: float = SECONDS) -> Preview:
    """What saving ``changed`` would change.

    Args:
        changed: the row with its new values, saved or not.
        typed: queries to try first; the row's own expression or query is always tried.
        logged: what people looked for, the most frequent first; of these the ones that the row concerns are tried
            before the others.
    """
    trial, concerns = _trial(changed)
    logged = list(logged)
    concerned = [query for query in logged if concerns(query)]
    queries = islice(dict.fromkeys(filter(None, [_own(changed), *typed, *concerned, *logged])), MOST)
    return compare(list(queries), trial, seconds)


def compare(queries: Sequence[str], trial: Trial, seconds: float = SECONDS) -> Preview:
    """Ask the center and ``trial`` the same queries until the time is up; the first one is always asked."""
    ends = time.monotonic() + seconds
    tried, differences = 0, []
    for query in queries:
        if tried and time.monotonic() > ends:
            break
        tried += 1
        asked = SearchParams(query)
        before, after = center().search(asked), trial.search(asked)
        if _answer(before) != _answer(after):
            differences.append(_difference(query, before, after))
    return Preview(tried, len(queries) - tried, tuple(differences))


def _own(changed: Changed) -> str:
    """The query that a row is about."""
    if isinstance(changed, Synonym):
        return changed.expression
    return changed.query if isinstance(changed, PinnedResult) else changed.term


def _trial(changed: Changed) -> tuple[Trial, Callable[[str], bool]]:
    """The search with the change, and whether a query may be concerned by it."""
    if isinstance(changed, Synonym):
        lexicon, mine = center().words.lexicon_with(changed)
        analyzer, _embedder = center().preload()
        return center().trial(lexicon=lexicon), lambda query: bool(mine.expand(analyzer.analyze(query)))
    rules = rules_with(changed)
    if isinstance(changed, RestrictedTerm):
        return center().trial(rules=rules), rules.restricts
    keys = {key_of(changed.query), *PinnedResult.objects.filter(pk=changed.pk).values_list("key", flat=True)}
    return center().trial(rules=rules), lambda query: key_of(query) in keys


def _answer(found: dict[str, Any]) -> tuple[Any, ...]:
    """What makes two answers the same."""
    ids = ([hit["id"] for hit in found[group]] for group in ("pinned", "results"))
    return found["notice"], found["total"], *ids, found["answer"] and found["answer"]["text"]


def _difference(query: str, before: dict[str, Any], after: dict[str, Any]) -> Difference:
    old, new = _places(before), _places(after)
    lost = tuple(
        Line(place, pk, title, "" if pk in new else "lost") for pk, (place, title) in old.items() if place <= TOP
    )
    gained = tuple(
        Line(place, pk, title, _mark(place, old.get(pk))) for pk, (place, title) in new.items() if place <= TOP
    )
    return Difference(
        query, Side(before["total"], before["notice"], lost), Side(after["total"], after["notice"], gained)
    )


def _places(found: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """Where each article stands, with its title; a recommended one stands above the list."""
    listed = {hit["id"]: (place, hit["title"]) for place, hit in enumerate(found["results"], 1)}
    recommended = {hit["id"]: (0, hit["title"]) for hit in found["pinned"]}
    return recommended | {pk: where for pk, where in listed.items() if pk not in recommended}


def _mark(place: int, before: tuple[int, str] | None) -> Mark:
    if before is None:
        return "new"
    return "up" if place < before[0] else "down" if place > before[0] else ""
