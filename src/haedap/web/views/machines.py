"""What programs ask a site for: robots.txt, the site map, and whether it is well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from haedap.kb.links import article_url
from haedap.kb.models import Category, Service
from haedap.web import articles, links
from haedap.web.reading import read_only

PER_FILE = 10_000
MOST_FILES = 50_000
"""What the protocol allows in one list; a higher number fits no database either."""
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@read_only
def robots(request: HttpRequest) -> HttpResponse:
    """Everything may be crawled; results pages say noindex themselves, which a crawler must be able to see."""
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    return HttpResponse(f"User-agent: *\nDisallow: {reverse('admin:index')}\n\nSitemap: {sitemap}\n", "text/plain")


@read_only
def sitemap(request: HttpRequest) -> HttpResponse:
    """The list of site maps: one of lists, and one for each ten thousand articles."""
    files = -(-articles.public_articles().count() // PER_FILE)
    places = [request.build_absolute_uri(reverse("sitemap-part", args=[number])) for number in range(files + 1)]
    inner = "".join(f"<sitemap><loc>{escape(place)}</loc></sitemap>\n" for place in places)
    return _xml(f"<sitemapindex {_NAMESPACE}>\n{inner}</sitemapindex>\n")


@read_only
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    """Number 0: the start page, services and categories; from 1 on: articles by id."""
    entries = list(_lists() if number == 0 else _articles(number)) if number <= MOST_FILES else []
    if not entries:
        raise Http404(f"No site map {number}.")
    inner = "".join(_url(request.build_absolute_uri(path), updated) for path, updated in entries)
    return _xml(f"<urlset {_NAMESPACE}>\n{inner}</urlset>\n")


@read_only
def health(request: HttpRequest) -> HttpResponse:
    """200 ``ok`` if the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        text, status = "ok\n", 200
    except DatabaseError:
        text, status = "database unavailable\n", 503
    return HttpResponse(text, "text/plain", status, headers={"Cache-Control": "no-store"})


def _lists() -> Iterable[tuple[str, datetime | None]]:
    yield links.home(), None
    for slug in (
        Service.objects.filter(articles__in=articles.public_articles()).distinct().values_list("slug", flat=True)
    ):
        yield links.service(slug), None
    categories = Category.objects.filter(articles__in=articles.public_articles(), service__isnull=False).distinct()
    for service, slug in categories.values_list("service__slug", "slug"):
        yield links.category(service, slug), None


def _articles(number: int) -> Iterator[tuple[str, datetime | None]]:
    start = (number - 1) * PER_FILE
    rows = articles.public_articles().order_by("pk").values_list("pk", "slug", "updated_at")
    for pk, slug, updated in rows[start : start + PER_FILE]:
        yield article_url(pk, slug), updated


def _url(place: str, updated: datetime | None) -> str:
    changed = f"<lastmod>{updated.isoformat(timespec='seconds')}</lastmod>" if updated else ""
    return f"<url><loc>{escape(place)}</loc>{changed}</url>\n"


def _xml(text: str) -> HttpResponse:
    return HttpResponse(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', "application/xml")
