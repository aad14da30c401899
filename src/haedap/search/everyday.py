"""Words so common in questions that they carry little of what is asked."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def everyday_words() -> frozenset[str]:
    """Dictionary forms, as the analyzer gives them."""
    text = (files("haedap.search") / "data" / "everyday_words.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
