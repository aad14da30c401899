"""Which embedder's vectors answer, while those of another one are still being made.

A generation keeps the vectors of each embedder in a directory named by its fingerprint; ``ANSWERING`` names the one
that was last complete. It is replaced only when the vectors of a new embedder are all there, so a change of embedder
shows at once and whole, and a kill at any point leaves one of the two answering.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from haedap.search.backends.base import IndexDamaged
from haedap.search.generations import Generation, Generations, replace_file
from haedap.search.semantic import Embedder, reopen_embedder
from haedap.search.semantic.segments import LIST, MatrixDamaged, read_list

_FILE = "ANSWERING"


def vectors_path(generation: Generation) -> Path:
    """Where a generation keeps its vectors, those of each embedder apart."""
    return generation.path / "vectors"


def matrix_path(generation: Generation, fingerprint: str) -> Path:
    """Where a generation keeps the vectors of one embedder, so that changing the embedder changes no index."""
    return vectors_path(generation) / fingerprint


def answering(generation: Generation, *, named: bool = False) -> str | None:
    """The fingerprint of the embedder whose vectors answer; None if none has all of its vectors yet.

    Where none is named, as by earlier versions, the one with the most vectors answers, unless ``named`` is asked.
    """
    try:
        return (vectors_path(generation) / _FILE).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeError):
        if named:
            return None
        sizes = {path.parent.name: _rows(path.parent) for path in vectors_path(generation).glob(f"*/{LIST}")}
        return max(sizes, key=lambda name: (sizes[name], name)) if any(sizes.values()) else None


def answer_with(generation: Generation, fingerprint: str) -> None:
    """From now on the vectors of ``fingerprint`` answer. Raises OSError."""
    replace_file(vectors_path(generation) / _FILE, fingerprint.encode())


def tidy(generation: Generation, fingerprint: str) -> None:
    """Remove the vectors that neither answer nor are those of ``fingerprint``."""
    keep = {answering(generation), fingerprint}
    for path in vectors_path(generation).iterdir():
        if path.is_dir() and path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)


def take_over(old: Generation, new: Generation, fingerprint: str) -> None:
    """Have ``new`` answer with the vectors that ``old`` answers with, unless they are those of ``fingerprint``.

    Their keys are hashes of texts, so they serve any generation. The files are linked: they never change.
    """
    current = answering(old)
    if current is None or current == fingerprint:
        return
    source, target = matrix_path(old, current), matrix_path(new, current)
    target.mkdir(parents=True, exist_ok=True)
    for path in source.glob("*.npy"):
        os.link(path, target / path.name)
    shutil.copyfile(source / LIST, target / LIST)
    replace_file(vectors_path(new) / _FILE, current.encode())


def _rows(directory: Path) -> int:
    try:
        listed = read_list(directory)
    except MatrixDamaged:
        return 0
    return sum(rows for _, rows in listed.segments) if listed else 0


def embedder_so_far(root: Path, embedder: Embedder | None, models: Path) -> Embedder | None:
    """The embedder that answers from the index at ``root`` until ``embedder`` has all of its vectors; None if there is
    no such time or that embedder is gone. ``models`` is where prepared models are kept."""
    if embedder is None:
        return None
    try:
        generation = Generations(root).current()
    except IndexDamaged:
        return None  # whoever opens the index says so
    current = answering(generation) if generation else None
    if current is None or current == embedder.fingerprint:
        return None
    return reopen_embedder(current, models)
