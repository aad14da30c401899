"""Counting article views: in memory first, written together every few seconds and when the process ends.

Invariant: a view is a person's first look at an article in a browser session. The session is a signed cookie that
holds the last articles seen; nothing about a visitor is stored.
"""

from __future__ import annotations

import atexit
from collections import Counter
from collections.abc import Sequence

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix

from haedap.bots import is_bot
from haedap.buffering import Buffer
from haedap.kb.publishing import add_hits

COOKIE = "haedap_seen"
REMEMBERED = 50


def _write(article_ids: Sequence[int]) -> None:
    add_hits(Counter(article_ids))


counter = Buffer(_write, "article views", limit=200_000)
atexit.register(counter.flush)


def count(request: HttpRequest, response: HttpResponse, article_id: int) -> None:
    """Count this look at an article unless a program asks or this browser session has seen it."""
    if request.method != "GET" or is_bot(request.META.get("HTTP_USER_AGENT", "")):
        return
    seen = _seen(request)
    if article_id in seen:
        return
    counter.add(article_id)
    response.set_signed_cookie(
        COOKIE,
        ".".join(map(str, [*seen, article_id][-REMEMBERED:])),
        salt=COOKIE,
        path=get_script_prefix(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _seen(request: HttpRequest) -> list[int]:
    try:
        value = request.get_signed_cookie(COOKIE, "", salt=COOKIE) or ""
    except signing.BadSignature:
        return []
    return [int(part) for part in value.split(".") if part]
