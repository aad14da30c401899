"""The direct answer: the passage of the best article that says most of what is asked, word for word.

A quote begins at the step, row or sentence that says most, goes on within its passage while it fits, and never joins
what does not stand together. Whether it is shown is decided by :func:`confident`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from haedap.search.gate import Nearness
from haedap.search.payload import Passage, Payload, Segment, StoredBody
from haedap.search.plan import Marks
from haedap.search.ranking import Ranked
from haedap.search.snippets import marked, merged
from haedap.search.types import Span
from haedap.search.weights import AnswerWeights

ROOM = 240
"""Characters of a quote; a single step or row longer than this is quoted whole up to twice as many."""
_TITLE_SHARE = 0.1
"""What a word of the title says about a passage, beside one that stands in the passage alone."""
_FOLLOWING = 0.8
"""What the rest of a passage counts beside its first stretch."""
_FIRST = 0.4
"""What the first passage has ahead, as a share of all that is asked: an article begins with its answer."""
_LATER = 0.8
"""Each further passage has so much of that."""
_INSIDE = 0.6
"""A stretch that does not begin its passage has so much of that."""
_STEP = 0.1
"""What a step, item or row has ahead of a sentence: it says what to do."""
_DOING = ("step", "item", "row")


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of a body: its blocks one a line, the spans to mark, where it stands, whom it serves."""

    text: str
    highlights: tuple[Span, ...]
    heading_path: tuple[str, ...]
    anchor: str
    scopes: tuple[str, ...]
    weight: float


def best_quote(payload: Payload, said: Mapping[str, float], marks: Marks, platform: str | None = None) -> Quote | None:
    """The quote that says most of ``said`` (index terms with weights); None if no text can be quoted.

    Of bodies for several platforms the one that serves ``platform`` is quoted, else the first that says most. ``marks``
    says what to mark.
    """
    in_title = frozenset(payload.title.terms)
    weights = {term: weight * (_TITLE_SHARE if term in in_title else 1.0) for term, weight in said.items()}
    serving = [body for body in payload.bodies if platform in body.scopes] or list(payload.bodies)
    asked = sum(said.values()) or 1.0
    found = [quote for body in serving if (quote := _of_body(body, weights, marks, asked)) is not None]
    return max(found, key=lambda quote: quote.weight, default=None)


def confident(ranked: Sequence[Ranked], nearness: Nearness | None, weights: AnswerWeights) -> bool:
    """True if the first of ``ranked`` stands out enough to be quoted as the answer.

    It must be ahead of the second by ``weights.ahead``, cover a part of the query, and the query must belong to this
    center rather than to the world at large. Without vectors nothing says that, so nothing is quoted.
    """
    if nearness is None or not ranked:
        return False
    ahead = ranked[0].score - (ranked[1].score if len(ranked) > 1 else 0.0)
    return ahead >= weights.ahead and nearness.belongs(weights.margin) and ranked[0].coverage >= weights.coverage


def _of_body(body: StoredBody, weights: Mapping[str, float], marks: Marks, asked: float) -> Quote | None:
    content = body.content
    tokens = zip(content.starts, content.ends, content.terms, strict=True)
    said = [token for token in tokens if token[2] in weights]
    best: tuple[float, Passage, int] | None = None
    for number, passage in enumerate(body.passages):
        first, last = passage.segments
        held = [_held(said, segment) for segment in body.segments[first:last]]
        for place, mine in enumerate(held):
            segment = body.segments[first + place]
            if segment.end - segment.start > 2 * ROOM:
                continue  # it cannot be quoted whole
            after = {term for later in held[place + 1 :] for term in later} - mine
            value = sum(weights[term] for term in mine) + _FOLLOWING * sum(weights[term] for term in after)
            value = value / asked + _FIRST * _LATER**number * (_INSIDE if place else 1.0)
            value += _STEP if segment.kind in _DOING else 0.0
            if best is None or value > best[0] + 1e-9:
                best = (value, passage, first + place)
    if best is None:
        return None
    value, passage, start = best
    spans = _spans(body, passage, start)
    text, highlights = _shown(body, spans, marks)
    return Quote(text, highlights, passage.heading_path, passage.anchor, body.scopes, value)


def _held(said: Sequence[tuple[int, int, str]], segment: Segment) -> frozenset[str]:
    return frozenset(term for start, end, term in said if segment.start <= start and end <= segment.end)


def _spans(body: StoredBody, passage: Passage, start: int) -> list[Span]:
    """The block of the segment ``start`` from there on, then the blocks that follow it while they fit."""
    blocks: list[Span] = []
    last_block = -1
    length = 0
    for segment in body.segments[start : passage.segments[1]]:
        same = segment.block == last_block
        # Within a block, what stands between two segments (an address) is shown, too.
        size = segment.end - (blocks[-1][1] if same else segment.start)
        if (segment.kind == "row") != (body.segments[start].kind == "row"):
            break  # a table reads badly below a sentence
        more = size if same or not blocks else size + 1
        if blocks and length + more > (2 * ROOM if same and len(blocks) == 1 else ROOM):
            break
        if same:
            blocks[-1] = (blocks[-1][0], segment.end)
        else:
            blocks.append((segment.start, segment.end))
        last_block = segment.block
        length += more
    return blocks


def _shown(body: StoredBody, spans: Sequence[Span], marks: Marks) -> tuple[str, tuple[Span, ...]]:
    text = body.content.text
    lines = [" ".join(text[start:end].split("\n")) for start, end in spans]
    found = marked(body.content, marks)
    highlights: list[Span] = []
    base = 0
    for (start, end), line in zip(spans, lines, strict=True):
        highlights.extend((base + a - start, base + b - start) for a, b in found.spans if start <= a and b <= end)
        base += len(line) + 1
    return "\n".join(lines), merged(highlights)
