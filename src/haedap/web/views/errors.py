"""Pages for what is not there and for what went wrong."""

from __future__ import annotations

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from haedap.kb.models import Tombstone
from haedap.kb.notices import known_notices
from haedap.search.types import MAX_QUERY
from haedap.viewers import viewer_of
from haedap.web import articles
from haedap.web.middleware import POLICY
from haedap.web.rendering import page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 in the look of the site: for a host name that is not ours, or a request that cannot be read."""
    foreign = isinstance(exception, DisallowedHost)
    notices = () if foreign else known_notices()
    response = page("web/400.html", {"foreign": foreign, "notices": notices}, status=400)
    # The middleware that sets it may not have been reached.
    response["Content-Security-Policy"] = POLICY
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 in the look of the site; says nothing about what was asked."""
    return page("web/404.html", {}, viewer_of(request), status=404)


def gone(request: HttpRequest, tombstone: Tombstone) -> HttpResponse:
    """410 for an article that was removed: what it was called, and where to look instead."""
    context = {"title": tombstone.title, "query": tombstone.title[:MAX_QUERY], "popular": articles.popular()}
    return page("web/410.html", context, viewer_of(request), status=410)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 in the look of the site; needs no database and no index."""
    return page("web/500.html", {"notices": known_notices()}, status=500)
