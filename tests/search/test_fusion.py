"""How much meaning weighs beside words, query by query."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from haedap.search.fusion import fused, normalized_semantic, semantic_weight, with_exact
from haedap.search.gate import Nearness
from haedap.search.weights import DEFAULT

WEIGHTS = DEFAULT.fusion
informed = st.floats(0, 80)
share = st.floats(0, 1)
cosines = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=30)
scores = st.lists(share, min_size=1, max_size=20)


def nearness(similarities: list[float]) -> Nearness:
    return Nearness(np.arange(len(similarities), dtype=np.uint64), np.array(similarities, dtype=np.float32))


def standing_out(by: float) -> Nearness:
    """One article ``by`` nearer than ninety-nine ordinary ones, which vary a little."""
    return nearness([*(0.8 + 0.01 * (place % 10) for place in range(99)), 0.9 + by])


@given(informed=informed, covered=share, similarities=cosines, spoken=st.booleans())
def test_the_weight_stays_within_its_bounds(
    informed: float, covered: float, similarities: list[float], spoken: bool
) -> None:
    weight = semantic_weight(informed, covered, nearness(similarities), WEIGHTS, spoken=spoken)
    assert WEIGHTS.lowest <= weight <= WEIGHTS.highest


@given(less=informed, more=informed, covered=share, similarities=cosines)
def test_the_more_the_corpus_knows_the_less_meaning_weighs(
    less: float, more: float, covered: float, similarities: list[float]
) -> None:
    less, more = sorted((less, more))
    near = nearness(similarities)
    assert semantic_weight(more, covered, near, WEIGHTS) <= semantic_weight(less, covered, near, WEIGHTS)


@given(informed=informed, less=share, more=share, similarities=cosines)
def test_the_more_is_covered_the_less_meaning_weighs(
    informed: float, less: float, more: float, similarities: list[float]
) -> None:
    less, more = sorted((less, more))
    near = nearness(similarities)
    assert semantic_weight(informed, more, near, WEIGHTS) <= semantic_weight(informed, less, near, WEIGHTS)


@given(informed=informed, covered=share, less=st.floats(0, 0.1), more=st.floats(0, 0.1))
def test_the_more_the_nearest_stands_out_the_more_meaning_weighs(
    informed: float, covered: float, less: float, more: float
) -> None:
    less, more = sorted((less, more))
    weights = [semantic_weight(informed, covered, standing_out(by), WEIGHTS) for by in (less, more)]
    assert weights[0] <= weights[1] + 1e-6


def test_each_of_them_counts() -> None:
    plain = semantic_weight(10.0, 0.5, standing_out(0.02), WEIGHTS)
    assert semantic_weight(15.0, 0.5, standing_out(0.02), WEIGHTS) < plain
    assert semantic_weight(10.0, 0.8, standing_out(0.02), WEIGHTS) < plain
    assert semantic_weight(10.0, 0.5, standing_out(0.06), WEIGHTS) > plain
    assert semantic_weight(10.0, 0.5, standing_out(0.02), WEIGHTS, spoken=True) > plain


@given(scores=scores, weight=st.floats(0.0, 50.0), similarities=cosines)
def test_every_score_stays_between_0_and_1(scores: list[float], weight: float, similarities: list[float]) -> None:
    lexical = np.array(scores)
    near = nearness(similarities)
    semantic = normalized_semantic(np.resize(near.similarities, lexical.shape).astype(np.float64), near)
    made = fused(lexical, semantic, weight, lexical[::-1], WEIGHTS.coverage)
    made = with_exact(made, (np.arange(lexical.size) % 2).astype(np.float64), weight)
    assert ((made >= 0) & (made <= 1 + 1e-9)).all()


def test_the_more_meaning_weighs_the_less_coverage_does() -> None:
    lexical, semantic, coverage = np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([1.0, 0.0])
    ahead = [np.ptp(fused(lexical, semantic, weight, coverage, WEIGHTS.coverage)) for weight in (0.1, 1.0, 10.0)]
    assert ahead[0] > ahead[1] > ahead[2] > 0
    assert (fused(lexical, semantic, 0.0) == lexical).all()


@given(scores=scores, data=st.data())
def test_what_is_exact_comes_before_all_else_and_keeps_its_order(scores: list[float], data: st.DataObject) -> None:
    before = np.array(scores)
    exact = np.array([float(data.draw(st.booleans())) for _ in scores])
    after = with_exact(before, exact, 1.0)
    if exact.any() and not exact.all():
        assert after[exact == 1].min() >= after[exact == 0].max()
    order = np.argsort(before[exact == 1], kind="stable")
    assert (np.diff(after[exact == 1][order]) >= 0).all()
