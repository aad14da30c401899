"""Titles and typed text as keys of the keyboard.

Keys are the jamo (and folded letters and digits) of a text, without spaces and punctuation: what the fingers typed. So
a half syllable is a prefix, 오픈챝 is on its way to 오픈채팅, and a space too many or too few changes nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal

from haedap.search.hangul import LEADS, TAILS, VOWELS, initial, is_consonant, jamo, jamo_of
from haedap.search.text import fold
from haedap.search.types import Span

Place = Literal["title", "word", "part"]
Kind = Literal["keys", "initials"]

LENGTH: dict[Place, int] = {"title": 24, "word": 16, "part": 16}
"""So many keys from the start of a title, of any other word of it, of a part within a word are indexed."""
_SIGN: dict[tuple[Kind, Place], str] = {
    ("keys", "title"): "t",
    ("keys", "word"): "w",
    ("keys", "part"): "p",
    ("initials", "title"): "T",
    ("initials", "word"): "W",
    ("initials", "part"): "P",
}
_WHOLE = "E"
"""Sign of the initials of a whole word."""
_SPACE = re.compile(r"\s+")
# Decomposed half syllables (some keyboards send them) as the jamo of the keyboard.
_CONJOINING = (
    {0x1100 + number: char for number, char in enumerate(LEADS)}
    | {0x1161 + number: char for number, char in enumerate(VOWELS)}
    | {0x11A7 + number: char for number, char in enumerate(TAILS) if char}
)


_jamo_of = lru_cache(4096)(jamo_of)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What to look for at the start of something: keys, or initials (초성)."""

    text: str
    kind: Kind = "keys"

    def term(self, place: Place) -> str:
        """The indexed key that says "something at ``place`` begins like this"; long patterns are cut."""
        return _SIGN[self.kind, place] + self.text[: LENGTH[place]]

    def whole_word(self) -> str:
        """The indexed key that says "these are the initials of a word, from its first to its last syllable"."""
        return _WHOLE + self.text

    def is_cut(self, place: Place) -> bool:
        """True if :meth:`term` says less than the pattern."""
        return len(self.text) > LENGTH[place]


class Title:
    """A title (NFC) as keys, with the way back to its characters."""

    def __init__(self, text: str) -> None:
        folded = fold(text)
        self.chars = [at for at, char in enumerate(folded) if char.isalnum()]
        self.letters = "".join(folded[at] for at in self.chars)
        self.starts: list[int] = []
        """Where keys of each letter begin; the last number is how many keys there are."""
        parts = [_jamo_of(char) for char in self.letters]
        total = 0
        for part in parts:
            self.starts.append(total)
            total += len(part)
        self.starts.append(total)
        self.keys = "".join(parts)
        self.words = [n for n, at in enumerate(self.chars) if not (n and self.chars[n - 1] == at - 1)]
        """Which letters begin a word."""

    @cached_property
    def initials(self) -> str:
        """One character for each letter: its first consonant where it is Hangul."""
        return "".join(initial(char) or char for char in self.letters)

    def letters_at(self, place: Place) -> Iterable[int]:
        """Which letters may be the beginning of a match at ``place``; as a part, any."""
        if place == "title":
            return self.words[:1]
        return self.words if place == "word" else range(len(self.letters))

    def find(self, pattern: Pattern, place: Place) -> Span | None:
        """The characters that the pattern stands for, at the first start of the kind where it fits."""
        for letter in self.letters_at(place):
            if pattern.kind == "keys":
                if self.keys.startswith(pattern.text, self.starts[letter]):
                    return self.span(letter, self.starts[letter] + len(pattern.text))
            elif self.initials.startswith(pattern.text, letter):
                return self.span(letter, self.starts[letter + len(pattern.text)])
        return None

    def whole_words(self) -> Iterable[tuple[int, int]]:
        """The letters [first, last) of every word."""
        return pairwise((*self.words, len(self.letters)))

    def find_whole(self, initials: str) -> Span | None:
        """The characters of the first word that has exactly these initials."""
        for first, last in self.whole_words():
            if self.initials[first:last] == initials:
                return self.chars[first], self.chars[last - 1] + 1
        return None

    def span(self, letter: int, end_key: int) -> Span:
        """From a letter to the one that holds the key before ``end_key``, as characters of the title."""
        last = max(letter, bisect_right(self.starts, end_key - 1) - 1)
        return self.chars[letter], self.chars[last] + 1


def title_keys(title: str, parts: Iterable[int] = ()) -> tuple[str, ...]:
    """The keys to index for a title (NFC): every beginning of it, of its words and of the ``parts`` (character
    offsets) within words, once as typed and once by initials."""
    held = Title(title)
    letter_of = {at: letter for letter, at in enumerate(held.chars)}
    words = set(held.words)
    places: list[tuple[Place, int]] = [
        ("word" if number else "title", letter) for number, letter in enumerate(held.words)
    ]
    inner = sorted({letter_of[at] for at in parts if at in letter_of} - words)
    places += [("part", letter) for letter in inner]
    keys = [key for place, letter in places for key in _beginnings(held, place, letter)]
    keys += [Pattern(held.initials[first:last]).whole_word() for first, last in held.whole_words() if last - first > 1]
    return tuple(dict.fromkeys(keys))


def _beginnings(title: Title, place: Place, letter: int) -> Iterator[str]:
    length = LENGTH[place]
    for kind, text in (("keys", title.keys[title.starts[letter] :]), ("initials", title.initials[letter:])):
        sign = _SIGN[kind, place]  # type: ignore[index]
        for end in range(1, min(length, len(text)) + 1):
            yield sign + text[:end]


def keys_of(text: str) -> str:
    """``text`` (NFC) as keys."""
    return jamo("".join(char for char in fold(text.translate(_CONJOINING)) if char.isalnum()))


def typed_words(text: str) -> list[str]:
    """What stands between spaces and holds at least one key."""
    return [word for word in _SPACE.split(text) if keys_of(word)]


def all_consonants(keys: str) -> bool:
    """True if there is nothing but consonants: initials, or the first key of a syllable."""
    return all(map(is_consonant, keys))
