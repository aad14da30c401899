"""Haedap's search core: a library of its own, without Django.

The two doors are :class:`IndexWriter` and :class:`SearchEngine`; the README has an example of fifteen lines. Names are
loaded when first used, since the morphological model and the engine are large.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from haedap.search.analyzer import Analyzer
    from haedap.search.engine import SearchEngine
    from haedap.search.indexing import IndexWriter
    from haedap.search.semantic import open_embedder
    from haedap.search.types import ArticleDocument, Body, SearchQuery, SearchResult

_HOMES = {
    "Analyzer": "analyzer",
    "ArticleDocument": "types",
    "Body": "types",
    "IndexWriter": "indexing",
    "SearchEngine": "engine",
    "SearchQuery": "types",
    "SearchResult": "types",
    "open_embedder": "semantic",
}

__all__ = [
    "Analyzer",
    "ArticleDocument",
    "Body",
    "IndexWriter",
    "SearchEngine",
    "SearchQuery",
    "SearchResult",
    "open_embedder",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
