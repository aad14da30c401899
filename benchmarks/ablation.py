"""What each signal buys: nDCG@10 of the search without it, on every collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.common import Context, analyzer, spread
from benchmarks.guard import Remembering
from benchmarks.tables import table
from haedap.search import SearchEngine, SearchQuery
from haedap.search.evaluate import Dataset, Question, ndcg
from haedap.search.weights import DEFAULT, Weights

FIXED = {"informed": 0.0, "answered": 0.0, "stands_out": 0.0, "spoken": 1.0}
FAR = 9.0
"""A handicap that no cosine makes up for."""


def _fusion(**changes: float) -> Callable[[Weights], Weights]:
    return lambda weights: replace(weights, fusion=replace(weights.fusion, **changes))


def _lexical(**changes: float) -> Callable[[Weights], Weights]:
    return lambda weights: replace(weights, lexical=replace(weights.lexical, **changes))


VARIANTS: tuple[tuple[str, Callable[[Weights], Weights]], ...] = (
    ("everything", lambda weights: weights),
    ("no vectors", _fusion(lowest=0.0, highest=0.0)),
    ("hardly any words (semantic weight 50)", _fusion(lowest=50.0)),
    ("one semantic weight for all (1)", _fusion(strength=1.0, **FIXED)),
    ("one semantic weight for all (4)", _fusion(strength=4.0, **FIXED)),
    ("weight blind to what the corpus knows", _fusion(informed=0.0, strength=2.5)),
    ("weight blind to what is covered", _fusion(answered=0.0, strength=1.0)),
    ("weight blind to how far the nearest stands out", _fusion(stands_out=0.0, strength=32.0)),
    ("weight blind to everyday words", _fusion(spoken=1.0)),
    ("no coverage", _fusion(coverage=0.0)),
    ("vectors of the beginning alone", _fusion(later=FAR)),
    ("later parts as good as the beginning", _fusion(later=0.0)),
    ("codes and messages like other words", _fusion(exact=0.0)),
    ("title like body", _lexical(title=1.0)),
    ("no bigrams", _lexical(title_bigrams=0.0, body_bigrams=0.0)),
    ("parts of compounds like words", _lexical(part=1.0)),
)


def run(context: Context) -> str:
    """One table: a row a variant, a column a collection."""
    given = context.embedder("e5")
    assert given
    embedder = Remembering(given)
    asked = {name: _asked(dataset, context.quick) for name, dataset in context.collections.items()}
    values: dict[str, list[float]] = {label: [] for label, _ in VARIANTS}
    without: list[float] = []
    for name, dataset in context.collections.items():
        context.engine(dataset, "e5")
        root = context.folder / f"{dataset.name}-e5" / "index"
        for label, change in VARIANTS:
            values[label].append(_mean(SearchEngine(root, analyzer(), embedder, change(DEFAULT)), dataset, asked[name]))
        plain = SearchEngine(root, analyzer(), embedder)
        plain.use()
        without.append(_mean(plain, dataset, asked[name]))
        print(f"  {name}: {values['everything'][-1]:.4f}", flush=True)
    full = values.pop("everything")
    rows = [("everything", *(f"{value:.4f}" for value in full))]
    rows += [(label, *_changes(found, full)) for label, found in {**values, "no lexicon": without}.items()]
    return (
        "nDCG@10 with everything, and what is lost (-) or won (+) without one signal; e5 with its adapter; "
        + ", ".join(f"{len(questions):,} queries of {name}" for name, questions in asked.items())
        + ".\n\n"
        + table(("", *asked), rows)
    )


def _asked(dataset: Dataset, quick: bool) -> list[Question]:
    return spread(dataset.questions, 100 if quick else 600)


def _mean(engine: SearchEngine, dataset: Dataset, questions: Sequence[Question]) -> float:
    def value(question: Question) -> float:
        hits = engine.search(SearchQuery(question.text)).hits
        return ndcg(dataset.grades[question.id], [dataset.documents[hit.article_id - 1][0] for hit in hits])

    return sum(map(value, questions)) / len(questions)


def _changes(found: Sequence[float], full: Sequence[float]) -> list[str]:
    return [f"{value - whole:+.4f}" for value, whole in zip(found, full, strict=True)]
