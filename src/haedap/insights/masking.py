"""Taking personal data out of what people typed, before it is stored.

Over-masking is right here: a log line is for counting what people look for, and never for knowing who they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_GAP = r"[\s.\-–—_/·*()]{0,3}"
_DIGITS = rf"\d(?:{_GAP}\d)"

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"'가-힣]+\s?@\s?[A-Za-z0-9\-]+(?:\s?\.\s?[A-Za-z0-9\-]+)+")
_RESIDENT = re.compile(r"(?<!\d)\d{6}\s?[-–—]\s?[0-9*]\d{0,6}\*{0,7}(?!\d)")
_PHONE = re.compile(
    rf"(?<!\d)(?:\+?82{_GAP})?\(?0?(?:1[016789]|2|[3-6]\d|70|50\d?)\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)"
)
_SHORT_PHONE = re.compile(r"(?<!\d)1[568]\d{2}\s?[-–—]\s?\d{4}(?!\d)")
_LONG_NUMBER = re.compile(rf"(?<!\d){_DIGITS}{{7,}}(?!\d)")
_MESSENGER = re.compile(r"(?<![\w@])@[A-Za-z0-9_.]{3,}")
_OWNER = re.compile(
    r"((?:아이디|계정|닉네임|유저네임|user\s?name|login|(?<![A-Za-z])id)(?:는|은|가|이|:|=|\s)*)"
    r"([A-Za-z0-9][A-Za-z0-9._\-]{3,})",
    re.IGNORECASE,
)

_STEPS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_EMAIL, "[이메일]"),
    (_RESIDENT, "[주민번호]"),
    (_PHONE, "[전화번호]"),
    (_SHORT_PHONE, "[전화번호]"),
    (_LONG_NUMBER, "[번호]"),
    (_MESSENGER, "[아이디]"),
    (_OWNER, lambda match: f"{match[1]}[아이디]"),
)


def mask(text: str) -> str:
    """The text with e-mail addresses, phone, resident, card and account numbers and account names replaced.

    Any run of eight or more digits, however they are set apart, is gone. ``text`` is as the search core normalized it.
    """
    for pattern, replacement in _STEPS:
        text = pattern.sub(replacement, text)
    return text
