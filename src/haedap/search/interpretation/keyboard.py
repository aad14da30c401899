"""The wrong keyboard layout, word by word: dhvmscoxld is 오픈채팅, ㅔㅁㄴㄴ is pass.

Only forms are made here; whether one is better than the text as typed is for the caller to weigh.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from haedap.search.hangul import is_jamo, typed_as_hangul, typed_as_latin

_LATIN = re.compile(r"[A-Za-z]+")
_PIECES = re.compile(r"[A-Za-z]+|[ㄱ-ㅣ]+|[^A-Za-zㄱ-ㅣ]+")
_HANGUL = re.compile(r"[ㄱ-ㅣ가-힣]+")

_PARTICLES = frozenset(
    ("", "이", "가", "을", "를", "은", "는", "의", "로", "으로", "에", "에서", "도", "만", "와", "과", "랑", "이랑")
)

Known = Callable[[str], bool]


def as_hangul(word: str, known: Known) -> str | None:
    """``word`` with its Latin typed on the Korean layout, lone jamo beside it taken for Latin; None if there is no
    whole syllable in it or some key makes none. Latin that is ``known`` stays, also at the beginning of a piece or in
    capitals inside it (IDfmf → ID를); up to three known letters stay only beside nothing that changed."""
    pieces = _PIECES.findall(word)
    made = [_piece(piece, known) if _LATIN.fullmatch(piece) else piece for piece in pieces]
    if None in made or made == pieces:
        return None
    out: list[str] = []
    for piece, form in zip(pieces, made, strict=True):
        if is_jamo(piece[0]):
            out.append(typed_as_latin(piece))
        elif form == piece and _LATIN.fullmatch(piece) and len(piece) < 4 and piece.islower():
            out.append(_whole(piece) or piece)
        else:
            out.append(form or "")
    return unicodedata.normalize("NFC", "".join(out))


def _piece(latin: str, known: Known) -> str | None:
    if known(latin.lower()):
        return latin
    whole = _whole(latin)
    if whole is not None:
        return whole
    for capitals in _CAPITALS.finditer(latin):
        if capitals.start() and known(capitals.group().lower()):
            before, after = _whole(latin[: capitals.start()]), _whole(latin[capitals.end() :] or "dl")
            if before and after:
                return before + capitals.group() + (after if capitals.end() < len(latin) else "")
    for end in range(len(latin) - 1, 0, -1):
        head, rest = latin[:end], _whole(latin[end:])
        if rest and ((head.isupper() and not latin.isupper()) or (len(head) > 1 and known(head.lower()))):
            return head + rest
    return None


_CAPITALS = re.compile(r"[A-Z]{2,}")


def _whole(latin: str) -> str | None:
    """The syllables that Latin keys give, as typed or without the capital a phone put in front; the last may be
    unfinished."""
    if not latin:
        return None
    # All capitals are those of a forgotten lock.
    likeliest = latin.lower() if len(latin) > 2 and latin.isupper() else latin
    for keys in dict.fromkeys((likeliest, latin[0].lower() + latin[1:], latin.lower())):
        made = typed_as_hangul(keys)
        if not any(map(is_jamo, made[:-1])) and not is_jamo(made[0]):
            return made
    return None


def as_latin(word: str, known: Known) -> str | None:
    """``word`` with its Hangul typed on the Latin layout where that is a ``known`` word of at least three letters;
    a particle after it stays. None if there is no such beginning."""
    match = _HANGUL.match(word)
    if not match:
        return None
    hangul = match.group()
    for end in range(len(hangul), 0, -1):
        latin = typed_as_latin(hangul[:end]).lower()
        if len(latin) > 2 and hangul[end:] in _PARTICLES and known(latin):
            return latin + hangul[end:] + word[match.end() :]
    return None
