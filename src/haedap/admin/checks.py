"""Checks that several forms share."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from haedap.search.user_words import folded_word


def check_new_word(word: str, letters: int, shortest: int, others: Iterable[str]) -> None:
    """Raises ValidationError for a word of too few ``letters``, of none, or one of ``others`` in other letters."""
    if letters < shortest:
        raise ValidationError(gettext("두 글자부터 쓸 수 있습니다."))
    if not any(map(str.isalpha, word)):
        raise ValidationError(gettext("글자가 들어 있는 단어를 쓰세요."))
    if folded_word(word) in map(folded_word, others):
        raise ValidationError(gettext("이미 있는 단어입니다."))
