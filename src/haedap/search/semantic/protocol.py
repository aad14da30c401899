"""What the core needs of an embedder, and nothing else.

Invariant: two vectors are comparable only if their embedders have the same ``fingerprint``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How to read an embedder's cosines: they spread ``unit`` times as wide as those of plain e5, queries are nearer
    to each other than to passages by ``bias`` more, and what they say weighs ``trust`` times what e5 with its adapter
    says."""

    unit: float = 1.0
    bias: float = 0.0
    trust: float = 1.0


class EmbedderUnavailable(Exception):
    """The embedder cannot be used here; the message says why and what to do, in words for the user."""


class Embedder(Protocol):
    """Turns text into unit vectors. Any string is accepted, also an empty one; long text is cut."""

    @property
    def name(self) -> str:
        """The name a user chooses it by: ``e5``, ``usem3``."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text would get another vector."""

    @property
    def dimensions(self) -> int:
        """The length d of a vector."""

    @property
    def folder(self) -> Path | None:
        """Where what follows from the embedder alone may be kept; None where it has no place of its own."""

    @property
    def calibration(self) -> Calibration:
        """How to read its cosines."""

    def query(self, text: str) -> Vectors:
        """The vector of something a person typed: shape (d,), unit length."""

    def soon(self, text: str) -> Callable[[], Vectors]:
        """Begin with what :meth:`query` does, beside the calling thread where that is possible; call the result for
        the vector, as often as it is needed."""

    def queries(self, texts: Sequence[str]) -> Vectors:
        """What :meth:`query` gives for many texts, in their order: shape (n, d). It may take every core."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """The vectors of stretches of articles, in their order: shape (n, d), unit rows."""
