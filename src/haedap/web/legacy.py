"""What becomes of an address that has no page here any more: a removed article, or a link of an earlier system."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from haedap.kb.legacy import resolve, shadows
from haedap.kb.links import article_url
from haedap.kb.models import Tombstone
from haedap.web.converters import ArticleKey
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
            moved = _answer(request, shadowing=True)
            if moved is not None:
                return moved
        response = get_response(request)
        if response.status_code != 404:
            return response
        return _removed(request) or _answer(request) or response

    return middleware


def _removed(request: HttpRequest) -> HttpResponse | None:
    """The answer for the address of an article that was removed."""
    match = request.resolver_match
    key = match.kwargs.get("key") if match and match.view_name == "web:article" else None
    if not isinstance(key, ArticleKey):
        return None
    tombstone = Tombstone.objects.select_related("target").filter(article_id=key.id).first()
    return _buried(request, tombstone) if tombstone else None


def _answer(request: HttpRequest, *, shadowing: bool = False) -> HttpResponse | None:
    try:
        found = resolve(request.path_info, request.META.get("QUERY_STRING", ""), shadowing=shadowing)
    except SuspiciousOperation:
        return None
    if found.tombstone:
        return _buried(request, found.tombstone)
    if not found.url or found.url == request.get_full_path():
        return None
    return _redirect(found.url)


def _buried(request: HttpRequest, tombstone: Tombstone) -> HttpResponse | None:
    """To the article that takes the place of a removed one; else the page that says it is gone.

    None if it never was public: then nobody outside may learn that it was there.
    """
    target = tombstone.target
    if target is not None and target.is_public:
        return _redirect(article_url(target.pk, target.slug))
    return gone(request, tombstone) if tombstone.public else None


def _redirect(url: str) -> HttpResponse:
    """Permanent, but to be asked for again: a manager may set another target."""
    moved = HttpResponsePermanentRedirect(url)
    moved["Cache-Control"] = "no-cache"
    return moved
