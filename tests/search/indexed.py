"""Small centers with or without vectors, for tests of the core."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from haedap.kb.markdown import blocks
from haedap.search import Analyzer, ArticleDocument, Body, IndexWriter, SearchEngine
from haedap.search.weights import DEFAULT, Weights
from tests.search.embedders import Characters

EVERYWHERE = ("common", "android", "ios")


def written(number: int, title: str, markdown: str, **more: object) -> ArticleDocument:
    """An article with one common body, its blocks as the center makes them of Markdown."""
    return ArticleDocument(number, title, (body(markdown, EVERYWHERE),), **more)  # type: ignore[arg-type]


def body(markdown: str, scopes: tuple[str, ...]) -> Body:
    """A body with the blocks of its Markdown."""
    text, found = blocks(markdown)
    return Body(text, scopes, found)


def indexed(
    root: Path,
    analyzer: Analyzer,
    documents: Iterable[ArticleDocument],
    *,
    vectors: bool = True,
    weights: Weights = DEFAULT,
) -> SearchEngine:
    """An engine over an index of the documents, with the vector of every one or by words only."""
    embedder = Characters("characters-1") if vectors else None
    with IndexWriter(root, analyzer, embedder) as writer:
        for document in documents:
            writer.replace(document)
        writer.commit()
        while vectors and writer.embed():
            pass
    return SearchEngine(root, analyzer, embedder, weights)
