"""``GET /api/v1/search``: the result object of ``haedap search --json``, over HTTP."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from haedap.api.errors import ApiError, endpoint, respond
from haedap.bots import is_bot
from haedap.kb.names import Names, current_names
from haedap.kb.searching import SearchParams, center
from haedap.kb.signals import SettledSearch, search_settled
from haedap.search.engine import DEPTH
from haedap.search.types import SORTS

PARAMETERS = ("query", "service", "category", "platform", "sort", "page", "page_size")
MAX_PAGE_SIZE = 50


@csrf_exempt
@endpoint("GET", "HEAD")
def search(request: HttpRequest) -> HttpResponse:
    """One page of results; an unknown filter, sort or page value is a 400 that says what is accepted."""
    params = _params(request, current_names())
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


@csrf_exempt
@endpoint("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
def unknown(request: HttpRequest) -> HttpResponse:
    """404 for any other address under ``/api``."""
    raise ApiError(404, "not_found", "There is nothing at this address; see GET /api/v1/search.")


def _params(request: HttpRequest, names: Names) -> SearchParams:
    get = request.GET
    for name in get:
        if name not in PARAMETERS:
            raise ApiError(400, "unknown_parameter", f"{name!r} is no parameter; there are {', '.join(PARAMETERS)}.")
    query = get.get("query", "").strip()
    if not query:
        raise ApiError(400, "missing_query", "Give the words to search for as 'query'.")
    service = _known(get.get("service"), names.services, "service")
    sort = next((known for known in SORTS if known == get.get("sort", "relevance")), None)
    if sort is None:
        raise ApiError(400, "invalid_sort", f"'sort' is one of {', '.join(SORTS)}.")
    page_size = _number(get.get("page_size", "10"), "page_size", MAX_PAGE_SIZE)
    return SearchParams(
        query=query,
        service=service,
        category=_category(get.get("category"), service, names),
        platform=_known(get.get("platform"), names.platforms, "platform"),
        sort=sort,
        page=_number(get.get("page", "1"), "page", -(-DEPTH // page_size)),
        page_size=page_size,
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


def _number(value: str, name: str, most: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 9 and 1 <= int(value) <= most):
        raise ApiError(400, f"invalid_{name}", f"'{name}' is a whole number from 1 to {most}.")
    return int(value)
