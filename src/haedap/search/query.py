"""The query tree: what the core asks of any backend.

Invariant: a tree says what matches and what it scores, never how an engine does it. A backend compiles it; the naive
in-memory backend evaluates it directly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Field = Literal["title", "body", "extra", "questions", "title_bigrams", "body_bigrams"]
FIELDS: tuple[Field, ...] = ("title", "body", "extra", "questions", "title_bigrams", "body_bigrams")


@dataclass(frozen=True, slots=True)
class Term:
    """Entries whose ``field`` holds the token ``text``; scores BM25 times ``boost``."""

    field: Field
    text: str
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Key:
    """Entries that hold the ``suggest`` key ``text``; scores nothing (0).

    With ``slip`` also those that hold a key one edit away: a character more, less or another, or two swapped.
    """

    text: str
    slip: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Entries whose ``field`` holds ``texts`` (two or more) at consecutive positions; scores BM25 times ``boost``."""

    field: Field
    texts: tuple[str, ...]
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Any:
    """Entries that match at least ``minimum`` of ``nodes``; scores the sum of those that match."""

    nodes: tuple[Node, ...]
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class All:
    """Entries that match every one of ``nodes``; scores their sum."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class VectorKeys:
    """Entries whose vector key, or one they also stand for, is one of ``keys``; scores nothing (0)."""

    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Everything:
    """Every entry; scores nothing (0)."""


@dataclass(frozen=True, slots=True)
class Constant:
    """Entries that match ``node``; scores ``score``, whatever the node scores."""

    node: Node
    score: float


Node: TypeAlias = Term | Key | Phrase | Any | All | VectorKeys | Everything | Constant
