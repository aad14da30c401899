"""Links of articles that lead nowhere: a report over the whole center, made anew each time.

Invariant: memory and the number of queries follow the size of a chunk, not of the center.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from django.db.models import Prefetch, QuerySet
from django.urls import get_script_prefix

from haedap.kb import uploads
from haedap.kb.markdown import anchors
from haedap.kb.markdown_addresses import ArticleLink, article_link, without_prefix
from haedap.kb.markdown_references import Reference, references
from haedap.kb.models import Article, Category, OldPlace, Revision, Service, Tombstone, Upload, Variant

CHUNK = 100
Problem = Literal["missing", "draft", "archived", "staff", "upload", "place", "anchor", "empty", "relative"]
"""Why a link leads nowhere: the article it names is gone, or is not there for those who read it; a file, a service or
category, or a heading is missing; there is no address; the address depends on where it is read."""
# Most bodies have no link at all; a look for one is far cheaper than reading the body.
_MAY_LINK = re.compile(r"\]\s*[(\[:]|<[a-z/]|\bhttps?:", re.IGNORECASE)
_ARTICLE_PAGE = re.compile(r"/(?:en/)?(articles/[0-9].*)")
_PLACE = re.compile(r"/(?:en/)?services/([^/?#]+)(?:/([^/?#]+))?/?(?:[?#].*)?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """A body of an article; ``published`` says that the public reads it."""

    article: int
    title: str
    is_public: bool
    published: bool
    language: str
    platforms: tuple[str, ...]
    references: tuple[Reference, ...]
    anchors: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A link that leads nowhere: the article and body it stands in, its line there, and why."""

    article: int
    title: str
    published: bool
    language: str
    platforms: tuple[str, ...]
    line: int
    kind: Literal["link", "image"]
    address: str
    text: str
    problem: Problem


def broken_links(ids: Iterable[int] | None = None) -> Iterator[BrokenLink]:
    """The links that lead nowhere, by article, of what is shown and of what was written last; archived ones left out.

    ``ids`` limits it to some articles. Lazy: about ten queries for each 100 articles.
    """
    for bodies in _chunks(ids):
        known = _Targets(bodies)
        for body in bodies:
            for reference in body.references:
                problem = known.problem(body, reference)
                if problem:
                    yield BrokenLink(
                        *(body.article, body.title, body.published, body.language, body.platforms),
                        *(reference.line, reference.kind, reference.address, reference.text.strip(), problem),
                    )


def external_links(ids: Iterable[int] | None = None) -> Iterator[tuple[str, Body, Reference]]:
    """Every link to another site with the body it stands in; lazy, in the order of articles."""
    for bodies in _chunks(ids):
        for body in bodies:
            for reference in body.references:
                address = f"https:{reference.address}" if reference.address.startswith("//") else reference.address
                if address.lower().startswith(("http://", "https://")):
                    yield address, body, reference


def _chunks(ids: Iterable[int] | None) -> Iterator[list[Body]]:
    """The bodies that hold references, a hundred articles at a time."""
    last = 0
    wanted = Article.objects.exclude(status=Article.Status.ARCHIVED).order_by("pk")
    if ids is not None:
        wanted = wanted.filter(pk__in=list(ids))
    while True:
        articles = list(_with_bodies(wanted.filter(pk__gt=last))[:CHUNK])
        if not articles:
            return
        last = articles[-1].pk
        yield _bodies(articles)


def _with_bodies(articles: QuerySet[Article]) -> QuerySet[Article]:
    return articles.annotate(newest=Revision.newest())


def _bodies(articles: Sequence[Article]) -> list[Body]:
    shown = {a.pk: a.published_revision_id for a in articles if a.status == Article.Status.PUBLISHED}
    wanted = {pk for article in articles for pk in (shown.get(article.pk), article.newest) if pk}  # type: ignore[attr-defined]
    variants = Variant.objects.prefetch_related("platforms")
    revisions = Revision.objects.filter(pk__in=wanted).prefetch_related(Prefetch("variants", variants))
    public = {article.pk: article.visibility == Article.Visibility.PUBLIC for article in articles}
    return [
        body
        for revision in sorted(revisions, key=lambda revision: (revision.article_id, revision.number))
        for body in _of_revision(revision, revision.pk == shown.get(revision.article_id), public[revision.article_id])
    ]


def _of_revision(revision: Revision, published: bool, public: bool) -> Iterator[Body]:
    for variant in revision.variants.all():
        found = references(variant.body, variant.body_format) if _MAY_LINK.search(variant.body) else []
        if found:
            inner = any(reference.address.startswith("#") for reference in found)
            yield Body(
                article=revision.article_id,
                title=revision.title,
                is_public=public,
                published=published,
                language=variant.language,
                platforms=tuple(platform.slug for platform in variant.platforms.all()),
                references=tuple(found),
                anchors=anchors(variant.body, variant.body_format) if inner else None,
            )


class _Targets:
    """What the links of some bodies lead to, asked for in one query for each kind of thing."""

    def __init__(self, bodies: Sequence[Body]) -> None:
        self._prefix = get_script_prefix()
        addresses = [self._inner(reference.address) for body in bodies for reference in body.references]
        links = [link for address in addresses if (link := self._article(address))]
        ids = {link.id for link in links}
        self._articles = Article.objects.in_bulk(ids)
        gone = Tombstone.objects.filter(article_id__in=ids - self._articles.keys())
        self._moved = set(gone.filter(target__isnull=False).values_list("article_id", flat=True))
        named = {name for address in addresses for name in uploads.names_in(address)}
        rows = Upload.objects.filter(digest__in={name.partition(".")[0] for name in named})
        self._uploads = {row.file_name for row in rows if uploads.path_of(row).is_file()}
        self._places = self._known_places() if any(_PLACE.fullmatch(address) for address in addresses) else set()
        anchored = {link.id for link in links if "#" in link.rest}
        self._anchors = self._anchors_of(anchored) if anchored else {}

    def problem(self, body: Body, reference: Reference) -> Problem | None:
        """Why the reference leads nowhere; None if it does, or leads to another site."""
        address = self._inner(reference.address)
        if not address or address == "#":
            return "empty"
        if address.startswith("#"):
            return None if body.anchors is None or _fragment(address) in body.anchors else "anchor"
        if link := self._article(address):
            return self._article_problem(body, link.id, _fragment(link.rest))
        if address.lower().startswith("article:"):
            return "missing"
        if address.startswith("/uploads/"):
            return None if self._uploads.intersection(uploads.names_in(address)) else "upload"
        if place := _PLACE.fullmatch(address):
            return None if "/".join(unquote(part) for part in place.groups() if part) in self._places else "place"
        return None if address.startswith("/") or _SCHEME.match(address) else "relative"

    def _article_problem(self, body: Body, pk: int, fragment: str) -> Problem | None:
        target = self._articles.get(pk)
        if target is None:
            return None if pk in self._moved else "missing"
        if target.status != Article.Status.PUBLISHED:
            return "archived" if target.status == Article.Status.ARCHIVED else ("draft" if body.published else None)
        if target.visibility == Article.Visibility.STAFF and body.is_public:
            return "staff"
        return "anchor" if fragment and fragment not in self._anchors.get(pk, frozenset()) else None

    def _inner(self, address: str) -> str:
        return without_prefix(address.strip(), self._prefix)

    def _article(self, address: str) -> ArticleLink | None:
        page = _ARTICLE_PAGE.fullmatch(address)
        return article_link(f"/{page[1]}" if page else address)

    def _known_places(self) -> set[str]:
        services = set(Service.objects.values_list("slug", flat=True))
        rows = Category.objects.filter(service__isnull=False).values_list("service__slug", "slug")
        old = OldPlace.objects.values_list("path", flat=True)
        return services | {f"{service}/{category}" for service, category in rows} | set(old)

    def _anchors_of(self, ids: set[int]) -> dict[int, frozenset[str]]:
        """The ids on the pages of articles, of all their bodies together. Read one by one."""
        found: dict[int, frozenset[str]] = {}
        shown = Variant.objects.filter(
            revision__in=Article.readable(staff=True).filter(pk__in=ids).values("published_revision")
        )
        rows = shown.values_list("revision__article", "body", "body_format")
        for pk, body, body_format in rows.iterator(chunk_size=50):
            found[pk] = found.get(pk, frozenset()) | anchors(body, body_format)
        return found


def _fragment(address: str) -> str:
    return unquote(address.partition("#")[2])
