"""The read side of the search core: a query in, one page of results out.

The steps of a query stand in :meth:`SearchEngine.search` in order; each is a module of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from haedap.search import fusion, guard
from haedap.search.analyzer import Analyzer
from haedap.search.backends.base import Filters, IndexDamaged, Match, Reader, Request, Response
from haedap.search.backends.tantivy import TantivyBackend
from haedap.search.cache import LruCache
from haedap.search.gate import Nearness, coverage_of, findable, predicate
from haedap.search.generations import Generation, Generations
from haedap.search.indexing import lexical_path, matrix_path, readable
from haedap.search.payload import Payload, decode
from haedap.search.plan import Corpus, Meanings, Plan, build_plan
from haedap.search.query import All, Everything, VectorKeys
from haedap.search.semantic.background import Background
from haedap.search.semantic.matrix import MatrixReader
from haedap.search.semantic.protocol import Embedder
from haedap.search.short_forms import short_forms, spelled_out
from haedap.search.snippets import best_snippet, title_highlights
from haedap.search.text import normalize
from haedap.search.types import ALL, Facets, Hit, Notice, SearchQuery, SearchResult
from haedap.search.weights import CALIBRATIONS, DEFAULT, Calibration, Weights

log = logging.getLogger(__name__)

MAX_QUERY = 200
"""Longer queries are not searched (``too_long``)."""
DEPTH = 1000
"""Results can be paged through so far; totals count beyond."""
NEAREST = 200


@dataclass(frozen=True, slots=True)
class _View:
    """The unit that answers: one generation's engine reader and vectors, opened together."""

    generation: Generation
    reader: Reader
    matrix: MatrixReader | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """One match with its evidence: normalized scores in [0, 1] and the cosine."""

    match: Match
    score: float
    lexical: float
    semantic: float
    cosine: float


class SearchEngine:
    """Answers queries from the current generation; many threads and processes may each hold one.

    A missing index answers every query with no results. ``analyzer`` and ``embedder`` may be shared by engines of a
    process and inherited over a fork.

    Args:
        root: the index directory, as given to :class:`haedap.search.indexing.IndexWriter`.
    """

    def __init__(
        self, root: Path, analyzer: Analyzer, embedder: Embedder | None = None, weights: Weights = DEFAULT
    ) -> None:
        self._root = root
        self._generations = Generations(root)
        self._background: Background | None = None
        self._analyzer = analyzer
        self._embedder = embedder
        self._weights = weights
        self._lock = threading.RLock()
        self._view: _View | None = None
        self._generation_stamp = ""
        self._vectors: LruCache[tuple[str, str], NDArray[np.float32]] = LruCache(2000)
        self._results: LruCache[tuple[str, SearchQuery, bool], SearchResult] = LruCache(2000)

    def search(self, query: SearchQuery, *, staff: bool = False) -> SearchResult:
        """Answer one query. Any text is accepted; raises BackendError only if the index cannot be read."""
        started = time.perf_counter()
        text = normalize(query.text[: 4 * MAX_QUERY + 1]).strip()
        query = replace(query, text=text)
        notice = self._notice(text)
        if notice or not text:
            return _empty(query, notice, started)
        with self._lock:
            view = self._current()
            if view is None:
                return _empty(query, None, started)
            key = (self._stamp_of(view), query, staff)
            known = self._results.get(key)
        if known is None:
            known = self._answer(query, staff)
            self._results.put(key, known)
        return replace(known, took_ms=round((time.perf_counter() - started) * 1000, 2))

    def rank(self, text: str, *, filters: Filters | None = None, limit: int = DEPTH) -> tuple[Response, list[Ranked]]:
        """The fused order of the results of ``text`` with every signal, for evaluation and explanation."""
        with self._lock:
            view = self._current()
            if view is None:
                return Response(0, ()), []
            plan, nearness = self._understand(normalize(text).strip(), view, bool(filters and filters.staff))
            request = self._request(view, plan, nearness, filters or Filters(), limit)
            response = view.reader.search(request)
            return response, self._fuse(view, request, response, nearness)

    def related(self, article_id: int, title: str, limit: int = 5) -> tuple[int, ...]:
        """Ids of articles near to the one of this id and title, nearest first, never itself."""
        with self._lock:
            view = self._current()
            if view is None:
                return ()
            plan, nearness = self._understand(normalize(title), view)
            request = Request(plan.scoring, plan.scoring, limit=50)
            response = view.reader.search(request)
            ranked = self._fuse(view, request, response, nearness)
        others = [item.match.article_id for item in ranked if item.match.article_id != article_id]
        return tuple(others[:limit])

    @property
    def stamp(self) -> str:
        """Names the state that answers (generation, commit, vectors): equal stamps give equal answers; a few stats."""
        with self._lock:
            view = self._current()
            return self._stamp_of(view) if view else ""

    @property
    def article_count(self) -> int:
        """How many articles the index holds."""
        with self._lock:
            view = self._current()
            return view.reader.search(Request(Everything(), filters=Filters(staff=True), limit=0)).total if view else 0

    def _notice(self, text: str) -> Notice | None:
        if len(text) > MAX_QUERY:
            return "too_long"
        return guard.inspect(text).notice if text else None

    def _current(self) -> _View | None:
        """The unit to answer from, moved to the newest commit. Call with the lock held."""
        stamp = self._generations.stamp()
        if self._view is None or stamp != self._generation_stamp:
            self._view = self._open_current()
            self._generation_stamp = stamp
        if self._view is not None:
            self._view.reader.refresh()
            if self._view.matrix is not None:
                self._view.matrix.refresh()
        return self._view

    def _open_current(self) -> _View | None:
        """Open the current generation; it may be replaced and removed just then, so look once more before failing."""
        generation = self._generations.current()
        if generation is None or not readable(generation):
            return None
        try:
            return self._open(generation)
        except IndexDamaged:
            newer = self._generations.current()
            if newer is None or newer == generation:
                raise
            return self._open(newer)

    def _open(self, generation: Generation) -> _View:
        reader = TantivyBackend(lexical_path(generation)).reader()
        matrix = MatrixReader(matrix_path(generation, self._embedder)) if self._embedder else None
        return _View(generation, reader, matrix)

    def _stamp_of(self, view: _View) -> str:
        vectors = view.matrix.stamp if view.matrix is not None else ""
        return f"{view.generation.fingerprint}/{view.generation.number}/{view.reader.stamp}/{vectors}"

    def _understand(self, text: str, view: _View, staff: bool = False) -> tuple[Plan, Nearness | None]:
        """The plan of a query and how near every vector that ``staff`` may find is to it."""
        words = self._analyzer.words(text)
        corpus = Corpus(view.reader.document_frequency, view.reader.entry_count, self._meanings)
        plan = build_plan(text, words, corpus, self._weights.lexical)
        if self._embedder is None or view.matrix is None or not view.matrix.size:
            return plan, None
        held = {
            meaning for word in words for meaning in short_forms().get(word.term, ()) if self._held(meaning, corpus)
        }
        vector = self._vector(text, spelled_out(text, words, held.__contains__))
        scale = CALIBRATIONS.get(self._embedder.name, Calibration())
        world = self._world().nearness(vector) - scale.bias
        keys = view.matrix.keys
        similarities = findable(view.reader, keys, view.matrix.similarities(vector), staff)
        return plan, Nearness(keys, similarities, world, scale.unit)

    def _held(self, meaning: str, corpus: Corpus) -> bool:
        return all(corpus.holds(token.text) for token in self._analyzer.tokens(meaning))

    @cached_property
    def _meanings(self) -> Meanings:
        """What each short form stands for, as index terms."""
        return {
            term: tuple(tuple(word.term for word in self._analyzer.words(phrase)) for phrase in phrases)
            for term, phrases in short_forms().items()
        }

    def load(self) -> None:
        """Load everything a first query would load, so that processes forked later share it."""
        self._analyzer.load()
        _ = self._meanings
        if self._embedder is not None:
            self._world()

    def _world(self) -> Background:
        if self._background is None:
            assert self._embedder
            self._background = Background(self._embedder, self._root / "background")
        return self._background

    def _vector(self, text: str, written_out: str) -> NDArray[np.float32]:
        """The vector of the query; with short forms, the mean of it as typed and as written out."""
        assert self._embedder
        known = self._vectors.get((text, written_out))
        if known is None:
            known = self._embedder.query(text)
            if written_out != text:
                known = known + self._embedder.query(written_out)
                known /= np.linalg.norm(known)
            self._vectors.put((text, written_out), known)
        return known

    def _request(self, view: _View, plan: Plan, nearness: Nearness | None, filters: Filters, limit: int) -> Request:
        return Request(
            predicate(plan, nearness, coverage_of(view.reader), self._weights.gate),
            plan.scoring,
            filters,
            limit=limit,
            facets=True,
        )

    def _answer(self, query: SearchQuery, staff: bool) -> SearchResult:
        filters = Filters(query.platform or ALL, query.service, query.category, staff)
        first = (query.page - 1) * query.page_size
        with self._lock:
            view = self._current()
            if view is None:
                return _empty(query, None, 0.0)
            plan, nearness = self._understand(query.text, view, staff)
            request = self._request(view, plan, nearness, filters, DEPTH)
            if query.sort == "relevance":
                response = view.reader.search(request)
                ranked = self._fuse(view, request, response, nearness)[first : first + query.page_size]
            else:
                limit = max(0, min(query.page_size, DEPTH - first))
                response = view.reader.search(replace(request, sort=query.sort, offset=first, limit=limit))
                ranked = [Ranked(match, 0.0, 0.0, 0.0, 0.0) for match in response.matches]
            payloads = [decode(data) for data in view.reader.payloads([item.match for item in ranked])]
        return SearchResult(
            query=query.text,
            total=response.total,
            hits=tuple(
                _hit(item, payload, plan, query.platform) for item, payload in zip(ranked, payloads, strict=True)
            ),
            facets=response.facets or Facets(),
            mode="hybrid" if nearness is not None else "lexical",
            page=query.page,
            page_size=query.page_size,
            sort=query.sort,
        )

    def _fuse(self, view: _View, request: Request, response: Response, nearness: Nearness | None) -> list[Ranked]:
        matches = list(response.matches)
        if nearness is not None and response.total > len(matches):
            matches = _with_nearest(view.reader, request, matches, nearness)
        if not matches:
            return []
        raw = np.array([match.score for match in matches], dtype=np.float64)
        lexical = fusion.normalized_lexical(raw)
        cosines: NDArray[np.float64] = np.zeros(len(matches))
        semantic = None
        if nearness is not None and view.matrix is not None:
            rows = view.matrix.rows(np.array([match.vector_key for match in matches], dtype=np.uint64))
            cosines = np.where(rows >= 0, nearness.similarities[rows], 0.0).astype(np.float64)
            semantic = fusion.normalized_semantic(cosines, nearness)
        scores = fusion.fused(
            lexical, semantic, fusion.semantic_weight(float(raw.max()), nearness, self._weights.fusion)
        )
        order = sorted(range(len(matches)), key=lambda i: (-scores[i], matches[i].article_id))
        return [
            Ranked(
                matches[i],
                float(scores[i]),
                float(lexical[i]),
                float(semantic[i]) if semantic is not None else 0.0,
                float(cosines[i]),
            )
            for i in order
        ]


def _with_nearest(reader: Reader, request: Request, matches: Sequence[Match], nearness: Nearness) -> list[Match]:
    """Add near matches that the lexical depth cut off, so that a broad query does not lose them."""
    keys = nearness.nearest(NEAREST)
    near = reader.search(replace(request, predicate=All((request.predicate, VectorKeys(keys))), facets=False))
    have = {match.article_id for match in matches}
    return [*matches, *(match for match in near.matches if match.article_id not in have)]


def _hit(item: Ranked, payload: Payload, plan: Plan, platform: str | None) -> Hit:
    return Hit(
        article_id=item.match.article_id,
        title=payload.title.text,
        title_highlights=title_highlights(payload.title, plan.marks),
        snippet=best_snippet(payload, plan.marks, platform),
        score=round(item.score, 4),
        scopes=payload.scopes,
        service=payload.service,
        category=payload.category,
        updated=payload.updated,
        signals={"lexical": item.lexical, "semantic": item.semantic, "cosine": item.cosine},
    )


def _empty(query: SearchQuery, notice: Notice | None, started: float) -> SearchResult:
    took = round((time.perf_counter() - started) * 1000, 2) if started else 0.0
    return SearchResult(
        query=query.text[:MAX_QUERY],
        total=0,
        hits=(),
        facets=Facets(),
        notice=notice,
        page=query.page,
        page_size=query.page_size,
        sort=query.sort,
        took_ms=took,
    )
