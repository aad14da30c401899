"""multilingual-e5-small through onnxruntime: the default embedder.

Each text is run alone, without padding: on one core that is as fast as batches are, and a text's vector cannot depend
on its neighbours (int8 activations share one scale a run). More ``threads`` run more texts at once.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from haedap.search.semantic import adapter as adapters
from haedap.search.semantic import e5_build
from haedap.search.semantic.e5_weights import unpack
from haedap.search.semantic.prepared import complete, prepare
from haedap.search.semantic.protocol import Calibration, EmbedderUnavailable, Vectors
from haedap.search.semantic.unigram import Unigram

_FINGERPRINT = re.compile(r"(e5-small-[0-9a-f]{12})-q(\d+)-p(\d+)")


_LET_BEGIN = 20e-6


@cache
def _beside() -> ThreadPoolExecutor:
    """The thread that embeds while the calling one goes on; one a process, since an engine asks for one query at a
    time."""
    return ThreadPoolExecutor(1, thread_name_prefix="e5")


# Threads do not survive a fork.
os.register_at_fork(after_in_child=_beside.cache_clear)


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def model_name(adapter: adapters.Adapter | None = None) -> str:
    """The name of the directory of prepared files: the recipe, the weights it starts from and what is added to them."""
    parts = [e5_build.RECIPE, e5_build.SOURCE_SHA256, *([adapter.digest] if adapter else [])]
    return f"e5-small-{hashlib.blake2b(' '.join(parts).encode(), digest_size=6).hexdigest()}"


PLAIN = Calibration(trust=0.3)
"""Of e5 as it comes: it knows less of how customers talk."""


class E5Embedder:
    """The :class:`~haedap.search.semantic.protocol.Embedder` named ``e5``; 384 dimensions.

    Safe to share between threads, and after ``os.fork``: it owns no thread and its memory is read-only.
    """

    name = "e5"
    dimensions = 384

    def __init__(
        self,
        directory: Path,
        *,
        adapter: Path | None = None,
        threads: int = 1,
        passage_tokens: int = 128,
        query_tokens: int = 64,
    ) -> None:
        """Open the model kept under ``directory``, preparing it first if need be (5 s, 90 MB).

        ``adapter`` is a file of what is added to the weights; ``threads`` is how many passages are embedded at once;
        texts are cut after ``passage_tokens`` and ``query_tokens`` (3 to 512). Raises :class:`EmbedderUnavailable`,
        and :class:`~haedap.search.semantic.adapter.AdapterRefused` if the file cannot be used.
        """
        added = adapters.read(adapter, e5_build.SOURCE_SHA256) if adapter else None
        self._configure(directory / model_name(added), threads, passage_tokens, query_tokens)
        self._open(partial(e5_build.build_apart, adapter=adapter))

    @classmethod
    def as_prepared(cls, directory: Path, fingerprint: str, *, threads: int = 1) -> Self:
        """The embedder of that fingerprint from files prepared earlier, whatever they were made from.

        Raises :class:`EmbedderUnavailable` if there are none.
        """
        named = _FINGERPRINT.fullmatch(fingerprint)
        if named is None or not complete(directory / named[1]):
            raise EmbedderUnavailable(f"There is no prepared model for {fingerprint} in {directory}")
        made = cls.__new__(cls)
        made._configure(directory / named[1], threads, passage_tokens=int(named[3]), query_tokens=int(named[2]))
        made._load()
        return made

    def _configure(self, model: Path, threads: int, passage_tokens: int, query_tokens: int) -> None:
        if not (3 <= passage_tokens <= 512 and 3 <= query_tokens <= 512):
            raise ValueError("passage_tokens and query_tokens must be from 3 to 512")
        if importlib.util.find_spec("onnxruntime") is None:
            raise EmbedderUnavailable("The embedder e5 needs a package that is missing: pip install onnxruntime")
        self.fingerprint = f"{model.name}-q{query_tokens}-p{passage_tokens}"
        self._model, self._threads = model, max(1, threads)
        self._passage_tokens, self._query_tokens = passage_tokens, query_tokens

    def _open(self, build: Callable[[Path], None]) -> None:
        """Load the prepared model; if that fails although its stamp is right, look closely once and rebuild."""
        prepare(self._model, build)
        try:
            self._load()
        except EmbedderUnavailable:
            prepare(self._model, build, thorough=True)
            self._load()

    def _load(self) -> None:
        """Raises :class:`EmbedderUnavailable` if the prepared files cannot be loaded."""
        try:
            self._load_files(self._model)
        except Exception as error:  # onnxruntime raises its own, undocumented types
            raise EmbedderUnavailable(f"The prepared model {self._model} cannot be loaded: {error}") from error

    def _load_files(self, model: Path) -> None:
        import onnxruntime

        about = model / e5_build.CALIBRATION_FILE
        self.calibration = Calibration(**json.loads(about.read_text())) if about.exists() else PLAIN
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        layers = str(model / "layers.onnx")
        self._session: Any = onnxruntime.InferenceSession(layers, options, providers=["CPUExecutionProvider"])
        self._words: NDArray[np.uint8] = np.load(model / "words.npy", mmap_mode="r")
        self._tokenizer = Unigram(model)

    def word_vectors(self, text: str, limit: int) -> NDArray[np.float32]:
        """What the network is given for a text cut after ``limit`` tokens: shape (1, tokens, d)."""
        ids = np.asarray(self._tokenizer.encode(text, limit), dtype=np.int64)
        return unpack(self._words[ids])[None]

    def _run(self, words: NDArray[np.float32]) -> Vectors:
        vector: Vectors = self._session.run(None, {"words": words})[0][0]
        return vector

    def _embed(self, text: str, limit: int) -> Vectors:
        return self._run(self.word_vectors(text, limit))

    def query(self, text: str) -> Vectors:
        """See the protocol."""
        return self._embed(f"query: {text}", self._query_tokens)

    def soon(self, text: str) -> Callable[[], Vectors]:
        """See the protocol."""
        words = self.word_vectors(f"query: {text}", self._query_tokens)
        made = _beside().submit(self._run, words).result
        # Else the thread waits for the interpreter's lock, which this one would hold for another 5 ms.
        time.sleep(_LET_BEGIN)
        return made

    def _passage(self, text: str) -> Vectors:
        return self._embed(f"passage: {text}", self._passage_tokens)

    @property
    def folder(self) -> Path:
        """See the protocol."""
        return self._model

    def queries(self, texts: Sequence[str]) -> Vectors:
        """See the protocol."""
        return self._all(self.query, texts, _cores())

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See the protocol. A text's vector is the same whatever the other texts are."""
        return self._all(self._passage, texts, self._threads)

    def _all(self, embed: Callable[[str], Vectors], texts: Sequence[str], threads: int) -> Vectors:
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        if threads == 1 or len(texts) < 2:
            for row, text in enumerate(texts):
                vectors[row] = embed(text)
            return vectors
        # The pool lives only as long as the call: threads do not survive a fork.
        with ThreadPoolExecutor(threads) as pool:
            for row, vector in enumerate(pool.map(embed, texts)):
                vectors[row] = vector
        return vectors
