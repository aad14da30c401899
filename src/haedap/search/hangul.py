"""Hangul below the syllable: jamo, keys of the two-set (두벌식) keyboard, initials.

Everything here is a pure function of its text. A *jamo* is a compatibility jamo (ㄱ-ㅣ) that one key gives, with or
without shift: ㄲ and ㅒ are one jamo, ㄳ and ㅘ are two. So a string of jamo is what the fingers typed.
"""

from __future__ import annotations

from itertools import chain

LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
TAILS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

_FIRST, _LAST = 0xAC00, 0xD7A3
_COMPOUND = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
}  # fmt: skip
_JOINED = {parts: whole for whole, parts in _COMPOUND.items()}
_KEY_OF = dict(
    zip(
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        strict=True,
    )
)
_JAMO_OF = {key: jamo for jamo, key in _KEY_OF.items()}
_JAMO_OF |= {key.upper(): jamo for key, jamo in _JAMO_OF.items() if key.upper() not in _JAMO_OF}
_ROWS = (("1234567890", -0.5), ("qwertyuiop", 0.0), ("asdfghjkl", 0.25), ("zxcvbnm", 0.75))
_SPOTS = {key: (x + shift, y) for y, (row, shift) in enumerate(_ROWS) for x, key in enumerate(row)}
KEYS = tuple(_SPOTS)
"""Every key of the keyboard, as Latin letters and digits."""
_VOWELS = frozenset(VOWELS)
_LEADS = frozenset(LEADS)


def is_jamo(char: str) -> bool:
    """True for a compatibility jamo (ㄱ-ㅎ, ㅏ-ㅣ), compound ones included."""
    return "ㄱ" <= char <= "ㅣ"


def is_consonant(char: str) -> bool:
    """True for a compatibility consonant jamo, compound ones included."""
    return "ㄱ" <= char <= "ㅎ"


def is_syllable(char: str) -> bool:
    """True for a composed syllable (가-힣)."""
    return "가" <= char <= "힣"


class _Keys(dict[int, str]):
    """A lazily filled ``str.translate`` table from characters to keys."""

    def __missing__(self, code: int) -> str:
        value = self[code] = _keys_of(chr(code))
        return value


def _keys_of(char: str) -> str:
    code = ord(char)
    if _FIRST <= code <= _LAST:
        lead, rest = divmod(code - _FIRST, 588)
        vowel, tail = divmod(rest, 28)
        return LEADS[lead] + _parts(VOWELS[vowel]) + _parts(TAILS[tail])
    return _parts(char)


_KEYS = _Keys()


def jamo(text: str) -> str:
    """``text`` (NFC) as the jamo that its keys give, any other character as it is: 왔 → ㅇㅗㅏㅆ."""
    return text.translate(_KEYS)


def jamo_of(char: str) -> str:
    """The keys that give one character, as :func:`jamo` does."""
    return _KEYS[ord(char)]


def _parts(char: str) -> str:
    return _COMPOUND.get(char, char)


def initial(char: str) -> str:
    """The first consonant of a syllable; a consonant jamo itself; "" for anything else."""
    if is_syllable(char):
        return LEADS[(ord(char) - _FIRST) // 588]
    return char if char in _LEADS else ""


def compose(keys: str) -> str:
    """The text that an input method makes of ``keys`` (jamo; other characters end a syllable): ㄱㅏㅂㅅㅣ → 값이 is not
    made, 갑시 is: a consonant goes to the vowel after it."""
    out: list[str] = []
    lead = vowel = tail = ""

    def flush() -> None:
        nonlocal lead, vowel, tail
        if lead and vowel:
            syllable = (LEADS.index(lead) * 21 + VOWELS.index(vowel)) * 28 + TAILS.index(tail)
            out.append(chr(_FIRST + syllable))
        else:
            out.append(lead or vowel)
        lead = vowel = tail = ""

    for char in chain.from_iterable(_parts(key) for key in keys):
        if char in _VOWELS:
            if tail:
                moved = tail[-1] if tail not in _COMPOUND else _COMPOUND[tail][1]
                tail = "" if tail not in _COMPOUND else _COMPOUND[tail][0]
                flush()
                lead, vowel = moved, char
            elif lead and not vowel:
                vowel = char
            elif vowel and (vowel + char) in _JOINED:
                vowel = _JOINED[vowel + char]
            else:
                flush()
                vowel = char
        elif is_consonant(char):
            if lead and vowel and not tail and char in TAILS:
                tail = char
            elif tail and (tail + char) in _JOINED:
                tail = _JOINED[tail + char]
            else:
                flush()
                lead = char
        else:
            flush()
            out.append(char)
    flush()
    return "".join(out)


def typed_as_hangul(text: str) -> str:
    """What the keys of Latin ``text`` give on the Korean layout: dhvms → 오픈. Other characters stay."""
    return compose("".join(_JAMO_OF.get(char, char) for char in text))


def typed_as_latin(text: str) -> str:
    """What the keys of Hangul ``text`` give on the Latin layout: ㅔㅁㄴㄴ → pass. Other characters stay."""
    return "".join(_KEY_OF.get(char, char) for char in jamo(text))


def key_of(char: str) -> str:
    """The key that gives a jamo, a letter or a digit, whatever the layout and with shift or without."""
    return typed_as_latin(char).lower()


def beside(one: str, other: str) -> bool:
    """True if two keys (jamo, letters or digits) lie side by side or are the same one."""
    here, there = _SPOTS.get(key_of(one)), _SPOTS.get(key_of(other))
    return bool(here and there and abs(here[0] - there[0]) <= 1 and abs(here[1] - there[1]) <= 1)
