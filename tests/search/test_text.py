"""Folding keeps length, normalizing removes what nobody can see."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haedap.search.text import fold, normalize


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_normalized_text_is_nfc_without_invisible_characters(text: str) -> None:
    normal = normalize(text)
    assert unicodedata.is_normalized("NFC", normal)
    assert normalize(normal) == normal
    assert not any(unicodedata.category(char) == "Cs" for char in normal)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("iOS", "ios"),
        ("ﾡﾢ", "ㄱㄲ"),
        ("漢字", "漢字"),
        ("㎏", "㎏"),
        ("①", "1"),
    ],
)
def test_width_and_case_are_folded_and_hanja_stays(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_decomposed_hangul_is_composed() -> None:
    assert normalize(unicodedata.normalize("NFD", "비밀번호")) == "비밀번호"


def test_lone_surrogates_and_controls_do_not_survive() -> None:
    assert normalize("비번\ud800\x00\u200b 분실") == "비번\ufffd 분실"
