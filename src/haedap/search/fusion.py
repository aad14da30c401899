"""Fusion: one order from lexical and semantic evidence, by a weighted sum of normalized scores.

Reciprocal-rank fusion lost badly to this in measurement (ARCHITECTURE.md). The weight adapts to the query: words the
corpus knows and answers want lexical evidence, everyday language wants meaning.
"""

from __future__ import annotations

import math

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
    informed: float, covered: float, nearness: Nearness, weights: FusionWeights, *, spoken: bool = False
) -> float:
    """The weight of the semantic score relative to a lexical weight of 1.

    ``informed`` is how much of the query the corpus knows, a sum of idf; ``covered`` the share of the query that the
    best article covers. The more both are, the more the words say by themselves: a long factual question gets little
    semantic weight and a short everyday one much, without any rule about either. The more the nearest article stands
    out among all, the more the vectors are trusted. ``spoken`` says that the lexicon knows everyday words in the query.
    """
    stands_out = (nearness.best - nearness.typical) / max(nearness.deviation, 1e-6)
    exponent = weights.stands_out * stands_out - weights.informed * informed - weights.answered * covered
    weight = weights.strength * nearness.trust * math.exp(exponent) * (weights.spoken if spoken else 1.0)
    return min(weights.highest, max(weights.lowest, weight))


def fused(
    lexical: Scores, semantic: Scores, weight: float | Scores, coverage: Scores | None = None, share: float = 0.0
) -> Scores:
    """The weighted mean, in [0, 1]: lexical counts 1, semantic ``weight`` (0 for what has no vector), and how much of
    the query each article covers ``share``."""
    total, sum_of_weights = lexical + weight * semantic, 1.0 + weight
    if coverage is not None:
        total, sum_of_weights = total + share * coverage, sum_of_weights + share
    fused_scores: Scores = total / sum_of_weights
    return fused_scores


def with_exact(scores: Scores, exact: Scores, weight: float) -> Scores:
    """Where some articles hold a query to the letter (1 in ``exact``), they are ahead by ``weight``: with 1, first."""
    return (scores + weight * exact) / (1.0 + weight) if exact.any() else scores
