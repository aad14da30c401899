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

from haedap.kb.korean_emphasis import korean_emphasis
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
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
}
_CLASSES = {"aside": {"callout", "note", "warning"}}
_SCHEMES = {"http", "https", "mailto", "tel"}


def render(body: str, body_format: str = "markdown") -> SafeString:
    """Safe HTML of a body in ``markdown``, ``text`` or ``html``: headings with ids, tables wrapped, links marked."""
    return mark_safe(_walked(body, body_format, get_language() or "ko").html)


def blocks(body: str, body_format: str = "markdown") -> tuple[str, tuple[Block, ...]]:
    """Plain text (NFC, one line a block, no markup, no addresses of links) and its blocks, spans in code points."""
    walked = _convert(body, body_format)
    return walked.text, walked.blocks


@lru_cache(maxsize=256)
def _walked(body: str, body_format: str, language: str) -> Walked:
    return _convert(body, body_format)


def _convert(body: str, body_format: str) -> Walked:
    if body_format == "text":
        return _from_text(body)
    if body_format == "markdown":
        body = _parser().render(body)
    elif body_format != "html":
        raise ValueError(f"A body is markdown, text or html; not {body_format!r}.")
    return walk(_sanitized(body))


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
    parser.use(korean_emphasis)
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
                token.tag = "aside"
                token.attrSet("class", f"callout {match[1].lower()}")
            open_asides.append(bool(match))
        elif token.type == "blockquote_close" and open_asides.pop():
            token.tag = "aside"
