"""Which platform a visitor reads for: asked for, remembered, or guessed from the user agent."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix

from haedap.kb.names import current_names

COOKIE = "haedap_platform"
_YEAR = 365 * 24 * 60 * 60
_SLUG = re.compile(r"[a-z0-9-]{1,40}")
# In order: an Android user agent says Linux, an iPhone's says Mac OS X.
_AGENTS = (
    ("android", re.compile(r"Android")),
    ("ios", re.compile(r"iPhone|iPad|iPod")),
    ("windows", re.compile(r"Windows NT")),
    ("mac", re.compile(r"Macintosh")),
)


def guessed(user_agent: str) -> str:
    """The slug of the platform a user agent runs on; empty if it is none of ours."""
    return next((slug for slug, pattern in _AGENTS if pattern.search(user_agent)), "")


def preferred(request: HttpRequest) -> str:
    """The platform remembered for this visitor, or the one the browser runs on; empty if neither is known."""
    remembered = request.COOKIES.get(COOKIE, "")
    known = remembered if _SLUG.fullmatch(remembered) else guessed(request.META.get("HTTP_USER_AGENT", ""))
    return current_names().moved.platform(known)


def remember(response: HttpResponse, slug: str) -> None:
    """Keep the visitor's choice for a year."""
    response.set_cookie(
        COOKIE,
        slug,
        max_age=_YEAR,
        path=get_script_prefix(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
