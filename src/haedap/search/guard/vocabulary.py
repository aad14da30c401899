"""The words that advertisements stand on, read from ``data/guard_words.txt`` (its head explains the form)."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from haedap.search import data_files
from haedap.search.text import fold

PROMISE, ORDINARY = "promise", "ordinary"
"""The two families that are no trade."""


@dataclass(frozen=True, slots=True)
class Word:
    """One entry. ``whole``: only as a whole word; ``ending``: only as the end of a longer one."""

    family: str
    whole: bool = False
    ending: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A word in a text. ``length`` counts its letters."""

    word: str
    family: str
    length: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All entries by their letters, and which lengths occur after each first letter, longest first."""

    words: dict[str, Word]
    lengths: dict[str, tuple[int, ...]]

    def find(self, plain: str) -> tuple[Found, ...]:
        """The words in ``plain`` (as ``disguise.read`` gives it), left to right, longest first, none overlapping.

        Spaces and marks are looked through, but a word does not begin inside one word and end inside another.
        """
        letters, begins = squeeze(plain)
        found: list[Found] = []
        at, size = 0, len(letters)
        while at < size:
            end = at + 1
            for length in self.lengths.get(letters[at], ()):
                piece = letters[at : at + length]
                entry = self.words.get(piece)
                if entry is not None and _stands(entry, piece, letters, begins, at):
                    found.append(Found(piece, entry.family, length))
                    end = at + length
                    break
            at = end
        return tuple(found)


def squeeze(plain: str) -> tuple[str, frozenset[int]]:
    """The letters and digits of ``plain`` without anything between, and the offsets at which words begin or end."""
    letters: list[str] = []
    begins = {0}
    for char in plain:
        if char.isalnum() or unicodedata.category(char)[0] == "M":
            letters.append(char)
        else:
            begins.add(len(letters))
    begins.add(len(letters))
    return "".join(letters), frozenset(begins)


def _stands(entry: Word, piece: str, letters: str, edges: frozenset[int], start: int) -> bool:
    end = start + len(piece)
    begins, ends = start in edges, end in edges
    if entry.whole:
        return begins and ends
    if entry.ending:
        return ends and not begins and not any(edge in edges for edge in range(start + 1, end))
    if _spaced_script(piece[0]):
        left = begins or not _spaced_script(letters[start - 1])
        right = ends or not piece.isascii() or not _spaced_script(letters[end])
        return left and right
    return begins or ends or not any(edge in edges for edge in range(start + 1, end))


def _spaced_script(char: str) -> bool:
    """Latin and Cyrillic letters and digits: scripts that put spaces between words and join nothing."""
    return char < "\u0530" or "\u1e00" <= char < "\u2000"


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of the data file, read once."""
    words = dict(_entries(data_files.text("guard_words.txt")))
    lengths: dict[str, set[int]] = {}
    for letters in words:
        lengths.setdefault(letters[0], set()).add(len(letters))
    return Vocabulary(words, {first: tuple(sorted(sizes, reverse=True)) for first, sizes in lengths.items()})


_COMMENT = re.compile(r"^#.*$", re.MULTILINE)


def _entries(text: str) -> Iterator[tuple[str, Word]]:
    family = ""
    for line in _COMMENT.sub("", text).splitlines():
        if line.startswith("["):
            family = line.strip("[] ")
            continue
        for phrase in filter(None, (part.strip() for part in line.split(","))):
            entry = Word(family, whole=phrase.startswith("="), ending=phrase.startswith("~"))
            for spelling in _spellings(phrase.lstrip("=~")):
                yield spelling, entry


def _spellings(phrase: str) -> Iterator[str]:
    """``당일/무직자 대출`` as 당일대출 and 무직자대출, folded, without spaces."""
    for parts in itertools.product(*(token.split("/") for token in phrase.split())):
        letters, _ = squeeze(fold(unicodedata.normalize("NFC", "".join(parts))))
        if letters:
            yield letters
