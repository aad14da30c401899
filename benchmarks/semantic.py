"""What other ways to run the semantic step would buy: threads, batches, smaller vectors, leaving it out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Context, analyzer, spread, timed
from benchmarks.tables import table
from haedap.search import SearchEngine
from haedap.search.entries import vector_text
from haedap.search.evaluate import Dataset, Question, ndcg
from haedap.search.ranking import Ranked
from haedap.search.semantic.adapter import shipped
from haedap.search.semantic.e5 import E5Embedder
from haedap.search.text import normalize

Vectors = NDArray[np.float32]
BATCH = 4
DIMENSIONS = (256, 192, 128)
WHOLE = 0.999


def run(context: Context) -> str:
    """Queries and passages by threads and batches; vectors by size; certain queries without vectors."""
    folder = context.cache / "models"
    one, two = (E5Embedder(folder, adapter=shipped(), threads=threads) for threads in (1, 2))
    long = E5Embedder(folder, adapter=shipped(), passage_tokens=512)
    dataset = context.main
    queries = spread(dataset.questions, 100 if context.quick else 400)
    texts = [vector_text(normalize(title), normalize(text)) for _, title, text in dataset.documents]
    few = spread(texts, 100 if context.quick else 400)
    return "\n\n".join(
        (
            f"e5 with the shipped adapter, {dataset.name}. A query in everyday words is two texts: as typed, and in "
            "the center's words.",
            table(("two texts of a query", "ms"), _queries(one, [question.text for question in queries])),
            f"Passages of a title and 300 characters. A batch is {BATCH} texts as one, {BATCH} times as long, since "
            "the graph takes one text: at most what batching could bring.",
            table(("passages", "a second"), _passages(one, two, long, few)),
            "Ranking by vectors alone. Fewer dimensions are the first principal components of the collection.",
            table(("vectors", "bytes each", "nDCG@10", "scan, ms"), _sizes(two, dataset, texts, queries)),
            "The whole search, and without the semantic step where the best article by words holds all of the query.",
            table(("collection", "certain queries", "nDCG@10", "without vectors for those"), _certain(context)),
        )
    )


def _queries(embedder: E5Embedder, texts: Sequence[str]) -> list[tuple[object, ...]]:
    pairs = [(text, f"{text} 방법") for text in texts]

    def both(pair: tuple[str, str]) -> None:
        begun = embedder.soon(pair[0])
        embedder.query(pair[1])
        begun()

    def in_turn(pair: tuple[str, str]) -> None:
        embedder.query(pair[0])
        embedder.query(pair[1])

    return [("in turn", median(timed(in_turn, pairs))), ("in two threads", median(timed(both, pairs)))]


def _passages(one: E5Embedder, two: E5Embedder, long: E5Embedder, texts: Sequence[str]) -> list[tuple[object, ...]]:
    joined = ["\n".join(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
    rates: tuple[tuple[str, Callable[[Sequence[str]], Vectors], Sequence[str]], ...] = (
        ("one thread", one.passages, texts),
        ("two threads", two.passages, texts),
        ("one thread, a batch as one text", long.passages, joined),
    )
    rows: list[tuple[object, ...]] = []
    for name, embed, given in rates:
        started = time.perf_counter()
        embed(given)
        rows.append((name, len(texts) / (time.perf_counter() - started)))
    return rows


def _sizes(
    embedder: E5Embedder, dataset: Dataset, texts: Sequence[str], questions: Sequence[Question]
) -> list[tuple[object, ...]]:
    articles = embedder.passages(texts)
    asked = np.array([embedder.query(normalize(question.text)) for question in questions])
    scale = np.abs(articles).max() / 127
    mean = articles.mean(axis=0)
    axes = np.linalg.svd(articles - mean, full_matrices=False)[2]
    kinds: list[tuple[str, int, Vectors, Vectors]] = [
        ("float32", 4 * articles.shape[1], articles, asked),
        ("int8", articles.shape[1], (np.round(articles / scale) * scale).astype(np.float32), asked),
    ]
    for size in DIMENSIONS:
        kept = axes[:size].T
        kinds.append((f"float32, {size} dimensions", 4 * size, (articles - mean) @ kept, asked @ kept))
    rows: list[tuple[object, ...]] = []
    for name, size, held, given in kinds:
        cosines = [np.einsum("ij,j->i", held, query) for query in given]
        spent = median(timed(lambda query, held=held: np.einsum("ij,j->i", held, query), list(given)))
        rows.append((name, size, _quality(dataset, questions, cosines), spent if name != "int8" else None))
    return rows


def _quality(dataset: Dataset, questions: Sequence[Question], scores: Sequence[NDArray[np.floating]]) -> float:
    found = []
    for question, score in zip(questions, scores, strict=True):
        best = np.argsort(-score, kind="stable")[:10]
        found.append(ndcg(dataset.grades[question.id], [dataset.documents[row][0] for row in best]))
    return float(np.mean(found))


def _certain(context: Context) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for name, dataset in context.collections.items():
        questions = spread(dataset.questions, 60 if context.quick else 400)
        hybrid = context.engine(dataset, "e5")
        words = SearchEngine(context.folder / f"{name}-e5" / "index", analyzer())
        certain, always, sometimes = 0, [], []
        for question in questions:
            text, judged = normalize(question.text), dataset.grades[question.id]
            alone = words.rank(text)[1]
            sure = bool(alone) and alone[0].coverage > WHOLE
            certain += sure
            always.append(ndcg(judged, _ids(dataset, hybrid.rank(text)[1])))
            sometimes.append(ndcg(judged, _ids(dataset, alone)) if sure else always[-1])
        rows.append((name, f"{certain / len(questions):.0%}", f"{np.mean(always):.4f}", f"{np.mean(sometimes):.4f}"))
    return rows


def _ids(dataset: Dataset, ranked: Sequence[Ranked]) -> list[str]:
    """The ids of the ten best; articles are numbered from 1 in the order of the collection."""
    return [dataset.documents[item.match.article_id - 1][0] for item in ranked[:10]]
