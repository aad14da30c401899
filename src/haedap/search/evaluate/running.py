"""Asking every judged query: of a throw-away index, or of vectors alone."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from haedap.search.analyzer import Analyzer
from haedap.search.engine import SearchEngine
from haedap.search.entries import vector_text
from haedap.search.evaluate.datasets import Dataset
from haedap.search.evaluate.report import Report, report_on
from haedap.search.evaluate.runs import Run
from haedap.search.indexing import IndexWriter
from haedap.search.lexicon import Lexicon
from haedap.search.semantic.protocol import Embedder
from haedap.search.text import normalize
from haedap.search.types import ArticleDocument, Body, SearchQuery
from haedap.search.weights import DEFAULT, Weights

PAGE = 50
KEPT = 100
"""Results kept of each query, as many as recall at 100 looks at."""
VECTORS_STEP = 64
WARM_UP = "예열"

OnProgress = Callable[[str, int, int], None]
"""Takes the step (index, vectors or queries), how many are done, and of how many."""


def evaluate(
    dataset: Dataset,
    analyzer: Analyzer,
    embedder: Embedder | None,
    *,
    weights: Weights = DEFAULT,
    lexicons: Sequence[Lexicon] | None = None,
    on_progress: OnProgress = lambda step, done, total: None,
    run: Run | None = None,
) -> Report:
    """Build a throw-away index of ``dataset`` and ask every judged query.

    Results are never merged. ``lexicons`` replace the shipped one (empty: none). ``run``, when given, is filled with
    at most 100 (document, score) in order for each query.
    """
    with tempfile.TemporaryDirectory(prefix="haedap-eval-") as temporary:
        root = Path(temporary) / "index"
        index_seconds, vector_seconds = _build(dataset, root, analyzer, embedder, on_progress)
        index_bytes = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
        engine = SearchEngine(root, analyzer, embedder, weights)
        if lexicons is not None:
            engine.use(*lexicons)
        found, latencies = _ask(dataset, engine, on_progress)
    if run is not None:
        run.update(found)
    return report_on(
        dataset,
        f"hybrid ({embedder.name})" if embedder else "lexical",
        found,
        latency_p50_ms=round(_percentile(latencies, 50), 2),
        latency_p99_ms=round(_percentile(latencies, 99), 2),
        index_seconds=round(index_seconds, 1),
        vector_seconds=round(vector_seconds, 1),
        index_bytes=index_bytes,
    )


def evaluate_vectors(
    dataset: Dataset,
    embedder: Embedder,
    *,
    on_progress: OnProgress = lambda step, done, total: None,
    run: Run | None = None,
) -> Report:
    """Rank every document by its cosine alone: no words, no gate, no lexicon. ``run`` as in :func:`evaluate`."""
    started = time.perf_counter()
    texts = [vector_text(normalize(title), normalize(text)) for _, title, text in dataset.documents]
    vectors = np.empty((len(texts), embedder.dimensions), np.float32)
    for start in range(0, len(texts), VECTORS_STEP):
        part = slice(start, start + VECTORS_STEP)
        vectors[part] = embedder.passages(texts[part])
        on_progress("vectors", min(start + VECTORS_STEP, len(texts)), len(texts))
    seconds = time.perf_counter() - started
    found: Run = {}
    for question in dataset.questions:
        cosines = vectors @ embedder.query(normalize(question.text))
        best = np.argsort(-cosines, kind="stable")[:KEPT]
        found[question.id] = [(dataset.documents[row][0], float(cosines[row])) for row in best]
    if run is not None:
        run.update(found)
    return report_on(dataset, f"vectors alone ({embedder.name})", found, vector_seconds=round(seconds, 1))


def _build(
    dataset: Dataset,
    root: Path,
    analyzer: Analyzer,
    embedder: Embedder | None,
    on_progress: OnProgress,
) -> tuple[float, float]:
    total = len(dataset.documents)
    started = time.perf_counter()
    with IndexWriter(root, analyzer, embedder) as writer:
        for number, (_, title, text) in enumerate(dataset.documents):
            body = Body(normalize(text), ("common",))
            writer.replace(ArticleDocument(number + 1, title, (body,)))
            on_progress("index", number + 1, total)
        writer.commit()
        indexed = time.perf_counter()
        missing = writer.pending_vectors
        while left := writer.embed(VECTORS_STEP):
            on_progress("vectors", missing - left, missing)
    return indexed - started, time.perf_counter() - indexed


def _ask(dataset: Dataset, engine: SearchEngine, on_progress: OnProgress) -> tuple[Run, list[float]]:
    """The results of each query, and the milliseconds of the first page of each text."""
    found: Run = {}
    latencies: dict[str, float] = {}
    # What is loaded at the first query of a process is no latency of a query.
    engine.search(SearchQuery(WARM_UP))
    for number, question in enumerate(dataset.questions, 1):
        started = time.perf_counter()
        first = engine.search(SearchQuery(question.text, page_size=PAGE))
        # The engine remembers pages: a text that comes again would be timed as if it were free.
        latencies.setdefault(question.text, (time.perf_counter() - started) * 1000)
        hits = first.hits
        if first.total > PAGE:
            hits += engine.search(SearchQuery(question.text, page=2, page_size=PAGE)).hits
        found[question.id] = [(dataset.documents[hit.article_id - 1][0], hit.score) for hit in hits]
        on_progress("queries", number, len(dataset.questions))
    return found, list(latencies.values())


def _percentile(values: Sequence[float], percent: int) -> float:
    return float(np.percentile(values, percent)) if values else 0.0
