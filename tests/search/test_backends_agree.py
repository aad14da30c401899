"""Tantivy and the naive backend answer alike after random changes from two processes that take turns.

Compared for every random request: total, facets, the set of articles, the order by date and by hits, pages, which
results score at all, document frequencies. The order by relevance is each backend's own.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any as AnyValue

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from search.backend_worker import Worker

from haedap.search.backends.base import Backend, Entry, Filters, Reader, Request
from haedap.search.backends.memory import MemoryBackend
from haedap.search.backends.tantivy import TantivyBackend
from haedap.search.query import All, Any, Everything, Field, Node, Phrase, Term, VectorKeys
from haedap.search.types import SORTS, Token

WORDS = ("가", "나", "다", "라\x00", "마바")
SEARCHED: tuple[Field, ...] = ("title", "body", "body_bigrams")
SCOPES = ("all", "common", "ios", "android")
SERVICES = ("", "talk", "pay")
CATEGORIES = ("talk/chat", "talk/profile", "pay/card", "pay/limit")

Change = tuple[str, int, list[Entry]]


@st.composite
def token_streams(draw: st.DrawFn) -> tuple[Token, ...]:
    """Up to eight tokens; a step of 0 puts one at the position of the one before, as the parts of a compound."""
    place, stream = 0, []
    for text, step in draw(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from((0, 1, 1, 1, 2))), max_size=8)):
        place += step
        stream.append(Token(text, 0, 0, place))
    return tuple(stream)


@st.composite
def articles(draw: st.DrawFn, article: int) -> list[Entry]:
    """The entries of one article: each scope is carried by one of up to three bodies, or by none."""
    bodies: dict[int, list[str]] = {}
    for scope, body in zip(SCOPES, draw(st.tuples(*[st.integers(-1, 2)] * len(SCOPES))), strict=True):
        if body >= 0:
            bodies.setdefault(body, []).append(scope)
    shared: dict[str, AnyValue] = {
        "service": draw(st.sampled_from(SERVICES)),
        "categories": tuple(draw(st.lists(st.sampled_from(CATEGORIES), max_size=3))),
        "updated": draw(st.integers(-1, 3)),
        "hits": draw(st.sampled_from((0, 0, 0, 5, 2**40))),
        "staff_only": draw(st.sampled_from((False, False, False, True))),
    }
    return [
        Entry(
            article_id=article,
            scopes=tuple(scopes),
            fields={field: draw(token_streams()) for field in SEARCHED},
            vector_key=draw(st.sampled_from((0, 1, 2, 2**64 - 1))),
            payload=draw(st.binary(max_size=3)),
            **shared,
        )
        for scopes in bodies.values()
    ]


@st.composite
def changes(draw: st.DrawFn) -> Change:
    what = draw(st.sampled_from(("replace",) * 8 + ("delete", "delete", "clear")))
    article = draw(st.integers(1, 12))
    return what, article, draw(articles(article)) if what == "replace" else []


def nodes() -> st.SearchStrategy[Node]:
    words, fields = st.sampled_from(WORDS), st.sampled_from(SEARCHED)
    leaves: st.SearchStrategy[Node] = st.one_of(
        st.builds(Term, fields, words, st.sampled_from((1.0, 2.5))),
        st.builds(Term, fields, words),
        st.builds(Phrase, fields, st.lists(words, min_size=2, max_size=3).map(tuple)),
        st.builds(VectorKeys, st.lists(st.sampled_from((0, 1, 2, 3, 2**64 - 1)), max_size=3).map(tuple)),
        st.just(Everything()),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Any, st.lists(inner, max_size=4).map(tuple), st.integers(0, 4)),
            st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        ),
        max_leaves=8,
    )


def requests() -> st.SearchStrategy[Request]:
    filters = st.builds(
        Filters,
        scope=st.sampled_from((*SCOPES, "all", "all", "windows")),
        service=st.sampled_from((None, None, None, *SERVICES)),
        category=st.sampled_from((None, None, None, None, *CATEGORIES)),
        staff=st.booleans(),
    )
    return st.builds(
        Request,
        predicate=st.one_of(st.just(Everything()), nodes()),
        scoring=st.one_of(st.none(), nodes()),
        filters=filters,
        sort=st.sampled_from(SORTS),
        offset=st.sampled_from((0, 0, 0, 1, 4)),
        limit=st.sampled_from((1, 3, 1000)),
        facets=st.just(True),
    )


@pytest.fixture(scope="module")
def workers() -> Iterator[tuple[Worker, Worker]]:
    pair = Worker(), Worker()
    yield pair
    for worker in pair:
        worker.kill()


def assert_alike(readers: list[Reader], request: Request) -> None:
    tantivy, memory = (reader.search(request) for reader in readers)
    assert tantivy.total == memory.total
    assert tantivy.facets == memory.facets
    if request.sort == "relevance":
        assert len(tantivy.matches) == len(memory.matches)
        tantivy, memory = (
            reader.search(Request(request.predicate, request.scoring, request.filters, limit=1000))
            for reader in readers
        )
        assert _rows(tantivy.matches) == _rows(memory.matches)
    else:
        assert tantivy.matches == memory.matches
    payloads = [
        dict(zip([match.article_id for match in answer.matches], reader.payloads(answer.matches), strict=True))
        for reader, answer in zip(readers, (tantivy, memory), strict=True)
    ]
    assert payloads[0] == payloads[1]


def _rows(matches: tuple) -> set[tuple[int, int, bool]]:  # type: ignore[type-arg]
    return {(match.article_id, match.vector_key, match.score > 0) for match in matches}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(
    rounds=st.lists(st.lists(changes(), min_size=1, max_size=6), min_size=1, max_size=4),
    asked=st.lists(requests(), min_size=1, max_size=12),
)
def test_backends_agree(workers: tuple[Worker, Worker], rounds: list[list[Change]], asked: list[Request]) -> None:
    root = Path(tempfile.mkdtemp(prefix="haedap-agree-"))
    backends: list[Backend] = [TantivyBackend(root / "tantivy"), MemoryBackend(root / "memory")]
    paths = [root / "tantivy", root / "memory"]
    try:
        readers: list[Reader] = []
        for number, turn in enumerate(rounds):
            worker = workers[number % 2]
            for backend, path in zip(backends, paths, strict=True):
                worker.do(backend, path, "open")
                for what, article, entries in turn:
                    worker.do(backend, path, what, *_arguments(what, article, entries))
                worker.do(backend, path, "commit")
                worker.do(backend, path, "close")
            readers = readers or [backend.reader() for backend in backends]
            assert [reader.refresh() for reader in readers] in ([False, False], [True, False], [True, True])
            assert readers[0].entry_count == readers[1].entry_count
            assert readers[0].article_ids() == readers[1].article_ids()
            for request in asked:
                assert_alike(readers, request)
            for word in WORDS:
                assert readers[0].document_frequency("body", word) == readers[1].document_frequency("body", word)
    finally:
        shutil.rmtree(root)


def _arguments(what: str, article: int, entries: list[Entry]) -> tuple[object, ...]:
    return {"replace": (article, entries), "delete": (article,), "clear": ()}[what]
