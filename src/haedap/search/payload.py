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

PAYLOAD_VERSION = "3"
_CARD_BYTES = 1024


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
    hits: int = 0
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """The part of a payload that can be read without its bodies."""

    title: str
    service: str
    category: str
    scopes: tuple[str, ...]
    hits: int


def stored_text(text: str, tokens: Sequence[Token]) -> StoredText:
    """Keep ``text`` with its tokens."""
    return StoredText(
        text,
        tuple(token.text for token in tokens),
        array("I", [token.start for token in tokens]),
        array("I", [token.end for token in tokens]),
    )


def encode(payload: Payload) -> bytes:
    """The bytes of a payload: a small JSON card, a JSON head, then the offsets as 32-bit numbers, all compressed."""
    card = [payload.title.text, payload.service, payload.category, payload.scopes, payload.hits]
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
        "u": payload.updated,
        "q": payload.questions,
    }
    first, text = (json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode() for part in (card, head))
    return zlib.compress(struct.pack("<II", len(first), len(text)) + first + text + numbers.tobytes(), 1)


def decode_card(data: bytes) -> Card:
    """The card of bytes that :func:`encode` made; what follows it is not even decompressed."""
    stream = zlib.decompressobj()
    raw = stream.decompress(data, _CARD_BYTES)
    end = 8 + int.from_bytes(raw[:4], "little")
    if len(raw) < end:
        raw += stream.decompress(stream.unconsumed_tail, end - len(raw))
    title, service, category, scopes, hits = json.loads(raw[8:end])
    return Card(title, service, category, tuple(scopes), hits)


def decode(data: bytes) -> Payload:
    """The payload of bytes that :func:`encode` made."""
    raw = zlib.decompress(data)
    first, length = struct.unpack_from("<II", raw)
    start = 8 + first
    _title, service, category, scopes, hits = json.loads(raw[8:start])
    head = json.loads(raw[start : start + length])
    numbers = array("I")
    numbers.frombytes(raw[start + length :])
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
    return Payload(title, bodies, service, category, head["u"], tuple(scopes), hits, tuple(head["q"]))


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
