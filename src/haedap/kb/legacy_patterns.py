"""Shapes of addresses, as a manager writes them: ``/helps?articleId={article}&device={platform}``.

``*`` stands for anything, and ``-*`` at the end of a part of the path also for nothing. Parameters that a shape does
not name may be there; those it names as placeholders may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, unquote

PLACEHOLDERS = ("article", "service", "category", "platform", "query", "locale")
LONGEST = 500
"""Characters of a path or a value that are compared at all."""
_TOKEN = re.compile(r"\{([^{}]*)\}|(-\*$)|(\*)|([^{}*]+|[{}])")

Reason = Literal["path", "placeholder", "twice", "crowded", "value"]


class PatternError(ValueError):
    """A shape that cannot be used; ``reason`` says why and ``text`` quotes the part."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(f"{_MESSAGES[reason]}: {text!r}")
        self.reason = reason
        self.text = text


_MESSAGES: dict[Reason, str] = {
    "path": "An old address begins with one / and has no host",
    "placeholder": f"There are {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)} and no other placeholders",
    "twice": "A placeholder or parameter may stand once only",
    "crowded": "One part may hold at most two placeholders or *, with text between them",
    "value": "A parameter needs a name and a value",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shape, ready to compare; ``names`` are the parameters it names and ``placeholders`` what it takes."""

    path: re.Pattern[str]
    values: tuple[tuple[str, re.Pattern[str], bool], ...]
    names: frozenset[str]
    placeholders: frozenset[str]

    def fits(self, path: str) -> bool:
        """True if the path has this shape."""
        return len(path) <= LONGEST and self.path.fullmatch(path) is not None

    def match(self, path: str, parameters: Mapping[str, str]) -> dict[str, str] | None:
        """What the placeholders stand for, or None if the address has another shape."""
        at = self.path.fullmatch(path) if len(path) <= LONGEST else None
        if at is None:
            return None
        found = dict(at.groupdict())
        for name, shape, required in self.values:
            value = parameters.get(name, "")[:LONGEST]
            if not value and not required:
                continue
            same = shape.fullmatch(value)
            if same is None:
                return None
            found |= same.groupdict()
        return found


def parse_pattern(text: str) -> Pattern:
    """The shape that a text describes. Raises :class:`PatternError`."""
    path, _, query = text.strip().partition("?")
    if not path.startswith("/") or path.startswith("//") or any(c in text for c in "#\\ \t\n"):
        raise PatternError("path", text)
    seen: list[str] = []
    parts = [_shape(unquote(part), "[^/]", seen) for part in path.strip("/").split("/")]
    values = []
    for pair in query.split("&") if query else []:
        try:
            ((name, value),) = parse_qsl(pair, keep_blank_values=True, strict_parsing=True)
        except ValueError:
            raise PatternError("value", pair) from None
        if not name or not value:
            raise PatternError("value", pair)
        if name in (known for known, _, _ in values):
            raise PatternError("twice", name)
        values.append((name, re.compile(_shape(value, ".", seen)), "{" not in value and value != "*"))
    names = frozenset(name for name, _, _ in values)
    return Pattern(re.compile("/" + "/".join(parts) + "/?"), tuple(values), names, frozenset(seen))


def _shape(part: str, any_character: str, seen: list[str]) -> str:
    made: list[str] = []
    open_ends = 0
    open_before = False
    for name, tail, star, text in _TOKEN.findall(part):
        if text in ("{", "}") or (not text and not tail and not star and name not in PLACEHOLDERS):
            raise PatternError("placeholder", part)
        if name in seen:
            raise PatternError("twice", f"{{{name}}}")
        # Two neighbours without text between them could be told apart in many ways, which is slow and means nothing.
        is_open = not text
        open_ends += is_open
        if open_ends > 2 or (is_open and open_before and not tail):
            raise PatternError("crowded", part)
        open_before = is_open
        if name:
            seen.append(name)
            made.append(f"(?P<{name}>{any_character}+?)")
        elif tail:
            made.append(f"(?:-{any_character}*)?")
        else:
            made.append(f"{any_character}*" if star else re.escape(text))
    return "".join(made)
