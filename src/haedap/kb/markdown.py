"""From what a writer wrote to what a reader sees and what the index reads.

Invariant: :func:`render` and :func:`blocks` come from one walk over the same sanitized HTML, so an anchor that the
index stores is an anchor on the page.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from haedap.kb.korean_emphasis import korean_emphasis
from haedap.kb.markdown_addresses import Place, place_for
from haedap.kb.markdown_details import collapsible_parts
from haedap.kb.markdown_videos import bare_films
from haedap.kb.walk import BREAKS, Walked, walk
from haedap.search.text import normalize
from haedap.search.types import Block

_CALLOUT = re.compile(r"\[!(NOTE|WARNING)\][ \t]*\n?", re.IGNORECASE)
_INLINE = {
    "a",
    "b",
    "code",
    "del",
    "em",
    "i",
    "img",
    "ins",
    "kbd",
    "mark",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "u",
}
_CELLS = {"td", "th"}
_TAGS = BREAKS | _INLINE | _CELLS
_ATTRIBUTES = {
    "a": {"href", "title"},
    "details": {"open"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
}
_CLASSES = {"aside": {"callout", "note", "warning"}}
# article:12 is made an address of this site by the walk.
_SCHEMES = {"http", "https", "mailto", "tel", "article"}


def render(body: str, body_format: str = "markdown") -> SafeString:
    """Safe HTML of a body in ``markdown``, ``text`` or ``html``, for the page in the active language.

    Headings have ids, tables are wrapped, links to articles and uploads lead to where the site is mounted, pictures of
    known size have it. At most one query, and only for a body with uploads.
    """
    return mark_safe(_walked(body, body_format, get_language() or "ko", place_for(body)).html)


def blocks(body: str, body_format: str = "markdown") -> tuple[str, tuple[Block, ...]]:
    """Plain text (NFC, one line a block, no markup, no addresses of links) and its blocks, spans in code points."""
    walked = _convert(body, body_format)
    return walked.text, walked.blocks


def plain_html(body: str, body_format: str = "markdown") -> str:
    """Safe HTML that says what a body says and no more, for other systems; as a body in ``html`` it has its blocks."""
    if body_format == "text":
        return _from_text(body).html
    return _sanitized(_parser().render(body) if body_format == "markdown" else body)


def anchors(body: str, body_format: str = "markdown") -> frozenset[str]:
    """The ids that a link to a place within the body may name."""
    return _convert(body, body_format).anchors


def tokens(body: str) -> list[Token]:
    """A body in Markdown as it is read, with its lines."""
    return _parser().parse(body)


def inline_tokens(text: str) -> list[Token]:
    """A line in Markdown as it is read: one token, whose children are its parts."""
    return _parser().parseInline(text)


@lru_cache(maxsize=256)
def _walked(body: str, body_format: str, language: str, place: Place) -> Walked:
    return _convert(body, body_format, place)


def _convert(body: str, body_format: str, place: Place | None = None) -> Walked:
    if body_format == "text":
        return _from_text(body)
    if body_format == "markdown":
        body = _parser().render(body)
    elif body_format != "html":
        raise ValueError(f"A body is markdown, text or html; not {body_format!r}.")
    return walk(_sanitized(body), place)


def _from_text(body: str) -> Walked:
    lines = [line for raw in body.splitlines() if (line := " ".join(normalize(raw).split()))]
    made: list[Block] = []
    at = 0
    for line in lines:
        made.append(Block("paragraph", at, at + len(line)))
        at += len(line) + 1
    paragraphs = [part.strip("\n") for part in re.split(r"\n[ \t]*\n", "\n".join(body.splitlines()))]
    rendered = "\n".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs if part.strip())
    return Walked("\n".join(lines), tuple(made), rendered)


def _sanitized(source: str) -> str:
    return nh3.clean(
        source,
        tags=_TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "template", "noscript", "title"},
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # Raw HTML stays off: it is shown as it was typed, so that <ID> in a manual is not lost.
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.use(korean_emphasis).use(collapsible_parts).use(bare_films)
    parser.core.ruler.after("block", "callouts", _mark_callouts)
    return parser


def _mark_callouts(state: StateCore) -> None:
    """Turn ``> [!NOTE]`` and ``> [!WARNING]`` quotes into asides."""
    open_asides: list[bool] = []
    for index, token in enumerate(state.tokens):
        if token.type == "blockquote_open":
            inline = state.tokens[index + 2] if index + 2 < len(state.tokens) else None
            match = _CALLOUT.match(inline.content) if inline is not None and inline.type == "inline" else None
            if match and inline is not None:
                inline.content = inline.content[match.end() :]
                if inline.map and "\n" in match[0]:
                    inline.map = [inline.map[0] + 1, inline.map[1]]
                token.tag = "aside"
                token.attrSet("class", f"callout {match[1].lower()}")
            open_asides.append(bool(match))
        elif token.type == "blockquote_close" and open_asides.pop():
            token.tag = "aside"
