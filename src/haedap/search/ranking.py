"""The order of results: every signal of every match, and the score they give together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from haedap.search import fusion
from haedap.search.backends.base import Match, Reader, Request, Response
from haedap.search.gate import Nearness
from haedap.search.plan import Plan
from haedap.search.query import All, VectorKeys
from haedap.search.understanding import Understood
from haedap.search.view import View
from haedap.search.weights import Weights

NEAREST = 200
"""So many of the nearest articles are ranked even where the words alone would cut them off."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One match with its evidence: normalized scores in [0, 1], the cosine, and the weight that the semantic score had
    beside a lexical one of 1. The score is the weighted mean of ``lexical``, ``semantic`` and ``coverage``, how much of
    the query the article covers; where some article holds the query to the letter, the mean of that and of ``exact``,
    1 or 0."""

    match: Match
    score: float
    lexical: float
    semantic: float
    cosine: float
    weight: float = 0.0
    coverage: float = 0.0
    exact: float = 0.0


class Ranker:
    """Orders what the gate let through."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights.fusion

    def rank(self, view: View, request: Request, response: Response, understood: Understood) -> list[Ranked]:
        """The results of a response, best first. ``request`` is what was asked, without a limit that cuts it."""
        nearness = understood.nearness
        matches = list(response.matches)
        if nearness is not None and response.total > len(matches):
            matches = _with_nearest(view.reader, request, matches, nearness)
        if not matches:
            return []
        raw = np.array([match.score for match in matches], dtype=np.float64)
        lexical = fusion.normalized_lexical(raw)
        cosines, semantic, near = _evidence(view, matches, nearness)
        covered = self._covered(matches, fusion.fused(lexical, semantic, near), understood)
        weight = np.zeros(len(matches))
        if nearness is not None:
            informed, spoken = understood.plan.informed, bool(understood.synonyms)
            weight = near * fusion.semantic_weight(informed, covered.max(), nearness, self._weights, spoken=spoken)
        scores = fusion.fused(lexical, semantic, weight, covered, self._weights.coverage)
        exact = _exact(view.reader, request, matches, understood.plan)
        scores = fusion.with_exact(scores, exact, self._weights.exact)
        order = sorted(range(len(matches)), key=lambda i: (-scores[i], matches[i].article_id))
        return [
            Ranked(
                matches[i],
                float(scores[i]),
                float(lexical[i]),
                float(semantic[i]),
                float(cosines[i]),
                float(weight[i]),
                float(covered[i]),
                float(exact[i]),
            )
            for i in order
        ]

    def _covered(
        self, matches: Sequence[Match], scores: NDArray[np.float64], understood: Understood
    ) -> NDArray[np.float64]:
        """How much of the query the best matches cover, 0 to 1; 0 for all the others."""
        covered: NDArray[np.float64] = np.zeros(len(matches))
        best = [i for i in np.argsort(-scores, kind="stable")[: self._weights.covered] if matches[i].vector_key]
        known = understood.coverage.of([matches[i].vector_key for i in best])
        covered[best] = [known[matches[i].vector_key] for i in best]
        return covered


def _evidence(
    view: View, matches: Sequence[Match], nearness: Nearness | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The cosine of each match, its semantic score, and 1 where it has a vector; all 0 without vectors.

    What has no vector yet is ranked by the rest of the evidence, or it would come last until it has one.
    """
    nothing: NDArray[np.float64] = np.zeros(len(matches))
    if nearness is None or view.matrix is None:
        return nothing, nothing, nothing
    rows = view.matrix.rows(np.array([match.vector_key for match in matches], dtype=np.uint64))
    near = (rows >= 0).astype(np.float64)
    cosines = near * nearness.similarities[rows]
    return cosines, near * fusion.normalized_semantic(cosines, nearness), near


def _exact(reader: Reader, request: Request, matches: Sequence[Match], plan: Plan) -> NDArray[np.float64]:
    """1 for matches that hold the query to the letter, else 0."""
    if plan.exactly is None:
        return np.zeros(len(matches))
    found = reader.search(replace(request, predicate=All((request.predicate, plan.exactly)), facets=False))
    holding = {match.article_id for match in found.matches}
    return np.array([float(match.article_id in holding) for match in matches])


def _with_nearest(reader: Reader, request: Request, matches: Sequence[Match], nearness: Nearness) -> list[Match]:
    """Add near matches that the lexical depth cut off, so that a broad query does not lose them."""
    keys = nearness.nearest(NEAREST)
    near = reader.search(replace(request, predicate=All((request.predicate, VectorKeys(keys))), facets=False))
    have = {match.article_id for match in matches}
    return [*matches, *(match for match in near.matches if match.article_id not in have)]
