"""What a writer is told about a body before it is stored."""

from __future__ import annotations

from functools import lru_cache
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token


def images_without_text(body: str, body_format: str) -> list[int]:
    """The lines, counted from 1, of the pictures in a body that say nothing to who cannot see them."""
    if body_format == "html":
        finder = _ImageFinder()
        finder.feed(body)
        finder.close()
        return finder.lines
    if body_format != "markdown" or "![" not in body:
        return []
    found: list[int] = []
    first = 0
    for token in _parser().parse(body):
        if token.map:
            first = token.map[0]
        if token.type == "inline":
            found += _silent_images(token, (token.map or [first])[0])
    return found


def _silent_images(inline: Token, first: int) -> list[int]:
    lines = []
    line = first + 1
    for child in inline.children or ():
        if child.type in ("softbreak", "hardbreak"):
            line += 1
        elif child.type == "image" and not child.content.strip():
            lines.append(line)
    return lines


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


class _ImageFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img" and not (dict(attrs).get("alt") or "").strip():
            self.lines.append(self.getpos()[0])
