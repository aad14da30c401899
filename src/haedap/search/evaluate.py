"""Evaluation on BEIR folders: a throw-away index, the usual measures, latency and cost."""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

import numpy as np

from haedap.search.analyzer import Analyzer
from haedap.search.engine import SearchEngine
from haedap.search.entries import vector_text
from haedap.search.indexing import IndexWriter
from haedap.search.lexicon import Lexicon
from haedap.search.semantic.protocol import Embedder
from haedap.search.text import normalize
from haedap.search.types import ArticleDocument, Body, SearchQuery
from haedap.search.weights import DEFAULT, Weights

PAGE = 50
VECTORS_STEP = 64


class DatasetError(Exception):
    """A folder that is not a BEIR collection; the message names the file, the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Question:
    """A judged query."""

    id: str
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A BEIR collection: documents in order, queries that have judgments, grades by query and document."""

    name: str
    documents: tuple[tuple[str, str, str], ...]
    questions: tuple[Question, ...]
    grades: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over ``queries`` queries, in [0, 1]; ``unanswered`` is the share without any result."""

    queries: int
    ndcg_10: float
    rr_10: float
    success_1: float
    success_3: float
    success_10: float
    unanswered: float


@dataclass(frozen=True, slots=True)
class Report:
    """What ``haedap eval`` prints."""

    dataset: str
    mode: str
    documents: int
    overall: Measures
    by_kind: Mapping[str, Measures] = field(default_factory=dict)
    latency_p50_ms: float = 0.0
    latency_p99_ms: float = 0.0
    index_seconds: float = 0.0
    vector_seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """A table for a person."""
        head = f"{'':14}{'queries':>8}{'nDCG@10':>9}{'RR@10':>8}{'S@1':>7}{'S@3':>7}{'S@10':>7}{'none':>7}"
        rows = [("all", self.overall), *self.by_kind.items()]
        table = [
            f"{name:14}{m.queries:8}{m.ndcg_10:9.4f}{m.rr_10:8.4f}{m.success_1:7.3f}{m.success_3:7.3f}"
            f"{m.success_10:7.3f}{m.unanswered:7.3f}"
            for name, m in rows
        ]
        return "\n".join(
            [
                f"{self.dataset}: {self.documents} documents, {self.mode}",
                head,
                *table,
                f"latency p50 {self.latency_p50_ms} ms, p99 {self.latency_p99_ms} ms; "
                f"index {self.index_seconds} s, vectors {self.vector_seconds} s",
            ]
        )


def read_dataset(folder: Path) -> Dataset:
    """Read ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/test.tsv``.

    Raises:
        DatasetError: a file is missing or a line cannot be read.
    """
    documents = tuple(
        (str(row["_id"]), str(row.get("title") or ""), str(row.get("text") or ""))
        for row in _rows(folder / "corpus.jsonl", "_id")
    )
    grades = read_grades(folder)
    questions = tuple(question for question in read_questions(folder) if question.id in grades)
    return Dataset(folder.resolve().name, documents, questions, grades)


def read_questions(folder: Path) -> list[Question]:
    """Every query of ``queries.jsonl``, judged or not. Raises :class:`DatasetError`."""
    return [
        Question(str(row["_id"]), str(row.get("text") or ""), str((row.get("metadata") or {}).get("kind") or ""))
        for row in _rows(folder / "queries.jsonl", "_id")
    ]


def read_grades(folder: Path) -> dict[str, dict[str, int]]:
    """The grades of ``qrels/test.tsv``, by query and document. Raises :class:`DatasetError`."""
    grades: dict[str, dict[str, int]] = {}
    qrels = folder / "qrels" / "test.tsv"
    for number, line in enumerate(_lines(qrels), 1):
        cells = line.split("\t")
        if number == 1 and cells[0] == "query-id":
            continue
        try:
            grades.setdefault(cells[0], {})[cells[1]] = int(cells[2])
        except (IndexError, ValueError):
            raise DatasetError(f"{qrels}, line {number}: expected query-id, corpus-id and a whole number") from None
    return grades


def evaluate(
    dataset: Dataset,
    analyzer: Analyzer,
    embedder: Embedder | None,
    *,
    weights: Weights = DEFAULT,
    lexicons: Sequence[Lexicon] | None = None,
    on_progress: Callable[[str, int, int], None] = lambda step, done, total: None,
    run: dict[str, list[tuple[str, float]]] | None = None,
) -> Report:
    """Build a throw-away index of ``dataset`` and ask every judged query.

    Results are never merged. ``lexicons`` replace the shipped one (empty: none). ``run``, when given, is filled with
    (document, score) in order for each query.
    """
    with tempfile.TemporaryDirectory(prefix="haedap-eval-") as temporary:
        root = Path(temporary) / "index"
        index_seconds, vector_seconds = _build(dataset, root, analyzer, embedder, on_progress)
        engine = SearchEngine(root, analyzer, embedder, weights)
        if lexicons is not None:
            engine.use(*lexicons)
        found, latencies = _ask(dataset, engine, on_progress)
        mode = "hybrid" if embedder else "lexical"
    return _report(
        dataset,
        mode if embedder is None else f"{mode} ({embedder.name})",
        found,
        run,
        latency_p50_ms=round(_percentile(latencies, 50), 2),
        latency_p99_ms=round(_percentile(latencies, 99), 2),
        index_seconds=round(index_seconds, 1),
        vector_seconds=round(vector_seconds, 1),
    )


def evaluate_vectors(
    dataset: Dataset,
    embedder: Embedder,
    *,
    on_progress: Callable[[str, int, int], None] = lambda step, done, total: None,
    run: dict[str, list[tuple[str, float]]] | None = None,
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
    found: dict[str, list[tuple[str, float]]] = {}
    for question in dataset.questions:
        cosines = vectors @ embedder.query(normalize(question.text))
        best = np.argsort(-cosines, kind="stable")[:PAGE]
        found[question.id] = [(dataset.documents[row][0], float(cosines[row])) for row in best]
    return _report(dataset, f"vectors alone ({embedder.name})", found, run, vector_seconds=round(seconds, 1))


def write_run(path: Path, run: Mapping[str, Sequence[tuple[str, float]]]) -> None:
    """Write a TREC run file: query, Q0, document, rank, score, tag."""
    with path.open("w", encoding="utf-8") as out:
        for query, ranked in run.items():
            for rank, (document, score) in enumerate(ranked, 1):
                out.write(f"{query} Q0 {document} {rank} {score:.4f} haedap\n")


def measure(
    questions: Sequence[Question], grades: Mapping[str, Mapping[str, int]], results: Mapping[str, Sequence[str]]
) -> Measures:
    """nDCG@10 (linear gain, log2 discount, as trec_eval), RR@10 and success of ranked document ids."""

    def mean(value: Callable[[Mapping[str, int], Sequence[str]], float]) -> float:
        return round(fmean(value(grades[q.id], results.get(q.id, ())) for q in questions), 4) if questions else 0.0

    def success(depth: int) -> Callable[[Mapping[str, int], Sequence[str]], float]:
        return lambda judged, ranked: float(any(judged.get(doc, 0) > 0 for doc in ranked[:depth]))

    return Measures(
        len(questions),
        mean(ndcg),
        mean(_reciprocal_rank),
        mean(success(1)),
        mean(success(3)),
        mean(success(10)),
        mean(lambda judged, ranked: float(not ranked)),
    )


def ndcg(judged: Mapping[str, int], ranked: Sequence[str], depth: int = 10) -> float:
    """Normalized discounted cumulative gain at ``depth`` with linear gain (trec_eval's ndcg_cut)."""
    gain = sum(judged.get(doc, 0) / math.log2(rank + 1) for rank, doc in enumerate(ranked[:depth], 1))
    best = sorted(judged.values(), reverse=True)[:depth]
    ideal = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(best, 1))
    return gain / ideal if ideal else 0.0


def _reciprocal_rank(judged: Mapping[str, int], ranked: Sequence[str]) -> float:
    return next((1 / rank for rank, doc in enumerate(ranked[:10], 1) if judged.get(doc, 0) > 0), 0.0)


def _report(
    dataset: Dataset,
    mode: str,
    found: Mapping[str, list[tuple[str, float]]],
    run: dict[str, list[tuple[str, float]]] | None,
    **costs: float,
) -> Report:
    if run is not None:
        run.update(found)
    results = {key: [doc for doc, _ in hits] for key, hits in found.items()}
    kinds = sorted({question.kind for question in dataset.questions if question.kind})
    by_kind = {
        kind: measure([q for q in dataset.questions if q.kind == kind], dataset.grades, results) for kind in kinds
    }
    overall = measure(dataset.questions, dataset.grades, results)
    return Report(dataset.name, mode, len(dataset.documents), overall, by_kind, **costs)


def _build(
    dataset: Dataset,
    root: Path,
    analyzer: Analyzer,
    embedder: Embedder | None,
    on_progress: Callable[[str, int, int], None],
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
        while left := writer.embed(64):
            on_progress("vectors", missing - left, missing)
    return indexed - started, time.perf_counter() - indexed


def _ask(
    dataset: Dataset, engine: SearchEngine, on_progress: Callable[[str, int, int], None]
) -> tuple[dict[str, list[tuple[str, float]]], list[float]]:
    found: dict[str, list[tuple[str, float]]] = {}
    latencies: list[float] = []
    for number, question in enumerate(dataset.questions, 1):
        started = time.perf_counter()
        result = engine.search(SearchQuery(question.text, page_size=PAGE))
        latencies.append((time.perf_counter() - started) * 1000)
        found[question.id] = [(dataset.documents[hit.article_id - 1][0], hit.score) for hit in result.hits]
        on_progress("queries", number, len(dataset.questions))
    return found, latencies


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100)[percent - 1] if len(values) > 1 else (values[0] if values else 0.0)


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield line.rstrip("\r\n")
    except FileNotFoundError:
        raise DatasetError(
            f"{path} is missing: a BEIR folder has corpus.jsonl, queries.jsonl, qrels/test.tsv"
        ) from None
    except UnicodeDecodeError:
        raise DatasetError(f"{path} is not UTF-8: save it as UTF-8 and try again") from None


def _rows(path: Path, key: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(path), 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DatasetError(f"{path}, line {number}: not JSON ({error})") from None
        if not isinstance(row, dict) or key not in row:
            raise DatasetError(f"{path}, line {number}: expected an object with {key!r}")
        yield row
