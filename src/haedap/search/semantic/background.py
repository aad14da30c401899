"""The background: how near a query is to what people ask of the world at large.

A cosine alone does not say whether an article answers: in this model unrelated texts reach 0.85, and how near a query
lies to *anything* differs from query to query. What separates is the comparison: a query that is nearer to questions
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
    """Vectors of the background questions, embedded once (seconds) and kept with the embedder, or in ``directory``
    where that has no place of its own or none that can be written."""

    def __init__(self, embedder: Embedder, directory: Path) -> None:
        questions = background_questions()
        digest = hashlib.blake2b("\n".join(questions).encode(), digest_size=6).hexdigest()
        name = f"background-{embedder.fingerprint}-{digest}.npy"
        shape = (len(questions), embedder.dimensions)
        places = [folder / name for folder in (embedder.folder, directory) if folder is not None]
        kept = (vectors for place in places if (vectors := _read(place, shape)) is not None)
        self._vectors = next(kept, None)
        if self._vectors is None:
            self._vectors = embedder.queries(questions)
            if not any(_written(place, self._vectors) for place in places):
                log.warning("The background vectors cannot be kept in %s and are made at every start", directory)

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


def _written(path: Path, vectors: NDArray[np.float32]) -> bool:
    """True if the vectors are kept there for the next start."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
            np.save(part, vectors)
        os.replace(part.name, path)
    except OSError as error:
        log.info("The background vectors are not kept as %s: %s", path, error)
        return False
    return True
