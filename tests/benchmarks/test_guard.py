"""The guard's benchmark asks the same queries of several engines and embeds each once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from conftest_center import CENTER
from numpy.typing import NDArray

from benchmarks.guard import Remembering
from haedap.search import Analyzer, SearchEngine, SearchQuery
from haedap.search.weights import DEFAULT
from tests.search.embedders import Characters
from tests.search.indexed import indexed

QUERIES = ("환불은 언제 되나요", "비번 까먹음", "우주선 로켓")


class Counting(Characters):
    """Remembers what it was asked to embed as a query."""

    def __init__(self) -> None:
        super().__init__("characters-1")
        self.queried: list[str] = []

    def query(self, text: str) -> NDArray[np.float32]:
        self.queried.append(text)
        return super().query(text)


def test_what_it_remembers_answers_like_the_embedder_itself(tmp_path: Path) -> None:
    analyzer = Analyzer()
    plain = indexed(tmp_path, analyzer, CENTER)
    remembering = Remembering(counted := Counting())
    engines = [SearchEngine(tmp_path, analyzer, remembering, DEFAULT) for _ in range(2)]
    for query in QUERIES:
        hits = plain.search(SearchQuery(query)).hits
        assert all(engine.search(SearchQuery(query)).hits == hits for engine in engines)
    asked = [text for text in counted.queried if text in QUERIES]
    assert len(asked) == len(set(asked))
