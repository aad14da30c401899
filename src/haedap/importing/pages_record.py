"""From the pages of a site to articles: their titles, places, ids and links, and what all of them share left out.

The raw object holds ``id``, ``title``, ``body``, ``service``, ``category``, ``language``, ``created``, ``updated``,
``address`` and ``files``: which file of the folder an address in the body leads to.
"""

from __future__ import annotations

import hashlib
import html
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from django.utils.translation import gettext as _

from haedap.importing.attaching import link_to
from haedap.importing.canonical import check_draft
from haedap.importing.cleaning import clean_marked_up, one_line
from haedap.importing.fields import MAX_ID, MAX_NAME, MAX_TITLE, checked, moment_of
from haedap.importing.pages_html import Page
from haedap.importing.records import Record
from haedap.importing.saying import nested_html
from haedap.importing.zendesk_parse import BETWEEN, MAX_BODY, rewritten
from haedap.kb.drafts import VariantDraft
from haedap.kb.nesting import is_too_deep

MIN_PAGES = 3
TITLE_SHARE = 0.5
"""Of at least three pages: an end of their titles that so many have is the site's name."""
BLOCK_PAGES = 20
EDGE = 5
BLOCK_SHARE = 0.3
"""Of at least 20 pages: one of the first or last five blocks that so many have is no part of an article."""
_BETWEEN_TITLES = re.compile(r"\s+(?:[|\-–—:·»>]|::)\s+")
_TAGS = re.compile(r"<[^>]*>")
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".avif")


class Site:
    """What the pages of one import have in common. :meth:`learn` each page, then :meth:`settle`."""

    def __init__(self) -> None:
        self._count = 0
        self._ends: Counter[str] = Counter()
        self._starts: Counter[str] = Counter()
        self._blocks: Counter[int] = Counter()
        self._texts: dict[int, str] = {}
        self._first_crumbs: Counter[str] = Counter()
        self._h1: Counter[str] = Counter()
        self._addresses: defaultdict[str, list[str]] = defaultdict(list)
        self._ids: dict[str, str] = {}
        self._dropped: set[int] = set()

    def learn(self, name: str, page: Page) -> None:
        """Take a page into account; ``name`` is its path."""
        self._count += 1
        parts = _BETWEEN_TITLES.split(page.titles[2])
        if len(parts) > 1:
            self._ends[parts[-1]] += 1
            self._starts[parts[0]] += 1
        self._h1[page.titles[0]] += 1
        for key in {_key(block) for block in (*page.blocks[:EDGE], *page.blocks[-EDGE:])}:
            self._blocks[key] += 1
        if page.crumbs:
            self._first_crumbs[page.crumbs[0]] += 1
        self._addresses[urldefrag(page.address)[0]].append(name)
        self._ids[name] = urldefrag(page.address)[0]

    def settle(self) -> None:
        """Decide what is shared, once all pages are known."""
        # One canonical address on several pages is a mistake of the site: then the path tells them apart.
        for address, names in self._addresses.items():
            for name in names:
                self._ids[name] = _short(unquote(address) if address and len(names) == 1 else name)
        for key, count in self._blocks.items():
            if self._count >= BLOCK_PAGES and count >= BLOCK_SHARE * self._count:
                self._dropped.add(key)
        self._blocks.clear()

    def notes(self) -> tuple[str, ...]:
        """What was left out of articles, in words."""
        return tuple(_("left out of articles: %(text)s") % {"text": text} for text in sorted(self._texts.values()))

    def id_of(self, name: str) -> str:
        """The external id of a page."""
        return self._ids[name]

    def page_at(self, name: str, page: Page, address: str) -> str | None:
        """The page of the site that an address on a page leads to, by its own address or its path in the folder."""
        target = urldefrag(address)[0]
        if not target:
            return None
        whole = urljoin(page.address, target) if page.address else target
        known = self._addresses.get(whole, ())
        if len(known) == 1 and whole:
            return known[0]
        return path if (path := beside(name, target)) in self._ids else None

    def title(self, page: Page, name: str) -> str:
        """The heading if it is its own, else the title for sharing or of the window; without the name of the site."""
        heading, shared, window = page.titles
        if heading and (self._h1[heading] == 1 or self._count == 1):
            return self._bare(heading)
        return self._bare(shared) or self._bare(window) or heading or posixpath.splitext(posixpath.basename(name))[0]

    def place(self, page: Page, title: str) -> tuple[str, str]:
        """Service and category: the first and the others of the names on the path to the page."""
        crumbs = list(page.crumbs)
        if crumbs and crumbs[-1] == title:
            crumbs.pop()
        if len(crumbs) > 1 and self._count >= MIN_PAGES and self._first_crumbs[crumbs[0]] == self._count:
            crumbs.pop(0)
        whole = BETWEEN.join(crumbs[1:])
        category = whole if len(whole) <= MAX_NAME else crumbs[-1][:MAX_NAME]
        return (crumbs[0][:MAX_NAME] if crumbs else ""), category

    def body(self, page: Page, title: str) -> str:
        """The main part without the title and without what other pages have at the same end."""
        blocks = list(page.blocks)
        while len(blocks) > 1 and (self._is_heading(blocks[0], page, title) or self._is_shared(blocks[0])):
            if self._is_shared(first := blocks.pop(0)):
                self._drop(first)
        while len(blocks) > 1 and self._is_shared(blocks[-1]):
            self._drop(blocks.pop())
        return "\n".join(blocks)

    def _is_heading(self, block: str, page: Page, title: str) -> bool:
        """True for the title once more, and for a heading that every page has."""
        text = _plain(block)
        everywhere = self._count >= MIN_PAGES and text == page.titles[0] and self._h1[text] == self._count
        return block.startswith("<h") and (text == title or everywhere)

    def _is_shared(self, block: str) -> bool:
        return _key(block) in self._dropped

    def _drop(self, block: str) -> None:
        self._texts.setdefault(_key(block), _plain(block)[:100])

    def _bare(self, title: str) -> str:
        least = max(MIN_PAGES, TITLE_SHARE * self._count)
        parts = _BETWEEN_TITLES.split(title)
        separators = _BETWEEN_TITLES.findall(title)
        if len(parts) > 1 and self._ends[parts[-1]] >= least:
            return title[: title.rindex(separators[-1])].strip()
        if len(parts) > 1 and self._starts[parts[0]] >= least:
            return title[title.index(separators[0]) + len(separators[0]) :].strip()
        return title


def raw_pages(site: Site, name: str, page: Page) -> Iterator[dict[str, Any]]:
    """The raw objects of a page: one, or one a question."""
    title = site.title(page, name)
    service, category = site.place(page, title)
    files: dict[str, str] = {}

    def address(value: str) -> str:
        if known := site.page_at(name, page, value):
            return link_to(site.id_of(known))
        if _is_file(value, name) and (path := beside(name, value)):
            # Without characters that an address in a body would have to be quoted for.
            files[written := quote(path)] = path
            return written
        if page.address and not urlsplit(value).scheme and not value.startswith("#"):
            return urljoin(page.address, value)
        return value

    whole = [(site.id_of(name), title, site.body(page, title))]
    asked = [(f"{site.id_of(name)}#{_digest(question)}", question, answer) for question, answer in page.questions]
    for id, own_title, text in asked or whole:
        files.clear()
        body = rewritten(clean_marked_up(text), _safe(address))
        yield {
            "id": _short(id),
            "title": own_title[:MAX_TITLE],
            "body": body,
            "service": service,
            "category": category or (title[:MAX_NAME] if asked and service else ""),
            "language": page.language,
            "created": _date(page.created),
            "updated": _date(page.updated),
            "address": page.address,
            "files": dict(files),
        }


def record_of(raw: dict[str, Any], line: int = 0) -> Record:
    """The record of such an object. Raises ValueError that says what is wrong with it."""
    title, body = one_line(raw["title"]), raw["body"]
    if len(body) > MAX_BODY:
        raise ValueError(_("its text is longer than %(most)s characters") % {"most": f"{MAX_BODY:,}"})
    if is_too_deep(body):
        raise ValueError(nested_html())
    record = Record(
        external_id=raw["id"],
        title=title,
        body="",
        body_format="html",
        tags=(),
        platforms=(),
        service=raw["service"],
        category=raw["category"],
        created=moment_of(raw["created"]),
        updated=moment_of(raw["updated"]),
        hits=None,
        raw=raw,
        line=line,
        variants=(VariantDraft((), body, "html"),),
    )
    checked(record)
    check_draft(record)
    return record


def beside(name: str, address: str) -> str | None:
    """The path in the folder that an address on a page leads to; None for one that leads out of it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not parts.path:
        return None
    path = unquote(parts.path)
    whole = posixpath.normpath(
        path.lstrip("/") if path.startswith("/") else posixpath.join(posixpath.dirname(name), path)
    )
    return None if whole.startswith("..") or whole.startswith("/") or "\\" in whole or "\0" in whole else whole


def _is_file(address: str, name: str) -> bool:
    path = beside(name, address)
    return path is not None and path.lower().endswith(_IMAGES)


def _safe(address: Any) -> Any:
    """The address as it is where it is none that can be read."""

    def one(value: str) -> str:
        try:
            return str(address(value))
        except ValueError:
            return value

    return one


def _date(value: str | None) -> str | None:
    try:
        return value if moment_of(value) else None
    except ValueError:
        return None


def _short(id: str) -> str:
    id = one_line(id)
    return id if len(id) <= MAX_ID else f"{id[: MAX_ID - 17]}-{_digest(id)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(block: str) -> str:
    return one_line(html.unescape(_TAGS.sub(" ", block)))


def _key(block: str) -> int:
    return int(_digest(_plain(block) or block), 16)
