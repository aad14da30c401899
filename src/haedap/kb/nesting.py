"""How deep HTML is nested, told without building its tree.

Time and stack of every parser grow with the square of the depth: a million open tags stop a sanitizer for hours.
"""

from __future__ import annotations

import re
from collections import Counter

MAX_DEPTH = 500
"""Deeper than what anybody writes; sanitizing stays below a second for it."""
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)([^<>]*)")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_CLOSED_BY_THE_NEXT = frozenset(
    ("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "option", "optgroup", "rp", "rt")
)
"""Their end tags may be left out, so that many open ones are no depth."""
_NO_DEPTH = _VOID | _CLOSED_BY_THE_NEXT


def is_too_deep(html: str, limit: int = MAX_DEPTH) -> bool:
    """True if more than ``limit`` tags are open at one place. Unclosed ones count; one pass, linear."""
    open_tags: Counter[str] = Counter()
    depth = 0
    for match in _TAG.finditer(html):
        tag = match[2].lower()
        # Inside a drawing or a formula every tag nests that does not close itself.
        foreign = open_tags["svg"] or open_tags["math"]
        if match[3].endswith("/") if foreign else tag in _NO_DEPTH:
            continue
        if match[1]:
            if open_tags[tag]:
                open_tags[tag] -= 1
                depth -= 1
        else:
            open_tags[tag] += 1
            depth += 1
            if depth > limit:
                return True
    return False
