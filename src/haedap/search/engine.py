"""The read side of the search core: a query in, one page of results out.

The steps of a query stand in :meth:`SearchEngine.search` in order; each is a module of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from haedap.search import answers, guard
from haedap.search.analyzer import Analyzer
from haedap.search.backends.base import Filters, IndexDamaged, Request, Response
from haedap.search.cache import LruCache
from haedap.search.gate import predicate
from haedap.search.generations import Generation, Generations
from haedap.search.indexing import readable
from haedap.search.interpretation.ladder import Interpretation
from haedap.search.lexicon import Lexicon
from haedap.search.payload import Card, Payload, decode, decode_card
from haedap.search.plan import Plan, Unit
from haedap.search.query import Everything
from haedap.search.ranking import Ranked, Ranker
from haedap.search.semantic.protocol import Embedder
from haedap.search.snippets import best_snippet, title_highlights
from haedap.search.suggest import Suggestion, suggest
from haedap.search.text import normalize
from haedap.search.types import ALL, MAX_QUERY, Answer, Facets, Hit, Notice, SearchQuery, SearchResult
from haedap.search.understanding import Understanding, Understood
from haedap.search.view import View, open_view
from haedap.search.weights import DEFAULT, Weights

log = logging.getLogger(__name__)

DEPTH = 1000
"""Results can be paged through so far; totals count beyond."""
SAME_SERVICE = 0.1
"""What an article of the same service is ahead as a related one."""
NEAR = 3
"""Near misses that are offered where nothing is found."""


class SearchEngine:
    """Answers queries from the current generation; many threads and processes may each hold one.

    A missing index answers every query with no results. ``analyzer`` and ``embedder`` may be shared by engines of a
    process and inherited over a fork.

    Args:
        root: the index directory, as given to :class:`haedap.search.indexing.IndexWriter`.
        so_far: the embedder that answers until ``embedder`` has a vector of every article.
    """

    def __init__(
        self,
        root: Path,
        analyzer: Analyzer,
        embedder: Embedder | None = None,
        weights: Weights = DEFAULT,
        so_far: Embedder | None = None,
    ) -> None:
        self._generations = Generations(root)
        self._analyzer = analyzer
        self._embedder = embedder
        self._embedders = [each for each in (embedder, so_far) if each is not None] if embedder else []
        self._weights = weights
        self._ranker = Ranker(weights)
        self._understanding = Understanding(root, analyzer, weights)
        self._words_stamp = ""
        self._lock = threading.RLock()
        self._view: View | None = None
        self._generation_stamp = ""
        self._results: LruCache[tuple[str, SearchQuery, bool], SearchResult] = LruCache(2000)

    def search(self, query: SearchQuery, *, staff: bool = False) -> SearchResult:
        """Answer one query. Any text is accepted; raises BackendError only if the index cannot be read."""
        started = time.perf_counter()
        text = _cleaned(query.text)
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
            text = normalize(text).strip()
            self._understanding.expect(text, view)
            read = self._understanding.read(text, view)
            understood = self._understanding.understand(read, view, bool(filters and filters.staff))
            request = self._request(understood, filters or Filters(), limit)
            response = view.reader.search(request)
            return response, self._ranker.rank(view, request, response, understood)

    def suggest(self, text: str, *, filters: Filters | None = None, limit: int = 8) -> list[Suggestion]:
        """At most ``limit`` titles that what is being typed may become, best first; none for what is not searched.

        Any text is accepted; raises BackendError only if the index cannot be read.
        """
        with self._lock:
            view = self._current()
        return suggest(view.reader, text, filters or Filters(), limit) if view else []

    def related(self, article_id: int, title: str, limit: int = 5, *, staff: bool = False) -> tuple[int, ...]:
        """Ids of articles near to the one of this id and title, nearest first, those of its service before equals of
        others; never itself, nor one of the same title. ``staff`` also finds those for staff only."""
        with self._lock:
            view = self._current()
            if view is None:
                return ()
            understood = self._understanding.understand(self._understanding.as_typed(normalize(title)), view, staff)
            scoring = understood.plan.scoring
            request = Request(scoring, scoring, filters=Filters(staff=staff), limit=50)
            response = view.reader.search(request)
            ranked = self._ranker.rank(view, request, response, understood)
            cards = [decode_card(data) for data in view.reader.payloads([item.match for item in ranked])]
        return _related(article_id, title, ranked, cards)[:limit]

    def use(self, *lexicons: Lexicon, stamp: str = "") -> None:
        """Answer with these lexicons from now on, the first one's targets before the next one's.

        Call it after the analyzer's user words changed, too: what was remembered of them is forgotten. ``stamp`` names
        the lexicons and user words, the same in every process; it becomes a part of :attr:`stamp`.
        """
        with self._lock:
            self._understanding.use(lexicons)
            self._words_stamp = stamp
            self._results = LruCache(2000)

    def interpret(self, text: str) -> Interpretation:
        """How ``text`` is read, step by step; as typed where there is no index."""
        text = _cleaned(text)[:MAX_QUERY]
        with self._lock:
            view = self._current()
            return self._understanding.read(text, view) if view else self._understanding.as_typed(text)

    def units(self, query: SearchQuery) -> tuple[Unit, ...]:
        """What a query asks for after interpretation, the most informative first, for explanation."""
        text = _cleaned(query.text)
        with self._lock:
            view = self._current()
            if view is None or not text or self._notice(text):
                return ()
            understanding = self._understanding
            read = understanding.as_typed(text) if query.exact else understanding.read(text, view)
            return understanding.understand(read, view).plan.informative

    def load(self) -> None:
        """Load everything a first query would load, so that processes forked later share it."""
        self._understanding.load(self._embedders)

    @property
    def stamp(self) -> str:
        """Names the state that answers (generation, commit, vectors, words): equal stamps give equal answers; a few
        stats."""
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

    def _current(self) -> View | None:
        """The unit to answer from, moved to the newest commit. Call with the lock held."""
        stamp = self._generations.stamp()
        if self._view is None or stamp != self._generation_stamp or self._view.superseded(self._embedder):
            self._view = self._open_current()
            self._generation_stamp = stamp
        if self._view is not None:
            self._view.refresh()
        return self._view

    def _open_current(self) -> View | None:
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

    def _open(self, generation: Generation) -> View:
        return open_view(generation, self._analyzer, self._embedders, self._weights.fusion.later)

    def _stamp_of(self, view: View) -> str:
        return f"{view.stamp}/{self._words_stamp}"

    def _request(self, understood: Understood, filters: Filters, limit: int) -> Request:
        return Request(
            predicate(understood.plan, understood.nearness, understood.coverage, self._weights.gate),
            understood.plan.scoring,
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
            self._understanding.expect(query.text, view)
            read = self._understanding.read(query.text, view)
            searched = self._understanding.as_typed(query.text) if query.exact else read
            if any(guard.inspect(text).notice for text in {read.text, read.offered or ""} - {query.text, ""}):
                return _empty(query, "spam", 0.0)
            understood = self._understanding.understand(searched, view, staff)
            request = self._request(understood, filters, DEPTH)
            sure = False
            if query.sort == "relevance":
                response = view.reader.search(request)
                every = self._ranker.rank(view, request, response, understood)
                ranked = every[first : first + query.page_size]
                sure = first == 0 and answers.confident(every, understood.nearness, self._weights.answer)
            else:
                limit = max(0, min(query.page_size, DEPTH - first))
                response = view.reader.search(replace(request, sort=query.sort, offset=first, limit=limit))
                ranked = [Ranked(match, 0.0, 0.0, 0.0, 0.0) for match in response.matches]
            payloads = [decode(data) for data in view.reader.payloads([item.match for item in ranked])]
            offers = not response.total and guard.inspect(query.text).score <= 0
            near = self._near(view, understood, filters) if offers else ()
        return SearchResult(
            query=query.text,
            total=response.total,
            hits=tuple(
                _hit(item, payload, understood.plan, query.platform)
                for item, payload in zip(ranked, payloads, strict=True)
            ),
            facets=response.facets or Facets(),
            answer=_quoted(ranked[0], payloads[0], understood.plan, query.platform) if sure else None,
            near=near,
            mode="hybrid" if understood.nearness is not None else "lexical",
            interpreted_as=searched.text if searched.taken else None,
            did_you_mean=_offer(read, query.exact),
            steps=(*map(str, searched.taken), *(f"synonyms: {line}" for line in understood.synonyms)),
            page=query.page,
            page_size=query.page_size,
            sort=query.sort,
        )

    def _near(self, view: View, understood: Understood, filters: Filters) -> tuple[Hit, ...]:
        """The nearest that just miss being results, at most :data:`NEAR`; none where nothing typed is known."""
        plan, gate = understood.plan, self._weights.gate
        if not any(unit.known and unit.informs for unit in plan.units):
            return ()
        wider = replace(gate, margin=gate.margin + gate.near, coverage_alone=gate.near_alone)
        admitted = predicate(plan, understood.nearness, understood.coverage, wider)
        request = Request(admitted, plan.scoring, filters, limit=DEPTH)
        ranked = self._ranker.rank(view, request, view.reader.search(request), understood)[:NEAR]
        payloads = [decode(data) for data in view.reader.payloads([item.match for item in ranked])]
        return tuple(_hit(item, payload, plan, filters.scope) for item, payload in zip(ranked, payloads, strict=True))


def _related(article_id: int, title: str, ranked: Sequence[Ranked], cards: Sequence[Card]) -> tuple[int, ...]:
    found = list(zip(ranked, cards, strict=True))
    service = next((card.service for item, card in found if item.match.article_id == article_id), None)
    found.sort(key=lambda pair: -pair[0].score - (SAME_SERVICE if pair[1].service == service else 0.0))
    titles = {_plain(title)}
    chosen = []
    for item, card in found:
        if item.match.article_id != article_id and _plain(card.title) not in titles:
            titles.add(_plain(card.title))
            chosen.append(item.match.article_id)
    return tuple(chosen)


def _plain(title: str) -> str:
    return "".join(char for char in normalize(title).casefold() if char.isalnum())


def _cleaned(text: str) -> str:
    """The text as it is searched; of a far too long one enough to see that it is."""
    return normalize(text[: 4 * MAX_QUERY + 1]).strip()


def _offer(read: Interpretation, exact: bool) -> str | None:
    """What to offer: beside the text as typed how it would have been read, else a reading that is not sure."""
    return read.text if exact and read.taken else read.offered


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
        signals={
            "lexical": item.lexical,
            "semantic": item.semantic,
            "semantic_weight": item.weight,
            "cosine": item.cosine,
            "coverage": item.coverage,
            "exact": item.exact,
        },
    )


def _quoted(item: Ranked, payload: Payload, plan: Plan, platform: str | None) -> Answer | None:
    """The best article's passage that answers; None if it has no text."""
    quote = answers.best_quote(payload, plan.said, plan.marks, platform)
    if quote is None:
        return None
    return Answer(
        article_id=item.match.article_id,
        title=payload.title.text,
        text=quote.text,
        highlights=quote.highlights,
        heading_path=quote.heading_path,
        anchor=quote.anchor,
        scopes=quote.scopes,
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
