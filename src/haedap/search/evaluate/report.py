"""The report of one evaluation, as text and as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from haedap.search.evaluate.datasets import Dataset
from haedap.search.evaluate.measures import Measures, by_kind, mean, per_query

HEAD = f"{'queries':>8}{'nDCG@10':>9}{'RR@10':>8}{'S@1':>7}{'S@3':>7}{'S@10':>7}{'R@100':>7}{'none':>7}"


@dataclass(frozen=True, slots=True)
class Report:
    """What ``haedap eval`` prints.

    Latency is of a first page of 50 results with snippets and facets, each text asked once after a warm-up;
    ``index_bytes`` is what the index takes on the disk, vectors included. Costs that were not measured are 0.
    """

    dataset: str
    mode: str
    documents: int
    overall: Measures
    by_kind: Mapping[str, Measures] = field(default_factory=dict)
    latency_p50_ms: float = 0.0
    latency_p99_ms: float = 0.0
    index_seconds: float = 0.0
    vector_seconds: float = 0.0
    index_bytes: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """A table for a person."""
        width = name_width(self.by_kind)
        rows = [("all", self.overall), *self.by_kind.items()]
        return "\n".join(
            [
                f"{self.dataset}: {self.documents} documents, {self.mode}",
                f"{'':{width}}{HEAD}",
                *(f"{name:{width}}{row(measures)}" for name, measures in rows),
                f"latency p50 {self.latency_p50_ms} ms, p99 {self.latency_p99_ms} ms; "
                f"index {self.index_seconds} s, vectors {self.vector_seconds} s, {size(self.index_bytes)} on disk",
            ]
        )


def report_on(
    dataset: Dataset, mode: str, run: Mapping[str, Sequence[tuple[str, float]]], *, index_bytes: int = 0, **costs: float
) -> Report:
    """The report on ranked (document, score) of each query; ``costs`` are the latency and seconds of a report."""
    values = per_query(dataset.questions, dataset.grades, {key: [doc for doc, _ in hits] for key, hits in run.items()})
    return Report(
        dataset.name,
        mode,
        len(dataset.documents),
        mean(dataset.questions, values),
        by_kind(dataset.questions, values),
        index_bytes=index_bytes,
        **costs,
    )


def row(m: Measures) -> str:
    """One line of a table under :data:`HEAD`."""
    return (
        f"{m.queries:8}{m.ndcg_10:9.4f}{m.rr_10:8.4f}{m.success_1:7.3f}{m.success_3:7.3f}"
        f"{m.success_10:7.3f}{m.recall_100:7.3f}{m.unanswered:7.3f}"
    )


def name_width(names: Mapping[str, object]) -> int:
    """Of the first column, so that the longest name fits."""
    return max(14, *(len(name) + 1 for name in names)) if names else 14


def size(count: int) -> str:
    """Bytes as a person reads them: 12.3 MB."""
    amount = float(count)
    for unit in ("B", "KB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
