"""Searching the center: a query in, the result object of the contract out.

The index finds and ranks; status, visibility, slugs and names come from the database, in one query a page.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError
from django.db.models.signals import post_save

from haedap.kb.documents import own_platforms
from haedap.kb.links import article_url
from haedap.kb.models import Article, WordsStamp
from haedap.kb.names import Name, Names, current_names, speaks_english
from haedap.kb.suggesting import Suggestions, SuggestParams, suggestions
from haedap.kb.words import WordsInUse
from haedap.search.analyzer import Analyzer
from haedap.search.answering import embedder_so_far
from haedap.search.engine import SearchEngine
from haedap.search.lexicon import Lexicon, shipped
from haedap.search.semantic import EmbedderName, open_embedder
from haedap.search.semantic.protocol import Embedder
from haedap.search.types import COMMON, Answer, Hit, SearchQuery, SearchResult, Sort

log = logging.getLogger(__name__)

SEOUL = ZoneInfo("Asia/Seoul")
WORDS_AGE = 1.0
"""Seconds after which a change of the center's words made by another process is in use."""


@dataclass(frozen=True, slots=True)
class SearchParams:
    """One search as asked of the center: slugs for filters, ``category`` as ``service/category``.

    ``staff`` also finds articles for staff only; ``exact`` searches the text as typed, without interpretation.
    """

    query: str
    service: str | None = None
    category: str | None = None
    platform: str | None = None
    sort: Sort = "relevance"
    page: int = 1
    page_size: int = 10
    staff: bool = False
    exact: bool = False


class Center:
    """The search of this process. Build it once; any number of threads may use it.

    ``preload`` before a fork shares the loaded models with the children; each opens the index for itself.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._analyzer: Analyzer | None = None
        self._embedder: Embedder | None = None
        self._so_far: Embedder | None = None
        self._engine: SearchEngine | None = None
        self._words: WordsInUse | None = None
        self._used: tuple[SearchEngine, str] | None = None
        self._next_look = 0.0

    def preload(self) -> tuple[Analyzer, Embedder | None]:
        """Load the analyzer and the embedder (seconds, once) and return them, for whoever writes the index too."""
        with self._lock:
            return self._models()

    @property
    def engine(self) -> SearchEngine:
        """The core's engine over HAEDAP_HOME/index, with the center's words as they were a second ago at most."""
        with self._lock:
            if self._engine is None:
                analyzer, embedder = self._models()
                self._engine = SearchEngine(settings.HAEDAP_INDEX, analyzer, embedder, so_far=self._so_far)
            self._use_words(self._engine)
            return self._engine

    @property
    def words(self) -> WordsInUse:
        """The center's words as this process's analyzer uses them."""
        with self._lock:
            return self._words_in_use()

    def look_again(self, **_signal: Any) -> None:
        """Have the next search see a change of the words that this process made."""
        self._next_look = 0.0

    def search(self, params: SearchParams) -> dict[str, Any]:
        """The result object of the contract (docs: search result). Raises BackendError if the index cannot be read."""
        return self._found(params)[1]

    def explain(self, params: SearchParams) -> dict[str, Any]:
        """The result object with ``words`` (what the query asks for, what each weighs, whether any article has it) and,
        in each result, ``signals`` (how its score came about)."""
        result, found = self._found(params)
        signals = {str(hit.article_id): {k: round(v, 4) for k, v in hit.signals.items()} for hit in result.hits}
        found["results"] = [{**hit, "signals": signals[hit["id"]]} for hit in found["results"]]
        found["words"] = [
            {"word": unit.term, "weight": round(unit.weight, 2), "known": unit.known}
            for unit in self.engine.units(_asked(params))
        ]
        return found

    def _found(self, params: SearchParams) -> tuple[SearchResult, dict[str, Any]]:
        """What the core answers, and the result object made of it."""
        result = self.engine.search(_asked(params), staff=params.staff)
        rows = _readable([hit.article_id for hit in (*result.hits, *result.near)], params.staff)
        return result, _contract(result, rows, current_names(), params)

    def suggest(self, params: SuggestParams) -> Suggestions:
        """What is being typed may become these. Raises BackendError if the index cannot be read."""
        return suggestions(self.engine, params)

    def related(self, article_id: int, title: str, limit: int = 5) -> list[int]:
        """Ids of public articles near to this one, nearest first."""
        found = self.engine.related(article_id, title, limit * 2)
        rows = _readable(found, staff=False)
        return [pk for pk in found if pk in rows][:limit]

    def reopen(self) -> None:
        """Forget the opened index (after a fork); loaded models stay."""
        self._lock = threading.Lock()
        self._engine = None
        self._next_look = 0.0
        if self._words is not None:
            self._words.after_fork()

    def _words_in_use(self) -> WordsInUse:
        if self._words is None:
            self._words = WordsInUse(self._models()[0])
        return self._words

    def _use_words(self, engine: SearchEngine) -> None:
        """Give the engine the center's words when they changed; looks at most every :data:`WORDS_AGE` seconds."""
        words = self._words_in_use()
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + WORDS_AGE
            try:
                words.refresh()
            except DatabaseError as error:
                log.warning("The center's words cannot be read (%s); those known stay in use.", error)
        if self._used != (engine, words.stamp):
            layers: list[Lexicon] = [words.lexicon] if words.lexicon.size else []
            if settings.HAEDAP_LEXICON == "shipped":
                layers.append(shipped())
            engine.use(*layers, stamp=words.stamp)
            self._used = (engine, words.stamp)

    def _models(self) -> tuple[Analyzer, Embedder | None]:
        if self._analyzer is None:
            analyzer = Analyzer()
            analyzer.tokens("예열")
            name = cast(EmbedderName, settings.HAEDAP_EMBEDDER)
            models = settings.HAEDAP_HOME / "models"
            self._embedder = open_embedder(name, models, adapter=settings.HAEDAP_EMBEDDER_ADAPTER)
            self._so_far = embedder_so_far(settings.HAEDAP_INDEX, self._embedder, models)
            # The background vectors are made once, here, and not by whoever asks the first question.
            SearchEngine(settings.HAEDAP_INDEX, analyzer, self._embedder, so_far=self._so_far).load()
            self._analyzer = analyzer
        return self._analyzer, self._embedder


@lru_cache(maxsize=1)
def center() -> Center:
    """The one of this process."""
    made = Center()
    os.register_at_fork(after_in_child=made.reopen)
    post_save.connect(made.look_again, sender=WordsStamp)
    return made


def preload() -> None:
    """Load what every search needs, before a fork."""
    center().preload()


def _asked(params: SearchParams) -> SearchQuery:
    return SearchQuery(
        text=params.query,
        service=params.service,
        category=params.category,
        platform=params.platform,
        sort=params.sort,
        page=params.page,
        page_size=params.page_size,
        exact=params.exact,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    slug: str
    tags: list[str]
    updated_at: datetime


def _readable(ids: Iterable[int], staff: bool) -> dict[int, _Row]:
    """What the database says of those articles that may be shown; the index may be a moment behind."""
    ids = list(ids)
    if not ids:
        return {}
    articles = Article.readable(staff=staff).filter(pk__in=ids)
    return {pk: _Row(*rest) for pk, *rest in articles.values_list("pk", "slug", "tags", "updated_at")}


def _contract(result: SearchResult, rows: Mapping[int, _Row], names: Names, params: SearchParams) -> dict[str, Any]:
    hits = [hit for hit in result.hits if hit.article_id in rows]
    english = speaks_english()
    return {
        "query": result.query,
        "interpreted_as": result.interpreted_as,
        "did_you_mean": result.did_you_mean,
        "steps": list(result.steps),
        "mode": result.mode,
        "notice": result.notice,
        "answer": _answer(result.answer, rows, names, english, params.platform),
        "near": [
            _result(hit, rows[hit.article_id], names, english, params.platform)
            for hit in result.near
            if hit.article_id in rows
        ],
        "total": result.total - (len(result.hits) - len(hits)),
        "page": result.page,
        "page_size": result.page_size,
        "sort": result.sort,
        "results": [_result(hit, rows[hit.article_id], names, english, params.platform) for hit in hits],
        "facets": {
            "service": _facet(result.facets.service, names.services, english),
            "category": _facet(result.facets.category, names.categories, english),
            "platform": _facet(result.facets.platform, names.platforms, english),
        },
        "took_ms": result.took_ms,
    }


def _result(hit: Hit, row: _Row, names: Names, english: bool, platform: str | None) -> dict[str, Any]:
    return {
        "id": str(hit.article_id),
        "url": article_url(hit.article_id, row.slug, platform),
        "title": hit.title,
        "title_highlights": [list(span) for span in hit.title_highlights],
        "service": _named(hit.service, names.services, english) if hit.service else None,
        "category": _named(hit.category, names.categories, english) if hit.category else None,
        "platforms": [_named(slug, names.platforms, english) for slug in own_platforms(hit.scopes)],
        "tags": row.tags,
        "snippet": hit.snippet.text,
        "snippet_highlights": [list(span) for span in hit.snippet.highlights],
        "updated_at": _seoul(row.updated_at),
        "score": hit.score,
    }


def _answer(
    answer: Answer | None, rows: Mapping[int, _Row], names: Names, english: bool, platform: str | None
) -> dict[str, Any] | None:
    if answer is None or answer.article_id not in rows:
        return None
    url = article_url(answer.article_id, rows[answer.article_id].slug, platform or _only_for(answer.scopes))
    return {
        "id": str(answer.article_id),
        "url": f"{url}#{quote(answer.anchor)}" if answer.anchor else url,
        "title": answer.title,
        "heading": list(answer.heading_path),
        "text": answer.text,
        "highlights": [list(span) for span in answer.highlights],
        "platforms": [_named(slug, names.platforms, english) for slug in own_platforms(answer.scopes)],
    }


def _only_for(scopes: Sequence[str]) -> str | None:
    """The platform whose page shows a body that is not for all."""
    return None if COMMON in scopes else next(iter(scopes), None)


def _named(slug: str, known: Mapping[str, Name], english: bool) -> dict[str, str]:
    """The slug as the filters take it (a category's is its path), with the name to show."""
    name = known.get(slug)
    return {"slug": slug, "name": name.text(english) if name else slug}


def _facet(counts: Mapping[str, int], known: Mapping[str, Name], english: bool) -> list[dict[str, Any]]:
    """In the order the center gives its names; what it does not know comes last, by count."""
    last = 1 << 30
    entries = [(known[slug].order if slug in known else last, -count, slug, count) for slug, count in counts.items()]
    return [{**_named(slug, known, english), "count": count} for _order, _less, slug, count in sorted(entries) if slug]


def _seoul(moment: datetime) -> str:
    return moment.astimezone(SEOUL).isoformat(timespec="seconds")
