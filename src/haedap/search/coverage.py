"""How much of a query each article covers, asked of the engine once for each article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from haedap.search.backends.base import Filters, Reader, Request
from haedap.search.plan import Plan, quanta
from haedap.search.query import Any, Constant, Node, VectorKeys


class Coverage:
    """The coverage of one query by entries of one reader: gate and ranking ask about the same articles.

    Every unit that an entry matches counts its weight, the lexicon's words for it the share ``other_words`` of that.
    """

    def __init__(self, reader: Reader, plan: Plan, other_words: float) -> None:
        self._reader = reader
        self._known: dict[int, float] = {}
        units = plan.weighing
        counts = quanta(units)
        self._whole = sum(counts)
        nodes: list[Node] = [Constant(unit.match, count) for unit, count in zip(units, counts, strict=True)]
        for unit, count in zip(units, counts, strict=True):
            if unit.term in plan.also:
                nodes.append(Constant(plan.also[unit.term], other_words * count))
        self._scoring = Any(tuple(nodes))

    def of(self, keys: Sequence[int]) -> Mapping[int, float]:
        """By vector key the share of the query that its entry covers, in [0, 1], for ``keys`` and those asked before;
        0 where the index has no such entry or the query weighs nothing."""
        missing = [key for key in keys if key not in self._known]
        if missing:
            self._known.update(dict.fromkeys(missing, 0.0))
        if missing and self._whole:
            scope = Filters(scope=None, staff=True)
            request = Request(VectorKeys(tuple(missing)), self._scoring, scope, limit=4 * len(missing))
            for match in self._reader.search(request).matches:
                share = min(1.0, match.score / self._whole)
                self._known[match.vector_key] = max(self._known.get(match.vector_key, 0.0), share)
        return self._known
