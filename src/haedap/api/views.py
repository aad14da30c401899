"""``GET /api/v1/search``, the result object of ``haedap search --json`` over HTTP; ``GET /api/v1/suggest``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from haedap.api.errors import ApiError, endpoint, respond
from haedap.bots import is_bot
from haedap.kb.names import Names, current_names
from haedap.kb.searching import SearchParams, center
from haedap.kb.signals import SettledSearch, search_settled
from haedap.kb.suggesting import MAX_SUGGESTIONS, Suggestions, SuggestParams
from haedap.search.engine import DEPTH
from haedap.search.text import normalize
from haedap.search.types import SORTS
from haedap.viewers import NO_STORE, viewer_of

PARAMETERS = ("query", "service", "category", "platform", "sort", "page", "page_size", "exact")
MAX_PAGE_SIZE = 50
SUGGEST_PARAMETERS = ("query", "service", "category", "platform", "limit", "language")
Chosen = TypeVar("Chosen", bound=str)
LANGUAGES = ("ko", "en")
"""Of names and addresses."""
SUGGESTED_FOR = 10
"""Seconds a browser may keep suggestions: long enough for a deleted letter, short enough for a new article."""


@endpoint("GET", "HEAD")
def search(request: HttpRequest) -> HttpResponse:
    """One page of results; an unknown filter, sort or page value is a 400 that says what is accepted."""
    params = _params(request, current_names())
    if viewer_of(request).staff:
        return respond(center().search(replace(params, staff=True)), cache=NO_STORE)
    found = center().search(params)
    if params.page == 1 and request.method == "GET" and not is_bot(request.META.get("HTTP_USER_AGENT", "")):
        settled = SettledSearch(
            query=found["query"],
            total=found["total"],
            source="api",
            notice=found["notice"],
            service=params.service or "",
            category=params.category or "",
            platform=params.platform or "",
            sort=params.sort,
        )
        search_settled.send(search, search=settled)
    return respond(found)


@endpoint("GET", "HEAD")
def suggest(request: HttpRequest) -> HttpResponse:
    """At most eight suggestions for what is being typed; never logged, since it is no settled search."""
    get, names = request.GET, current_names()
    query = _query(request, SUGGEST_PARAMETERS)
    service, category, platform = _filters(request, names)
    params = SuggestParams(
        query=query,
        service=service,
        category=category,
        platform=platform,
        limit=_number(get.get("limit", str(MAX_SUGGESTIONS)), "limit", MAX_SUGGESTIONS),
        staff=viewer_of(request).staff,
    )
    with override(_choice(get.get("language", "ko"), LANGUAGES, "language")):
        found = center().suggest(params)
    return respond(_told(found), cache=NO_STORE if params.staff else f"private, max-age={SUGGESTED_FOR}")


def _told(found: Suggestions) -> dict[str, Any]:
    """The suggestions as JSON; ``staff_only`` is left out where it is false."""
    told = asdict(found)
    for each in told["suggestions"]:
        if not each["staff_only"]:
            del each["staff_only"]
    return told


@csrf_exempt
@endpoint("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
def unknown(request: HttpRequest) -> HttpResponse:
    """404 for any other address under ``/api``."""
    raise ApiError(404, "not_found", "There is nothing at this address; see GET /api/v1/search.")


def _params(request: HttpRequest, names: Names) -> SearchParams:
    get = request.GET
    query = _query(request, PARAMETERS)
    service, category, platform = _filters(request, names)
    sort = _choice(get.get("sort", "relevance"), SORTS, "sort")
    page_size = _number(get.get("page_size", "10"), "page_size", MAX_PAGE_SIZE)
    return SearchParams(
        query=query,
        service=service,
        category=category,
        platform=platform,
        sort=sort,
        page=_number(get.get("page", "1"), "page", -(-DEPTH // page_size)),
        page_size=page_size,
        exact=_choice(get.get("exact", "0"), ("0", "1"), "exact") == "1",
    )


def _query(request: HttpRequest, parameters: Sequence[str]) -> str:
    """The text asked for; every name in the query string must be one of ``parameters``."""
    for name in request.GET:
        if name not in parameters:
            raise ApiError(400, "unknown_parameter", f"{name!r} is no parameter; there are {', '.join(parameters)}.")
    query = request.GET.get("query", "").strip()
    if not normalize(query[:1000]).strip():
        raise ApiError(400, "missing_query", "Give the words to search for as 'query'.")
    return query


def _filters(request: HttpRequest, names: Names) -> tuple[str | None, str | None, str | None]:
    """Service, category path and platform; names they had before they were renamed or merged are taken too."""
    service, category, platform = (request.GET.get(name, "") for name in ("service", "category", "platform"))
    service, category = names.moved.place(service, category)
    known = _known(service, names.services, "service")
    return (
        known,
        _category(category, known, names),
        _known(names.moved.platform(platform), names.platforms, "platform"),
    )


def _known(value: str | None, known: Collection[str], name: str) -> str | None:
    if not value:
        return None
    if value not in known:
        raise ApiError(400, f"invalid_{name}", f"There is no {name} {value[:60]!r}.")
    return value


def _category(value: str | None, service: str | None, names: Names) -> str | None:
    """A ``service/category`` path, or the slug of a category beside its service."""
    if value and "/" not in value:
        value = f"{service or ''}/{value}"
    return _known(value, names.categories, "category")


def _choice(value: str, choices: Sequence[Chosen], name: str) -> Chosen:
    chosen = next((known for known in choices if known == value), None)
    if chosen is None:
        raise ApiError(400, f"invalid_{name}", f"'{name}' is one of {', '.join(choices)}.")
    return chosen


def _number(value: str, name: str, most: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 9 and 1 <= int(value) <= most):
        raise ApiError(400, f"invalid_{name}", f"'{name}' is a whole number from 1 to {most}.")
    return int(value)
