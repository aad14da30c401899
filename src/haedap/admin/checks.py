"""Checks that several forms share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext

from haedap.search.user_words import folded_word

_OUR_PATH = re.compile(r"/(?![/\\])[^\s\\]*")


def check_address(address: str) -> str:
    """The address without spaces around it; it may be empty.

    Raises ValidationError for one that is neither a path of this site nor a whole address of a page.
    """
    address = address.strip()
    if address and not _OUR_PATH.fullmatch(address):
        try:
            URLValidator(schemes=["http", "https"])(address)
        except ValidationError:
            said = gettext(
                "https://로 시작하는 온전한 주소나 /로 시작하는 이 고객센터의 주소를 쓰세요. 예: /articles/12"
            )
            raise ValidationError(said) from None
    return address


def check_period(form: forms.BaseForm, data: dict[str, Any]) -> None:
    """Gives ``ends_at`` an error if it is not after ``starts_at``."""
    starts, ends = data.get("starts_at"), data.get("ends_at")
    if starts and ends and ends <= starts:
        form.add_error("ends_at", gettext("끝은 시작보다 뒤여야 합니다."))


def check_new_word(word: str, letters: int, shortest: int, others: Iterable[str]) -> None:
    """Raises ValidationError for a word of too few ``letters``, of none, or one of ``others`` in other letters."""
    if letters < shortest:
        raise ValidationError(gettext("두 글자부터 쓸 수 있습니다."))
    if not any(map(str.isalpha, word)):
        raise ValidationError(gettext("글자가 들어 있는 단어를 쓰세요."))
    if folded_word(word) in map(folded_word, others):
        raise ValidationError(gettext("이미 있는 단어입니다."))
