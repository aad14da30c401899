"""Words within one slip of a string, without comparing it to every word.

Two strings within one edit (a key left out, put in, replaced or swapped with the next) share a string that each
becomes with at most one key left out (symmetric deletes, Garbe 2012). The hashes of those strings stand in sorted
arrays; a few more words come in as they are published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from haedap.search.hangul import jamo
from haedap.search.interpretation.slips import with_one_left_out

SHORTEST = 4
"""Words of fewer keys are near to everything; so are numbers, and words with one in them are never proposed."""
OVERLAY = 2000
"""So many added words are kept aside before the arrays are sorted anew."""


class Nearby:
    """An index of words by their keys; a word's number is its place in the order of adding."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.keys: list[str] = []
        self.exact: dict[str, int] = {}
        self._hashes: NDArray[np.int64] = np.empty(0, np.int64)
        self._numbers: NDArray[np.int32] = np.empty(0, np.int32)
        self._overlay: dict[int, list[int]] = {}
        self._aside = 0

    def add(self, words: Sequence[str]) -> None:
        """Add words that were not added before."""
        first = len(self.words)
        for number, word in enumerate(words, first):
            keys = jamo(word)
            self.words.append(word)
            self.keys.append(keys)
            self.exact.setdefault(keys, number)
        fresh = range(first, len(self.words))
        if self._aside + len(fresh) > OVERLAY:
            self._sort(fresh)
        else:
            self._aside += len(fresh)
            for number in fresh:
                for code in self._codes(number):
                    self._overlay.setdefault(code, []).append(number)

    def _codes(self, number: int) -> set[int]:
        keys = self.keys[number]
        if len(keys) < SHORTEST or not keys.isalpha():
            return set()
        return {hash(each) for each in with_one_left_out(keys)}

    def _sort(self, fresh: Iterable[int]) -> None:
        pairs = [(code, number) for number in fresh for code in self._codes(number)]
        pairs.extend((code, number) for code, numbers in self._overlay.items() for number in numbers)
        hashes = np.concatenate([self._hashes, np.array([code for code, _ in pairs], np.int64)])
        numbers = np.concatenate([self._numbers, np.array([number for _, number in pairs], np.int32)])
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._numbers = hashes[order], numbers[order]
        self._overlay, self._aside = {}, 0

    def find(self, strings: Sequence[str]) -> list[set[int]]:
        """For each string of keys the numbers of words that may be within one slip of it (and some that are not)."""
        codes: list[int] = []
        owners: list[int] = []
        for owner, keys in enumerate(strings):
            if len(keys) < SHORTEST - 1:
                continue
            found = [hash(each) for each in with_one_left_out(keys)]
            codes.extend(found)
            owners.extend([owner] * len(found))
        result: list[set[int]] = [set() for _ in strings]
        if not codes:
            return result
        wanted = np.array(codes, np.int64)
        low = np.searchsorted(self._hashes, wanted, "left")
        high = np.searchsorted(self._hashes, wanted, "right")
        for at in np.flatnonzero(high > low):
            result[owners[at]].update(self._numbers[low[at] : high[at]].tolist())
        if self._overlay:
            for code, owner in zip(codes, owners, strict=True):
                result[owner].update(self._overlay.get(code, ()))
        return result
