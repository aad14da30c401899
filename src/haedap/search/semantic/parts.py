"""Vectors of long texts: one row a part, and what they say of the whole.

An entry's vector key holds, beside 51 bits of hash, how many parts its text has and the number 0; the rows of its parts
have the same key with their own number. So the key alone says which rows an entry should have, and a row whose it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from haedap.search.semantic.matrix import MatrixReader, places
from haedap.search.semantic.segments import Keys, Rows

_BITS = 6
MAX_PARTS = 1 << _BITS
"""Parts of a text that get a vector; what follows is found by its words."""
_NUMBER = MAX_PARTS - 1


def text_key(texts: Sequence[str]) -> int:
    """The key of an entry whose parts are ``texts``, whatever the embedder: below 2**63; 0 for no text.

    Raises ValueError for more than :data:`MAX_PARTS` parts.
    """
    if not texts:
        return 0
    if len(texts) > MAX_PARTS:
        raise ValueError(f"{len(texts)} parts, at most {MAX_PARTS} are possible")
    digest = hashlib.blake2b("\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    hashed = int.from_bytes(digest, "big") >> (2 * _BITS + 1) or 1
    return hashed << (2 * _BITS) | (len(texts) - 1) << _BITS


def part_keys(key: int) -> range:
    """The keys of the rows that an entry with this key should have, the beginning of its text first."""
    return range(key, key + (key >> _BITS & _NUMBER) + 1) if key else range(0)


class EntryVectors:
    """The vectors of a matrix as seen by entry: how near an entry is, is how near its nearest part is.

    The beginning of a text says what it is about, and a text of many parts has as many chances to be near anything; so
    each later part counts as ``handicap`` farther away than it is (a difference of cosines, 0 or more).
    """

    def __init__(self, matrix: MatrixReader, handicap: float = 0.0) -> None:
        self._matrix = matrix
        self._handicap = handicap
        self._show()

    def _show(self) -> None:
        keys = self._matrix.keys
        self._order = np.argsort(keys, kind="stable")
        ordered = keys[self._order]
        self._later = (ordered & np.uint64(_NUMBER)) > 0
        self._keys: Keys
        self._keys, self._starts = np.unique(ordered & ~np.uint64(_NUMBER), return_index=True)

    def refresh(self) -> bool:
        """Move to the newest published state; True if that changed anything."""
        changed = self._matrix.refresh()
        if changed:
            self._show()
        return changed

    @property
    def stamp(self) -> str:
        """Names the state that answers: equal stamps give equal answers. Empty if there is none."""
        return self._matrix.stamp

    @property
    def size(self) -> int:
        """How many entries have a vector."""
        return len(self._keys)

    @property
    def keys(self) -> Keys:
        """The vector keys of the entries, uint64, ascending, shape (size,)."""
        return self._keys

    def similarities(self, query_vector: Rows) -> NDArray[np.float32]:
        """How near each entry is to ``query_vector``, shape (d,): float32 cosines, shape (size,)."""
        if not self.size:
            return np.empty(0, np.float32)
        similar = self._matrix.similarities(query_vector)[self._order]
        similar[self._later] -= np.float32(self._handicap)
        return np.maximum.reduceat(similar, self._starts)

    def rows(self, keys: Sequence[int] | Keys) -> NDArray[np.int64]:
        """The place of each key in :attr:`keys`, -1 for one that has no vector: int64, shape (len(keys),)."""
        return places(keys, self._keys)
