"""Fusion: one order from lexical and semantic evidence, by a weighted sum of normalized scores.

Reciprocal-rank fusion lost badly to this in measurement (ARCHITECTURE.md). The weight adapts to the query: words the
corpus knows and answers want lexical evidence, everyday language wants meaning.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from haedap.search.gate import Nearness
from haedap.search.weights import FusionWeights

Scores = NDArray[np.float64]


def normalized_lexical(scores: Scores) -> Scores:
    """BM25 scores divided by the best one: [0, 1]."""
    best = float(scores.max()) if scores.size else 0.0
    return scores / best if best > 0 else np.zeros_like(scores)


def normalized_semantic(similarities: Scores, nearness: Nearness) -> Scores:
    """Cosines on [0, 1]: 0 is an ordinary, unrelated article of this corpus, 1 the nearest one."""
    spread = max(nearness.best - nearness.typical, 1e-6)
    return np.clip((similarities - nearness.typical) / spread, 0.0, 1.0)


def semantic_weight(
    best_lexical: float, nearness: Nearness | None, weights: FusionWeights, *, spoken: bool = False
) -> float:
    """The weight of the semantic score relative to a lexical weight of 1.

    ``best_lexical`` is the highest raw BM25 sum. It grows with how much of the query the corpus knows, so a long
    factual question gets little semantic weight and a short everyday one much, without any rule about either. The
    nearer the world at large is than the center, the less the vectors are trusted. ``spoken`` says that the lexicon
    knows everyday words in the query; the added words raise its BM25 sum, and vectors serve it better.
    """
    if nearness is None:
        return 0.0
    strength = weights.spoken_strength if spoken else weights.strength
    weight = min(weights.highest, max(weights.lowest, strength / max(best_lexical, 1e-6)))
    trust = ((nearness.best - nearness.background) / nearness.unit - weights.distrusted) / (
        weights.trusted - weights.distrusted
    )
    return weight * (weights.least_trust + (1 - weights.least_trust) * min(1.0, max(0.0, trust)))


def fused(lexical: Scores, semantic: Scores | None, weight: float) -> Scores:
    """The weighted mean of both, in [0, 1]; lexical alone when there are no vectors."""
    if semantic is None:
        return lexical
    return (lexical + weight * semantic) / (1.0 + weight)


def with_coverage(scores: Scores, coverage: Scores, weight: float) -> Scores:
    """The weighted mean of fused scores and of how much of the query each article covers, both in [0, 1]."""
    return (scores + weight * coverage) / (1.0 + weight)
