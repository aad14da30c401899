"""What the shipped lexicon gives: every collection and the demo's judged queries, with it and without."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from importlib.resources import files

from benchmarks.common import Context, Skip, analyzer, spread
from benchmarks.server import command
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
    grades: dict[str, dict[str, int]],
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
    """The demo as ``haedap demo`` loads it, with the judged queries that guard its ranking."""
    home = context.folder / "demo"
    command(home, "demo", "--load-only")
    folder = files("haedap.demo") / "judged"
    lines = (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    queries = [json.loads(line) for line in lines]
    questions = [Question(row["_id"], row["text"], row["metadata"]["kind"]) for row in queries]
    grades: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        grades.setdefault(query, {})[document] = int(grade)
    rows: list[Sequence[object]] = []
    for embedder in EMBEDDERS:
        engine = SearchEngine(home / "index", analyzer(), context.embedder(embedder))
        rows += _compare("demo", embedder, engine, questions, grades, _demo_documents(engine))
    return rows


def _demo_documents(engine: SearchEngine) -> dict[int, str]:
    """The judged document names of the demo's articles, by article id."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haedap.settings")
    import django

    django.setup()
    from haedap.kb.demo import demo_files

    named: dict[int, str] = {}
    for file in demo_files():
        hits = engine.search(SearchQuery(file.draft.title, page_size=10)).hits
        named.update((hit.article_id, file.external_id) for hit in hits if hit.title == file.draft.title)
    return named
