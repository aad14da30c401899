"""The results page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix

from haedap.bots import is_bot
from haedap.kb.names import current_names
from haedap.kb.notices import current_notices
from haedap.kb.searching import center
from haedap.kb.signals import SettledSearch, search_settled
from haedap.search.cache import LruCache
from haedap.viewers import NO_STORE, VISITOR, Viewer, viewer_of
from haedap.web import articles, links, results
from haedap.web.asking import Asked, read
from haedap.web.freshness import stamp
from haedap.web.reading import read_only
from haedap.web.rendering import render_text


@dataclass(frozen=True, slots=True)
class _Kept:
    """A page as sent, and what the log should know of it (None: nothing was asked, or not for the first page)."""

    body: bytes
    settled: SettledSearch | None


_kept: LruCache[tuple[object, ...], _Kept] = LruCache(400)


@read_only
def search(request: HttpRequest) -> HttpResponse:
    """Results of ``query`` with the filters, sort and page asked for; a page beyond the last is a 404.

    Nothing on the page depends on the visitor, so it is kept as long as nothing it is made of changes. A page for staff
    is neither kept nor logged.
    """
    viewer = viewer_of(request)
    if viewer.staff:
        return _response(_make(request, viewer), NO_STORE)
    # An odd query string may be long; pages of such are made anew rather than kept.
    asked = request.META.get("QUERY_STRING", "")
    kept = (links.language(), get_script_prefix(), asked, stamp(), current_notices())
    key = kept if len(asked) <= 2000 else None
    made = _kept.get(key) if key else None
    if made is None:
        made = _make(request)
        if key:
            _kept.put(key, made)
    if made.settled and request.method == "GET" and not is_bot(request.META.get("HTTP_USER_AGENT", "")):
        search_settled.send(search, search=made.settled)
    return _response(made, "private, no-cache")


def _response(made: _Kept, cache: str) -> HttpResponse:
    return HttpResponse(made.body, headers={"X-Robots-Tag": "noindex", "Cache-Control": cache})


def _make(request: HttpRequest, viewer: Viewer = VISITOR) -> _Kept:
    names = current_names()
    asked = read(request.GET, names)
    if not asked.query:
        return _Kept(_form(asked, None, viewer), None)
    # What was typed goes to the center whole: it says itself what is too long.
    found = center().search(replace(asked.params(), query=request.GET["query"].strip(), staff=viewer.staff))
    settled = SettledSearch(
        query=found["query"],
        total=found["total"],
        source="web",
        notice=found["notice"],
        service=asked.service,
        category=asked.category_path,
        platform=asked.platform,
        sort=asked.sort,
    )
    if found["notice"]:
        return _Kept(_form(asked, found["notice"], viewer), settled if asked.page == 1 else None)
    context = results.context(asked, found, names, staff=viewer.staff)
    body = render_text("web/search.html", context, viewer).encode()
    return _Kept(body, settled if asked.page == 1 else None)


def _form(asked: Asked, notice: str | None, viewer: Viewer) -> bytes:
    context = {
        "query": asked.query,
        "notice": notice,
        "services": [] if notice else articles.service_cards(staff=viewer.staff),
        "popular": results.popular(staff=viewer.staff) if notice == "restricted" else [],
        "canonical": links.search(),
        "other_language": links.other_language(links.search() if notice else asked.url()),
    }
    return render_text("web/search_form.html", context, viewer).encode()
