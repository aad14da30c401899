"""What articles are worded like, for making batches: the nouns of a text, and articles in like words.

Nothing here depends on an embedder, so that every machine makes the same batches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from haedap.search import Analyzer


@cache
def _analyzer() -> Analyzer:
    made = Analyzer()
    made.load()
    return made


@cache
def nouns(text: str) -> tuple[str, ...]:
    """The nouns and names of a text, as they stand there, in order."""
    found = []
    for word in _analyzer().words(text):
        if word.word_class == "noun" and word.end - word.start > 1 and (not found or word.start >= found[-1][1]):
            found.append((text[word.start : word.end], word.end))
    return tuple(noun for noun, _ in found)


def word_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """TF-IDF over nouns, one unit row a text (zero where a text has none)."""
    counted = [Counter(nouns(text)) for text in texts]
    holding = Counter(noun for counts in counted for noun in counts)
    column = {noun: place for place, noun in enumerate(sorted(noun for noun, count in holding.items() if count > 1))}
    vectors = np.zeros((len(texts), max(len(column), 1)), np.float32)
    for row, counts in enumerate(counted):
        for noun, count in counts.items():
            if noun in column:
                vectors[row, column[noun]] = np.sqrt(count) * np.log(len(texts) / holding[noun])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=vectors, where=lengths > 0)


def neighbourhoods(vectors: NDArray[np.float32], order: Sequence[int], size: int) -> list[list[int]]:
    """All of ``order`` in blocks of ``size``: each time the first article left, with the nearest of the others left."""
    left = list(order)
    blocks = []
    while left:
        rows = np.asarray(left)
        near = np.argsort(-(vectors[rows] @ vectors[left[0]]), kind="stable")[:size]
        block = [left[0], *(left[place] for place in near if place)][:size]
        blocks.append(block)
        gone = set(block)
        left = [index for index in left if index not in gone]
    return blocks
