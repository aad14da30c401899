"""Words so common in questions that they carry little of what is asked."""

from __future__ import annotations

from functools import cache

from haedap.search import data_files


@cache
def everyday_words() -> frozenset[str]:
    """Dictionary forms, as the analyzer gives them."""
    return frozenset(data_files.lines("everyday_words.txt"))
