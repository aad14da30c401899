"""multilingual-e5-small through onnxruntime: the default embedder.

Each text is run alone, without padding: on one core that is as fast as batches are, and a text's vector cannot depend
on its neighbours (int8 activations share one scale a run). More ``threads`` run more texts at once.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haedap.search.semantic import e5_build
from haedap.search.semantic.e5_weights import unpack
from haedap.search.semantic.prepared import prepare
from haedap.search.semantic.protocol import EmbedderUnavailable, Vectors
from haedap.search.semantic.unigram import Unigram

MODEL = hashlib.blake2b(f"{e5_build.RECIPE} {e5_build.SOURCE_SHA256}".encode(), digest_size=6).hexdigest()
"""Names the prepared files: the recipe and the weights it starts from."""


class E5Embedder:
    """The :class:`~haedap.search.semantic.protocol.Embedder` named ``e5``; 384 dimensions.

    Safe to share between threads, and after ``os.fork``: it owns no thread and its memory is read-only.
    """

    name = "e5"
    dimensions = 384

    def __init__(self, directory: Path, *, threads: int = 1, passage_tokens: int = 128, query_tokens: int = 64) -> None:
        """Open the model kept under ``directory``, preparing it first if need be (5 s, 90 MB).

        ``threads`` is how many passages are embedded at once; texts are cut after ``passage_tokens`` and
        ``query_tokens`` (3 to 512). Raises :class:`EmbedderUnavailable`.
        """
        if not (3 <= passage_tokens <= 512 and 3 <= query_tokens <= 512):
            raise ValueError("passage_tokens and query_tokens must be from 3 to 512")
        if importlib.util.find_spec("onnxruntime") is None:
            raise EmbedderUnavailable("The embedder e5 needs a package that is missing: pip install onnxruntime")
        self.fingerprint = f"e5-small-{MODEL}-q{query_tokens}-p{passage_tokens}"
        self._threads = max(1, threads)
        self._passage_tokens, self._query_tokens = passage_tokens, query_tokens
        self._open(directory / f"e5-small-{MODEL}")

    def _open(self, model: Path) -> None:
        """Load the prepared model; if that fails although its stamp is right, look closely once and rebuild."""
        prepare(model, e5_build.build_apart)
        try:
            self._load(model)
        except Exception:  # onnxruntime raises its own, undocumented types
            prepare(model, e5_build.build_apart, thorough=True)
            try:
                self._load(model)
            except Exception as error:
                raise EmbedderUnavailable(f"The prepared model {model} cannot be loaded: {error}") from error

    def _load(self, model: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        layers = str(model / "layers.onnx")
        self._session: Any = onnxruntime.InferenceSession(layers, options, providers=["CPUExecutionProvider"])
        self._words: NDArray[np.uint8] = np.load(model / "words.npy", mmap_mode="r")
        self._tokenizer = Unigram(model)

    def _embed(self, text: str, limit: int) -> Vectors:
        ids = np.asarray(self._tokenizer.encode(text, limit), dtype=np.int64)
        vector: Vectors = self._session.run(None, {"words": unpack(self._words[ids])[None]})[0][0]
        return vector

    def query(self, text: str) -> Vectors:
        """See the protocol."""
        return self._embed(f"query: {text}", self._query_tokens)

    def _passage(self, text: str) -> Vectors:
        return self._embed(f"passage: {text}", self._passage_tokens)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See the protocol. A text's vector is the same whatever the other texts are."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        if self._threads == 1 or len(texts) < 2:
            for row, text in enumerate(texts):
                vectors[row] = self._passage(text)
            return vectors
        # The pool lives only as long as the call: threads do not survive a fork.
        with ThreadPoolExecutor(self._threads) as pool:
            for row, vector in enumerate(pool.map(self._passage, texts)):
                vectors[row] = vector
        return vectors
