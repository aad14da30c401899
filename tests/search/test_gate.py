"""Which articles are results where words alone do not say it.

Properties: 1. whether a query belongs to the center is asked once, of the query, so that an article needs not be nearer
than the world at large by itself; 2. the nearest articles pass, the more of them the more is allowed; 3. more is asked
of a query where there are more articles, and where its form is suspect.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest_center import CENTER
from hypothesis import given
from hypothesis import strategies as st

from haedap.search import Analyzer, SearchEngine, SearchQuery
from haedap.search.gate import Nearness
from haedap.search.weights import DEFAULT, GateWeights
from tests.search.embedders import Characters
from tests.search.indexed import indexed

BY_MEANING_ALONE = replace(DEFAULT.gate, coverage=1.0, within=0.0, within_gain=0.0)
QUERY = "우주선 로켓"
"""No article holds a word of it."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Path:
    folder = tmp_path_factory.mktemp("gate") / "index"
    indexed(folder, analyzer, CENTER)
    return folder


def total(root: Path, analyzer: Analyzer, query: str = QUERY, **gate: float) -> int:
    weights = replace(DEFAULT, gate=replace(BY_MEANING_ALONE, **gate))
    return SearchEngine(root, analyzer, Characters("characters-1"), weights).search(SearchQuery(query)).total


def test_a_query_that_does_not_belong_finds_nothing_however_wide_the_rest(root: Path, analyzer: Analyzer) -> None:
    assert total(root, analyzer, margin=-2.0, within=2.0) == 0


def test_where_a_query_belongs_the_nearest_decide(root: Path, analyzer: Analyzer) -> None:
    totals = [total(root, analyzer, margin=2.0, within=within) for within in (0.0, 0.1, 0.3, 2.0)]
    assert totals == sorted(totals) and totals[0] >= 1 and totals[-1] == len(CENTER)


def test_an_article_farther_than_the_world_is_a_result_where_another_one_is_not(root: Path, analyzer: Analyzer) -> None:
    # The margin at which the query just belongs leaves the nearest alone nearer than the world allows.
    margin = next(m for m in np.arange(-0.5, 1.0, 0.01) if total(root, analyzer, margin=float(m)))
    assert total(root, analyzer, margin=float(margin), within=2.0) == len(CENTER)


def test_what_looks_like_spam_must_be_nearer(root: Path, analyzer: Analyzer) -> None:
    suspect = f"{QUERY} ☎ 010-1234-5678"
    assert total(root, analyzer, suspect, margin=2.0, suspicion=0.0) >= 1
    assert total(root, analyzer, suspect, margin=2.0, suspicion=10.0) == 0
    assert total(root, analyzer, margin=2.0, suspicion=10.0) >= 1


articles = st.integers(0, 10_000_000)
points = st.floats(-5, 5)


@given(few=articles, many=articles, less=points, more=points)
def test_more_is_asked_where_there_are_more_articles_or_points(few: int, many: int, less: float, more: float) -> None:
    few, many = sorted((few, many))
    less, more = sorted((less, more))
    gate = GateWeights()
    assert gate.asks(few, less) <= gate.asks(many, less) and gate.asks(few, less) <= gate.asks(few, more)


def test_a_thousand_articles_ask_for_the_margin_itself() -> None:
    assert GateWeights().asks(1000, 0.0) == 0.0 and GateWeights().asks(1000, -3.0) == 0.0


@given(best=st.floats(0, 1), background=st.floats(0, 1), unit=st.floats(0.1, 10), margin=st.floats(-1, 1))
def test_belonging_compares_in_the_units_of_the_embedder(
    best: float, background: float, unit: float, margin: float
) -> None:
    near = Nearness(np.array([1], dtype=np.uint64), np.array([best], dtype=np.float32), background, unit)
    assert near.belongs(margin) == (near.best >= background - unit * margin)
    assert near.belongs(2.0 / unit + margin) >= near.belongs(margin)
