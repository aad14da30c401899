"""One walk over sanitized HTML that finishes it for the page and reads its text in blocks."""

from __future__ import annotations

import html
from dataclasses import dataclass
from html.parser import HTMLParser

from django.utils.translation import gettext as _

from haedap.kb.drafts import make_slug
from haedap.search.text import normalize
from haedap.search.types import Block, BlockKind

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
BREAKS = {
    *_HEADINGS,
    *("p", "br", "hr", "div", "pre", "blockquote", "aside", "details", "summary", "figure", "figcaption"),
    *("ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "thead", "tbody", "tfoot", "tr", "caption"),
}
"""Tags that end a line of text."""
_VOID = frozenset({"br", "hr", "img"})


@dataclass(frozen=True, slots=True)
class Walked:
    """Plain text with its blocks, and the HTML of the page."""

    text: str
    blocks: tuple[Block, ...]
    html: str


def walk(sanitized: str) -> Walked:
    """Read HTML that is already safe and well nested."""
    walker = _Walker()
    walker.feed(sanitized)
    walker.close()
    return walker.finish()


class _Walker(HTMLParser):
    """Collects output HTML in ``_out`` and the text of the block being read in ``_line``."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._line: list[str] = []
        self._stack: list[str] = []
        self._lines: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0
        self._path: list[tuple[int, str]] = []
        self._anchor = ""
        self._anchors: set[str] = set()
        self._heading_at = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BREAKS:
            self._break(tag)
        elif tag in ("td", "th"):
            self._line.append(" ")
        if tag not in _VOID:
            self._stack.append(tag)
        if tag == "table":
            self._out.append('<div class="table-scroll" tabindex="0">')
        if tag in _HEADINGS:
            self._heading_at = len(self._out)
        if tag == "img":
            attrs = [*attrs, ("loading", "lazy")]
        if tag == "pre":
            # A long line is scrolled to, by keyboard too.
            attrs = [*attrs, ("tabindex", "0")]
        given = "".join(f' {name}="{html.escape(value or "")}"' for name, value in attrs)
        self._out.append(f"<{tag}{given}>")
        if tag == "aside":
            title = _("주의") if "warning" in (dict(attrs).get("class") or "") else _("참고")
            self._out.append(f'<p class="callout-title">{html.escape(title)}</p>')

    def handle_endtag(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._end_heading(tag)
        elif tag in BREAKS:
            self._break(tag)
        if self._stack and self._stack[-1] == tag:
            self._stack.pop()
        if tag not in _VOID:
            self._out.append(f"</{tag}>")
        if tag == "table":
            self._out.append("</div>")

    def handle_data(self, data: str) -> None:
        self._out.append(html.escape(data, quote=False))
        if "pre" in self._stack:
            for number, line in enumerate(data.split("\n")):
                if number:
                    self._flush()
                self._line.append(line)
        else:
            self._line.append(data)

    def finish(self) -> Walked:
        """What was read."""
        self._flush()
        return Walked("\n".join(self._lines), tuple(self._blocks), "".join(self._out))

    def _break(self, tag: str) -> None:
        """A block begins or ends: inside a table row only the row itself counts."""
        if "tr" in self._stack and tag != "tr":
            self._line.append(" ")
        else:
            self._flush()

    def _text(self) -> str:
        # One space also between the cells of a row: the index knows no runs of spaces.
        return " ".join(normalize("".join(self._line)).split())

    def _kind(self) -> BlockKind:
        for tag in reversed(self._stack):
            if tag in _HEADINGS:
                return "heading"
            if tag == "pre":
                return "code"
            if tag == "aside":
                return "note"
            if tag == "tr":
                return "row"
            if tag == "li":
                lists = [outer for outer in self._stack if outer in ("ol", "ul")]
                return "step" if lists and lists[-1] == "ol" else "item"
        return "paragraph"

    def _flush(self, *, anchor: str | None = None) -> None:
        text = self._text()
        self._line.clear()
        if not text:
            return
        start = self._length
        self._lines.append(text)
        self._length += len(text) + 1
        path = tuple(title for _level, title in self._path)
        where = self._anchor if anchor is None else anchor
        self._blocks.append(Block(self._kind(), start, start + len(text), path, where))

    def _end_heading(self, tag: str) -> None:
        title, level = self._text(), _HEADINGS[tag]
        anchor = self._new_anchor(title)
        self._out[self._heading_at] = f'<{tag} id="{html.escape(anchor)}">'
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._flush(anchor=anchor)
        if title:
            self._path.append((level, title))
            self._anchor = anchor

    def _new_anchor(self, title: str) -> str:
        """Unique on the page; the prefix keeps it apart from the ids of the page itself."""
        base = f"h-{make_slug(title)}"
        anchor, number = base, 2
        while anchor in self._anchors:
            anchor, number = f"{base}-{number}", number + 1
        self._anchors.add(anchor)
        return anchor
