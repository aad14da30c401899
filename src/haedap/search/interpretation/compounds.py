"""Words written as one that no article and no dictionary knows, taken apart into words of the center.

메신저다크모드 → 메신저 다크모드. Kiwi keeps an unknown word whole, and rightly: most are names. Only one that the
words of the center make up nearly without rest is several of them.
"""

from __future__ import annotations

import re

from haedap.search.analyzer import Analysis, Analyzer, Word
from haedap.search.interpretation.lexis import Lexis
from haedap.search.interpretation.steps import Step

SHORTEST = 5
"""Characters of a word that may be several."""
LONGEST = 9
"""Characters of one of its words."""
REST = 6
"""One character of so many may belong to no word (귀국편: 귀국)."""
_LEFT_OVER = 2.5
"""What such a character costs, where a word costs 1: the fewest words win."""
_COUNTED = re.compile(r"\d+[가-힣]{0,2}")


def taken_apart(text: str, analysis: Analysis, analyzer: Analyzer, lexis: Lexis) -> tuple[str, list[Step]]:
    """The text with spaces in its unknown long nouns, where words of the corpus make them up; and what was done."""
    steps: list[Step] = []
    for word in sorted(analysis.words, key=lambda word: -word.start):
        typed = analysis.folded[word.start : word.end]
        if not _whole_unknown(word, typed, lexis):
            continue
        pieces = _pieces(typed, lexis)
        if len(pieces) > 1:
            made = " ".join(pieces)
            text = text[: word.start] + made + text[word.end :]
            steps.insert(0, Step("spacing", typed, made))
    return text, steps


def _whole_unknown(word: Word, typed: str, lexis: Lexis) -> bool:
    """True for a long noun that no article holds and whose parts, if any, say less than all of it."""
    if word.word_class != "noun" or len(typed) < SHORTEST or " " in typed or lexis.frequency(word.term):
        return False
    said = sum(end - start for term, start, end, _ in word.parts if lexis.frequency(term))
    return said < len(typed) - 1


def _pieces(typed: str, lexis: Lexis) -> list[str]:
    """The fewest words of the corpus that make up ``typed``; empty if they leave more than the rest that is allowed."""
    best: list[tuple[float, int, int] | None] = [(0.0, 0, 0), *([None] * len(typed))]
    for start in range(len(typed)):
        reached = best[start]
        if reached is None:
            continue
        ends = [(end, 1.0, 0) for end in _word_ends(typed, start, lexis)]
        for end, cost, left in [*ends, (start + 1, _LEFT_OVER, 1)]:
            way = (reached[0] + cost, reached[1] + left, start)
            known = best[end]
            if known is None or way < known:
                best[end] = way
    goal = best[len(typed)]
    if goal is None or goal[1] > len(typed) // REST:
        return []
    return _joined(typed, best)


def _word_ends(typed: str, start: int, lexis: Lexis) -> list[int]:
    ends = range(start + 2, min(len(typed), start + LONGEST) + 1)
    found = [end for end in ends if lexis.frequency(typed[start:end])]
    counted = _COUNTED.match(typed, start)
    return [*found, *range(counted.start() + 1, counted.end() + 1)] if counted else found


def _joined(typed: str, best: list[tuple[float, int, int] | None]) -> list[str]:
    """The words along the best way; a character left over goes with the word before it, or stands alone at first."""
    pieces: list[str] = []
    end = len(typed)
    while end:
        step = best[end]
        assert step is not None
        pieces.append(typed[step[2] : end])
        end = step[2]
    out: list[str] = []
    for piece in reversed(pieces):
        if out and len(piece) == 1:
            out[-1] += piece
        else:
            out.append(piece)
    return out
