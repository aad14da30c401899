"""What an index entry remembers of an article, so that answering a query never analyzes a body again.

The codec is private to the index: its version is part of the fingerprint, and an index that cannot be read is rebuilt.
"""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from haedap.search.types import BlockKind, Span, Token

PAYLOAD_VERSION = "1"


@dataclass(frozen=True, slots=True)
class StoredText:
    """Text with its tokens: ``terms[i]`` stands at ``[starts[i], ends[i])``."""

    text: str
    terms: tuple[str, ...]
    starts: Sequence[int]
    ends: Sequence[int]


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence or list item of a body: its span, the block it stands in (a number), and that block's kind."""

    start: int
    end: int
    block: int
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of body that answers by itself: consecutive segments under one heading.

    ``segments`` is a half-open range of segment numbers; ``anchor`` is where a link may jump to.
    """

    heading_path: tuple[str, ...]
    kind: BlockKind
    anchor: str
    start: int
    end: int
    segments: Span


@dataclass(frozen=True, slots=True)
class StoredBody:
    """One body: its text with tokens, its segments and passages, and the scopes it serves."""

    scopes: tuple[str, ...]
    content: StoredText
    segments: tuple[Segment, ...]
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Payload:
    """Everything a result page needs of one entry besides names, which the database keeps."""

    title: StoredText
    bodies: tuple[StoredBody, ...]
    service: str = ""
    category: str = ""
    updated: int = 0
    scopes: tuple[str, ...] = ()


def stored_text(text: str, tokens: Sequence[Token]) -> StoredText:
    """Keep ``text`` with its tokens."""
    return StoredText(
        text,
        tuple(token.text for token in tokens),
        array("I", [token.start for token in tokens]),
        array("I", [token.end for token in tokens]),
    )


def encode(payload: Payload) -> bytes:
    """The bytes of a payload: a JSON head with strings, then the offsets as 32-bit numbers, compressed."""
    numbers = array("I")
    head = {
        "t": _pack(payload.title, numbers),
        "b": [
            {
                "s": body.scopes,
                "c": _pack(body.content, numbers),
                "g": _pack_segments(body.segments, numbers),
                "p": [(p.heading_path, p.kind, p.anchor, p.start, p.end, p.segments) for p in body.passages],
            }
            for body in payload.bodies
        ],
        "s": payload.service,
        "c": payload.category,
        "u": payload.updated,
        "p": payload.scopes,
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return zlib.compress(struct.pack("<I", len(text)) + text + numbers.tobytes(), 1)


def decode(data: bytes) -> Payload:
    """The payload of bytes that :func:`encode` made."""
    raw = zlib.decompress(data)
    (length,) = struct.unpack_from("<I", raw)
    head = json.loads(raw[4 : 4 + length])
    numbers = array("I")
    numbers.frombytes(raw[4 + length :])
    cursor = _Cursor(numbers)
    title = _unpack(head["t"], cursor)
    bodies = tuple(
        StoredBody(
            tuple(body["s"]),
            _unpack(body["c"], cursor),
            _unpack_segments(body["g"], cursor),
            tuple(Passage(tuple(h), kind, anchor, a, b, (s[0], s[1])) for h, kind, anchor, a, b, s in body["p"]),
        )
        for body in head["b"]
    )
    return Payload(title, bodies, head["s"], head["c"], head["u"], tuple(head["p"]))


class _Cursor:
    def __init__(self, numbers: array[int]) -> None:
        self._numbers = numbers
        self._at = 0

    def take(self, count: int) -> array[int]:
        part = self._numbers[self._at : self._at + count]
        self._at += count
        return part


def _pack(content: StoredText, numbers: array[int]) -> tuple[str, str]:
    numbers.extend(content.starts)
    numbers.extend(content.ends)
    return content.text, "\t".join(content.terms)


def _unpack(packed: Sequence[str], cursor: _Cursor) -> StoredText:
    text, joined = packed
    terms = tuple(joined.split("\t")) if joined else ()
    return StoredText(text, terms, cursor.take(len(terms)), cursor.take(len(terms)))


def _pack_segments(segments: Sequence[Segment], numbers: array[int]) -> list[str]:
    for segment in segments:
        numbers.extend((segment.start, segment.end, segment.block))
    return [segment.kind for segment in segments]


def _unpack_segments(kinds: Sequence[BlockKind], cursor: _Cursor) -> tuple[Segment, ...]:
    flat = cursor.take(3 * len(kinds))
    return tuple(Segment(flat[3 * i], flat[3 * i + 1], flat[3 * i + 2], kind) for i, kind in enumerate(kinds))
