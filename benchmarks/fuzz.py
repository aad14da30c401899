"""Text that nobody means: what interpretation must survive, quickly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from benchmarks.corrupt import KINDS, corrupt

MOST = 200
"""The longest fuzzed input, in characters."""

_JAMO = [chr(code) for span in ((0x3131, 0x3190), (0x1100, 0x1200)) for code in range(*span)]
_SYLLABLES = [chr(code) for code in range(ord("가"), ord("힣") + 1)]
_LATIN = list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") + list("0123456789 ") * 2
_EMOJI = ["😀", "🙏🏽", "👩‍👩‍👧", "🇰🇷", "❤️", "1️⃣", "ㅠㅠ", "ㅋ"]
_RTL = [*"שלוםمرحباك ", "\u200f", "\u202e", "\u2067", "\u2069"]
_CONTROL = [*map(chr, range(32)), "\x7f", "\x85", "\u200b", "\u200d", "\ufeff", "\u0301", "\ufffd", "\u3000"]
_SIGNS = list("*?\"'()[]{}^~:+-|&\\/<>#%!.,·Ⅳ½①㈜％")


def fuzzed(titles: Sequence[str], random: Random, count: int) -> list[str]:
    """``count`` texts of 1 to :data:`MOST` characters: random characters of one alphabet or of all, and titles that
    are cut, glued and corrupted more than once."""
    every = [_JAMO, _SYLLABLES, _LATIN, _EMOJI, _RTL, _CONTROL, _SIGNS]

    def one_alphabet() -> str:
        return "".join(random.choices(random.choice(every), k=_length(random)))

    def all_alphabets() -> str:
        return "".join(random.choice(random.choice(every)) for _ in range(_length(random)))

    def spoiled() -> str:
        title = random.choice(titles)
        return (corrupt(title, random.choice(KINDS), random) or title)[random.randrange(3) :]

    def worse() -> str:
        text = " ".join(random.choices(titles, k=random.randrange(1, 8)))
        for _ in range(random.randrange(4)):
            text = corrupt(text, random.choice(KINDS), random) or text
        start = random.randrange(len(text))
        return text[start : start + _length(random)]

    def invaded() -> str:
        text = worse()
        for _ in range(random.randrange(1, 6)):
            place = random.randrange(len(text) + 1)
            text = text[:place] + random.choice(random.choice(every)) + text[place:]
        return text

    makers: list[Callable[[], str]] = [one_alphabet, all_alphabets, spoiled, worse, invaded]
    return [makers[number % len(makers)]()[:MOST] for number in range(count)]


def _length(random: Random) -> int:
    """Short ones are as frequent as long ones, and the longest comes often."""
    return random.choice((random.randrange(1, 12), random.randrange(1, 60), random.randrange(1, MOST + 1), MOST))
