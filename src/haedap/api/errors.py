"""The one shape of an error: ``{"error": {"code": "…", "message": "…"}}``."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

log = logging.getLogger(__name__)

View = Callable[[HttpRequest], HttpResponse]


class ApiError(Exception):
    """A request that is answered with an error. ``code`` is for programs, ``message`` tells a person what to do."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def respond(content: dict[str, Any], status: int = 200, cache: str = "private, no-cache") -> JsonResponse:
    """JSON as it is read (Korean unescaped), kept out of search engines; ``cache`` is its Cache-Control."""
    return JsonResponse(
        content,
        status=status,
        json_dumps_params={"ensure_ascii": False},
        headers={"X-Robots-Tag": "noindex", "Cache-Control": cache},
    )


def endpoint(*methods: str) -> Callable[[View], View]:
    """Make a view answer ``methods`` only, and every failure in the one shape."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def wrapped(request: HttpRequest) -> HttpResponse:
            try:
                if request.method not in methods:
                    raise ApiError(405, "method_not_allowed", f"Use {' or '.join(methods)} here.")
                return view(request)
            except SuspiciousOperation:
                message = "The request cannot be read; send fewer parameters."
                return respond({"error": {"code": "bad_request", "message": message}}, 400)
            except ApiError as error:
                response = respond({"error": {"code": error.code, "message": str(error)}}, error.status)
                if error.status == 405:
                    response["Allow"] = ", ".join(methods)
                return response
            except Exception:
                # A program on the other side can read no HTML page; the log has the whole story.
                log.exception("Failed: %s", request.path)
                message = "The server failed to answer; try again later."
                return respond({"error": {"code": "server_error", "message": message}}, 500)

        # What is only read needs no token; without this a form posted here would get Django's page instead of a 405.
        return csrf_exempt(wrapped) if {*methods} <= {"GET", "HEAD", "OPTIONS"} else wrapped

    return decorate
