"""Before and after: the plain base and an adapter on BEIR folders, by vectors alone and by the whole search."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from haedap.search import Analyzer
from haedap.search.evaluate import Measures, Report, evaluate, evaluate_vectors, read_dataset
from haedap.search.semantic.e5 import E5Embedder

Row = tuple[str, str, str, int, float, float]


def compare(folders: Sequence[Path], adapter: Path, models: Path, *, whole: bool = True) -> Iterator[Row]:
    """For each folder, way of ranking and kind of query: nDCG@10 of the plain base and of the adapter.

    ``models`` is where prepared models are kept; without ``whole`` only vectors alone are compared. A row is folder,
    ranking, kind, number of queries, before, after.
    """
    plain, adapted = E5Embedder(models, threads=2), E5Embedder(models, threads=2, adapter=adapter)
    rankings: dict[str, Callable[..., Report]] = {"vectors alone": evaluate_vectors}
    if whole:
        rankings["whole search"] = partial(evaluate, analyzer=Analyzer())
    for folder in folders:
        dataset = read_dataset(folder)
        for name, rank in rankings.items():
            before, after = rank(dataset, embedder=plain), rank(dataset, embedder=adapted)
            for kind, one, other in _by_kind(before, after):
                yield dataset.name, name, kind, one.queries, one.ndcg_10, other.ndcg_10


def _by_kind(before: Report, after: Report) -> Iterator[tuple[str, Measures, Measures]]:
    yield "all", before.overall, after.overall
    for kind, measures in before.by_kind.items():
        yield kind, measures, after.by_kind[kind]


def table(rows: Sequence[Row]) -> str:
    """Rows as a table in Markdown."""
    lines = [
        "| collection | ranked by | queries | | nDCG@10 before | after |",
        "| --- | --- | --- | ---: | ---: | ---: |",
    ]
    lines += [f"| {a} | {b} | {kind} | {count} | {x:.3f} | {y:.3f} |" for a, b, kind, count, x, y in rows]
    return "\n".join(lines)
