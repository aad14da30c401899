"""Where links and pictures of a body lead, on the page of one language at one place of mounting."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.urls import get_script_prefix

from haedap.kb.links import article_url
from haedap.kb.uploads import ADDRESS, names_in, sizes

# As many digits as the address of an article takes.
_BY_ID = re.compile(r"article:([0-9]{1,18})(#\S*)?", re.IGNORECASE)
_BY_PATH = re.compile(r"/articles/([0-9]{1,18}(?:-[^/?#\s]*)?)([?#]\S*)?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """A link to an article of this center: its id, and what follows (``?platform=ios``, ``#h-…``)."""

    id: int
    rest: str


@dataclass(frozen=True, slots=True)
class Place:
    """What addresses are made of. ``articles`` stands before the id; ``pictures`` gives (name, width, height)."""

    prefix: str
    articles: str
    pictures: tuple[tuple[str, int, int], ...] = ()


def place_for(body: str) -> Place:
    """The place of the page being made, with the sizes of the pictures that the body names. At most one query."""
    known = sizes(names_in(body))
    pictures = tuple((name, *known[name]) for name in sorted(known))
    return Place(get_script_prefix(), article_url(0, "").removesuffix("0"), pictures)


def article_link(address: str) -> ArticleLink | None:
    """The article that ``article:12#h-…`` or ``/articles/12-slug`` names; None for any other address."""
    if by_id := _BY_ID.fullmatch(address):
        return ArticleLink(int(by_id[1]), by_id[2] or "")
    if by_path := _BY_PATH.fullmatch(address):
        return ArticleLink(int(by_path[1].partition("-")[0]), by_path[2] or "")
    return None


def is_own(address: str) -> bool:
    """True for an address of this site: by article id, by path, or a place on the page."""
    scheme = _SCHEME.match(address)
    return scheme[0].lower() == "article:" if scheme else not address.startswith("//")


def address_at(address: str, place: Place | None) -> str | None:
    """The address as the page at a place needs it; None if it leads nowhere (``article:`` without a number)."""
    if place is None:
        return address
    inner = without_prefix(address, place.prefix)
    if link := article_link(inner):
        key = inner[len("/articles/") :] if inner.startswith("/") else f"{link.id}{link.rest}"
        return place.articles + key
    if address[:8].lower() == "article:":
        return None
    return place.prefix + inner[1:] if inner.startswith(ADDRESS) else address


def without_prefix(address: str, prefix: str) -> str:
    """The address below the path that the site is mounted under, which writers may leave out."""
    return "/" + address[len(prefix) :] if prefix != "/" and address.startswith(prefix) else address


def size_at(address: str, place: Place | None) -> tuple[int, int] | None:
    """Width and height of the picture at an address, where they are known."""
    if place is not None and place.pictures:
        name = address.rpartition(ADDRESS)[2]
        for known, width, height in place.pictures:
            if name == known:
                return width, height
    return None
