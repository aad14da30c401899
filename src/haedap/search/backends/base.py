"""The backend protocol: what the core needs of a search engine, and nothing else.

Invariants every backend keeps (``tests/search/backend_contract.py`` proves them):

1. A backend stores *entries*. An article has one entry for each distinct body, and exactly one of its entries carries
   any given scope, so counting the entries of one scope counts articles.
2. ``replace`` and ``delete`` take effect for readers at ``commit``, all of them or none of them.
3. A reader keeps answering from the commit it opened until ``refresh``; a commit by another process reaches it then.
4. There is one writer: a second ``writer()`` in any process raises :class:`IndexLocked`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from haedap.search.query import Field, Node
from haedap.search.types import ALL, Facets, Sort, Token


class BackendError(Exception):
    """Something the user can act on: the message says what happened and what to do."""


class IndexLocked(BackendError):
    """Another process is writing to this index."""


class IndexDamaged(BackendError):
    """The index cannot be opened; the message names the path and the command that rebuilds it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One index document: an article's body, or the union of its bodies, with the scopes it answers for.

    ``fields`` holds the token streams; ``categories`` are ``service/category`` paths; ``updated`` is POSIX seconds;
    ``vector_key`` is an unsigned 64-bit key into the vector matrix (0: none) and
    ``also_near`` holds those of the bodies that a union stands for; ``suggest`` holds keys (no white space in any),
    found whole by :class:`~haedap.search.query.Key`; ``payload`` is kept as it is and comes back with a hit.
    """

    article_id: int
    scopes: tuple[str, ...]
    fields: Mapping[Field, Sequence[Token]]
    service: str = ""
    categories: tuple[str, ...] = ()
    updated: int = 0
    hits: int = 0
    staff_only: bool = False
    vector_key: int = 0
    also_near: tuple[int, ...] = ()
    suggest: tuple[str, ...] = ()
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Filters:
    """``scope`` is one scope, or None for the entries of all; ``service`` a slug; ``category`` a path; ``staff``
    lets staff-only entries through."""

    scope: str | None = ALL
    service: str | None = None
    category: str | None = None
    staff: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What to match and how to order it.

    An entry is a result if it matches ``predicate`` and ``filters``. By relevance results are ordered by the score of
    ``scoring`` (an entry that matches no part of it scores 0), then by article id; by date and hits descending, ties
    by article id ascending.
    """

    predicate: Node
    scoring: Node | None = None
    filters: Filters = Filters()
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 10
    facets: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """One result. ``handle`` is opaque and valid for the reader that gave it, until its next refresh."""

    article_id: int
    score: float
    vector_key: int
    handle: object = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """``total`` is exact. Facets are exact article counts, each counted without its own filter."""

    total: int
    matches: tuple[Match, ...]
    facets: Facets | None = None


class Writer(Protocol):
    """Collects changes until ``commit``. Leaving the ``with`` block without a commit drops them."""

    def replace(self, article_id: int, entries: Sequence[Entry]) -> None:
        """Make ``entries`` the whole of the article: entries it had before are gone. Empty means delete."""

    def delete(self, article_id: int) -> None:
        """Remove the article; nothing happens if it is not there."""

    def clear(self) -> None:
        """Remove every article."""

    def commit(self) -> None:
        """Publish all changes since the last commit at once, durably."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Reader(Protocol):
    """A view of one commit."""

    def refresh(self) -> bool:
        """Look for a newer commit and move to it; True if there was one. Cheap (a stat) when there was none."""

    @property
    def stamp(self) -> str:
        """Names the commit that answers: equal stamps give equal answers."""

    def search(self, request: Request) -> Response: ...

    def payloads(self, matches: Sequence[Match]) -> list[bytes]:
        """The payloads of matches, in their order."""

    def document_frequency(self, field: Field, text: str) -> int:
        """How many entries hold the token."""

    @property
    def entry_count(self) -> int:
        """How many entries there are."""

    def article_ids(self) -> frozenset[int]:
        """Every article in the index (for checks; not fast)."""

    def all_matches(self) -> list[Match]:
        """Every entry, of all scopes, with score 0 (to find what still lacks a vector; not fast)."""


class Backend(Protocol):
    """Opens readers and the one writer of an index."""

    name: str

    @property
    def schema_version(self) -> str:
        """Changes when an index written before can no longer be read; part of the fingerprint."""

    def reader(self) -> Reader: ...

    def writer(self) -> Writer:
        """Raises :class:`IndexLocked` while another writer, in any process, is open."""
