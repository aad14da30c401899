"""Two runs over the same judged queries, compared query by query.

The test is the paired randomization test with the difference of means as its statistic: Smucker, Allan and Carterette,
"A Comparison of Statistical Significance Tests for Information Retrieval Evaluation", CIKM 2007.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haedap.search.evaluate.datasets import Dataset, Question
from haedap.search.evaluate.measures import Measures, Values, mean, per_query
from haedap.search.evaluate.report import HEAD, name_width, row
from haedap.search.text import normalize

ROUNDS = 10_000
STEP = 250
SEED = 2007
SHOWN = 10
EQUAL = 1e-9
"""nDCG values that differ by less are a tie: rounding, not ranking."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The means of both runs over the same queries; ``difference`` is that of nDCG@10, B - A; ``wins`` are B's."""

    a: Measures
    b: Measures
    difference: float
    wins: int
    losses: int
    ties: int


@dataclass(frozen=True, slots=True)
class Change:
    """A query whose nDCG@10 is not the same in both runs."""

    id: str
    text: str
    kind: str
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run B against run A by nDCG@10.

    ``interval_95`` is of the mean difference B - A, by percentiles of a bootstrap over queries; ``p_value`` of the
    two-sided paired randomization test, at least 1 / (rounds + 1). ``gains`` and ``losses`` are the ten largest.
    """

    dataset: str
    run_a: str
    run_b: str
    overall: Pair
    by_kind: Mapping[str, Pair]
    interval_95: tuple[float, float]
    p_value: float
    gains: tuple[Change, ...]
    losses: tuple[Change, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """Tables for a person."""
        return "\n".join(self._text())

    def _text(self) -> Iterator[str]:
        pair = self.overall
        width = name_width({"A": 0, **self.by_kind})
        yield f"{self.dataset}: A = {self.run_a}, B = {self.run_b}"
        yield f"{'':{width}}{HEAD}"
        yield f"{'A':{width}}{row(pair.a)}"
        yield f"{'B':{width}}{row(pair.b)}"
        yield ""
        yield f"{'nDCG@10':{width}}{'queries':>8}{'A':>9}{'B':>9}{'B - A':>9}{'better':>8}{'worse':>8}{'same':>8}"
        for name, each in (("all", pair), *self.by_kind.items()):
            yield (
                f"{name:{width}}{each.a.queries:8}{each.a.ndcg_10:9.4f}{each.b.ndcg_10:9.4f}{each.difference:+9.4f}"
                f"{each.wins:8}{each.losses:8}{each.ties:8}"
            )
        low, high = self.interval_95
        yield ""
        yield f"B - A {pair.difference:+.4f}, 95% interval {low:+.4f} to {high:+.4f} (bootstrap over queries)"
        yield f"p = {self.p_value:.4f} (paired randomization test, two-sided, {ROUNDS:,} rounds; Smucker et al. 2007)"
        for title, changes in (("Largest gains", self.gains), ("Largest losses", self.losses)):
            if changes:
                yield f"\n{title} of B (A -> B)"
                yield from (
                    f"  {change.b - change.a:+.3f}  {change.a:.3f} -> {change.b:.3f}  {_one_line(change.text)}"
                    for change in changes
                )


def compare(
    dataset: Dataset,
    a: Mapping[str, Sequence[tuple[str, float]]],
    b: Mapping[str, Sequence[tuple[str, float]]],
    names: tuple[str, str] = ("A", "B"),
) -> Comparison:
    """Compare two runs over every judged query; a query that a run lacks counts as one without results."""
    values_a, values_b = (
        per_query(dataset.questions, dataset.grades, {key: [doc for doc, _ in hits] for key, hits in run.items()})
        for run in (a, b)
    )
    changes = [
        Change(q.id, q.text, q.kind, round(values_a[q.id]["ndcg_10"], 4), round(values_b[q.id]["ndcg_10"], 4))
        for q in dataset.questions
        if abs(_difference(q, values_a, values_b)) > EQUAL
    ]
    gains = sorted((each for each in changes if each.b > each.a), key=lambda each: each.a - each.b)
    losses = sorted((each for each in changes if each.b < each.a), key=lambda each: each.b - each.a)
    differences = np.array([_difference(q, values_a, values_b) for q in dataset.questions])
    kinds = sorted({question.kind for question in dataset.questions if question.kind})
    return Comparison(
        dataset.name,
        *names,
        overall=_pair(dataset.questions, values_a, values_b),
        by_kind={kind: _pair([q for q in dataset.questions if q.kind == kind], values_a, values_b) for kind in kinds},
        interval_95=_interval(differences),
        p_value=round(_p_value(differences), 4),
        gains=tuple(gains[:SHOWN]),
        losses=tuple(losses[:SHOWN]),
    )


def _difference(question: Question, a: Values, b: Values) -> float:
    return b[question.id]["ndcg_10"] - a[question.id]["ndcg_10"]


def _pair(questions: Sequence[Question], a: Values, b: Values) -> Pair:
    differences = [_difference(question, a, b) for question in questions]
    wins = sum(difference > EQUAL for difference in differences)
    losses = sum(difference < -EQUAL for difference in differences)
    difference = math.fsum(differences) / len(questions)
    return Pair(
        mean(questions, a), mean(questions, b), round(difference, 4), wins, losses, len(questions) - wins - losses
    )


def _p_value(differences: NDArray[np.float64]) -> float:
    """How often A and B, exchanged by chance in each query, differ in the mean at least as much as they do."""
    random = np.random.default_rng(SEED)
    observed = abs(differences.sum())
    as_far = 0
    for start in range(0, ROUNDS, STEP):
        kept = random.integers(0, 2, (min(STEP, ROUNDS - start), len(differences))).astype(np.float64)
        as_far += int(np.count_nonzero(np.abs(2 * (kept @ differences) - differences.sum()) >= observed - EQUAL))
    # The observed one is one of the possible exchanges, so p is never 0.
    return (as_far + 1) / (ROUNDS + 1)


def _interval(differences: NDArray[np.float64]) -> tuple[float, float]:
    random = np.random.default_rng(SEED)
    count = len(differences)
    means = np.concatenate(
        [
            differences[random.integers(0, count, (min(STEP, ROUNDS - start), count))].mean(axis=1)
            for start in range(0, ROUNDS, STEP)
        ]
    )
    low, high = np.percentile(means, [2.5, 97.5])
    return round(float(low), 4), round(float(high), 4)


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in normalize(text)).strip()
