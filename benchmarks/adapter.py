"""What the shipped adapter costs: preparation, a query, and how near its int8 vectors stay to float ones."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Context, spread, timed
from benchmarks.tables import table
from haedap.search.semantic.adapter import shipped
from haedap.search.semantic.e5 import E5Embedder
from haedap.search.semantic.e5_build import float_graph

ROUNDS = 5


def run(context: Context) -> str:
    """Plain e5 and e5 with the adapter side by side."""
    files: dict[str, Path | None] = {"plain": None, "adapter": shipped()}
    queries = [question.text for question in spread(context.main.questions, 100 if context.quick else 300)]
    embedders, prepared = {}, {}
    for name, file in files.items():
        started = time.perf_counter()
        embedders[name] = E5Embedder(context.folder / name, adapter=file)
        prepared[name] = time.perf_counter() - started
    spent: dict[str, list[float]] = {name: [] for name in files}
    for _ in range(ROUNDS):  # in turn, so that what else the machine does meets both
        for name, embedder in embedders.items():
            spent[name].append(median(timed(embedder.query, queries)))
    cosines = {name: cosines_to_float(embedders[name], file, queries) for name, file in files.items()}
    rows = [
        (name, prepared[name], median(spent[name]), float(cosines[name].min()), float(np.median(cosines[name])))
        for name in files
    ]
    head = ("e5", "preparation, s", "a query, ms (median)", "least cosine of int8 to float", "median cosine")
    return "\n\n".join(
        (
            f"Preparation is of a fresh directory; {len(queries)} queries of {context.main.name}, {ROUNDS} rounds.",
            table(head, rows),
        )
    )


def cosines_to_float(embedder: E5Embedder, file: Path | None, queries: Sequence[str]) -> NDArray[np.float64]:
    """For each query, the cosine of its vector to the one that float32 products give; ``file`` is the adapter."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    exact = onnxruntime.InferenceSession(float_graph(file), options, providers=["CPUExecutionProvider"])
    found = []
    for query in queries:
        words = embedder.word_vectors(f"query: {query}", 64)
        found.append(float(exact.run(["vector"], {"words": words})[0][0] @ embedder.query(query)))
    return np.asarray(found)
