"""The background: how near a query is to what people ask of the world at large.

A cosine alone does not say whether an article answers: in this model unrelated texts reach 0.85, and how near a query
lies to *anything* differs from query to query. What separates is the comparison: a query that is nearer to a question
of daily life (weather, cooking, exams …) than to every article is not for this center. The list of such questions is
``data/background.txt``.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from haedap.search import data_files
from haedap.search.semantic.protocol import Embedder

log = logging.getLogger(__name__)


@cache
def background_questions() -> tuple[str, ...]:
    """The shipped questions, in order."""
    return tuple(data_files.lines("background.txt"))


class Background:
    """Vectors of the background questions, embedded once and kept in ``directory``."""

    def __init__(self, embedder: Embedder, directory: Path) -> None:
        questions = background_questions()
        digest = hashlib.blake2b("\n".join(questions).encode(), digest_size=6).hexdigest()
        path = directory / f"background-{embedder.fingerprint}-{digest}.npy"
        self._vectors = _read(path, (len(questions), embedder.dimensions))
        if self._vectors is None:
            self._vectors = np.stack([embedder.query(question) for question in questions])
            _write(path, self._vectors)

    def nearness(self, query: NDArray[np.float32]) -> float:
        """The cosine of the nearest background question to a query vector of shape (d,)."""
        assert self._vectors is not None
        return float((self._vectors @ query).max())


def _read(path: Path, shape: tuple[int, int]) -> NDArray[np.float32] | None:
    try:
        vectors: NDArray[np.float32] = np.load(path, mmap_mode="r")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read and is made again: %s", path, error)
        return None
    return vectors if vectors.shape == shape else None


def _write(path: Path, vectors: NDArray[np.float32]) -> None:
    """Keep the vectors for the next start; a directory that cannot be written only costs a second then."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
            np.save(part, vectors)
        os.replace(part.name, path)
    except OSError as error:
        log.warning("The background vectors are not kept (%s): %s", path, error)
