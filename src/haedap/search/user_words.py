"""Nouns of a center's own, found in text so that the analyzer keeps them whole.

A word of two or three characters counts only where no letter or digit stands directly before it (메일 is not in
이메일), a longer one anywhere; a Latin letter or digit at its edge never has another one beside it, nor a joint of
addresses and codes before it (book is not in facebook or e-book). Where words overlap, the leftmost counts, and of
those the longest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from haedap.search.text import fold, is_word_char, normalize

SHORTEST = 2
_JOINTS = ".-_@#:/"
SHORT = 3
"""A word of at most so many characters must stand at the beginning of a run of letters."""


class UserWords:
    """A set of words to look for; immutable. Words of one character are left out: they are parts of too many others."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        cleaned = {folded_word(word) for word in words}
        self.words = tuple(sorted(word for word in cleaned if len(word) >= SHORTEST))
        self._by_first: dict[str, tuple[str, ...]] = {}
        for word in sorted(self.words, key=len, reverse=True):
            self._by_first[word[0]] = (*self._by_first.get(word[0], ()), word)
        # One pass in C over the text rejects what holds none of the words.
        self._begins = re.compile(f"[{''.join(map(re.escape, self._by_first))}]") if self.words else None

    def spans(self, folded: str) -> list[tuple[int, int]]:
        """The [start, end) of every occurrence in folded text, in order, none overlapping."""
        if self._begins is None:
            return []
        found: list[tuple[int, int]] = []
        end = 0
        for match in self._begins.finditer(folded):
            start = match.start()
            if start < end:
                continue
            for word in self._by_first[match.group()]:
                if folded.startswith(word, start) and _stands_alone(folded, start, word):
                    end = start + len(word)
                    found.append((start, end))
                    break
        return found


def folded_word(word: str) -> str:
    """A word as it is looked for: NFC, lower case, half width."""
    return fold(normalize(word).strip())


def keep_whole(spaced: str, text: str, spans: Iterable[tuple[int, int]]) -> str:
    """``spaced``, which is ``text`` with spaces put in, without those inside the ``spans`` of ``text``."""
    inside = {at for start, end in spans for at in range(start + 1, end)}
    kept: list[str] = []
    at = 0
    for char in spaced:
        if at < len(text) and char == text[at]:
            at += 1
        elif at in inside and char == " ":
            continue
        kept.append(char)
    return "".join(kept)


def _stands_alone(folded: str, start: int, word: str) -> bool:
    end = start + len(word)
    before, after = folded[max(start - 1, 0) : start], folded[end : end + 1]
    if len(word) <= SHORT and before and is_word_char(before):
        return False
    if _is_ascii_word(word[0]) and (_is_ascii_word(before) or (before and before in _JOINTS)):
        return False
    return not (_is_ascii_word(word[-1]) and _is_ascii_word(after))


def _is_ascii_word(char: str) -> bool:
    return char.isascii() and char.isalnum()
