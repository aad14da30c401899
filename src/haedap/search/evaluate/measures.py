"""What a ranking is worth, as ``ir-measures`` (trec_eval) computes it: of each query, and in the mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import fmean

from haedap.search.evaluate.datasets import Question

Grades = Mapping[str, Mapping[str, int]]
Values = Mapping[str, Mapping[str, float]]
"""By query id, then by the name of a field of :class:`Measures`."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over ``queries`` queries, in [0, 1]; ``unanswered`` is the share without any result."""

    queries: int
    ndcg_10: float
    rr_10: float
    success_1: float
    success_3: float
    success_10: float
    recall_100: float
    unanswered: float


NAMES = {field.name: "" for field in fields(Measures) if field.name != "queries"} | {
    "ndcg_10": "nDCG@10",
    "rr_10": "RR@10",
    "success_1": "Success@1",
    "success_3": "Success@3",
    "success_10": "Success@10",
    "recall_100": "Recall@100",
    "unanswered": "No result",
}
"""What a person calls the fields of :class:`Measures`."""


def measure(questions: Sequence[Question], grades: Grades, results: Mapping[str, Sequence[str]]) -> Measures:
    """nDCG@10 (linear gain, log2 discount), RR@10, success and recall of document ids in order, best first.

    Recall at 100 is of as many ids as ``results`` holds.
    """
    return mean(questions, per_query(questions, grades, results))


def by_kind(questions: Sequence[Question], values: Values) -> dict[str, Measures]:
    """The means of the queries of each kind, kinds in the order of the alphabet; of queries without one, none."""
    kinds = sorted({question.kind for question in questions if question.kind})
    return {kind: mean([question for question in questions if question.kind == kind], values) for kind in kinds}


def mean(questions: Sequence[Question], values: Values) -> Measures:
    """The means of these queries, to four places; zeros without any query."""
    means = {
        name: round(fmean(values[question.id][name] for question in questions), 4) if questions else 0.0
        for name in NAMES
    }
    return Measures(len(questions), **means)


def per_query(questions: Sequence[Question], grades: Grades, results: Mapping[str, Sequence[str]]) -> Values:
    """Every measure of every query; one without results has zeros."""
    import ir_measures as ir

    if not questions:
        return {}
    fields_of = {
        ir.nDCG @ 10: "ndcg_10",
        ir.RR @ 10: "rr_10",
        ir.Success @ 1: "success_1",
        ir.Success @ 3: "success_3",
        ir.Success @ 10: "success_10",
        ir.R @ 100: "recall_100",
    }
    judged = {ascii(question.id): _safe(grades[question.id]) for question in questions}
    run = {ascii(question.id): _scored(results.get(question.id, ())) for question in questions}
    values = {key: {"unanswered": float(not ranked)} for key, ranked in run.items()}
    for metric in ir.iter_calc(list(fields_of), judged, run):
        values[metric.query_id][fields_of[metric.measure]] = float(metric.value)
    return {question.id: values[ascii(question.id)] for question in questions}


def ndcg(judged: Mapping[str, int], ranked: Sequence[str], depth: int = 10) -> float:
    """nDCG of one query's document ids, best first, with linear gain (trec_eval's ndcg_cut), in [0, 1]."""
    import ir_measures as ir

    found = ir.iter_calc([ir.nDCG @ depth], {"": _safe(judged)}, {"": _scored(ranked)})
    return next((float(metric.value) for metric in found), 0.0)


def _scored(ranked: Sequence[str]) -> dict[str, float]:
    # trec_eval sorts by score and breaks ties its own way: descending numbers keep the order that was shown.
    return {ascii(document): -float(rank) for rank, document in enumerate(dict.fromkeys(ranked))}


def _safe(judged: Mapping[str, int]) -> dict[str, int]:
    # The C code behind the library crashes on an id that is not valid Unicode, and cuts one at a NUL.
    return {ascii(document): grade for document, grade in judged.items()}
