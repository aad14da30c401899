"""Snippets: whole sentences or clauses of the article, verbatim and in order.

Properties (a property test proves each): at most :data:`LIMIT` characters; every stretch between two " … " stands in
the body as it is, white space aside; stretches keep the body's order; where text is left out between stretches, " … "
stands, and so does "…" at an end that lies within a sentence; " / " stands around the rows of a table; no URL or
parameter; no leading mark; every highlight is the span of a matched morpheme; an article with any readable text has a
snippet.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from haedap.search.payload import Payload, Segment, StoredBody, StoredText
from haedap.search.plan import Marks
from haedap.search.sentences import clauses, words
from haedap.search.types import Snippet, Span

LIMIT = 160
GAP = " … "
ROW = " / "
"""Stands between a row of a table and what is next to it; as long as :data:`GAP`."""
MARK = "…"
"""Set off by a space, stands where a snippet begins or ends within a sentence."""
OPENING = 10
"""A segment shorter than this does not end a snippet, unless it answers."""
BESIDE = 3
"""Parts of a compound belong together across so many characters."""
_SPACES = re.compile(r"\s+")
_TEXT_KINDS = frozenset({"paragraph", "step", "item", "note", "row"})
_LIST_NUMBER = re.compile(r"\(?\d{1,2}[.)]\s*")


@dataclass(frozen=True, slots=True)
class Marked:
    """Where a query's terms stand in a text: spans in order with the term and its weight."""

    spans: tuple[Span, ...]
    starts: tuple[int, ...]
    terms: tuple[str, ...]
    weights: tuple[float, ...]


def marked(content: StoredText, marks: Marks) -> Marked:
    """Every token of ``content`` that is to be marked, in order of its start."""
    weights = marks.weights
    found = sorted(
        (content.starts[i], content.ends[i], term) for i, term in enumerate(content.terms) if term in weights
    )
    kept = [item for i, item in enumerate(found) if _stands(i, found, marks)]
    return Marked(
        tuple((start, end) for start, end, _ in kept),
        tuple(start for start, _, _ in kept),
        tuple(term for _, _, term in kept),
        tuple(weights[term] for _, _, term in kept),
    )


def _stands(i: int, found: Sequence[tuple[int, int, str]], marks: Marks) -> bool:
    """False for a part of a compound without its other parts beside it."""
    start, end, term = found[i]
    siblings = marks.siblings.get(term)
    if siblings is None:
        return True
    near = (item for item in found[max(0, i - 4) : i + 5] if item[0] <= end + BESIDE and item[1] >= start - BESIDE)
    return any(other in siblings or (a <= start and end <= b and (a, b) != (start, end)) for a, b, other in near)


def title_highlights(title: StoredText, marks: Marks) -> tuple[Span, ...]:
    """Spans of the title to mark, merged and in order."""
    return merged(marked(title, marks).spans)


def best_snippet(payload: Payload, marks: Marks, prefer: str | None = None) -> Snippet:
    """The snippet of the body that says most about the weighted terms.

    ``prefer`` names a scope: among bodies that match equally well, the one that serves it is taken. Without any match
    the beginning of the body is shown; an article without body text shows its title.
    """
    candidates = [_body_snippet(body, marks) for body in payload.bodies]
    ranked = sorted(
        range(len(candidates)),
        key=lambda i: (-candidates[i][0], prefer not in payload.bodies[i].scopes, i),
    )
    for i in ranked:
        if candidates[i][1].text:
            return candidates[i][1]
    title, found = payload.title.text, marked(payload.title, marks)
    whole = (0, len(title))
    return _render(title, [whole] if len(title) <= LIMIT else _cut(whole, title, found), found, whole, frozenset())


def _body_snippet(body: StoredBody, marks: Marks) -> tuple[float, Snippet]:
    """The best snippet of one body and how much of the query it holds."""
    found = marked(body.content, marks)
    readable = [segment for segment in body.segments if segment.kind in _TEXT_KINDS] or list(body.segments)
    if not readable:
        return 0.0, Snippet("")
    text = body.content.text
    hits = [_terms_within(found, (segment.start, segment.end)) for segment in readable]
    best = _best_start(readable, hits, text)
    rows = _rows(readable)
    pieces = _grow(readable, hits, best, text, found, rows)
    score = sum(_union(_terms_within(found, piece) for piece in pieces).values())
    return score, _render(text, pieces, found, (readable[best].start, readable[best].end), rows)


def _rows(readable: Sequence[Segment]) -> frozenset[int]:
    """Where a row of a table begins, or what follows one."""
    return frozenset(
        after.start
        for before, after in pairwise(readable)
        if before.block != after.block and "row" in (before.kind, after.kind)
    )


def _terms_within(found: Marked, span: Span) -> dict[str, float]:
    first, last = bisect_left(found.starts, span[0]), bisect_left(found.starts, span[1])
    return {found.terms[i]: found.weights[i] for i in range(first, last) if found.spans[i][1] <= span[1]}


def _union(parts: Iterable[dict[str, float]]) -> dict[str, float]:
    whole: dict[str, float] = {}
    for part in parts:
        whole.update(part)
    return whole


def _best_start(readable: Sequence[Segment], hits: Sequence[dict[str, float]], text: str) -> int:
    """The segment to begin with: most query weight within what fits, the earliest of equals."""

    def value(i: int) -> float:
        total: dict[str, float] = dict(hits[i])
        length = readable[i].end - readable[i].start
        for j in range(i + 1, len(readable)):
            length += readable[j].end - readable[j].start + 1
            if length > LIMIT or readable[j].block > readable[i].block + 2:
                break
            total.update(hits[j])
        # What the first sentence says itself counts more than what merely follows it.
        return sum(total.values()) + 0.5 * sum(hits[i].values()) + (1e-6 if length > 30 else 0.0)

    values = [value(i) for i in range(len(readable))]
    return max(range(len(values)), key=lambda i: (values[i], -i))


def _grow(
    readable: Sequence[Segment],
    hits: Sequence[dict[str, float]],
    best: int,
    text: str,
    found: Marked,
    rows: frozenset[int],
) -> list[Span]:
    """Spans of text: the best segment, others that hold more of the query, then what follows them while it fits."""
    first = readable[best]
    if _length(text, [(first.start, first.end)], rows) > LIMIT:
        return _cut((first.start, first.end), text, found)

    def fits(more: Sequence[int]) -> bool:
        return _length(text, _spans(more, readable), rows) <= LIMIT

    chosen = _with_new_terms([best], readable, hits, fits)
    for i in sorted(chosen):
        following = i + 1
        while following < len(readable) and fits([*chosen, following]):
            if following not in chosen:
                chosen.append(following)
            following += 1
    while len(chosen) > 1 and _is_opening(max(chosen), readable, hits):
        chosen.remove(max(chosen))
    return _spans(chosen, readable)


def _is_opening(i: int, readable: Sequence[Segment], hits: Sequence[dict[str, float]]) -> bool:
    """True for a short segment that only opens the next one ("주의.") and says nothing of the query."""
    return not hits[i] and readable[i].end - readable[i].start < OPENING


def _with_new_terms(
    chosen: list[int],
    readable: Sequence[Segment],
    hits: Sequence[dict[str, float]],
    fits: Callable[[Sequence[int]], bool],
) -> list[int]:
    """Add up to two segments that hold terms of the query which those chosen lack, while they fit."""
    chosen = list(chosen)
    for _ in range(2):
        covered = _union(hits[i] for i in chosen)
        gains = [
            (sum(w for t, w in hits[i].items() if t not in covered), -abs(i - chosen[0]), i)
            for i in range(len(readable))
            if i not in chosen
        ]
        fitting = [item for item in gains if item[0] > 0 and fits([*chosen, item[2]])]
        if not fitting:
            break
        chosen.append(max(fitting)[2])
    return chosen


def _spans(chosen: Sequence[int], readable: Sequence[Segment]) -> list[Span]:
    return [(readable[i].start, readable[i].end) for i in sorted(set(chosen))]


def _cut(span: Span, text: str, found: Marked) -> list[Span]:
    """The clauses (or, in a clause too long, the words) of one long segment that hold most of the query."""
    units = [unit for clause in clauses(text, span) for unit in _fitting(clause, text)]
    weights = [sum(_terms_within(found, unit).values()) for unit in units]
    best: tuple[float, int, int] = (-1.0, 0, 1)
    for i in range(len(units)):
        for j in range(i + 1, len(units) + 1):
            joined = (units[i][0], units[j - 1][1])
            if joined[1] - joined[0] + 2 * len(GAP) > LIMIT:
                break
            total = sum(_terms_within(found, joined).values()) if j - i > 1 else weights[i]
            if total > best[0] + 1e-9 or (abs(total - best[0]) <= 1e-9 and i == best[1]):
                best = (total, i, j)
    return [(units[best[1]][0], units[best[2] - 1][1])]


def _fitting(clause: Span, text: str) -> list[Span]:
    """The clause, or stretches of its words when it is longer than a snippet; a single endless word is cut."""
    room = LIMIT - 2 * len(GAP)
    if clause[1] - clause[0] <= room:
        return [clause]
    parts: list[Span] = []
    for start, end in words(text, clause):
        if parts and end - parts[-1][0] <= room:
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, min(end, start + room)))
    return parts


def _joins(text: str, left: Span, right: Span) -> bool:
    """True if nothing but white space stands between two pieces."""
    return not text[left[1] : right[0]].strip()


def _length(text: str, pieces: Sequence[Span], rows: frozenset[int]) -> int:
    # Stored text has no runs of spaces, so only line breaks between pieces can shrink: never longer than this.
    joined = _joined(text, pieces, rows)
    return sum(end - start for start, end in joined) + len(GAP) * (len(joined) - 1)


def _joined(text: str, pieces: Sequence[Span], rows: frozenset[int]) -> list[Span]:
    """Pieces between which nothing was left out as one, so that what stands between them is kept as it is; rows of a
    table apart."""
    joined: list[Span] = []
    for piece in pieces:
        if joined and piece[0] not in rows and _joins(text, joined[-1], piece):
            joined[-1] = (joined[-1][0], piece[1])
        else:
            joined.append(piece)
    return joined


def _render(text: str, pieces: Sequence[Span], found: Marked, sentence: Span, rows: frozenset[int]) -> Snippet:
    """The text of the pieces with gaps between them, and the highlights moved to it.

    ``sentence`` is the one that may have been cut: an end within it is marked.
    """
    out: list[str] = []
    length = 0
    highlights: list[Span] = []

    def put(part: str) -> None:
        nonlocal length
        out.append(part)
        length += len(part)

    if _can_be_read(text[sentence[0] : pieces[0][0]]):
        put(f"{MARK} ")
    joined = _joined(text, pieces, rows)
    for i, (start, end) in enumerate(joined):
        if i:
            put(ROW if _joins(text, joined[i - 1], joined[i]) else GAP)
        piece = text[start:end]
        shown = _SPACES.sub(" ", piece)
        place = _placer(piece, shown, start, length)
        highlights.extend((place(max(a, start)), place(min(b, end))) for a, b in found.spans if start <= a and b <= end)
        put(shown)
    if pieces[-1][1] > sentence[0] and _can_be_read(text[pieces[-1][1] : sentence[1]]):
        put(f" {MARK}")
    return Snippet("".join(out), merged(highlights))


def _can_be_read(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _placer(piece: str, shown: str, start: int, base: int) -> Callable[[int], int]:
    """Maps an offset of the text to one of the snippet, where runs of white space became one space."""
    if len(piece) == len(shown):
        return lambda offset: base + offset - start
    return lambda offset: base + len(_SPACES.sub(" ", piece[: offset - start]))


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order, those that overlap or touch made one."""
    merged: list[Span] = []
    for start, end in sorted(set(spans)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
