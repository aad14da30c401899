"""What the rungs of the ladder share: a step, when one is taken, and what counts as chat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

StepName = Literal["keyboard", "initials", "unfinished", "spacing", "spelling"]

TAKEN = 0.3
"""A reading that costs so much less than the text as typed is searched instead of it."""
WORDS = re.compile(r"\S+")
_CHAT = frozenset(
    ("ㅋㅋ", "ㅎㅎ", "ㅠㅠ", "ㅜㅜ", "ㅇㅇ", "ㄴㄴ", "ㄱㅅ", "ㄱㄱ", "ㅇㅋ", "ㅈㅅ", "ㄷㄷ", "ㅊㅋ", "ㅂㅂ", "ㄹㅇ")
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step taken: its name, the words it changed and what they became."""

    name: StepName
    typed: str
    read: str

    def __str__(self) -> str:
        return f"{self.name}: {self.typed} → {self.read}"


def is_chat(word: str) -> bool:
    """True for what people say in chats (ㅋㅋ, ㅇㅇ, ㄱㅅ) and one character repeated."""
    return word in _CHAT or (len(word) > 1 and len(set(word)) == 1)
