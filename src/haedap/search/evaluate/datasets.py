"""BEIR folders: documents, queries and what was judged right for them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class DatasetError(Exception):
    """A folder that is not a BEIR collection; the message names the file, the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Question:
    """A judged query."""

    id: str
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A BEIR collection: documents (id, title, text) in order, queries that have judgments, grades by query and
    document."""

    name: str
    documents: tuple[tuple[str, str, str], ...]
    questions: tuple[Question, ...]
    grades: Mapping[str, Mapping[str, int]]


def read_dataset(folder: Path) -> Dataset:
    """Read ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/test.tsv``.

    Raises:
        DatasetError: a file is missing, a line cannot be read, or no query has a judgment.
    """
    documents = tuple(
        (str(row["_id"]), str(row.get("title") or ""), str(row.get("text") or ""))
        for row in _rows(folder / "corpus.jsonl", "_id")
    )
    grades = read_grades(folder)
    questions = tuple(question for question in read_questions(folder) if question.id in grades)
    if not questions:
        raise DatasetError(f"{folder / 'qrels' / 'test.tsv'} judges no query of queries.jsonl: are they of one set?")
    return Dataset(folder.resolve().name, documents, questions, grades)


def read_questions(folder: Path) -> list[Question]:
    """Every query of ``queries.jsonl``, judged or not. Raises :class:`DatasetError`."""
    return [
        Question(str(row["_id"]), str(row.get("text") or ""), _kind(row.get("metadata")))
        for row in _rows(folder / "queries.jsonl", "_id")
    ]


def read_grades(folder: Path) -> dict[str, dict[str, int]]:
    """The grades of ``qrels/test.tsv``, by query and document. Raises :class:`DatasetError`."""
    grades: dict[str, dict[str, int]] = {}
    qrels = folder / "qrels" / "test.tsv"
    for number, line in _lines(qrels):
        cells = line.split("\t")
        if number == 1 and cells[0] == "query-id":
            continue
        try:
            grades.setdefault(cells[0], {})[cells[1]] = int(cells[2])
        except (IndexError, ValueError):
            raise DatasetError(f"{qrels}, line {number}: expected query-id, corpus-id and a whole number") from None
    return grades


def _kind(metadata: object) -> str:
    return str(metadata.get("kind") or "") if isinstance(metadata, dict) else ""


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except FileNotFoundError:
        raise DatasetError(
            f"{path} is missing: a BEIR folder has corpus.jsonl, queries.jsonl, qrels/test.tsv"
        ) from None
    except UnicodeDecodeError:
        raise DatasetError(f"{path} is not UTF-8: save it as UTF-8 and try again") from None


def _rows(path: Path, key: str) -> Iterator[dict[str, Any]]:
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DatasetError(f"{path}, line {number}: not JSON ({error})") from None
        if not isinstance(row, dict) or key not in row:
            raise DatasetError(f"{path}, line {number}: expected an object with {key!r}")
        yield row
