"""Reading through disguise: the words an advertisement means, whatever signs it wrote them with."""

from __future__ import annotations

import re
import unicodedata

from haedap.search.text import fold


def read(text: str) -> str:
    """What ``text`` says to a person: lower case, plain digits and letters, whole syllables, no letters spaced out.

    Ornaments stay (each is one sign); invisible signs go; white space is single.
    """
    plain = fold(unicodedata.normalize("NFC", text).translate(_LOOKALIKES))
    plain = _SPACES.sub(" ", plain).strip()
    plain = _SPLIT_SYLLABLE.sub(_compose, plain)
    return _SPACED_OUT.sub(_close_up, plain)


def _lookalikes() -> dict[int, str | None]:
    """Signs that compatibility folding does not resolve: letters in black shapes, circled digits, invisible signs."""
    table: dict[int, str | None] = {}
    for first in (0x1F150, 0x1F170):  # 🅐 and 🅰
        table |= {first + i: chr(ord("a") + i) for i in range(26)}
    for first in (0x2776, 0x2780, 0x278A, 0x24F5):  # ❶ ➀ ➊ ⓵
        table |= {first + i: str(i + 1) for i in range(9)}
    table |= {0x24FF: "0", 0x1F10C: "0", 0x3007: "0", 0x3002: ".", 0xFF61: ".", 0x3001: ","}
    invisible = (0xAD, 0x115F, 0x1160, 0x20E3, 0x3164, 0xFEFF, *range(0x200B, 0x2010), *range(0x2060, 0x2070))
    return table | dict.fromkeys((*invisible, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400)))


_LOOKALIKES = _lookalikes()
_SPACES = re.compile(r"\s+")

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_SPLIT_SYLLABLE = re.compile(rf"([{_INITIALS}])([{_VOWELS}])(?:([{_FINALS[1:]}])(?![{_VOWELS}]))?")


def _compose(match: re.Match[str]) -> str:
    """ㅌㅔㄹ as 텔."""
    initial, vowel, final = match.groups()
    syllable = (_INITIALS.index(initial) * 21 + _VOWELS.index(vowel)) * 28
    return chr(0xAC00 + syllable + (_FINALS.index(final) if final else 0))


# Four or more single letters with a space or an ornament between them.
_SPACED_OUT = re.compile(r"(?<![^\W_])[^\W_](?:[^\w.,:;/@\-]{1,2}[^\W_](?![^\W_])){3,}")
_GAP = re.compile(r"[^\w]+")
_CHANGE = re.compile(r"(?<=[가-힣])(?=[a-z0-9])")


def _close_up(match: re.Match[str]) -> str:
    """카 지 노 a b as 카지노 ab."""
    return _CHANGE.sub(" ", _GAP.sub("", match.group()))
