"""Text folding that keeps length, so that an offset in folded text is an offset in the original.

Invariant: ``len(fold(text)) == len(text)`` for every string; ``normalize`` alone may change length and therefore runs
once, before anything counts characters.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f]"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SPACES = re.compile(r"[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")

# Half-width jamo (U+FFA0..U+FFDC) are the one block whose NFKC form would be a conjoining jamo; these are the ones
# a keyboard gives (compatibility jamo).
_HALF_WIDTH_JAMO = dict(
    zip(
        [
            *range(0xFFA1, 0xFFBF),
            *range(0xFFC2, 0xFFC8),
            *range(0xFFCA, 0xFFD0),
            *range(0xFFD2, 0xFFD8),
            0xFFDA,
            0xFFDB,
            0xFFDC,
        ],
        [*range(0x3131, 0x314F), *range(0x314F, 0x3164)],
        strict=True,
    )
)


_ROMAN = {**{chr(0x2160 + i): str(i + 1) for i in range(9)}, **{chr(0x2170 + i): str(i + 1) for i in range(9)}}


def _fold_char(char: str) -> str:
    """Lower-case, full-width and compatibility forms of one character, if the result is again one character; a Roman
    numeral of one character (Ⅰ-Ⅸ) is its digit."""
    if char in _ROMAN:
        return _ROMAN[char]
    jamo = _HALF_WIDTH_JAMO.get(ord(char))
    if jamo is not None:
        return chr(jamo)
    if "\uf900" <= char <= "\ufaff" or "\u3131" <= char <= "\u318e":
        return char  # Hanja stays Hanja, a compatibility jamo stays what the keyboard gave
    wide = unicodedata.normalize("NFKC", char)
    if len(wide) != 1:
        wide = char
    lower = wide.lower()
    return lower if len(lower) == 1 else wide


class _FoldTable(dict[int, str]):
    """A lazily filled ``str.translate`` table."""

    def __missing__(self, code: int) -> str:
        value = self[code] = _fold_char(chr(code))
        return value


_FOLD = _FoldTable()


def fold(text: str) -> str:
    """Fold case and width, character by character. Takes NFC text; the result has the same length."""
    return text.translate(_FOLD)


def normalize(text: str) -> str:
    """NFC text without control, zero-width and direction characters; lone surrogates become U+FFFD.

    Line breaks stay; runs of horizontal white space become one space.
    """
    text = _SURROGATE.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")
    # Controls first: what stood between a letter and its accent goes before the two are composed.
    return _SPACES.sub(" ", unicodedata.normalize("NFC", _CONTROL.sub("", text)))


def is_word_char(char: str) -> bool:
    """True for a letter or digit of any script."""
    return char.isalnum()
