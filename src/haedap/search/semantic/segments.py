"""The files of a vector matrix: append-only segments and the list that names the valid ones.

Invariant: a segment file never changes once the list names it, and its number is never used again; only replacing
``VECTORS.json`` publishes a change. What the list does not name does not exist.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

LIST = "VECTORS.json"
_VERSION = 1

Keys = NDArray[np.uint64]
Rows = NDArray[np.float32]


class MatrixDamaged(Exception):
    """The list or a file it names cannot be read."""


@dataclass(frozen=True, slots=True)
class SegmentList:
    """The content of ``VECTORS.json``: ``segments`` are (number, rows); ``stamp`` names this state of the matrix."""

    fingerprint: str
    dimensions: int
    segments: tuple[tuple[int, int], ...] = ()
    next_number: int = 0
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One open segment: ``keys`` shape (n,), ``vectors`` shape (n, d), both memory-mapped and read-only."""

    number: int
    keys: Keys
    vectors: Rows


def read_list(directory: Path) -> SegmentList | None:
    """The published list, None if there is none. Raises :class:`MatrixDamaged`."""
    try:
        stored = json.loads((directory / LIST).read_text(encoding="utf-8"))
        if stored["version"] != _VERSION:
            raise MatrixDamaged(f"{directory / LIST} has version {stored['version']!r}, not {_VERSION}")
        return SegmentList(
            fingerprint=str(stored["fingerprint"]),
            dimensions=int(stored["dimensions"]),
            segments=tuple((int(number), int(rows)) for number, rows in stored["segments"]),
            next_number=int(stored["next"]),
            stamp=str(stored["stamp"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MatrixDamaged(f"{directory / LIST}: {type(error).__name__}: {error}") from error


def publish(directory: Path, listed: SegmentList) -> None:
    """Replace the list atomically and durably, under a new stamp."""
    content = {
        "version": _VERSION,
        "fingerprint": listed.fingerprint,
        "dimensions": listed.dimensions,
        "segments": listed.segments,
        "next": listed.next_number,
        "stamp": uuid.uuid4().hex,
    }
    temporary = directory / f".{LIST}.new"
    with open(temporary, "wb") as file:
        file.write(json.dumps(content).encode())
        _sync(file)
    temporary.replace(directory / LIST)
    sync_directory(directory)


def open_segment(directory: Path, number: int, rows: int, dimensions: int) -> Segment:
    """Map one segment. Raises :class:`MatrixDamaged` if its files are not what the list says."""
    try:
        keys = np.load(_keys_path(directory, number), mmap_mode="r")
        vectors = np.load(_vectors_path(directory, number), mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise MatrixDamaged(f"segment {number} of {directory}: {type(error).__name__}: {error}") from error
    if keys.shape != (rows,) or vectors.shape != (rows, dimensions):
        raise MatrixDamaged(f"segment {number} of {directory} has the shape {vectors.shape}, not {(rows, dimensions)}")
    if keys.dtype != np.uint64 or vectors.dtype != np.float32:
        raise MatrixDamaged(f"segment {number} of {directory} holds {keys.dtype} and {vectors.dtype}")
    return Segment(number, keys, vectors)


def write_segment(directory: Path, number: int, parts: Iterable[tuple[Keys, Rows]], dimensions: int) -> int:
    """Write ``parts`` one after another as one segment, durably; returns its rows. Not valid until published."""
    pieces = list(parts)
    count = sum(len(keys) for keys, _ in pieces)
    with open(_keys_path(directory, number), "wb") as file:
        np.save(file, np.concatenate([keys for keys, _ in pieces]).astype(np.uint64))
        _sync(file)
    with open(_vectors_path(directory, number), "wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (count, dimensions)}
        np.lib.format.write_array_header_1_0(file, header)
        for _, vectors in pieces:
            file.write(np.ascontiguousarray(vectors, dtype="<f4").data)
        _sync(file)
    sync_directory(directory)
    return count


def remove_unlisted(directory: Path, listed: SegmentList) -> None:
    """Delete segment files that the list does not name: merged ones, and what a crash left. Open maps stay valid."""
    valid = {path(directory, number).name for number, _ in listed.segments for path in (_keys_path, _vectors_path)}
    for pattern in ("segment-*.npy", "keys-*.npy"):
        for path in directory.glob(pattern):
            if path.name not in valid:
                path.unlink(missing_ok=True)


def highest_number(directory: Path) -> int:
    """The highest number any segment file bears, -1 if there are none."""
    numbers = [path.stem.removeprefix("segment-") for path in directory.glob("segment-*.npy")]
    return max((int(number) for number in numbers if number.isdecimal()), default=-1)


def sync_directory(directory: Path) -> None:
    """Make renames and new names in a directory durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _keys_path(directory: Path, number: int) -> Path:
    return directory / f"keys-{number}.npy"


def _vectors_path(directory: Path, number: int) -> Path:
    return directory / f"segment-{number}.npy"


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
