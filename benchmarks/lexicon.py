"""What the shipped lexicon gives: every collection and the demo's judged queries, with it and without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import demo
from benchmarks.common import Context, Skip, spread
from benchmarks.tables import table
from haedap.search import SearchEngine, SearchQuery
from haedap.search.evaluate import Dataset, Measures, Question, measure
from haedap.search.lexicon import shipped
from haedap.search.semantic import EmbedderName

EMBEDDERS: tuple[EmbedderName, ...] = ("e5", "none")


def run(context: Context) -> str:
    """nDCG@10 by kind of query, with the lexicon and without."""
    rows: list[Sequence[object]] = []
    for dataset in context.collections.values():
        if context.quick:
            some = tuple(spread(dataset.questions, 200))
            dataset = Dataset(dataset.name, dataset.documents, some, dataset.grades)
        for embedder in EMBEDDERS:
            try:
                engine = context.engine(dataset, embedder)
            except Skip as reason:
                print(f"skipped: {reason}", flush=True)
                continue
            numbered = {number: id_ for number, (id_, _, _) in enumerate(dataset.documents, 1)}
            rows += _compare(dataset.name, embedder, engine, dataset.questions, dataset.grades, numbered)
    rows += _demo(context)
    head = (
        "collection", "embedder", "kind", "queries", "without", "with", "difference", "found nothing: without", "with",
    )  # fmt: skip
    return "\n\n".join(
        (
            f"nDCG@10 of the whole search, gate included, with the shipped lexicon ({shipped().size:,} expressions) "
            "and without it; the same index, embedder and queries.",
            table(head, rows),
        )
    )


def _compare(
    name: str,
    embedder: EmbedderName,
    engine: SearchEngine,
    questions: Sequence[Question],
    grades: Mapping[str, Mapping[str, int]],
    numbered: dict[int, str],
) -> list[Sequence[object]]:
    judged = [question for question in questions if question.id in grades]
    kinds = ["all", *sorted({question.kind for question in judged if question.kind})]
    by_kind: dict[str, list[Measures]] = {kind: [] for kind in kinds}
    for lexicons in ((), (shipped(),)):
        engine.use(*lexicons)
        results = {
            question.id: [
                numbered[hit.article_id] for hit in engine.search(SearchQuery(question.text, page_size=10)).hits
            ]
            for question in judged
        }
        for kind in kinds:
            chosen = [question for question in judged if kind in ("all", question.kind)]
            by_kind[kind].append(measure(chosen, grades, results))
    rows: list[Sequence[object]] = []
    for kind, (without, having) in by_kind.items():
        gain = having.ndcg_10 - without.ndcg_10
        nothing = (f"{without.unanswered:.1%}", f"{having.unanswered:.1%}")
        rows.append(
            (name, embedder, kind, having.queries, f"{without.ndcg_10:.3f}", f"{having.ndcg_10:.3f}", f"{gain:+.3f}")
            + nothing
        )
        print(f"  {name}, {embedder}, {kind}: {without.ndcg_10:.3f} -> {having.ndcg_10:.3f}", flush=True)
    return rows


def _demo(context: Context) -> list[Sequence[object]]:
    """The demo, with the judged queries that guard its ranking."""
    rows: list[Sequence[object]] = []
    for embedder in EMBEDDERS:
        engine = demo.engine(context, embedder)
        named = {article: document for document, _, ids in demo.articles(engine) for article in ids}
        rows += _compare("demo", embedder, engine, demo.questions(), demo.grades(), named)
    return rows
