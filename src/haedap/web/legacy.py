"""What becomes of an address that has no page here any more: a removed article, or a link of an earlier system."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from haedap.kb.legacy import Resolution, deleted, resolve, shadows
from haedap.web.converters import ArticleKey
from haedap.web.rendering import moved
from haedap.web.views.errors import gone

Handler = Callable[[HttpRequest], HttpResponse]


def old_addresses(get_response: Handler) -> Handler:
    """Middleware: instead of a 404, the place that an old address leads to, or a 410 for a removed article.

    A page that exists here gives way only where the query has a parameter of an earlier system (``serviceId``).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return get_response(request)
        if request.META.get("QUERY_STRING") and shadows(request.path_info):
            answer = _answer(request, shadowing=True)
            if answer is not None:
                return answer
        response = get_response(request)
        if response.status_code != 404:
            return response
        return _deleted(request) or _answer(request) or response

    return middleware


def _deleted(request: HttpRequest) -> HttpResponse | None:
    """The answer for the address of an article that was deleted."""
    match = request.resolver_match
    key = match.kwargs.get("key") if match and match.view_name == "web:article" else None
    return _led(request, deleted(key.id)) if isinstance(key, ArticleKey) else None


def _answer(request: HttpRequest, *, shadowing: bool = False) -> HttpResponse | None:
    try:
        found = resolve(request.path_info, request.META.get("QUERY_STRING", ""), shadowing=shadowing)
    except SuspiciousOperation:
        return None
    return _led(request, found)


def _led(request: HttpRequest, found: Resolution) -> HttpResponse | None:
    if found.tombstone:
        return gone(request, found.tombstone)
    return moved(found.url) if found.url and found.url != request.get_full_path() else None
