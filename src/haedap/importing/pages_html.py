"""One saved web page: its bytes as text, what its head says, and its main part as plain HTML.

The main part is found by trafilatura, which an extra brings. Everything it keeps is written anew with the tags below,
so neither scripts nor attributes of the page get any further.
"""

from __future__ import annotations

import copy
import html
import logging
import re
from dataclasses import dataclass
from typing import Any

import lxml.html  # type: ignore[import-untyped]
from django.utils.translation import gettext as _
from lxml import etree
from trafilatura import bare_extraction
from trafilatura.settings import DEFAULT_CONFIG

from haedap.importing.cleaning import one_line
from haedap.importing.pages_about import (
    DATES_MODIFIED,
    DATES_PUBLISHED,
    address,
    crumbs,
    date_stated,
    first_text,
    linked_data,
    meta_text,
    questions,
)
from haedap.importing.pages_text import page_text
from haedap.importing.saying import nested_html
from haedap.kb.nesting import is_too_deep

MAX_PAGE_DEPTH = 250
"""The parser drops what lies deeper."""
LIST_SHARE = 0.65
LIST_LINKS = 3
"""A page of at least three links is a list of pages if they are more than this share of its text."""
_MARKS = {"#b": "strong", "#i": "em", "#u": "u", "#t": "code", "#sub": "sub", "#sup": "sup"}
_XML_HEAD = re.compile(r"^\s*<\?xml[^>]*\?>")
# Tags without an end that the parser takes for ones with an end, so that the rest of the page would lie inside.
_NEVER_CLOSED = re.compile(r"<(?:embed|source|track|wbr)\b[^<>]*>", re.IGNORECASE)
# It tells of every page that it finds nothing on, as the import does itself.
logging.getLogger("trafilatura").setLevel(logging.ERROR)


class NoArticle(Exception):
    """A page that is no article; the message says why. Nothing is wrong with it."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says. ``blocks`` are the top parts of its main text, as HTML; ``crumbs`` the names on its path.

    ``titles`` are those of its first heading, for sharing, and of its window; ``questions`` are (question, HTML) of a
    page of questions; ``address`` is its canonical one, where it states it.
    """

    titles: tuple[str, str, str]
    blocks: tuple[str, ...]
    crumbs: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    address: str
    language: str
    created: str | None
    updated: str | None


def read_page(data: bytes) -> Page:
    """Read a page. Raises ValueError for a broken one and NoArticle for one without an article."""
    text = _XML_HEAD.sub("", page_text(data))
    if is_too_deep(text, MAX_PAGE_DEPTH):
        raise ValueError(nested_html())
    tree = _tree(_NEVER_CLOSED.sub("", text))
    found = list(linked_data(tree))
    asked = tuple(questions(tree, found))
    blocks = () if asked else _main_part(tree)
    if not asked:
        _refuse_list(tree, blocks)
    meta = {str(each.get("property") or each.get("name") or each.get("itemprop")): each for each in tree.iter("meta")}
    return Page(
        titles=(first_text(tree, "//h1"), meta_text(meta, "og:title"), first_text(tree, "//head/title | //title")),
        blocks=blocks,
        crumbs=tuple(crumbs(tree, found)),
        questions=asked,
        address=address(tree),
        language=(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").lower(),
        created=date_stated(meta, found, DATES_PUBLISHED, "datePublished"),
        updated=date_stated(meta, found, DATES_MODIFIED, "dateModified"),
    )


def _tree(text: str) -> Any:
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise NoArticle(_("it is empty")) from error
    return tree.getroottree().getroot()


def _main_part(tree: Any) -> tuple[str, ...]:
    config = copy.deepcopy(DEFAULT_CONFIG)
    # Answers are short; the default would look for a longer text elsewhere on the page.
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "20")
    forward = tree.xpath("//meta[translate(@http-equiv, 'REFSH', 'refsh') = 'refresh']/@content")
    document = bare_extraction(
        copy.deepcopy(tree),
        include_comments=False,
        include_tables=True,
        include_formatting=True,
        include_links=True,
        include_images=True,
        favor_recall=True,
        with_metadata=False,
        config=config,
    )
    body = getattr(document, "body", None)
    blocks = tuple(_block(child) for child in body if isinstance(child.tag, str)) if body is not None else ()
    blocks = tuple(block for block in blocks if block)
    if body is None or not blocks or not one_line("".join(body.itertext())):
        if forward:
            said = _("it only forwards to another address (%(address)s)")
            raise NoArticle(said % {"address": one_line(str(forward[0]))[:100]})
        raise NoArticle(_("no main text was found on it"))
    return blocks


def _refuse_list(tree: Any, blocks: tuple[str, ...]) -> None:
    """Raise NoArticle if most of the text is what the page's links say."""
    links = {text for link in tree.iter("a") if (text := one_line(link.text_content()))}
    body = lxml.html.fragment_fromstring("".join(blocks), create_parent="div")
    lines = [one_line(line) for text in body.itertext() for line in text.split("\n")]
    said = [line for line in lines if line in links]
    if len(said) >= LIST_LINKS and sum(map(len, said)) > LIST_SHARE * sum(map(len, lines)):
        raise NoArticle(_("it is a list of links"))


def _block(element: Any) -> str:
    """An element of trafilatura's tree as HTML, without what follows it."""
    tag, inside = element.tag, _inside(element)
    if tag == "head":
        level = element.get("rend") or "h3"
        return _wrapped(level if re.fullmatch(r"h[1-6]", level) else "h3", inside)
    if tag == "hi":
        return _wrapped(_MARKS.get(element.get("rend") or "", "strong"), inside)
    if tag == "ref":
        return f'<a href="{html.escape(element.get("target") or "")}">{inside}</a>' if inside else ""
    if tag == "graphic":
        source = element.get("src") or ""
        return f'<img src="{html.escape(source)}" alt="{html.escape(element.get("alt") or "")}">' if source else ""
    if tag == "list":
        return _wrapped(element.get("rend") if element.get("rend") in ("ol", "dl") else "ul", inside)
    if tag == "item":
        kind = (element.get("rend") or "")[:2]
        return _wrapped(kind if kind in ("dt", "dd") else "li", inside)
    if tag == "code":
        return _code(element, inside)
    if tag == "cell":
        return f"<th>{inside}</th>" if element.get("role") == "head" else f"<td>{inside}</td>"
    simple = {"p": "p", "quote": "blockquote", "table": "table", "row": "tr", "del": "s"}.get(tag)
    return "<br>" if tag == "lb" else _wrapped(simple, inside) if simple else inside


def _inside(element: Any) -> str:
    parts = [html.escape(element.text or "", quote=False)]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(_block(child))
        parts.append(html.escape(child.tail or "", quote=False))
    return "".join(parts)


def _wrapped(tag: str, inside: str) -> str:
    return f"<{tag}>{inside}</{tag}>" if inside.strip() else ""


def _code(element: Any, inside: str) -> str:
    parent = element.getparent()
    if parent is not None and parent.tag == "code":
        return inside
    alone = parent is None or parent.tag not in ("p", "item", "cell", "hi", "head", "quote")
    return _wrapped("pre" if alone or "\n" in inside.strip() else "code", inside)
