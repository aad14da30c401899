"""Every link and picture of a body with the line it stands in, for those who check them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal

from markdown_it.token import Token

from haedap.kb.markdown import inline_tokens, tokens
from haedap.kb.markdown_details import OPENING, title_of


@dataclass(frozen=True, slots=True)
class Reference:
    """A link or a picture: its line in the body (from 1), its address as written, and its words."""

    kind: Literal["link", "image"]
    line: int
    address: str
    text: str


def references(body: str, body_format: str = "markdown") -> list[Reference]:
    """The links and pictures of a body, in order."""
    if body_format == "markdown":
        return [found for token in tokens(body) for part in _parts(token) for found in _of_token(part)]
    if body_format == "html":
        reader = _Reader()
        reader.feed(body)
        reader.close()
        return reader.found
    return []


def images_without_alt(body: str, body_format: str = "markdown") -> list[int]:
    """The lines (from 1) of pictures that say nothing to those who cannot see them."""
    return [found.line for found in references(body, body_format) if found.kind == "image" and not found.text.strip()]


def _parts(token: Token) -> list[Token]:
    """The token, or what the title of a part to unfold holds: markdown-it reads it when it is rendered."""
    if token.type != OPENING:
        return [token]
    title = inline_tokens(title_of(token))
    for each in title:
        each.map = token.map
    return title


def _of_token(token: Token) -> Iterator[Reference]:
    line = (token.map[0] if token.map else 0) + 1
    children = token.children or []
    for number, child in enumerate(children):
        if child.type in ("softbreak", "hardbreak"):
            line += 1
        elif child.type == "image":
            yield Reference("image", line, str(child.attrGet("src") or ""), child.content)
        elif child.type == "link_open":
            yield Reference("link", line, str(child.attrGet("href") or ""), _words(children[number + 1 :]))


def _words(children: list[Token]) -> str:
    """The text of a link up to its end; a picture in it speaks with its alternative text."""
    words = []
    for child in children:
        if child.type == "link_close":
            break
        words.append(child.content or (" " if child.type.endswith("break") else ""))
    return "".join(words)


class _Reader(HTMLParser):
    """Reads the links and pictures of a body in HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Reference] = []
        self._link: tuple[int, str] | None = None
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, given = self.getpos()[0], {name: value or "" for name, value in attrs}
        if tag == "img":
            if self._link is not None:
                self._words.append(given.get("alt", ""))
            self.found.append(Reference("image", line, given.get("src", ""), given.get("alt", "")))
        elif tag == "a" and "href" in given:
            self.handle_endtag("a")
            self._link = line, given["href"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            self.found.append(Reference("link", *self._link, "".join(self._words)))
            self._link = None
            self._words.clear()

    def handle_data(self, data: str) -> None:
        if self._link is not None:
            self._words.append(data)

    def close(self) -> None:
        super().close()
        self.handle_endtag("a")
