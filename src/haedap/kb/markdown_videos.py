"""Links to films: which addresses play one, and whose they are."""

from __future__ import annotations

import re

from django.utils.translation import gettext_noop
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

_HOSTS = (
    ("YouTube", r"(?:www\.|m\.)?youtube\.com/(?:watch\?|shorts/|live/|embed/|playlist\?)|youtu\.be/"),
    ("Vimeo", r"(?:www\.)?vimeo\.com/(?:\d|channels/\w+/\d|showcase/\d)|player\.vimeo\.com/video/"),
    (gettext_noop("네이버TV"), r"(?:m\.)?tv\.naver\.com/(?:v|h|embed)/"),
    (gettext_noop("카카오TV"), r"tv\.kakao\.com/(?:v/|(?:m/)?channel/\d+/cliplink/)"),
)
_FILM = re.compile("|".join(f"(https?://(?:{host})\\S+)" for _name, host in _HOSTS), re.IGNORECASE)


def film_host(address: str) -> str | None:
    """The name (a msgid) of the site that plays the film of an address; None if it is no address of a film."""
    match = _FILM.fullmatch(address)
    return _HOSTS[(match.lastindex or 1) - 1][0] if match else None


def bare_films(parser: MarkdownIt) -> None:
    """A plugin of markdown-it: an address of a film that is a paragraph by itself becomes a link."""
    parser.core.ruler.after("block", "bare_films", _link)


def _link(state: StateCore) -> None:
    for before, token in zip(state.tokens, state.tokens[1:], strict=False):
        address = token.content.strip()
        if before.type == "paragraph_open" and token.type == "inline" and film_host(address):
            token.content = f"<{address}>"
