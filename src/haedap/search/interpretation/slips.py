"""How far what was typed is from a word: edits of keys, weighted by how Koreans err.

Typing errors of Koreans are slips of the finger first (over 70%), then the wrong keyboard, then spelling (under 9%);
so neighbouring keys, doubled keys and forgotten shifts are cheap, and so are vowels and tails that sound alike.
A cost of 1 is one key left out or put in.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from haedap.search.hangul import beside, key_of

SUBSTITUTED = 1.35
NEIGHBOUR = 0.8
SHIFT = 0.45
ALIKE = 0.6
LEFT_OUT = 1.0
DOUBLED = 0.5
SWAPPED = 0.8

_ALIKE = (
    "ㅐㅔ", "ㅒㅖ", "ㅔㅖ", "ㅐㅣ", "ㅗㅜ", "ㅡㅜ", "ㅓㅗ", "ㅏㅓ",
    "ㄱㅋ", "ㄱㄲ", "ㄷㅌ", "ㄷㄸ", "ㅂㅍ", "ㅂㅃ", "ㅈㅊ", "ㅈㅉ", "ㅅㅆ", "ㅅㄷ", "ㅅㅈ", "ㅅㅊ", "ㅅㅌ", "ㅇㅎ",
)  # fmt: skip
_CHEAPEST = {"ㅐㅔ": 0.35, "ㅅㅆ": 0.4, "ㄱㄲ": 0.45}


@cache
def substituted(typed: str, meant: str) -> float:
    """The cost of one key for another; ``typed`` and ``meant`` are jamo, Latin letters or digits."""
    pair = "".join(sorted(typed + meant))
    costs = [SUBSTITUTED, _CHEAPEST.get(pair, SUBSTITUTED)]
    if any(set(pair) == set(alike) for alike in _ALIKE):
        costs.append(ALIKE)
    if key_of(typed) == key_of(meant):
        costs.append(SHIFT)
    if typed.isalpha() and meant.isalpha() and beside(typed, meant):
        costs.append(NEIGHBOUR)
    return min(costs)


def edit_cost(typed: str, meant: str, limit: float) -> float:
    """The least cost that turns ``meant`` into ``typed`` (both jamo), or ``limit`` if it is not below.

    Optimal string alignment (Damerau 1964) with the weights above.
    """
    before: list[float] = []
    row = _first_row(meant)
    for i, key in enumerate(typed, 1):
        doubled = i > 1 and typed[i - 2] == key
        current = [row[0] + (DOUBLED if doubled else LEFT_OUT)]
        for j, other in enumerate(meant, 1):
            if key == other:
                cost = row[j - 1]
            else:
                cost = row[j - 1] + substituted(key, other)
                if i > 1 and j > 1 and key == meant[j - 2] and typed[i - 2] == other:
                    cost = min(cost, before[j - 2] + SWAPPED)
            put_in = row[j] + (DOUBLED if doubled or key == other else LEFT_OUT)
            left_out = current[j - 1] + (DOUBLED if j > 1 and meant[j - 2] == other else LEFT_OUT)
            current.append(min(cost, put_in, left_out))
        if min(current) >= limit:
            return limit
        before, row = row, current
    return min(row[-1], limit)


def _first_row(meant: str) -> list[float]:
    row = [0.0]
    for _ in meant:
        row.append(row[-1] + LEFT_OUT)
    return row


def with_one_left_out(keys: str) -> Iterable[str]:
    """``keys`` itself and every string it becomes with one key left out."""
    yield keys
    for i in range(len(keys)):
        yield keys[:i] + keys[i + 1 :]
