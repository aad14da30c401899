"""The relevance gate: which articles are results at all.

The gate is a predicate, independent of the sort. An article passes if it covers nearly all of what the query asks; or,
when the query is nearer to this center than to the world at large (:mod:`haedap.search.semantic.background`), if it is
about as near as the nearest article, the less near the more it covers. Totals, facets, every sort and every page use
the same predicate, so totals are exact by definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from haedap.search.plan import Plan, Unit, coverage_at_least
from haedap.search.query import All, Any, Node, VectorKeys
from haedap.search.weights import GateWeights

NOTHING = Any(())
"""The predicate that no article meets."""


@dataclass(frozen=True)
class Nearness:
    """How near a query is to every vector: ``keys[i]`` has cosine ``similarities[i]``; ``background`` is the cosine of
    the nearest question of the world at large."""

    keys: NDArray[np.uint64]
    similarities: NDArray[np.float32]
    background: float = 0.0

    @cached_property
    def typical(self) -> float:
        """The mean similarity over all vectors: how near an ordinary, unrelated article is."""
        return float(self.similarities.mean()) if self.similarities.size else 0.0

    @cached_property
    def best(self) -> float:
        """The similarity of the nearest vector."""
        return float(self.similarities.max()) if self.similarities.size else 0.0

    def at_least(self, similarity: float, limit: int) -> tuple[int, ...]:
        """Keys of vectors at least so near, nearest first, at most ``limit``."""
        return self._sorted(np.flatnonzero(self.similarities >= similarity), limit)

    def nearest(self, count: int) -> tuple[int, ...]:
        """The ``count`` nearest keys, nearest first."""
        return self._sorted(np.arange(self.similarities.size), count)

    def _sorted(self, rows: NDArray[np.int64], count: int) -> tuple[int, ...]:
        if rows.size > count:
            rows = rows[np.argpartition(-self.similarities[rows], count)[:count]]
        order = rows[np.argsort(-self.similarities[rows], kind="stable")]
        return tuple(int(key) for key in self.keys[order])


def predicate(plan: Plan, nearness: Nearness | None, weights: GateWeights) -> Node:
    """The gate of one query as a query tree. Without vectors only coverage decides."""
    units = tuple(unit for unit in plan.informative if unit.weight > 0)
    if nearness is None:
        return _covers(units, weights.coverage_alone)
    tiers = [_covers(units, weights.coverage)]
    for tier in weights.near if plan.units else ():
        floor = max(nearness.background - tier.margin, nearness.best - tier.within)
        near = nearness.at_least(floor, tier.limit)
        if near:
            keys = VectorKeys(near)
            tiers.append(keys if tier.coverage <= 0 else All((keys, _covers(units, tier.coverage))))
    return Any(tuple(tiers))


def _covers(units: tuple[Unit, ...], share: float) -> Node:
    """Enough of the units; nothing at all when every unit is an everyday word or there is none."""
    if not any(unit.informs for unit in units):
        return NOTHING
    return coverage_at_least(units, share)
