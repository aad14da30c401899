"""Lexical search in process, beside Lucene + nori doing equal work: a string in, the ids of the ten best out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from math import ceil
from pathlib import Path
from statistics import fmean, median

from benchmarks.common import Context, Skip, analyzer, distinct_queries, timed
from benchmarks.lucene import Lucene, running
from benchmarks.tables import p50_p99, table, verdict
from haedap.search import SearchEngine, SearchQuery
from haedap.search.backends.base import Reader, Request
from haedap.search.backends.tantivy import TantivyBackend
from haedap.search.coverage import Coverage
from haedap.search.evaluate import Dataset, ndcg
from haedap.search.gate import predicate
from haedap.search.generations import Generations
from haedap.search.indexing import lexical_path
from haedap.search.plan import Corpus, build_plan
from haedap.search.short_forms import short_forms
from haedap.search.text import normalize
from haedap.search.weights import DEFAULT

WARM_UP = 7500
"""Queries before anything is measured: a Java program that compiled nothing yet is many times slower."""

Ids = Callable[[str], list[int]]


def run(context: Context) -> str:
    """p50 and p99 of both sides over the same queries, rounds alternating, medians and the ratio."""
    dataset = context.main
    queries = [" ".join(query.split()) for query in distinct_queries(dataset, 100 if context.quick else 500)]
    rounds = 3 if context.quick else 9
    warm_up = ceil(WARM_UP / len(queries))
    engine = context.engine(dataset, "none")
    (root,) = context.folder.glob("*-none/index")
    ours = ids_entry(root)
    page = partial(_page, engine)
    spent: dict[str, list[float]] = {name: [] for name in ("ids", "words", "or", "rank", "page", "lucene")}
    cpu: dict[str, list[float]] = {name: [] for name in spent}
    medians: dict[str, list[float]] = {name: [] for name in ("ids", "lucene")}
    notes = []
    with ExitStack() as stack:
        other: Lucene | None = None
        try:
            other = stack.enter_context(running(dataset, queries, context.folder / "lucene"))
        except Skip as reason:
            print(f"skipped: {reason}", flush=True)
            notes.append(f"Lucene + nori is not in this table: {reason}.")
        for _ in range(warm_up):
            timed(ours, queries)
            if other:
                other.round()
        for _ in range(rounds):
            results = {"ids": timed(ours, queries, cpu["ids"])}
            if other:
                results["lucene"] = other.round(cpu["lucene"])
            for name, values in results.items():
                spent[name] += values
                medians[name].append(median(values))
        either = ids_entry(root, gated=False)
        for _ in range(min(rounds, 3)):
            spent["words"] += timed(lambda query: analyzer().words(normalize(query)), queries, cpu["words"])
            spent["or"] += timed(either, queries, cpu["or"])
            spent["rank"] += timed(lambda query: engine.rank(query, limit=10), queries, cpu["rank"])
            # Whole pages are remembered, so each round asks a new engine.
            fresh = SearchEngine(root, analyzer())
            page = partial(_page, fresh)
            page("예열")
            spent["page"] += timed(page, queries, cpu["page"])
        quality = _quality(dataset, ours, either, other, queries)
    labels = {
        "words": "of which the analysis of the query (Kiwi)",
        "ids": "Haedap: ids of the ten best, with the relevance gate and the exact total",
        "or": "Haedap: the same without the gate (any word matches, as Lucene does by default)",
        "rank": "Haedap: `SearchEngine.rank`, which counts facets too",
        "page": "Haedap: the whole result page (ten snippets with marks, facets)",
        "lucene": f"Lucene {other.version} + nori: ids of the ten best" if other else "",
    }
    rows = [(labels[name], *p50_p99(values), median(cpu[name])) for name, values in spent.items() if values]
    parts = [
        f"{len(dataset.documents):,} articles of {dataset.name}; {len(queries)} distinct queries (judged ones, filled "
        f"up with titles); {warm_up} rounds of warm-up, {rounds} rounds measured, alternating.",
        table(("one thread, in process", "p50 ms", "p99 ms", "p50 CPU ms"), rows),
    ]
    if other:
        mine, theirs = median(medians["ids"]), median(medians["lucene"])
        ratio = mine / theirs
        parts.append(
            f"Median of the rounds' p50: Haedap {mine:.3f} ms, Lucene {theirs:.3f} ms, ratio {ratio:.2f} "
            f"(of computed time {median(cpu['ids']) / median(cpu['lucene']):.2f}); "
            f"budget: no slower than Lucene + nori, {verdict(ratio, 1.0)}. Lucene "
            f"indexed in {other.index_seconds:.1f} s, has one segment and stops counting totals at 1,000."
        )
    return "\n\n".join([*parts, quality, *notes])


def ids_entry(root: Path, *, gated: bool = True) -> Ids:
    """String to the ids of the ten best by words alone, made of the engine's own steps: no facets, no page."""
    generation = Generations(root).current()
    assert generation
    reader: Reader = TantivyBackend(lexical_path(generation)).reader()
    terms = analyzer()
    meanings = {
        term: tuple(tuple(word.term for word in terms.words(phrase)) for phrase in phrases)
        for term, phrases in short_forms().items()
    }

    def ids(text: str) -> list[int]:
        text = normalize(text).strip()
        corpus = Corpus(reader.document_frequency, reader.entry_count, meanings)
        plan = build_plan(text, terms.words(text), corpus, DEFAULT.lexical)
        coverage = Coverage(reader, plan, DEFAULT.gate.other_words)
        admitted = predicate(plan, None, coverage, DEFAULT.gate) if gated else plan.scoring
        return [match.article_id for match in reader.search(Request(admitted, plan.scoring, limit=10)).matches]

    return ids


def _page(engine: SearchEngine, query: str) -> object:
    return engine.search(SearchQuery(query))


def _quality(dataset: Dataset, ours: Ids, either: Ids, other: Lucene | None, queries: list[str]) -> str:
    """nDCG@10 of both on the judged queries among those timed, so that speed is not bought with quality."""
    judged = {" ".join(q.text.split()): dataset.grades[q.id] for q in dataset.questions}

    def mean(answers: list[list[int]]) -> float:
        return fmean(
            ndcg(judged[query], [dataset.documents[number - 1][0] for number in found])
            for query, found in zip(queries, answers, strict=True)
            if query in judged
        )

    text = f"nDCG@10 of these ids on the judged queries among them: Haedap {mean([ours(q) for q in queries]):.3f}"
    text += f" (without the gate {mean([either(q) for q in queries]):.3f})"
    return text + (f", Lucene + nori {mean(other.ids()):.3f}." if other else ".")
