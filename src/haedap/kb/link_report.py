"""Links of articles that lead nowhere: a report over the whole center, right at the moment it is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from django.urls import get_script_prefix

from haedap.kb import uploads
from haedap.kb.link_bodies import Body, anchors_of, chunks
from haedap.kb.markdown_addresses import ArticleLink, article_link, without_prefix
from haedap.kb.markdown_references import Reference
from haedap.kb.models import Article, Category, OldPlace, Service, Tombstone, Upload

Problem = Literal["missing", "draft", "archived", "staff", "upload", "place", "anchor", "empty", "relative"]
"""Why a link leads nowhere: the article it names is gone, or is not there for those who read it; a file, a service or
category, or a heading is missing; there is no address; the address depends on where it is read."""
_ARTICLE_PAGE = re.compile(r"/(?:en/)?(articles/[0-9].*)")
_PLACE = re.compile(r"/(?:en/)?services/([^/?#]+)(?:/([^/?#]+))?/?(?:[?#].*)?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


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

    ``ids`` limits it to some articles. Lazy: about ten queries for each chunk of articles.
    """
    for bodies in chunks(ids):
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
    for bodies in chunks(ids):
        for body in bodies:
            for reference in body.references:
                address = f"https:{reference.address}" if reference.address.startswith("//") else reference.address
                if address.lower().startswith(("http://", "https://")):
                    yield address, body, reference


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
        self._places = _known_places() if any(_PLACE.fullmatch(address) for address in addresses) else set()
        anchored = {link.id for link in links if "#" in link.rest}
        self._anchors = anchors_of(anchored) if anchored else {}

    def problem(self, body: Body, reference: Reference) -> Problem | None:
        """Why the reference leads nowhere; None if it does, or leads to another site."""
        address = self._inner(reference.address)
        if not address or address == "#":
            return "empty"
        if address.startswith("#"):
            return None if _fragment(address) in body.anchors else "anchor"
        if link := self._article(address):
            return self._article_problem(body, link.id, _fragment(link.rest))
        if address.lower().startswith("article:"):
            return "missing"
        if address.startswith(uploads.ADDRESS):
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


def _known_places() -> set[str]:
    services = set(Service.objects.values_list("slug", flat=True))
    rows = Category.objects.filter(service__isnull=False).values_list("service__slug", "slug")
    old = OldPlace.objects.values_list("path", flat=True)
    return services | {f"{service}/{category}" for service, category in rows} | set(old)


def _fragment(address: str) -> str:
    return unquote(address.partition("#")[2])
