"""Pages for what is not there and for what went wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from haedap.web.rendering import page


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 in the look of the site; says nothing about what was asked."""
    return page("web/404.html", {}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 in the look of the site; needs no database and no index."""
    return page("web/500.html", {}, status=500)
