"""The relevance gate: which articles are results at all.

The gate is a predicate, independent of the sort. An article passes if it covers nearly all of what the query asks; or,
when the query belongs to this center rather than to the world at large (:mod:`haedap.search.semantic.background`), if
it is about as near as the nearest article, the less near the more it covers. Totals, facets, every sort and every page
use the same predicate, so totals are exact by definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from haedap.search.backends.base import Filters, Reader, Request
from haedap.search.coverage import Coverage
from haedap.search.plan import Plan, Unit, coverage_at_least
from haedap.search.query import Any, Node, VectorKeys
from haedap.search.weights import GateWeights

NOTHING = Any(())
"""The predicate that no article meets."""
FIRST_LOOK = 8
"""So many of the nearest vectors are looked up first."""
FOUND = 1000
"""Entries read of a look-up at most; more of them (one text a thousand times) are taken as findable."""


@dataclass(frozen=True)
class Nearness:
    """How near a query is to every vector: ``keys[i]`` has cosine ``similarities[i]``; ``background`` is how near it is
    to the world at large; ``unit`` is how wide the embedder spreads its cosines, ``trust`` what they weigh
    (:class:`~haedap.search.semantic.protocol.Calibration`)."""

    keys: NDArray[np.uint64]
    similarities: NDArray[np.float32]
    background: float = 0.0
    unit: float = 1.0
    trust: float = 1.0

    @cached_property
    def typical(self) -> float:
        """The mean similarity over all vectors: how near an ordinary, unrelated article is."""
        return float(self.similarities.mean()) if self.similarities.size else 0.0

    @cached_property
    def deviation(self) -> float:
        """The standard deviation of the similarities."""
        return float(self.similarities.std()) if self.similarities.size else 0.0

    @cached_property
    def best(self) -> float:
        """The similarity of the nearest vector."""
        return float(self.similarities.max()) if self.similarities.size else 0.0

    def belongs(self, margin: float) -> bool:
        """True if the query is for this center: the world at large is nearer than the nearest vector by at most
        ``margin``, in the units of plain e5."""
        return self.best >= self.background - self.unit * margin

    def at_least(self, similarity: float, limit: int) -> list[tuple[int, float]]:
        """(key, cosine) of the vectors at least so near, nearest first, at most ``limit``."""
        rows = np.flatnonzero(self.similarities >= similarity)
        if rows.size > limit:
            rows = rows[np.argpartition(-self.similarities[rows], limit)[:limit]]
        order = rows[np.argsort(-self.similarities[rows], kind="stable")]
        return list(zip(self.keys[order].tolist(), self.similarities[order].tolist(), strict=True))

    def nearest(self, count: int) -> tuple[int, ...]:
        """The ``count`` nearest keys, nearest first."""
        return tuple(key for key, _ in self.at_least(-1.0, count))


def predicate(plan: Plan, nearness: Nearness | None, coverage: Coverage, weights: GateWeights) -> Node:
    """The gate of one query as a query tree. Without vectors only coverage decides."""
    units = plan.weighing
    exact = (plan.exactly,) if plan.exactly is not None else ()
    if nearness is None:
        return Any((_covers(plan.in_other_words(units), _share_alone(units, weights)), *exact))
    near = _near_enough(plan, nearness, coverage, weights)
    return Any((_covers(units, weights.coverage), VectorKeys(near), *exact))


def _near_enough(plan: Plan, nearness: Nearness, coverage: Coverage, weights: GateWeights) -> tuple[int, ...]:
    """The keys of the vectors that are near enough for what their entries cover."""
    if not plan.units or not nearness.belongs(weights.margin):
        return ()

    def floor(covered: float) -> float:
        return nearness.best - nearness.unit * (weights.within + weights.within_gain * covered)

    candidates = nearness.at_least(floor(weights.coverage), weights.candidates)
    informs = any(unit.informs for unit in plan.weighing)
    covered = coverage.of([key for key, _ in candidates]) if informs else {}
    return tuple(key for key, cosine in candidates if cosine >= floor(covered.get(key, 0.0)))


def _share_alone(units: Sequence[Unit], weights: GateWeights) -> float:
    """How much an article must cover where words alone decide: less of a long query, of which any part says a lot."""
    total = sum(unit.weight for unit in units)
    return min(weights.coverage_alone, max(weights.coverage_long, weights.enough / total)) if total else 1.0


def _covers(units: tuple[Unit, ...], share: float) -> Node:
    """Enough of the units; nothing at all when every unit is an everyday word or there is none."""
    if not any(unit.informs for unit in units):
        return NOTHING
    return coverage_at_least(units, share)


def findable(
    reader: Reader, keys: NDArray[np.uint64], similarities: NDArray[np.float32], staff: bool
) -> NDArray[np.float32]:
    """``similarities``, changed in place: what is nearer than the nearest that can be found is put at the far end.

    A matrix also holds vectors of deleted, rewritten and staff-only texts: none of them may say how near is near
    enough.
    """
    looked = FIRST_LOOK
    farthest = similarities.min(initial=1.0)
    while similarities.size:
        count = min(looked, similarities.size)
        rows = np.argpartition(-similarities, count - 1)[:count]
        wanted = VectorKeys(tuple(keys[rows].tolist()))
        response = reader.search(Request(wanted, filters=Filters(scope=None, staff=staff), limit=FOUND))
        live = {match.vector_key for match in response.matches}
        if response.total > FOUND:
            return similarities
        for row in rows[np.argsort(-similarities[rows], kind="stable")]:
            if int(keys[row]) in live:
                return similarities
            similarities[row] = farthest
        if count == similarities.size:
            break
        looked *= 4
    return similarities
