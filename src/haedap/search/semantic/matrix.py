"""The searchable vectors of an index generation: an exact scan over memory-mapped rows.

Invariant: a key has one row. A reader answers from one published state until ``refresh``; a writer killed at any
point leaves the last published state.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from haedap.search.semantic import segments as files
from haedap.search.semantic.segments import Keys, MatrixDamaged, Rows, Segment, SegmentList

_MOST_SEGMENTS = 8
_ATTEMPTS = 5

logger = logging.getLogger(__name__)


class MatrixWriter:
    """Adds and drops rows. Several writers take turns: each change holds a lock across processes."""

    def __init__(self, directory: Path, fingerprint: str, dimensions: int) -> None:
        """``fingerprint`` names the embedder. Vectors of another embedder in the directory are dropped at once."""
        self._directory, self._fingerprint, self._dimensions = directory, fingerprint, dimensions
        directory.mkdir(parents=True, exist_ok=True)
        with self._locked() as (listed, parts):
            if listed.stamp == "" or len(parts) != len(listed.segments):
                self._publish(listed, [(part.number, len(part.keys)) for part in parts])

    @contextlib.contextmanager
    def _locked(self) -> Iterator[tuple[SegmentList, list[Segment]]]:
        """The published state, while no other writer can change it. Damaged segments are left out."""
        with open(self._directory / ".lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            listed = self._read()
            yield listed, self._intact(listed)

    def _read(self) -> SegmentList:
        """The published list; an empty one if it is missing, damaged or another embedder's."""
        try:
            listed = files.read_list(self._directory)
        except MatrixDamaged as error:
            logger.warning("The vectors are damaged and start empty: %s", error)
            listed = None
        if listed is None:
            number = files.highest_number(self._directory) + 1
            return SegmentList(self._fingerprint, self._dimensions, next_number=number)
        if (listed.fingerprint, listed.dimensions) != (self._fingerprint, self._dimensions):
            return SegmentList(self._fingerprint, self._dimensions, next_number=listed.next_number)
        return listed

    def _intact(self, listed: SegmentList) -> list[Segment]:
        parts: list[Segment] = []
        for number, rows in listed.segments:
            try:
                parts.append(files.open_segment(self._directory, number, rows, self._dimensions))
            except MatrixDamaged as error:
                logger.warning("Vectors are lost and have to be added again: %s", error)
        return parts

    def _publish(self, listed: SegmentList, segments: Sequence[tuple[int, int]]) -> None:
        """Publish ``segments``, then remove the files that are no longer named."""
        next_number = max([listed.next_number, *(number + 1 for number, _ in segments)])
        published = replace(listed, segments=tuple(segments), next_number=next_number)
        files.publish(self._directory, published)
        files.remove_unlisted(self._directory, published)

    def add(self, keys: Sequence[int] | Keys, vectors: Rows | Sequence[Rows]) -> int:
        """Add rows: ``keys`` nonzero, ``vectors`` of shape (n, d); returns how many were new.

        A key that has a row keeps it. Durable and visible to readers on return. Raises ValueError for other shapes.
        """
        added = np.asarray(keys, dtype=np.uint64)
        rows = np.asarray(vectors, dtype=np.float32).reshape(len(vectors), -1 if len(vectors) else self._dimensions)
        if rows.shape != (len(added), self._dimensions) or not added.all():
            raise ValueError(f"{len(added)} nonzero keys need vectors of shape ({len(added)}, {self._dimensions})")
        with self._locked() as (listed, parts):
            new = _first_seen(added, parts)
            if len(new) or len(parts) != len(listed.segments):
                segments = [(part.number, len(part.keys)) for part in parts]
                if len(new):
                    fresh = [(added[new], rows[new])]
                    count = files.write_segment(self._directory, listed.next_number, fresh, self._dimensions)
                    segments.append((listed.next_number, count))
                self._publish(listed, segments)
        if len(segments_now := self._segments()) > _MOST_SEGMENTS:
            self._merge(segments_now)
        return len(new)

    def retain(self, keys: Iterable[int]) -> int:
        """Drop every row whose key is not in ``keys`` and give its space back; returns how many rows went."""
        kept = np.unique(np.fromiter(keys, dtype=np.uint64))
        with self._locked() as (listed, parts):
            segments: list[tuple[int, int]] = []
            number, dropped = listed.next_number, 0
            for part in parts:
                stays = np.isin(part.keys, kept, assume_unique=True)
                if stays.all():
                    segments.append((part.number, len(part.keys)))
                    continue
                dropped += int(len(stays) - stays.sum())
                if stays.any():
                    remaining = [(part.keys[stays], part.vectors[stays])]
                    segments.append((number, files.write_segment(self._directory, number, remaining, self._dimensions)))
                    number += 1
            if dropped or len(parts) != len(listed.segments):
                self._publish(listed, segments)
        return dropped

    def _segments(self) -> tuple[tuple[int, int], ...]:
        listed = files.read_list(self._directory)
        return listed.segments if listed else ()

    def _merge(self, seen: tuple[tuple[int, int], ...]) -> None:
        """Join the small segments at the end, so that a row is copied only a few times however much is added."""
        with self._locked() as (listed, parts):
            if listed.segments != seen or len(parts) != len(seen):
                return  # another writer was here; it merges when it has to
            start = len(parts) - 1
            total = len(parts[start].keys)
            while start > 0 and (start == len(parts) - 1 or len(parts[start - 1].keys) <= total):
                start -= 1
                total += len(parts[start].keys)
            joined = [(part.keys, part.vectors) for part in parts[start:]]
            count = files.write_segment(self._directory, listed.next_number, joined, self._dimensions)
            self._publish(listed, [*listed.segments[:start], (listed.next_number, count)])


def _first_seen(keys: Keys, parts: Sequence[Segment]) -> NDArray[np.int64]:
    """Positions in ``keys`` of keys no segment has, the first of equal ones, ascending."""
    unique, first = np.unique(keys, return_index=True)
    present = np.zeros(len(unique), dtype=bool)
    for part in parts:
        present |= np.isin(unique, part.keys)
    return np.sort(first[~present]).astype(np.int64)


def places(wanted: Sequence[int] | Keys, ascending: Keys) -> NDArray[np.int64]:
    """Where each key stands in ``ascending`` (no key twice), -1 for one that does not: int64, shape (len(wanted),)."""
    keys = np.asarray(wanted, dtype=np.uint64)
    if not len(ascending):
        return np.full(len(keys), -1, dtype=np.int64)
    found = np.minimum(np.searchsorted(ascending, keys), len(ascending) - 1)
    return np.where(ascending[found] == keys, found, -1).astype(np.int64)


class MatrixReader:
    """Reads the vectors of a directory. A missing or damaged one reads as empty, with a warning."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: tuple[int, int, int] | None | str = "nothing yet"
        self._show(SegmentList("", 0), [])
        self.refresh()

    def refresh(self) -> bool:
        """Move to the newest published state; True if that changed anything. Costs one stat when it did not."""
        seen = self._look()
        if seen == self._seen:
            return False
        before, self._seen = self.stamp, seen
        self._show(*self._load())
        return self.stamp != before

    def _look(self) -> tuple[int, int, int] | None:
        try:
            facts = (self._directory / files.LIST).stat()
        except OSError:
            return None
        return facts.st_ino, facts.st_mtime_ns, facts.st_size

    def _load(self) -> tuple[SegmentList, list[Segment]]:
        """The published state; tried again when a writer removed merged files between reading the list and opening."""
        empty = SegmentList("", 0)
        complaint = f"{self._directory / files.LIST} is missing"
        for _ in range(_ATTEMPTS):
            try:
                listed = files.read_list(self._directory)
                if listed is None:
                    break
                opened = [
                    files.open_segment(self._directory, number, rows, listed.dimensions)
                    for number, rows in listed.segments
                ]
                return listed, opened
            except MatrixDamaged as error:
                complaint = str(error)
        logger.warning("No vectors to search by meaning: %s", complaint)
        return empty, []

    def _show(self, listed: SegmentList, parts: Sequence[Segment]) -> None:
        self._listed = listed
        self._parts = [part.vectors for part in parts]
        self._keys: Keys = np.concatenate([part.keys for part in parts]) if parts else np.empty(0, np.uint64)
        self._order = np.argsort(self._keys, kind="stable")
        self._sorted = self._keys[self._order]

    @property
    def stamp(self) -> str:
        """Names the state that answers: equal stamps give equal answers. Empty if there is none."""
        return self._listed.stamp

    @property
    def fingerprint(self) -> str:
        """The embedder whose vectors these are; empty if there are none."""
        return self._listed.fingerprint

    @property
    def dimensions(self) -> int:
        """The length d of a vector; 0 if there are none."""
        return self._listed.dimensions

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self._keys)

    @property
    def keys(self) -> Keys:
        """The key of each row, uint64, shape (size,)."""
        return self._keys

    def similarities(self, query_vector: Rows) -> Rows:
        """Inner product of ``query_vector``, shape (d,), with every row: float32, shape (size,).

        Raises ValueError for a vector of another length. Runs on the calling thread alone.
        """
        similar = np.empty(self.size, dtype=np.float32)
        if self.size and query_vector.shape != (self.dimensions,):
            raise ValueError(f"The query vector has the shape {query_vector.shape}, not ({self.dimensions},)")
        start = 0
        for part in self._parts:
            # Not the @ operator: BLAS would take every core, for a scan that waits for memory anyway.
            np.einsum("ij,j->i", part, query_vector, out=similar[start : start + len(part)])
            start += len(part)
        return similar

    def rows(self, keys: Sequence[int] | Keys) -> NDArray[np.int64]:
        """The row of each key, -1 for a key that has none: int64, shape (len(keys),)."""
        found = places(keys, self._sorted)
        found[found >= 0] = self._order[found[found >= 0]]
        return found
