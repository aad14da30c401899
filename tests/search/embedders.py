"""Embedders for tests: real vectors, built from nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from haedap.search.semantic.protocol import Calibration


class Characters:
    """Counts of characters; each ``fingerprint`` has an order of dimensions and a spread of cosines to itself.

    ``asked`` collects the passages it was given, in order.
    """

    name, dimensions, calibration, folder = "characters", 512, Calibration(), None

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self.asked: list[str] = []
        self._turn = sum(map(ord, fingerprint))

    def query(self, text: str) -> NDArray[np.float32]:
        vector = np.full(self.dimensions, 0.001 * (self._turn % 50), dtype=np.float32)
        for char in text:
            vector[(ord(char) + self._turn) % self.dimensions] += 1
        made: NDArray[np.float32] = vector / np.linalg.norm(vector)
        return made

    def soon(self, text: str) -> Callable[[], NDArray[np.float32]]:
        return partial(self.query, text)

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.query(text) for text in texts])

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.extend(texts)
        return np.stack([self.query(text) for text in texts])
