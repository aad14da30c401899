"""Answers a request from one Tantivy searcher: exact totals, stable order, exact facets."""

from __future__ import annotations

from itertools import repeat
from operator import neg
from typing import Any, cast

from tantivy import DocAddress, Order, Query, Searcher, SearchResult

from haedap.search.backends.base import BackendError, Match, Request
from haedap.search.backends.tantivy_query import CompiledRequest
from haedap.search.types import ALL, Facets

# Tantivy refuses an answer of more than 65,000 buckets; a facet with more values than this is an error, never a guess.
_FACET_VALUES = 60_000
_ORDER_FIELDS = {"date": "updated", "hits": "hits"}


def count(result: SearchResult) -> int:
    """How many entries a search matched (the stubs leave this attribute out)."""
    return cast(int, cast(Any, result).count)


def integers(searcher: Searcher, field: str, addresses: list[DocAddress]) -> list[int]:
    """The values of an integer fast field, in the order of ``addresses``."""
    return cast(list[int], searcher.fast_field_values(field, addresses))


def matches(searcher: Searcher, request: Request, compiled: CompiledRequest) -> tuple[int, tuple[Match, ...]]:
    """The exact total and the page that was asked for. A match's handle is its searcher and address."""
    end = min(request.offset + request.limit, searcher.num_docs)
    if request.sort != "relevance":
        total, columns = _by_field(searcher, compiled, end, _ORDER_FIELDS[request.sort])
    elif request.scoring is None:
        # Everything ties at 0, so the article id is the whole order.
        total, columns = _by_article(searcher, compiled.ranked(), end)
    else:
        total, columns = _by_relevance(searcher, request, compiled, end)
    page = slice(request.offset, max(0, end))
    articles, scores, addresses = columns[0][page], columns[1][page], columns[2][page]
    keys = integers(searcher, "vector_key", addresses)
    return total, tuple(map(Match, articles, scores, keys, zip(repeat(searcher), addresses)))


_Columns = tuple[list[int], list[float], list[DocAddress]]
"""Article ids, scores and addresses of hits in the order of the contract. Columns: a list of records costs more."""


def _in_order(searcher: Searcher, values: list[float], addresses: list[DocAddress]) -> _Columns:
    """Hits that come by falling value, with equal values by rising article id."""
    articles = integers(searcher, "article", addresses)
    if len(set(values)) == len(values):
        return articles, values, addresses
    keys = list(zip(map(neg, values), articles, strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return [articles[at] for at in order], [values[at] for at in order], [addresses[at] for at in order]


def _by_relevance(searcher: Searcher, request: Request, compiled: CompiledRequest, end: int) -> tuple[int, _Columns]:
    query = compiled.ranked()
    fetch = end + 1
    while True:
        result = searcher.search(query, fetch)
        found, total = result.hits, count(result)
        # Tantivy breaks ties by address: where one reaches past the end, look at the whole of it.
        if len(found) == total or end <= 0 or found[-1][0] < found[end - 1][0]:
            break
        fetch *= 4
    return total, _in_order(searcher, [score for score, _ in found], [address for _, address in found])


def _by_article(searcher: Searcher, query: Query, limit: int) -> tuple[int, _Columns]:
    result = searcher.search(query, max(1, limit), order_by_field="article", order=Order.Asc)
    hits = result.hits[: max(0, limit)]
    return count(result), ([article for article, _ in hits], [0.0] * len(hits), [address for _, address in hits])


def _by_field(searcher: Searcher, compiled: CompiledRequest, end: int, field: str) -> tuple[int, _Columns]:
    result = searcher.search(compiled.matching(), max(1, end), order_by_field=field)
    found, total = result.hits[: max(0, end)], count(result)
    if not found:
        return total, ([], [], [])
    if total == len(found):
        articles, _, addresses = _in_order(searcher, [value for value, _ in found], [hit for _, hit in found])
        return total, (articles, [0.0] * total, addresses)
    # The last value may tie with hits not fetched: ask for its hits by article id, sort the ones above here.
    last = found[-1][0]
    above = [hit for hit in found if hit[0] > last]
    articles, _, addresses = _in_order(searcher, [value for value, _ in above], [address for _, address in above])
    query = compiled.matching(value=(field, last))
    tied = _by_article(searcher, query, end - len(above))[1]
    return total, (articles + tied[0], [0.0] * end, addresses + tied[2])


def facets(searcher: Searcher, request: Request, compiled: CompiledRequest) -> Facets:
    """Exact counts, each facet without its own filter; categories only of the service that is filtered on."""
    filters = request.filters
    narrowed = filters.service is not None
    category_query = compiled.matching(category=False)
    if narrowed or filters.category is not None:
        service_query = compiled.matching(service=False, category=False)
        counts = _terms(searcher, service_query, "service") | _terms(searcher, category_query, "category")
    else:
        counts = _terms(searcher, category_query, "service", "category")
    counts |= _terms(searcher, compiled.matching(scope=False), "scope")
    prefix = f"{filters.service}/" if narrowed else ""
    return Facets(
        service={slug: count for slug, count in counts["service"].items() if slug},
        category={path: count for path, count in counts["category"].items() if path.startswith(prefix)},
        platform={scope: count for scope, count in counts["scope"].items() if scope != ALL},
    )


def _terms(searcher: Searcher, query: Query, *fields: str) -> dict[str, dict[str, int]]:
    """Entry counts by value of each field."""
    # segment_size as well: a segment that sends only its most frequent values makes the sums inexact.
    ask = {field: {"terms": {"field": field, "size": _FACET_VALUES, "segment_size": _FACET_VALUES}} for field in fields}
    answer = searcher.aggregate(query, ask)
    for field in fields:
        if answer[field].get("sum_other_doc_count"):
            raise BackendError(f"More than {_FACET_VALUES} values of {field}: exact counts are not possible.")
    return {field: {b["key"]: b["doc_count"] for b in answer[field]["buckets"]} for field in fields}
