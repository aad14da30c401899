"""Suggestions of the center: articles by title, and services and categories by name.

The index finds articles and the database decides whether they may be shown; names are few and compared in memory.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.db.models import Q

from haedap.kb.links import article_url, category_url, service_url
from haedap.kb.models import Article, Category
from haedap.kb.names import Name, Names, current_names, speaks_english
from haedap.search.backends.base import Filters
from haedap.search.engine import SearchEngine
from haedap.search.suggest import TIERS, NameMatch, Suggestion, match_names
from haedap.search.text import normalize
from haedap.search.types import ALL, MAX_QUERY, Span

MAX_SUGGESTIONS = 8
MAX_NAMES = 2
"""At most so many services and categories among the suggestions."""


@dataclass(frozen=True, slots=True)
class SuggestParams:
    """What is being typed, and the filters of :class:`~haedap.kb.searching.SearchParams`; ``limit`` is 1 to 8."""

    query: str
    service: str | None = None
    category: str | None = None
    platform: str | None = None
    limit: int = MAX_SUGGESTIONS
    staff: bool = False


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A service or category: the slug as filters take it, the name to show."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """One suggestion: ``highlights`` are the [start, end) of ``title`` that were typed; ``url`` is where it leads.

    ``staff_only``: the article is for staff alone.
    """

    kind: Literal["article", "service", "category"]
    title: str
    highlights: tuple[Span, ...]
    url: str
    service: NamedPlace | None
    category: NamedPlace | None
    staff_only: bool = False


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The answer to what is being typed, best first."""

    query: str
    suggestions: tuple[Suggested, ...]
    took_ms: float


def suggestions(engine: SearchEngine, params: SuggestParams) -> Suggestions:
    """Names that match at their start come first, unless an article matches better; other names after the articles."""
    started = time.perf_counter()
    names, english = current_names(), speaks_english()
    filters = Filters(params.platform or ALL, params.service, params.category, params.staff)
    found = engine.suggest(params.query, filters=filters, limit=params.limit)
    articles = _articles(found, names, english, params)
    best = min((TIERS.index(each.tier) for each in found), default=len(TIERS))
    above: list[Suggested] = []
    below: list[Suggested] = []
    for match, suggested in _places(names, english, params):
        leads = match.highlights[0][0] == 0 and TIERS.index(match.tier) <= best
        (above if leads else below).append(suggested)
    return Suggestions(
        query=normalize(params.query).strip()[:MAX_QUERY],
        suggestions=(*above, *articles, *below)[: params.limit],
        took_ms=round((time.perf_counter() - started) * 1000, 2),
    )


def _articles(found: list[Suggestion], names: Names, english: bool, params: SuggestParams) -> list[Suggested]:
    """Those of the found that may be shown now; the index may be a moment behind."""
    shown = Article.readable(staff=params.staff).filter(pk__in=[each.article_id for each in found])
    rows = shown.values_list("pk", "slug", "visibility") if found else ()
    known = {pk: (slug, visibility == Article.Visibility.STAFF) for pk, slug, visibility in rows}
    return [
        Suggested(
            "article",
            each.title,
            each.highlights,
            article_url(each.article_id, known[each.article_id][0], params.platform),
            _named(each.service, names.services.get(each.service), english),
            _named(each.category, names.categories.get(each.category), english),
            staff_only=known[each.article_id][1],
        )
        for each in found
        if each.article_id in known
    ]


def _places(names: Names, english: bool, params: SuggestParams) -> Iterator[tuple[NameMatch, Suggested]]:
    """At most :data:`MAX_NAMES` services and categories within the filters that hold an article to show."""
    if params.category:
        return
    # A category without a service has no page of its own.
    paths = [path for path in names.categories if not path.startswith("/")]
    if params.service:
        paths = [path for path in paths if path.startswith(f"{params.service}/")]
    known = [] if params.service else [("service", slug, names.services[slug].text(english)) for slug in names.services]
    known += [("category", path, names.categories[path].text(english)) for path in paths]
    taken = 0
    for match in match_names(params.query, [name for _kind, _slug, name in known]):
        kind, slug, name = known[match.number]
        if not _holds(kind, slug, params.staff):
            continue
        yield match, _place(kind, slug, name, names, english, match)
        taken += 1
        if taken == MAX_NAMES:
            return


def _place(kind: str, slug: str, name: str, names: Names, english: bool, match: NameMatch) -> Suggested:
    service, _slash, category = slug.partition("/")
    holder = _named(service, names.services.get(service), english)
    if kind == "service":
        return Suggested("service", name, match.highlights, service_url(slug), holder, None)
    url = category_url(service, category)
    return Suggested("category", name, match.highlights, url, holder, NamedPlace(slug, name))


def _holds(kind: str, slug: str, staff: bool) -> bool:
    """True if there is an article to show there."""
    if kind == "service":
        return Article.readable(staff=staff).filter(service__slug=slug).exists()
    service, _slash, category = slug.partition("/")
    at = Category.objects.filter(service__slug=service, slug=category)
    return Article.readable(staff=staff).filter(Q(category__in=at) | Q(extra_categories__in=at)).exists()


def _named(slug: str, name: Name | None, english: bool) -> NamedPlace | None:
    return NamedPlace(slug, name.text(english) if name else slug) if slug else None
