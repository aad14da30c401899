"""Frozen types that cross the boundaries of the search core.

Invariant: every offset is a code point index into NFC text, and every span is half open, ``[start, end)``.
Nothing here imports a backend, an embedder, Django or Kiwi, so any room may import this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Sort = Literal["relevance", "date", "hits"]
SORTS: tuple[Sort, ...] = ("relevance", "date", "hits")

CELL = " | "
"""Stands between the cells of a table's row in the text of a body."""
BlockKind = Literal["heading", "paragraph", "step", "item", "row", "note", "code"]
Notice = Literal["spam", "restricted", "too_long"]
Mode = Literal["lexical", "hybrid"]

MAX_QUERY = 200
"""Characters of a query; longer ones are not searched (``too_long``)."""
ALL = "all"
"""The scope of the union document: an article seen whole, whatever the platform."""
COMMON = "common"
"""The scope (and platform slug) of the fallback body, 공통."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Token:
    """One analyzed token.

    ``text`` is the folded term, ``[start, end)`` its span in the source text, ``position`` its place for phrase
    queries; the parts of a compound repeat the compound's position.
    """

    text: str
    start: int
    end: int
    position: int


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of body text that a reader sees as one thing: a paragraph, a step, a table row, a list item."""

    kind: BlockKind
    start: int
    end: int
    heading_path: tuple[str, ...] = ()
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """Plain text of one variant (NFC, no markup) with its blocks and the scopes it serves.

    ``scopes`` holds platform slugs, plus :data:`COMMON` for the fallback body. Whoever builds the document resolves
    the fallback: the common body lists every platform that has no body of its own.
    """

    text: str
    scopes: tuple[str, ...]
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleDocument:
    """What the index needs of one published article.

    ``categories`` are ``service/category`` paths, the primary one first; ``labels`` are names a customer may type for
    where the article stands (of its service and category), searched but never shown, and so are ``questions``, other
    ways to ask for it; ``updated`` is POSIX seconds;
    ``version`` orders writes: an index never replaces a document by one of a lower version.
    """

    id: int
    title: str
    bodies: tuple[Body, ...]
    version: int = 1
    service: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    updated: int = 0
    hits: int = 0
    staff_only: bool = False
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """One search as asked. ``category`` is a ``service/category`` path, ``platform`` a scope; None means no filter;
    ``exact`` searches the text as typed, whatever it may be read as."""

    text: str
    service: str | None = None
    category: str | None = None
    platform: str | None = None
    sort: Sort = "relevance"
    page: int = 1
    page_size: int = 10
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Snippet:
    """At most 160 characters of the article, verbatim and in order, with the spans to mark."""

    text: str
    highlights: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One article of a result page. ``score`` is the fused score in [0, 1]; ``scopes`` are all its platforms."""

    article_id: int
    title: str
    title_highlights: tuple[Span, ...]
    snippet: Snippet
    score: float
    scopes: tuple[str, ...] = ()
    service: str = ""
    category: str = ""
    updated: int = 0
    signals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A passage that answers by itself, quoted word for word: its blocks one a line, the spans to mark, the headings it
    stands under, the anchor of its place, and the scopes its body serves."""

    article_id: int
    title: str
    text: str
    highlights: tuple[Span, ...] = ()
    heading_path: tuple[str, ...] = ()
    anchor: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facets:
    """Exact article counts by slug, each facet without its own filter, so that a count says what a click shows."""

    service: Mapping[str, int] = field(default_factory=dict)
    category: Mapping[str, int] = field(default_factory=dict)
    platform: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer of the core: exact total, one page of hits, facets, and what was done to the query.

    ``answer`` is a passage that answers with confidence; ``near`` are near misses of a query that found nothing."""

    query: str
    total: int
    hits: tuple[Hit, ...]
    facets: Facets
    mode: Mode = "lexical"
    notice: Notice | None = None
    interpreted_as: str | None = None
    did_you_mean: str | None = None
    steps: tuple[str, ...] = ()
    answer: Answer | None = None
    near: tuple[Hit, ...] = ()
    page: int = 1
    page_size: int = 10
    sort: Sort = "relevance"
    took_ms: float = 0.0
