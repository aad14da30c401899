"""Counting article views: in memory first, written together every few seconds and when the process ends.

Invariant: a view is a person's first look at an article in a browser session. The session is a signed cookie that
holds the last articles seen; nothing about a visitor is stored.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections import Counter

from django.conf import settings
from django.core import signing
from django.db import DatabaseError, close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix

from haedap.bots import is_bot
from haedap.kb.publishing import add_hits

log = logging.getLogger(__name__)

COOKIE = "haedap_seen"
REMEMBERED = 50
FLUSH_SECONDS = 5.0


class ViewCounter:
    """Collects views and adds them to the articles every ``interval`` seconds; safe to use from many threads."""

    def __init__(self, interval: float = FLUSH_SECONDS) -> None:
        self._interval = interval
        self._lock = threading.Lock()
        self._views: Counter[int] = Counter()
        self._timer: threading.Timer | None = None

    def add(self, article_id: int) -> None:
        """Count one view; it is written within ``interval`` seconds."""
        with self._lock:
            self._views[article_id] += 1
            if self._timer is None:
                self._timer = threading.Timer(self._interval, self._flush_in_thread)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write what is counted. Views stay counted if the database cannot take them now."""
        with self._lock:
            views, self._views = self._views, Counter()
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if not views:
            return
        try:
            add_hits(views)
        except DatabaseError as error:
            log.warning("Views of %d articles could not be written yet: %s", len(views), error)
            with self._lock:
                self._views.update(views)

    def _flush_in_thread(self) -> None:
        close_old_connections()
        try:
            self.flush()
        finally:
            connection.close()


counter = ViewCounter()
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
