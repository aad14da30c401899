"""Spaces about Latin words: galaxybook is Galaxy book where the corpus writes it so, and the other way round; a model
number stands with its name (갤럭시 s7 is 갤럭시s7)."""

from __future__ import annotations

import re

from haedap.search.interpretation.cost import Frequency

SHORTEST = 2
"""Letters of a part, at least; one of the two has more."""
_MODEL = re.compile(r"([가-힣A-Za-z]+) +([A-Za-z]+[0-9]+|[0-9]+[A-Za-z]+)(?![A-Za-z0-9])")
_RUN = re.compile(r"[A-Za-z]+(?: +[A-Za-z]+)*")


def respaced(text: str, frequency: Frequency) -> tuple[str, list[tuple[str, str]]]:
    """``text`` with its Latin words apart or together as the corpus has them, and (typed, read) of what changed.

    A word of the corpus stays as it is, and no part or whole is made that the corpus does not hold.
    """
    changed: list[tuple[str, str]] = []

    def read(match: re.Match[str]) -> str:
        out: list[str] = []
        for word in match.group().split():
            joined = f"{out[-1]}{word}" if out else ""
            if joined and not _held(out[-1], word, frequency) and frequency(joined.lower()):
                changed.append((f"{out[-1]} {word}", joined))
                out[-1] = joined
                continue
            apart = _apart(word, frequency)
            if apart:
                changed.append((word, apart))
            out.append(apart or word)
        return " ".join(out)

    def with_model(match: re.Match[str]) -> str:
        joined = "".join(match.groups())
        if frequency(match.group(2).lower()) or not frequency(joined.lower()):
            return match.group()
        changed.append((match.group(), joined))
        return joined

    made = _MODEL.sub(with_model, _RUN.sub(read, text))
    return (made, changed) if changed else (text, [])


def _held(first: str, second: str, frequency: Frequency) -> bool:
    return bool(frequency(first.lower()) and frequency(second.lower()))


def _apart(word: str, frequency: Frequency) -> str:
    """The two words of the corpus that an unknown word is made of, the rarer one as common as can be; "" if none."""
    folded = word.lower()
    if len(word) < 2 * SHORTEST + 1 or frequency(folded):
        return ""
    ends = range(SHORTEST, len(word) - SHORTEST + 1)
    held = [(min(frequency(folded[:end]), frequency(folded[end:])), end) for end in ends]
    best, end = max(held, key=lambda item: item[0])
    return f"{word[:end]} {word[end:]}" if best else ""
