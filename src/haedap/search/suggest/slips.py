"""One slip of the fingers: a neighbouring key, a key missing, struck along or before its time, ㅐ for ㅔ."""

from __future__ import annotations

from functools import cache

from haedap.search.hangul import KEYS, beside, is_jamo, key_of, typed_as_hangul

MIN_KEYS = 4
"""Shorter texts are taken as they are."""
_ALIKE = ("ㅐㅔ", "ㅒㅖ", "ㅐㅣ", "ㅔㅖ")
"""Keys that lie apart but sound alike where they are confused (되/돼: ㅗㅣ, ㅗㅐ)."""


@cache
def near(key: str) -> frozenset[str]:
    """The keys that may be struck in place of ``key``, itself left out: beside it, with shift or without, alike."""
    found = {other for other in KEYS if beside(key, other)}
    if not found:
        return frozenset()
    if is_jamo(key):
        found = {typed_as_hangul(char) for char in (*found, key_of(key).upper())}
        found.update(other for pair in _ALIKE if key in pair for other in pair)
    return frozenset(found - {key})


def slipped_end(text: str, at: int, keys: str, *, first: bool = False) -> int | None:
    """Where ``keys`` end in ``text`` when read from ``at`` with at most one slip; None if they do not fit.

    The first key counts as right unless ``first``.
    """
    same = 0
    while same < len(keys) and text.startswith(keys[same], at + same):
        same += 1
    end, here, rest = at + len(keys), at + same, keys[same + 1 :]
    if same == len(keys):
        return end
    if same == 0 and not first:
        return None
    if text[here : here + 1] in near(keys[same]) and text.startswith(rest, here + 1):
        return end
    if text.startswith(rest, here) and _struck_along(keys, same):
        return end - 1
    if text.startswith(keys[same:], here + 1):
        return end + 1
    if rest and text.startswith(rest[0] + keys[same] + rest[1:], here):
        return end
    return None


def _struck_along(keys: str, at: int) -> bool:
    """True if the key may be there only because the one before or after it was struck."""
    beside = {*keys[max(0, at - 1) : at], *keys[at + 1 : at + 2]}
    return keys[at] in beside or not near(keys[at]).isdisjoint(beside)
