"""One walk over sanitized HTML that finishes it for the page and reads its text in blocks."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.utils.translation import gettext as _

from haedap.kb.drafts import make_slug
from haedap.kb.markdown_addresses import Place, address_at, is_own, size_at
from haedap.kb.markdown_videos import film_host
from haedap.search.text import normalize
from haedap.search.types import CELL, Block, BlockKind

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
BREAKS = {
    *_HEADINGS,
    *("p", "br", "hr", "div", "pre", "blockquote", "aside", "details", "summary", "figure", "figcaption"),
    *("ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "thead", "tbody", "tfoot", "tr", "caption"),
}
"""Tags that end a line of text."""
_VOID = frozenset({"br", "hr", "img"})
Attributes = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Walked:
    """Plain text with its blocks, and the HTML of the page with its ids."""

    text: str
    blocks: tuple[Block, ...]
    html: str
    anchors: frozenset[str] = frozenset()


def walk(sanitized: str, place: Place | None = None) -> Walked:
    """Read HTML that is already safe and well nested. Without a place its addresses stay as they are written."""
    walker = _Walker(place)
    walker.feed(sanitized)
    walker.close()
    return walker.finish()


@dataclass(slots=True)
class _Paragraph:
    """What a paragraph holds so far: where it and its tags begin in the output."""

    at: int
    tags: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    loose_text: bool = False

    @property
    def names(self) -> list[str]:
        return [name for name, _at, _attrs in self.tags]


@dataclass(slots=True)
class _Details:
    """Where a collapsible part stands, to go on from there after it."""

    path: list[tuple[int, str]]
    anchor: str
    lines: int
    opened: bool = False


class _Walker(HTMLParser):
    """Collects output HTML in ``_out`` and the text of the block being read in ``_line``, the
    cells of a row before it in ``_cells``."""

    def __init__(self, place: Place | None) -> None:
        super().__init__(convert_charrefs=True)
        self._place = place
        self._out: list[str] = []
        self._line: list[str] = []
        self._stack: list[str] = []
        self._cells: list[str] = []
        self._lines: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0
        self._path: list[tuple[int, str]] = []
        self._anchor = ""
        self._anchors: set[str] = set()
        self._headings_at: list[int] = []
        self._paragraph: _Paragraph | None = None
        self._details: list[_Details] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if tag in BREAKS:
            self._break(tag)
        elif tag in ("td", "th"):
            self._cells.append("".join(self._line))
            self._line.clear()
        if tag not in _VOID:
            self._stack.append(tag)
        if tag == "table":
            self._out.append('<div class="table-scroll" tabindex="0">')
        if tag in _HEADINGS:
            self._headings_at.append(len(self._out))
        given = self._finished(tag, attrs)
        if tag in BREAKS and tag != "br":
            # Odd HTML may nest paragraphs: only the innermost can be a film or a picture.
            self._paragraph = _Paragraph(len(self._out)) if tag == "p" and not self._in_row else None
        elif self._paragraph is not None:
            self._paragraph.tags.append((tag, len(self._out), given))
        self._out.append(_opening(tag, given))
        if tag == "aside":
            title = _("주의") if "warning" in given.get("class", "") else _("참고")
            self._out.append(f'<p class="callout-title">{html.escape(title)}</p>')
        elif tag == "details" and not self._in_row:
            self._details.append(_Details(list(self._path), self._anchor, len(self._lines)))

    def handle_endtag(self, tag: str) -> None:
        closing = "" if tag in _VOID else f"</{tag}>"
        if tag in _HEADINGS:
            self._end_heading(tag)
        elif tag == "summary" and self._titles_details:
            closing += self._end_summary()
        elif tag == "details" and not self._in_row:
            closing = self._end_details() + closing
        else:
            if tag == "p" and self._paragraph is not None:
                closing = self._end_paragraph(self._paragraph)
                self._paragraph = None
            if tag in BREAKS:
                self._break(tag)
        if self._stack and self._stack[-1] == tag:
            self._stack.pop()
        self._out.append(closing)
        if tag == "table":
            self._out.append("</div>")

    def handle_data(self, data: str) -> None:
        if self._paragraph is not None and "a" not in self._stack and data.strip():
            self._paragraph.loose_text = True
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
        return Walked("\n".join(self._lines), tuple(self._blocks), "".join(self._out), frozenset(self._anchors))

    @property
    def _in_row(self) -> bool:
        return "tr" in self._stack

    @property
    def _titles_details(self) -> bool:
        """True within the first summary of a collapsible part that is not squeezed into a table."""
        return self._stack[-2:] == ["details", "summary"] and not self._in_row and not self._details[-1].opened

    def _finished(self, tag: str, attrs: Attributes) -> dict[str, str]:
        """The attributes as the page needs them."""
        given = {name: value or "" for name, value in attrs}
        for name in ("href", "src"):
            if name in given and (tag == "a" or not given[name].lower().startswith("article:")):
                address = address_at(given[name], self._place)
                if address is None:
                    return {}
                if tag == "a" and is_own(given[name]):
                    given.pop("rel", None)
                given[name] = address
            else:
                given.pop(name, None)
        if tag == "img":
            size = size_at(given.get("src", ""), self._place)
            if size and not given.keys() & {"width", "height"}:
                given["width"], given["height"] = map(str, size)
            given["loading"] = "lazy"
        if tag == "pre":
            # A long line is scrolled to, by keyboard too.
            given["tabindex"] = "0"
        return given

    def _end_paragraph(self, paragraph: _Paragraph) -> str:
        """Turn a paragraph that is only a film or only a picture with a title into what it is; returns its end."""
        if paragraph.loose_text or not paragraph.tags:
            return "</p>"
        first, at, given = paragraph.tags[0]
        names = paragraph.names
        if first == "a" and names.count("a") == 1 and "img" not in names:
            host = film_host(given.get("href", ""))
            if host:
                return self._film(paragraph.at, at, given, host)
        if names in (["img"], ["a", "img"]) and not self._text():
            _name, at, given = paragraph.tags[-1]
            title = given.pop("title", "").strip()
            if title:
                self._out[paragraph.at] = "<figure>"
                self._out[at] = _opening("img", given)
                self._line.append(title)
                return f"<figcaption>{html.escape(title)}</figcaption></figure>"
        return "</p>"

    def _film(self, at: int, link_at: int, given: dict[str, str], host: str) -> str:
        label = html.escape(_("%(site)s 동영상") % {"site": _(host)})
        text = self._text()
        parts = self._out[link_at + 1 :]
        inner = "".join(parts[: parts.index("</a>")])
        if not text or text.startswith(("http://", "https://")):
            # An address is nothing to read or to find.
            self._line.clear()
            inner, label = label, ""
        said = f'<span class="film-title">{inner}</span>'
        said += f' <span class="film-host">{label}</span>' if label else ""
        play = '<span class="film-play" aria-hidden="true">▶</span>'
        opened = _opening("a", {**given, "class": "film"})
        self._out[at:] = [f'<p class="film-line">{opened}{play}<span class="film-text">{said}</span>']
        return "</a></p>"

    def _end_summary(self) -> str:
        """The title of a collapsible part is a heading of what it hides; returns the beginning of that.

        A browser opens the part for an anchor inside of it, so the anchor stands on what is hidden.
        """
        title, details = self._text(), self._details[-1]
        if not title and len(self._lines) == details.lines:
            self._out.append(html.escape(_("자세히 보기")))
        details.opened = True
        if not title:
            return '<div class="details-body">'
        anchor = self._new_anchor(title)
        self._flush(anchor=anchor, kind="heading")
        # Above every heading inside: they stand below it, whatever their level.
        self._path.append((0, title))
        self._anchor = anchor
        return f'<div class="details-body" id="{html.escape(anchor)}">'

    def _end_details(self) -> str:
        self._flush()
        details = self._details.pop()
        self._path, self._anchor = details.path, details.anchor
        return "</div>" if details.opened else ""

    def _break(self, tag: str) -> None:
        """A block begins or ends: inside a table row only the row itself counts."""
        if self._in_row and tag != "tr":
            self._line.append(" ")
        else:
            self._flush()

    def _text(self) -> str:
        # One space between words also where there were more: the index knows no runs of spaces.
        cells = (" ".join(normalize(cell).split()) for cell in (*self._cells, "".join(self._line)))
        return CELL.join(filter(None, cells))

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

    def _flush(self, *, anchor: str | None = None, kind: BlockKind | None = None) -> None:
        text = self._text()
        self._line.clear()
        self._cells.clear()
        if not text:
            return
        start = self._length
        self._lines.append(text)
        self._length += len(text) + 1
        path = tuple(title for _level, title in self._path)
        where = self._anchor if anchor is None else anchor
        self._blocks.append(Block(kind or self._kind(), start, start + len(text), path, where))

    def _end_heading(self, tag: str) -> None:
        title, level = self._text(), _HEADINGS[tag]
        anchor = self._new_anchor(title)
        self._out[self._headings_at.pop()] = f'<{tag} id="{html.escape(anchor)}">'
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


def _opening(tag: str, attrs: dict[str, str]) -> str:
    given = "".join(f' {name}="{html.escape(value)}"' for name, value in attrs.items())
    return f"<{tag}{given}>"
