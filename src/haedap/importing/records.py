"""What a reader hands over, whatever the format was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


class ImportProblem(Exception):
    """Nothing can be imported; the message says where the fault is and what to do."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no usable record: its number from 1, and why."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Record:
    """One article of a source, cleaned.

    ``platforms`` are slugs, only those that the source states; ``service`` and ``category`` are names as the source
    has them, or empty; dates carry a time zone. ``title_tags`` are those of ``tags`` that stood before the title.
    ``raw`` is the object as it was read.
    """

    external_id: str
    title: str
    body: str
    body_format: str
    tags: tuple[str, ...]
    platforms: tuple[str, ...]
    service: str
    category: str
    created: datetime | None
    updated: datetime | None
    hits: int | None
    raw: dict[str, Any]
    line: int
    title_tags: tuple[str, ...] = ()
