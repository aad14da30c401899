"""Searching the center: a query in, the result object of the contract out.

The index finds and ranks; status, visibility, slugs and names come from the database, in one query a page.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError
from django.db.models.signals import post_save

from haedap.kb.curation import SHOWN, Rules, read_rules
from haedap.kb.documents import own_platforms
from haedap.kb.links import article_url
from haedap.kb.models import Article, WordsStamp
from haedap.kb.names import Name, Names, current_names, speaks_english
from haedap.kb.recommending import recommended
from haedap.kb.suggesting import Suggestions, SuggestParams, suggestions
from haedap.kb.words import WordsInUse, current_stamps
from haedap.search.analyzer import Analyzer
from haedap.search.answering import embedder_so_far
from haedap.search.engine import SearchEngine
from haedap.search.lexicon import Lexicon, shipped
from haedap.search.plan import Unit
from haedap.search.semantic import EmbedderName, open_embedder
from haedap.search.semantic.protocol import Embedder
from haedap.search.text import normalize
from haedap.search.types import COMMON, MAX_QUERY, Answer, Facets, Hit, SearchQuery, SearchResult, Sort
from haedap.search.weights import DEFAULT

log = logging.getLogger(__name__)

SEOUL = ZoneInfo("Asia/Seoul")
WORDS_AGE = 1.0
"""Seconds after which a change of the center's words or rules made by another process is in use."""


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
        self._rules = Rules()
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

    @property
    def rules(self) -> Rules:
        """The pins and restricted terms, as they were a second ago at most."""
        with self._lock:
            self._look()
            return self._rules

    def look_again(self, **_signal: Any) -> None:
        """Have the next search see a change of the words or rules that this process made."""
        self._next_look = 0.0

    def search(self, params: SearchParams) -> dict[str, Any]:
        """The result object of the contract (docs: search result). Raises BackendError if the index cannot be read."""
        return self._found(params)[1]

    def explain(self, params: SearchParams) -> dict[str, Any]:
        """The result object with ``words`` (what the query asks for, what each weighs, whether any article has it),
        ``why`` (why nothing is found, or null) and, in each result, ``signals`` (how its score came about)."""
        result, found = self._found(params)
        units = () if result.notice else self.engine.units(_asked(params))
        signals = {str(hit.article_id): _rounded(hit.signals) for hit in (*result.hits, *result.near)}
        for group in ("results", "near"):
            found[group] = [{**hit, "signals": signals[hit["id"]]} for hit in found[group]]
        found["words"] = [
            {"word": unit.term, "weight": round(unit.weight, 2), "known": unit.known, "informs": unit.informs}
            for unit in units
        ]
        found["why"] = None if result.total or result.notice else self._why(result, units, params)
        return found

    def trial(self, lexicon: Lexicon | None = None, rules: Rules | None = None) -> Trial:
        """The search with another lexicon of the site, or other rules, over the same index; this one stays as it is."""
        engine, known = self.engine, self._rules
        if lexicon is not None:
            with self._lock:
                analyzer, embedder = self._models()
                engine = SearchEngine(settings.HAEDAP_INDEX, analyzer, embedder, so_far=self._so_far)
                engine.use(*_layers(lexicon))
        return Trial(engine, rules or known)

    def _found(self, params: SearchParams) -> tuple[SearchResult, dict[str, Any]]:
        """What the core answers, and the result object made of it."""
        engine = self.engine
        return _found(engine, self._rules, params)

    def _why(self, result: SearchResult, units: Sequence[Unit], params: SearchParams) -> dict[str, Any]:
        """Why nothing is found: ``reason``, the share of the query that words alone must ``need`` to cover, and how
        many results there are ``unfiltered``, without the filters asked for."""
        known = [unit for unit in units if unit.known]
        reason = "far" if any(unit.informs for unit in known) else "everyday" if known else "unknown"
        gate, unfiltered = DEFAULT.gate, 0
        if params.service or params.category or params.platform:
            unfiltered = self.search(replace(params, service=None, category=None, platform=None, page=1))["total"]
        needed = gate.coverage if result.mode == "hybrid" else gate.coverage_alone
        return {"reason": reason, "needed": needed, "unfiltered": unfiltered}

    def suggest(self, params: SuggestParams) -> Suggestions:
        """What is being typed may become these; nothing for what is restricted. Raises BackendError if the index
        cannot be read."""
        engine = self.engine
        if self._rules.restricts(params.query):
            return Suggestions(normalize(params.query).strip()[:MAX_QUERY], (), 0.0)
        return suggestions(engine, params)

    def related(self, article_id: int, title: str, limit: int = 5, *, staff: bool = False) -> list[int]:
        """Ids of public articles near to this one, nearest first; for ``staff`` also of those for staff only."""
        found = self.engine.related(article_id, title, limit * 2, staff=staff)
        rows = _readable(found, staff)
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

    def _look(self) -> None:
        """Read the center's words and rules where they changed; looks at most every :data:`WORDS_AGE` seconds."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + WORDS_AGE
        try:
            words, rules = current_stamps()
            self._words_in_use().refresh(words)
            if rules != self._rules.stamp:
                self._rules = read_rules(rules)
        except DatabaseError as error:
            log.warning("The center's words and rules cannot be read (%s); those known stay in use.", error)

    def _use_words(self, engine: SearchEngine) -> None:
        """Give the engine the center's words when they changed."""
        self._look()
        words = self._words_in_use()
        if self._used != (engine, words.stamp):
            engine.use(*_layers(words.lexicon), stamp=words.stamp)
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


@dataclass(frozen=True, slots=True)
class Trial:
    """A search beside that of the center, to see what a change would do."""

    engine: SearchEngine
    rules: Rules

    def search(self, params: SearchParams) -> dict[str, Any]:
        """As :meth:`Center.search`."""
        return _found(self.engine, self.rules, params)[1]


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


def _layers(lexicon: Lexicon) -> list[Lexicon]:
    """The lexicons to search with: the site's own, then the shipped one unless it is left out."""
    layers = [lexicon] if lexicon.size else []
    return [*layers, shipped()] if settings.HAEDAP_LEXICON == "shipped" else layers


def _rounded(signals: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in signals.items()}


def _found(engine: SearchEngine, rules: Rules, params: SearchParams) -> tuple[SearchResult, dict[str, Any]]:
    """What ``engine`` answers under ``rules``, and the result object made of it."""
    result = _searched(engine, rules, params)
    first = params.page == 1 and params.sort == "relevance" and result.notice is None
    pins = rules.pinned(result.query, result.interpreted_as) if first else ()
    rows = _readable([*(hit.article_id for hit in (*result.hits, *result.near)), *pins], params.staff)
    recommendations = recommended(
        {pk: (row.version, row.updated_at) for pk, row in rows.items()} if pins else {},
        pins,
        result.query,
        service=params.service,
        category=params.category,
        platform=params.platform,
        limit=SHOWN,
    )
    return result, _contract(result, recommendations, rows, current_names(), params)


def _searched(engine: SearchEngine, rules: Rules, params: SearchParams) -> SearchResult:
    """What the engine answers; nothing is searched for a restricted term, nor shown for a text read as one."""
    text = normalize(params.query[: 4 * MAX_QUERY]).strip()
    # What is too long is told so by the engine, whatever it says.
    if len(text) <= MAX_QUERY and rules.restricts(text):
        return _restricted(text, params)
    result = engine.search(_asked(params), staff=params.staff)
    if rules.restricts(result.interpreted_as):
        return _restricted(text, params)
    return replace(result, did_you_mean=None) if rules.restricts(result.did_you_mean) else result


def _restricted(text: str, params: SearchParams) -> SearchResult:
    return SearchResult(
        text, 0, (), Facets(), notice="restricted", page=params.page, page_size=params.page_size, sort=params.sort
    )


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
    version: int
    visibility: str

    @property
    def mark(self) -> dict[str, bool]:
        """What a result says of its visibility: nothing, where anybody may see it."""
        return {"staff_only": True} if self.visibility == Article.Visibility.STAFF else {}


def _readable(ids: Iterable[int], staff: bool) -> dict[int, _Row]:
    """What the database says of those articles that may be shown; the index may be a moment behind."""
    ids = list(ids)
    if not ids:
        return {}
    articles = Article.readable(staff=staff).filter(pk__in=ids)
    columns = ("pk", "slug", "tags", "updated_at", "index_version", "visibility")
    return {pk: _Row(*rest) for pk, *rest in articles.values_list(*columns)}


def _contract(
    result: SearchResult, recommendations: Sequence[Hit], rows: Mapping[int, _Row], names: Names, params: SearchParams
) -> dict[str, Any]:
    hits = [hit for hit in result.hits if hit.article_id in rows]
    english = speaks_english()

    def shown(hit: Hit) -> dict[str, Any]:
        return _result(hit, rows[hit.article_id], names, english, params.platform)

    pinned = {hit.article_id for hit in recommendations}
    return {
        "query": result.query,
        "interpreted_as": result.interpreted_as,
        "did_you_mean": result.did_you_mean,
        "steps": list(result.steps),
        "mode": result.mode,
        "notice": result.notice,
        "answer": _answer(result.answer, rows, names, english, params.platform),
        "near": [shown(hit) for hit in result.near if hit.article_id in rows],
        "pinned": [{**shown(hit), "score": None, "pinned": True} for hit in recommendations],
        "total": result.total - (len(result.hits) - len(hits)),
        "page": result.page,
        "page_size": result.page_size,
        "sort": result.sort,
        "results": [{**shown(hit), "pinned": True} if hit.article_id in pinned else shown(hit) for hit in hits],
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
        **row.mark,
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
        **rows[answer.article_id].mark,
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
