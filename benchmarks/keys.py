"""The two-set (두벌식) keyboard: the keys behind a text, and what an input method makes of keys.

Shares nothing with the search core, so that a mistake in the core's tables cannot hide.
"""

from __future__ import annotations

from collections.abc import Sequence

LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
TAILS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

# Two keys, one letter.
PAIRS = {
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
JOINED = {pair: letter for letter, pair in PAIRS.items()}

ROWS = (("qwertyuiop", "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ"), ("asdfghjkl", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ"), ("zxcvbnm", "ㅋㅌㅊㅍㅠㅜㅡ"))
INDENTS = (0.0, 0.25, 0.75)
SHIFTED = dict(zip("ㅂㅈㄷㄱㅅㅐㅔ", "ㅃㅉㄸㄲㅆㅒㅖ", strict=True))
PLAIN = {shifted: plain for plain, shifted in SHIFTED.items()}

LATIN = {jamo: key for latin, hangul in ROWS for key, jamo in zip(latin, hangul, strict=True)}
LATIN |= {shifted: LATIN[plain].upper() for plain, shifted in SHIFTED.items()}


def _neighbours() -> dict[str, tuple[list[str], list[int]]]:
    """For every key its neighbours and their weights: beside counts twice as much as above and below."""
    places: dict[str, tuple[float, int]] = {}
    boards: list[list[str]] = [[], []]
    for row, (rows, indent) in enumerate(zip(ROWS, INDENTS, strict=True)):
        for board, keys in zip(boards, rows, strict=True):
            board.extend(keys)
            places.update((key, (column + indent, row)) for column, key in enumerate(keys))
    near: dict[str, tuple[list[str], list[int]]] = {}
    for board in boards:
        for key in board:
            (x, y), others = places[key], [other for other in board if other != key]
            others = [o for o in others if abs(places[o][1] - y) <= 1 and abs(places[o][0] - x) <= 1]
            near[key] = (others, [2 if places[o][1] == y else 1 for o in others])
    return near


NEAR = _neighbours()


def typed(text: str) -> list[str]:
    """The keys behind a text, in order: one jamo a key of the two-set keyboard, any other character itself."""
    keys: list[str] = []
    for character in text:
        for letter in parts(character):
            keys.extend(PAIRS.get(letter, letter))
    return keys


def compose(keys: Sequence[str]) -> str:
    """What an input method shows for these keys (the inverse of :func:`typed` on syllables).

    A consonant before a vowel begins a syllable, whatever it could have closed; lone consonants stay apart.
    """
    text, at = "", 0

    def consonant(place: int) -> bool:
        return place < len(keys) and keys[place] in LEADS

    def vowel(place: int) -> bool:
        return place < len(keys) and keys[place] in VOWELS

    def closes(place: int) -> bool:
        return consonant(place) and not vowel(place + 1)

    while at < len(keys):
        lead = keys[at] if consonant(at) and vowel(at + 1) else ""
        at += bool(lead)
        if not vowel(at):
            text += keys[at]
            at += 1
            continue
        middle = JOINED.get(keys[at] + keys[at + 1], "") if vowel(at + 1) else ""
        middle, at = (middle, at + 2) if middle else (keys[at], at + 1)
        if not lead:
            text += middle
            continue
        tail = keys[at] if closes(at) and keys[at] in TAILS else ""
        at += bool(tail)
        if tail and closes(at) and tail + keys[at] in JOINED:
            tail, at = JOINED[tail + keys[at]], at + 1
        text += syllable(lead, middle, tail)
    return text


def parts(character: str) -> tuple[str, ...]:
    """Lead, vowel and, if there is one, tail of a syllable; any other character alone."""
    number = ord(character) - ord("가")
    if not 0 <= number < 11172:
        return (character,)
    found = LEADS[number // 588], VOWELS[number % 588 // 28], TAILS[number % 28]
    return found if found[2] else found[:2]


def syllable(lead: str, vowel: str, tail: str = "") -> str:
    """The syllable of these letters."""
    return chr(ord("가") + LEADS.index(lead) * 588 + VOWELS.index(vowel) * 28 + TAILS.index(tail))
