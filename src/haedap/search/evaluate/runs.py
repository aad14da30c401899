"""TREC run files: query, Q0, document, rank, score, tag on a line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from haedap.search.evaluate.datasets import Dataset
from haedap.search.evaluate.output import write_whole

Run = dict[str, list[tuple[str, float]]]
"""(document, score) by query, best first."""

STEP = 1e-6


class RunError(Exception):
    """A run file that cannot be read or written; the message names the file, the line and what is wrong."""


def check_ids(dataset: Dataset) -> None:
    """Raise :class:`RunError` if an id of ``dataset`` cannot stand in a run file: cells are parted by spaces."""
    for id_ in (*(question.id for question in dataset.questions), *(id_ for id_, _, _ in dataset.documents)):
        if id_.split() != [id_]:
            raise RunError(
                f"A run file cannot hold the id {id_!r} of {dataset.name}: it is empty or has a space in it."
            )


def write_run(path: Path, run: Mapping[str, Sequence[tuple[str, float]]]) -> None:
    """Write a whole run file or none.

    trec_eval orders by score alone, so a score that is not below the one before it is written a millionth lower.
    Raises :class:`haedap.search.evaluate.OutputError` and OSError.
    """
    write_whole(path, "".join(_written(run)))


def _written(run: Mapping[str, Sequence[tuple[str, float]]]) -> Iterator[str]:
    for query, ranked in run.items():
        before = math.inf
        for rank, (document, score) in enumerate(ranked, 1):
            before = min(round(score, 6), before - STEP)
            yield f"{query} Q0 {document} {rank} {before:.6f} haedap\n"


def read_run(path: Path, dataset: Dataset) -> Run:
    """The lines of a run file about the judged queries of ``dataset``, ordered as trec_eval orders them: by score, of
    equal scores the greater document id first.

    Raises:
        RunError: the file cannot be read, a line is wrong, or no line is about a judged query.
    """
    judged = {question.id for question in dataset.questions}
    found: dict[str, dict[str, float]] = {}
    for number, line in _lines(path):
        query, document, score = _parsed(path, number, line)
        known = found.setdefault(query, {})
        if document in known:
            raise RunError(f"{path}, line {number}: {document} stands twice in the results of query {query}")
        known[document] = score
    if not judged & found.keys():
        raise RunError(
            f"{path} has none of the {len(judged):,} judged queries of {dataset.name}: is it of another set?"
        )
    return {
        query: sorted(known.items(), key=lambda item: (item[1], item[0]), reverse=True)
        for query, known in found.items()
        if query in judged
    }


def _parsed(path: Path, number: int, line: str) -> tuple[str, str, float]:
    cells = line.split()
    if len(cells) != 6:
        raise RunError(
            f"{path}, line {number}: expected query, Q0, document, rank, score and tag; there are {len(cells)} cells"
        )
    try:
        score = float(cells[4])
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise RunError(f"{path}, line {number}: the score {cells[4]!r} is not a number")
    return cells[0], cells[2], score


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    except UnicodeDecodeError:
        raise RunError(f"{path} is not a run file: it is not UTF-8 text") from None
    except OSError as error:
        raise RunError(f"The run file {path} cannot be read: {error.strerror}") from None
