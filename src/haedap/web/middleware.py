"""Headers every page carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]
POLICY = (
    "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
ADMIN_POLICY = POLICY.replace(
    "default-src 'self';",
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline';",
).replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""For signed-in editors: the theme of the admin needs scripts in the page, and previews stand in a frame."""


def content_security_policy(get_response: Handler) -> Handler:
    """Middleware: only our own scripts and styles run; pictures in articles may come from anywhere over HTTPS."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        rooms = request.resolver_match.app_names if request.resolver_match else []
        admin = not {"admin", "desk"}.isdisjoint(rooms)
        response.headers.setdefault("Content-Security-Policy", ADMIN_POLICY if admin else POLICY)
        return response

    return middleware
