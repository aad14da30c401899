"""Finding what two sequences of lines or words have in common, and which line became which.

Items are aligned at those that stand once on each side (patience), and only what lies between is left to difflib: large
texts with many small changes take milliseconds, and blank lines do not lead astray.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

MAX_PAIRS = 2500
"""So many pairs of lines of one change are weighed to find which became which; beyond that they stand in order."""
ALIKE = 0.4
"""The least share of words in common that makes one line the new form of another."""
WORDS = re.compile(r"\d+|[가-힣]+|[^\W\d가-힣]+|\s+|.", re.DOTALL)
"""A number, a run of Hangul or of other letters, a run of white space, or one other character."""


def matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """Runs of equal items as (start in old, start in new, length), rising on both sides."""
    start, end = common_ends(old, new)
    runs = [(0, 0, start)] if start else []
    at_old, at_new = start, start
    until_old, until_new = len(old) - end, len(new) - end
    for anchor_old, anchor_new in [*_anchors(old, new, start, until_old, until_new), (until_old, until_new)]:
        matcher = SequenceMatcher(None, old[at_old:anchor_old], new[at_new:anchor_new])
        runs += [(at_old + a, at_new + b, size) for a, b, size in matcher.get_matching_blocks() if size]
        if anchor_old < until_old:
            runs.append((anchor_old, anchor_new, 1))
        at_old, at_new = anchor_old + 1, anchor_new + 1
    if end:
        runs.append((until_old, until_new, end))
    return runs


def _anchors(
    old: Sequence[str], new: Sequence[str], start: int, until_old: int, until_new: int
) -> list[tuple[int, int]]:
    """Items that stand once on each side, the longest rising chain of them."""
    once_old = _once(old, start, until_old)
    once_new = _once(new, start, until_new)
    pairs = [(at, once_new[line]) for line, at in once_old.items() if line in once_new]
    tails: list[int] = []
    last: list[int] = []
    came_from: list[int | None] = []
    for index, (_, at_new) in enumerate(pairs):
        place = bisect_left(tails, at_new)
        came_from.append(last[place - 1] if place else None)
        if place == len(tails):
            tails.append(at_new)
            last.append(index)
        else:
            tails[place], last[place] = at_new, index
    chain: list[tuple[int, int]] = []
    at: int | None = last[-1] if last else None
    while at is not None:
        chain.append(pairs[at])
        at = came_from[at]
    return chain[::-1]


def _once(lines: Sequence[str], start: int, until: int) -> dict[str, int]:
    """The place of each item that stands once in a stretch and is not blank, rising."""
    counts = Counter(lines[start:until])
    return {line: at for at, line in enumerate(lines[start:until], start) if counts[line] == 1 and line.strip()}


def common_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many items both begin with, and of the rest how many both end with."""
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, end


def likeness_pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Which lines became which, rising on both sides, so that the likeness of all pairs together is greatest."""
    old_words, new_words = ([_bag(line) for line in lines] for lines in (old, new))
    if len(old) * len(new) > MAX_PAIRS:
        return [
            (index, index)
            for index in range(min(len(old), len(new)))
            if _likeness(old_words[index], new_words[index]) >= ALIKE
        ]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    alike = [[_likeness(left, right) for right in new_words] for left in old_words]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = best[i + 1][j + 1] + alike[i][j] if alike[i][j] >= ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if alike[i][j] >= ALIKE and best[i][j] == best[i + 1][j + 1] + alike[i][j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _bag(line: str) -> Counter[str]:
    return Counter(word for word in WORDS.findall(line) if not word.isspace())


def _likeness(left: Counter[str], right: Counter[str]) -> float:
    size = left.total() + right.total()
    return 2 * (left & right).total() / size if size else 0.0
