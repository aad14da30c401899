"""The operating point of guard and gate: who finds something, and what moving the gate's margin would change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from benchmarks.common import LINE, Context, analyzer, lines_of, spread
from benchmarks.tables import show, table
from haedap.search import SearchEngine, SearchQuery
from haedap.search.evaluate import Dataset
from haedap.search.guard import inspect
from haedap.search.semantic import Embedder
from haedap.search.semantic.protocol import Vectors
from haedap.search.weights import DEFAULT, Weights

MARGINS = (-0.02, -0.01, 0.0, 0.01, 0.02)
"""Added to the gate's margin: a lower margin refuses more."""


class Remembering:
    """An embedder that embeds a query once, so that a curve over one setting costs no more than a point."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self.fingerprint = embedder.fingerprint
        self.dimensions = embedder.dimensions
        self.calibration = embedder.calibration
        self.passages = embedder.passages
        self.folder = embedder.folder
        self.queries = embedder.queries
        self.query = cache(embedder.query)

    def soon(self, text: str) -> Callable[[], Vectors]:
        """The vector, when it is asked for."""
        return partial(self.query, text)


def run(context: Context) -> str:
    """Shares of queries that find something, by collection and set of lines; then the curve."""
    given = context.embedder("e5")
    assert given
    embedder = Remembering(given)
    lines = _line_sets(context.data)
    points, curve = [], []
    for dataset in context.collections.values():
        context.engine(dataset, "e5")
        root = context.folder / f"{dataset.name}-e5" / "index"
        sets = _own_sets(dataset, 200 if context.quick else 3000) | lines
        engine = SearchEngine(root, analyzer(), embedder)
        points.append((dataset.name, *(_share(engine, asked) for asked in sets.values())))
        few = {name: spread(asked, 100 if context.quick else 200) for name, asked in sets.items()}
        for step in MARGINS:
            weights = _moved(step)
            engine = SearchEngine(root, analyzer(), embedder, weights)
            shares = [_share(engine, asked) for asked in few.values()]
            curve.append((dataset.name, f"{weights.gate.margin:.4f}", *shares))
        print(f"  {dataset.name}: {', '.join(map(show, points[-1][1:]))}", flush=True)
    forms = [(name, len(asked), sum(bool(inspect(line).notice) for line in asked)) for name, asked in lines.items()]
    names = ("judged queries", "titles", *lines)
    return "\n\n".join(
        (
            f"How many queries find something (e5, margin {DEFAULT.gate.margin}): near all of the judged queries and "
            "titles should, none of the spam, and off-topic lines only where the collection is about them "
            "(encyclopedia paragraphs answer many questions of daily life).",
            table(("collection", *names), points),
            "What the guard alone refuses, by form (in lines called legit it must be none):",
            table(("lines", "number", "refused"), forms),
            "The trade-off over the gate's margin, on a spread of at most "
            f"{100 if context.quick else 200} queries of each set (the middle row is the setting):",
            table(("collection", "margin", *names), curve),
        )
    )


def _own_sets(dataset: Dataset, most: int) -> dict[str, list[str]]:
    judged = [question.text for question in dataset.questions]
    titles = list(dict.fromkeys(title for _, title, _ in dataset.documents if 0 < len(title) <= 200))
    return {"judged": spread(judged, most), "titles": spread(titles, most)}


def _line_sets(data: Path | None) -> dict[str, list[str]]:
    """The project's own lines, and those of DIR/guard where there are any."""
    sets = {path.stem.removeprefix("guard-"): lines_of(path) for path in sorted(LINE.glob("guard-*.txt"))}
    folder = data / "guard" if data else None
    if folder and folder.is_dir():
        sets |= {f"DIR/guard/{path.stem}": lines_of(path) for path in sorted(folder.glob("*.txt"))}
    elif data:
        print(f"skipped: no folder guard in {data}", flush=True)
    return sets


def _share(engine: SearchEngine, queries: Sequence[str]) -> str:
    found = sum(engine.search(SearchQuery(query, page_size=1)).total > 0 for query in queries)
    return f"{found / len(queries):.1%} of {len(queries):,}" if queries else "-"


def _moved(step: float) -> Weights:
    return replace(DEFAULT, gate=replace(DEFAULT.gate, margin=DEFAULT.gate.margin + step))
