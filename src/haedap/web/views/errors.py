"""Pages for what is not there and for what went wrong."""

from __future__ import annotations

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from haedap.web.middleware import POLICY
from haedap.web.rendering import page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 in the look of the site: for a host name that is not ours, or a request that cannot be read."""
    response = page("web/400.html", {"foreign": isinstance(exception, DisallowedHost)}, status=400)
    # The middleware that sets it may not have been reached.
    response["Content-Security-Policy"] = POLICY
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 in the look of the site; says nothing about what was asked."""
    return page("web/404.html", {}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 in the look of the site; needs no database and no index."""
    return page("web/500.html", {}, status=500)
