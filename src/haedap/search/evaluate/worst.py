"""Single queries: what was found, where the right articles stand, and how the queries spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from haedap.search.evaluate.datasets import Dataset, Question
from haedap.search.evaluate.measures import Values

WORST = 30
TOP = 5
RIGHT = 3
NOWHERE = 10**9
"""Stands for the rank of what was not found, after every real one."""


@dataclass(frozen=True, slots=True)
class Found:
    """An article in the results; ``grade`` is None where nobody judged it, ``rank`` None where it was not found."""

    title: str
    rank: int | None
    grade: int | None
    score: float


@dataclass(frozen=True, slots=True)
class Judged:
    """A query that has a right article, with its first results and its best right articles, highest grade first."""

    question: Question
    ndcg: float
    first_rank: int
    top: tuple[Found, ...]
    right: tuple[Found, ...]
    more_right: int


def judged_queries(
    dataset: Dataset, values: Values, run: Mapping[str, Sequence[tuple[str, float]]]
) -> tuple[Judged, ...]:
    """The queries of ``dataset`` that have an article with a grade above 0, in its order."""
    titles = {id_: title for id_, title, _ in dataset.documents}
    judged = []
    for question in dataset.questions:
        grades = dataset.grades[question.id]
        hits = run.get(question.id, ())
        places = {document: (rank, score) for rank, (document, score) in enumerate(hits, 1)}

        def found(
            document: str, grades: Mapping[str, int] = grades, places: Mapping[str, tuple[int, float]] = places
        ) -> Found:
            rank, score = places.get(document, (None, 0.0))
            return Found(titles.get(document) or document, rank, grades.get(document), score)

        right = sorted(
            (found(document) for document, grade in grades.items() if grade > 0),
            key=lambda each: (-(each.grade or 0), each.rank or NOWHERE),
        )
        if right:
            judged.append(
                Judged(
                    question,
                    values[question.id]["ndcg_10"],
                    min(each.rank or NOWHERE for each in right),
                    tuple(found(document) for document, _ in hits[:TOP]),
                    tuple(right[:RIGHT]),
                    len(right) - len(right[:RIGHT]),
                )
            )
    return tuple(judged)


def spread_of_ndcg(values: Sequence[float]) -> list[tuple[str, int]]:
    """How many values are 0, 1, or in one of five steps between: (label, count)."""
    labels = ("0", "to .2", "to .4", "to .6", "to .8", "below 1", "1")
    counts = Counter(0 if value < 1e-9 else 6 if value > 1 - 1e-9 else min(int(value * 5), 4) + 1 for value in values)
    return [(label, counts[place]) for place, label in enumerate(labels)]


def spread_of_ranks(judged: Sequence[Judged]) -> list[tuple[str, int]]:
    """At which rank the first right article stands: (label, count)."""
    limits = (("First", 1), ("Second or third", 3), ("4 to 10", 10), ("11 to 100", 100), ("Not found", NOWHERE))
    counts = Counter(next(label for label, last in limits if each.first_rank <= last) for each in judged)
    return [(label, counts[label]) for label, _ in limits]
