"""What programs ask a site for: robots.txt, the site map, and whether it is well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import escape

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import override

from haedap.kb.drafts import LANGUAGE
from haedap.kb.links import article_url
from haedap.kb.models import Article, Category, Service
from haedap.web import articles, links
from haedap.web.reading import read_only

PER_FILE = 10_000
MOST_FILES = 50_000
"""What the protocol allows in one list; a higher number fits no database either."""
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_LANGUAGES = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


@dataclass(frozen=True, slots=True)
class _Place:
    """A page by its path; ``languages`` are the paths of the same page in each language, where there are several."""

    path: str
    updated: datetime | None = None
    languages: Mapping[str, str] = field(default_factory=dict)


@read_only
def robots(request: HttpRequest) -> HttpResponse:
    """Everything may be crawled; results pages say noindex themselves, which a crawler must be able to see."""
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    return HttpResponse(f"User-agent: *\nDisallow: {reverse('admin:index')}\n\nSitemap: {sitemap}\n", "text/plain")


@read_only
def sitemap(request: HttpRequest) -> HttpResponse:
    """The list of site maps: one of lists, and one for each ten thousand articles."""
    files = -(-Article.readable().count() // PER_FILE)
    places = [request.build_absolute_uri(reverse("sitemap-part", args=[number])) for number in range(files + 1)]
    inner = "".join(f"<sitemap><loc>{escape(place)}</loc></sitemap>\n" for place in places)
    return _xml(f"<sitemapindex {_NAMESPACE}>\n{inner}</sitemapindex>\n")


@read_only
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    """Number 0: the start page, services and categories; from 1 on: articles by id, in each language they have."""
    entries = list(_lists() if number == 0 else _articles(number)) if number <= MOST_FILES else []
    if not entries:
        raise Http404(f"No site map {number}.")
    inner = "".join(_url(request, entry) for entry in entries)
    return _xml(f"<urlset {_NAMESPACE} {_LANGUAGES}>\n{inner}</urlset>\n")


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


def _lists() -> Iterable[_Place]:
    yield _Place(links.home())
    for slug in Service.objects.filter(articles__in=Article.readable()).distinct().values_list("slug", flat=True):
        yield _Place(links.service(slug))
    categories = Category.objects.filter(articles__in=Article.readable(), service__isnull=False).distinct()
    for service, slug in categories.values_list("service__slug", "slug"):
        yield _Place(links.category(service, slug))


def _articles(number: int) -> Iterator[_Place]:
    start = (number - 1) * PER_FILE
    rows = list(
        Article.readable()
        .order_by("pk")
        .values_list("pk", "slug", "published_revision", "updated_at")[start : start + PER_FILE]
    )
    languages = _written_in(rows[0][0], rows[-1][0]) if rows else {}
    for pk, slug, revision, updated in rows:
        paths = {LANGUAGE: article_url(pk, slug)}
        for language in languages.get(revision, ()):
            with override(language):
                paths[language] = article_url(pk, slug)
        for path in paths.values():
            yield _Place(path, updated, paths if len(paths) > 1 else {})


def _written_in(first: int, last: int) -> dict[int, list[str]]:
    """By revision, the other languages of the site that the articles from one id to another are shown in."""
    found: dict[int, list[str]] = {}
    for language, _name in settings.LANGUAGES:
        shown = Article.readable().filter(pk__range=(first, last)).values("published_revision")
        translations = articles.translated(language).filter(revision__in=shown) if language != LANGUAGE else ()
        for translation in translations:
            found.setdefault(translation.revision_id, []).append(language)
    return found


def _url(request: HttpRequest, place: _Place) -> str:
    changed = f"<lastmod>{place.updated.isoformat(timespec='seconds')}</lastmod>" if place.updated else ""
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href="{_whole(request, path)}"/>'
        for language, path in place.languages.items()
    )
    return f"<url><loc>{_whole(request, place.path)}</loc>{changed}{others}</url>\n"


def _whole(request: HttpRequest, path: str) -> str:
    return escape(request.build_absolute_uri(path), {'"': "&quot;"})


def _xml(text: str) -> HttpResponse:
    return HttpResponse(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', "application/xml")
