"""The likeliest words behind a stretch of text: a lattice of what was typed and of the center's words near it.

Every stretch of the text may stand as typed (free for what the corpus or the grammar knows, dear for what nobody
knows) or be a word of the vocabulary, at the cost of its edits. The cheapest way through the lattice is the reading.
"""

from __future__ import annotations

import heapq
import math
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from itertools import takewhile

from haedap.search.analyzer import Analysis
from haedap.search.hangul import compose, is_jamo, is_syllable, jamo_of
from haedap.search.interpretation.cost import (
    FOREIGN_KEY,
    FOREIGN_MOST,
    LONE_JAMO,
    Frequency,
    typed_spans,
)
from haedap.search.interpretation.nearby import Nearby
from haedap.search.interpretation.slips import edit_cost

LONGEST = 9
"""Characters a word may take up in the text."""
WORD = 0.06
REPLACED = 0.5
SOUNDS_ALIKE = 0.45
REPLACED_ALIKE = 0.1
"""What replacing a word costs beyond its edits, if one article holds it; less where the edits cost so little that
both sound alike."""
COMMON = 0.09
"""So much less for each power of ten of articles that hold it."""
BROKEN = 0.45
"""What the rest of a syllable costs whose first key went to the word before."""
SPACE = 0.35
"""What a word costs that runs over a space."""
DEAREST = 2.2
"""No word is replaced at a higher cost of edits."""
PER_KEY = 0.24
"""Nor at more than this for each of its keys: a short word may be changed less."""
BEAM = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as read: what it costs, the words put in, and whether the rest of a syllable became one of its own."""

    text: str
    cost: float
    changes: tuple[str, ...] = ()
    broken: bool = False


@dataclass(frozen=True, slots=True)
class _Arc:
    end: int
    cost: float
    word: str | None = None


_Path = tuple[tuple[int, int, str], ...]
"""The words put in, in order: first key, last key, word."""


def readings(
    analysis: Analysis,
    frequency: Frequency,
    nearby: Nearby,
    region: tuple[int, int],
    real: Collection[str] = frozenset(),
) -> tuple[Reading, list[Reading]]:
    """The reading as typed of ``analysis.folded[region]`` and others that are cheaper, cheapest first.

    ``real`` are everyday words that no article need hold: they stand as typed and are never proposed.
    """
    start, end = region
    grid = _Grid(analysis.folded[start:end])
    arcs = _typed_arcs(analysis, frequency, grid, start)
    changing: list[tuple[int, _Arc]] = []
    for at, arc in _word_arcs(grid, frequency, nearby):
        if arc.word is None:
            arcs.setdefault(at, []).append(arc)
        else:
            changing.append((at, arc))
    for at, end_of_word in _everyday(grid, real):
        arcs.setdefault(at, []).append(_Arc(end_of_word, min(FOREIGN_MOST, FOREIGN_KEY * (end_of_word - at))))
    as_typed = _cheapest(grid, arcs)[0]
    for at, arc in changing:
        arcs.setdefault(at, []).append(arc)
    ways = _cheapest(grid, arcs)
    # Once the text as typed comes up, what follows is dearer than that.
    found = list(takewhile(lambda reading: reading.changes, ways))
    return as_typed, [reading for reading in found if reading.cost < as_typed.cost]


class _Grid:
    """The keys of a stretch of text, and where its characters begin among them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        parts = []
        for char in text:
            keys = "" if char == " " else jamo_of(char)
            parts.append(keys)
            self.starts.append(self.starts[-1] + len(keys))
        self.keys = "".join(parts)


def _typed_arcs(analysis: Analysis, frequency: Frequency, grid: _Grid, offset: int) -> dict[int, list[_Arc]]:
    """From each character to the next at the price of its morpheme, shared out over its characters."""
    price = [0.0] * len(grid.text)
    covered = [False] * len(grid.text)
    for (start, end), cost in typed_spans(analysis, frequency):
        inside = [i - offset for i in range(start, end) if 0 <= i - offset < len(grid.text)]
        for i in inside:
            price[i] += cost / max(1, end - start)
            covered[i] = True
    arcs: dict[int, list[_Arc]] = {}
    for i, char in enumerate(grid.text):
        if char == " ":
            continue
        alone = LONE_JAMO if is_jamo(char) else (0.0 if covered[i] else 0.3)
        cost = max(price[i], alone)
        arcs.setdefault(grid.starts[i], []).append(_Arc(grid.starts[i + 1], cost))
        # The rest of a syllable whose first key went to the word before.
        if is_syllable(char):
            for key in range(grid.starts[i] + 1, grid.starts[i + 1]):
                arcs.setdefault(key, []).append(_Arc(grid.starts[i + 1], BROKEN))
    return arcs


def _word_arcs(grid: _Grid, frequency: Frequency, nearby: Nearby) -> list[tuple[int, _Arc]]:
    spans = _candidate_spans(grid)
    found = nearby.find([grid.keys[start:end] for start, end, _ in spans])
    whole = frozenset(grid.starts)
    arcs: list[tuple[int, _Arc]] = []
    for (start, end, spaces), numbers in zip(spans, found, strict=True):
        typed = grid.keys[start:end]
        for number in numbers:
            meant = nearby.keys[number]
            exact = typed == meant
            limit = min(DEAREST, PER_KEY * len(meant))
            cost = 0.0 if exact else edit_cost(typed, meant, limit)
            count = frequency(nearby.words[number]) if exact or cost < limit else 0
            if not count:
                continue
            if exact and not spaces and end in whole:
                arcs.append((start, _Arc(end, WORD)))
            else:
                replaced = REPLACED_ALIKE if cost <= SOUNDS_ALIKE else REPLACED
                paid = cost + replaced + SPACE * spaces - COMMON * math.log10(count)
                arcs.append((start, _Arc(end, paid, nearby.words[number])))
    return arcs


def _everyday(grid: _Grid, real: Collection[str]) -> list[tuple[int, int]]:
    """The keys [first, last) of every everyday word that stands in the text."""
    text, starts = grid.text, grid.starts
    return [
        (starts[i], starts[j])
        for i in range(len(text))
        for j in range(i + 2, min(len(text), i + LONGEST) + 1)
        if text[i:j] in real
    ]


def _candidate_spans(grid: _Grid) -> list[tuple[int, int, int]]:
    """(first key, last key, spaces inside) of stretches that may be a word; they may end inside a syllable."""
    text, spans = grid.text, []
    for i, char in enumerate(text):
        if char == " ":
            continue
        spaces = 0
        for j in range(i, min(len(text), i + LONGEST)):
            if text[j] == " ":
                spaces += 1
                if spaces > 1:
                    break
                continue
            if j > i or grid.starts[j + 1] - grid.starts[i] > 3:
                spans.append((grid.starts[i], grid.starts[j + 1], spaces))
                if is_syllable(text[j]) and j > i:
                    spans.append((grid.starts[i], grid.starts[j] + 1, spaces))
    return spans


def _cheapest(grid: _Grid, arcs: dict[int, list[_Arc]]) -> list[Reading]:
    """The cheapest ways from the first key to the last, at most :data:`BEAM`."""
    goal = len(grid.keys)
    best: dict[int, list[tuple[float, int, _Path]]] = {0: [(0.0, 0, ())]}
    order = 0
    for at in range(goal):
        for cost, _, path in heapq.nsmallest(BEAM, best.get(at, ())):
            for arc in arcs.get(at, ()):
                order += 1
                way = path if arc.word is None else (*path, (at, arc.end, arc.word))
                best.setdefault(arc.end, []).append((cost + arc.cost, order, way))
    ways: dict[_Path, float] = {}
    for cost, _, path in best.get(goal, [(0.0, 0, ())]):
        ways[path] = min(cost, ways.get(path, cost))
    ranked = sorted(ways.items(), key=lambda item: item[1])[:BEAM]
    return [_reading(grid, path, cost) for path, cost in ranked]


def _reading(grid: _Grid, path: _Path, cost: float) -> Reading:
    out: list[str] = []
    at = 0
    for start, end, word in path:
        out += [_between(grid, at, start), word]
        at = end
    out.append(_between(grid, at, len(grid.keys)))
    broken = any(end not in grid.starts for _, end, _ in path)
    # A conjoining jamo that stood alone may now follow a syllable.
    return Reading(unicodedata.normalize("NFC", "".join(out)), cost, tuple(word for _, _, word in path), broken)


def _between(grid: _Grid, start: int, end: int) -> str:
    """The text of the keys [start, end); the rest of a broken syllable that begins with a vowel gets its ㅇ back."""
    first = _char_after(grid, start)
    rest = ""
    if start < grid.starts[first]:
        keys = grid.keys[start : min(end, grid.starts[first])]
        rest = compose("ㅇ" + keys) if "ㅏ" <= keys[0] <= "ㅣ" else ""
    return rest + grid.text[first : max(first, _char_at(grid, end))]


def _char_at(grid: _Grid, key: int) -> int:
    """The character that begins at this key, or holds it; with spaces before it."""
    return bisect_right(grid.starts, key) - 1


def _char_after(grid: _Grid, key: int) -> int:
    """The first character that begins at this key or after it; a space right there is kept."""
    return bisect_left(grid.starts, key)
