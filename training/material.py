"""What is trained on: articles and, for each, the queries people ask when they need it.

One file a collection, JSON Lines: ``_id``, ``title``, ``text``, ``spoken`` (queries in everyday words) and ``keyword``
(queries by somebody who knows the term), the last two a text or a list of texts. An article without a query is passed
over.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from haedap.search.entries import VECTOR_CHARS
from haedap.search.text import normalize


@dataclass(frozen=True, slots=True)
class Lesson:
    """One article and its queries; ``body`` is the part of the text that a vector is made of."""

    article: str
    title: str
    body: str
    spoken: tuple[str, ...]
    keyword: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """The lessons of one file, in its order; ``digest`` is its SHA-256."""

    name: str
    lessons: tuple[Lesson, ...]
    digest: str


class BadMaterial(Exception):
    """A file cannot be trained on; the message names file, line and reason."""


def read(path: Path) -> Collection:
    """The collection in a file. Raises :class:`BadMaterial`."""
    try:
        content = path.read_bytes()
        lines = content.decode("utf-8").split("\n")
    except (OSError, UnicodeError) as error:
        raise BadMaterial(f"{path} cannot be read: {error}") from error
    lessons: dict[str, Lesson] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                lesson = _lesson(json.loads(line))
            except (ValueError, TypeError, KeyError) as error:
                raise BadMaterial(f"{path}, line {number}: {_reason(error)}") from error
            if lesson.article in lessons:
                raise BadMaterial(f"{path}, line {number}: there is already an article {lesson.article!r}")
            if lesson.spoken or lesson.keyword:
                lessons[lesson.article] = lesson
    if len(lessons) < 2:
        raise BadMaterial(f"{path}: at least two articles with a query each are needed")
    return Collection(path.stem, tuple(lessons.values()), hashlib.sha256(content).hexdigest())


def _lesson(row: dict[str, Any]) -> Lesson:
    title, body = normalize(str(row["title"])), normalize(str(row.get("text", "")))[:VECTOR_CHARS]
    return Lesson(str(row["_id"]), title, body, _texts(row.get("spoken")), _texts(row.get("keyword")))


def _texts(value: object) -> tuple[str, ...]:
    """One text or several, without blank ones. Raises TypeError for anything else."""
    if value is None:
        return ()
    several = [value] if isinstance(value, str) else value
    if not isinstance(several, list) or not all(isinstance(text, str) for text in several):
        raise TypeError("queries have to be a text or a list of texts")
    return tuple(text for text in (" ".join(text.split()) for text in several) if text)


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
