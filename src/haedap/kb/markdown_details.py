"""Collapsible parts: ``::: details 제목``, what is folded away, ``:::``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

_NAME = "details"
OPENING = f"container_{_NAME}_open"


def collapsible_parts(parser: MarkdownIt) -> None:
    """A plugin of markdown-it. A part within a part needs the outer one to have more colons."""

    def render(renderer: Any, tokens: Sequence[Token], index: int, *_options: Any) -> str:
        if tokens[index].nesting != 1:
            return "</details>\n"
        return f"<details><summary>{parser.renderInline(title_of(tokens[index]))}</summary>\n"

    container_plugin(parser, _NAME, validate=_is_details, render=render)


def title_of(opening: Token) -> str:
    """The title of the part that a token of type :data:`OPENING` opens, in Markdown."""
    return opening.info.strip()[len(_NAME) :].strip()


def _is_details(parameters: str, _marker: str) -> bool:
    return parameters.split(maxsplit=1)[:1] == [_NAME]
