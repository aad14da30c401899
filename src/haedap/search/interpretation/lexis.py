"""What interpretation asks of a center's words: how common, what is near, what begins so, what has these initials."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice

from haedap.search import data_files
from haedap.search.hangul import initial, jamo
from haedap.search.interpretation.nearby import Nearby

MOST = 40
"""So many candidates are looked at for initials and beginnings."""


SPOKEN = 30
"""A form of speech counts as this common."""


@cache
def spoken_forms() -> frozenset[str]:
    """The shipped forms of speech."""
    return frozenset(data_files.lines("spoken_forms.txt"))


class Lexis:
    """The words of one generation. ``frequency`` says how many entries hold a word as it is written (0: none).

    Built for one commit's vocabulary and extended by :meth:`add`; answers are remembered until :meth:`forget`.
    """

    def __init__(self, frequency: Callable[[str], int]) -> None:
        self.nearby = Nearby()
        self._frequency = frequency
        self._counts: dict[str, int] = {}
        self._sorted: list[str] = []
        self._initials: dict[str, list[str]] = {}
        self.nearby.add(sorted(spoken_forms()))

    def add(self, words: Sequence[str]) -> None:
        """Add words of the vocabulary that were not added before."""
        words = [word for word in words if word not in spoken_forms()]
        self.nearby.add(words)
        # What is sorted already costs next to nothing to sort again.
        self._sorted += islice(self.nearby.exact, len(self._sorted), None)
        self._sorted.sort()
        for word in words:
            heads = "".join(map(initial, word))
            if len(heads) == len(word):
                self._initials.setdefault(heads, []).append(word)

    def forget(self) -> None:
        """Ask the index anew how common words are: it has changed."""
        self._counts.clear()

    def frequency(self, word: str) -> int:
        """How many entries hold ``word`` (folded)."""
        count = self._counts.get(word)
        if count is None:
            count = self._counts[word] = self._frequency(word) or SPOKEN * (word in spoken_forms())
        return count

    def with_initials(self, initials: str) -> list[str]:
        """Words that have exactly these initials and stand somewhere, the most common first."""
        return self._common(self._initials.get(initials, ()))

    def beginning_with(self, text: str) -> list[str]:
        """Longer words that begin with the keys of ``text`` and stand somewhere, the most common first."""
        keys = jamo(text)
        first = bisect.bisect_left(self._sorted, keys)
        found = []
        for key in self._sorted[first : first + MOST]:
            if not key.startswith(keys):
                break
            if key != keys:
                found.append(self.nearby.words[self.nearby.exact[key]])
        return self._common(found)

    def _common(self, words: Sequence[str]) -> list[str]:
        counted = [(self.frequency(word), word) for word in words[: 5 * MOST]]
        return [word for count, word in sorted(counted, key=lambda item: (-item[0], len(item[1]), item[1])) if count]
