"""Measures on a tiny collection whose order is known."""

from __future__ import annotations

import pytest

from haedap.search.evaluate import Dataset, Question, evaluate_vectors
from tests.search.embedders import Characters

DATASET = Dataset(
    "tiny",
    (("a", "가가가가", ""), ("b", "나나나나", ""), ("c", "가가나나", "")),
    (Question("q1", "가가가가", "plain"), Question("q2", "나나나나", "graded")),
    {"q1": {"a": 1}, "q2": {"b": 1, "c": 2}},
)


def test_vectors_alone_rank_every_document_by_its_cosine() -> None:
    run: dict[str, list[tuple[str, float]]] = {}
    report = evaluate_vectors(DATASET, Characters("characters-1"), run=run)
    assert [document for document, _ in run["q1"]] == ["a", "c", "b"]
    assert report.mode == "vectors alone (characters)"
    assert (report.by_kind["plain"].ndcg_10, report.by_kind["graded"].success_1) == (1.0, 1.0)
    assert report.by_kind["graded"].ndcg_10 == pytest.approx((1 + 2 / 1.58496) / (2 + 1 / 1.58496), abs=1e-3)
