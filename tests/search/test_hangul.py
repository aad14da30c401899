"""Hangul below the syllable.

Properties:

1. The jamo of any syllables, composed, are those syllables again; whatever the keys, what they give is what the same
   keys give once more, and as an input method joins them.
2. A jamo is one key: compound vowels and tails are two, doubled consonants one.
3. What Hangul gives on the Latin layout gives that Hangul again on the Korean one, and each letter comes back, too.
4. The wrong layout reads as the people who typed it would read it.
5. An initial is the first consonant of a syllable, a consonant itself, nothing for anything else.
6. Characters that are no Hangul are left alone, and no text raises.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haedap.search.hangul import (
    LEADS,
    TAILS,
    VOWELS,
    compose,
    initial,
    is_consonant,
    is_jamo,
    is_syllable,
    jamo,
    typed_as_hangul,
    typed_as_latin,
)

SYLLABLES = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=12)
JAMO = st.text(st.sampled_from([chr(code) for code in range(0x3131, 0x3164)]), max_size=12)
ANY = st.text(st.characters(), max_size=60)


@given(SYLLABLES)
def test_01_syllables_survive_their_keys(text: str) -> None:
    assert compose(jamo(text)) == text


@given(SYLLABLES | JAMO | st.text(st.sampled_from("가각갉와ㄱㅏㅗㅅ a1"), max_size=12))
def test_01_the_same_keys_give_the_same_text(text: str) -> None:
    once = compose(jamo(text))
    assert compose(jamo(once)) == once


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("ㄱㅏㅂㅅㅣ", "갑시"),
        ("ㄱㅏㅂㅅ", "값"),
        ("ㅂㅏㄹㄱㄷㅏ", "밝다"),
        ("ㅇㅗㅏㅆㄷㅏ", "왔다"),
        ("ㅎㅐㅆㅇㅓ", "했어"),
        ("ㄱㅏㄸㅏ", "가따"),
        ("ㅇㅡㅣㅈㅏ", "의자"),
        ("ㅏㅏ", "ㅏㅏ"),
        ("ㅋㅋ", "ㅋㅋ"),
        ("ㅇㅗ ㅏ", "오 ㅏ"),
    ],
)
def test_01_an_input_method_joins_keys_so(keys: str, text: str) -> None:
    assert compose(keys) == text


@pytest.mark.parametrize(
    ("text", "keys"),
    [("왔", "ㅇㅗㅏㅆ"), ("꽂", "ㄲㅗㅈ"), ("값", "ㄱㅏㅂㅅ"), ("얘", "ㅇㅒ"), ("ㄳ", "ㄱㅅ"), ("a가1", "aㄱㅏ1")],
)
def test_02_a_jamo_is_a_key(text: str, keys: str) -> None:
    assert jamo(text) == keys


def test_02_every_jamo_of_a_syllable_is_a_jamo() -> None:
    every = {key for lead in LEADS for vowel in VOWELS for tail in TAILS for key in jamo(compose(lead + vowel + tail))}
    assert len(every) == 33
    assert all(map(is_jamo, every))
    assert {key for key in every if is_consonant(key)} == set(LEADS)


@given(SYLLABLES)
def test_03_hangul_typed_as_latin_and_back(text: str) -> None:
    keys = typed_as_latin(text)
    assert keys.isascii()
    assert typed_as_hangul(keys) == text


@given(st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzQWERTOP"), max_size=20))
def test_03_latin_typed_as_hangul_and_back(keys: str) -> None:
    assert typed_as_latin(typed_as_hangul(keys)) == keys


@pytest.mark.parametrize(
    ("latin", "hangul"),
    [
        ("dhvmscoxld", "오픈채팅"),
        ("dkdlel", "아이디"),
        ("djqrmfpdlem", "업그레이드"),
        ("Rkajrdjdy", "까먹어요"),
        ("Dkdlel", "아이디"),
        ("dh24", "오24"),
    ],
)
def test_04_latin_on_the_korean_layout(latin: str, hangul: str) -> None:
    assert typed_as_hangul(latin) == hangul


@pytest.mark.parametrize(
    ("hangul", "latin"), [("ㅔㅁㄴㄴ", "pass"), ("ㅎㅑㄹ", "gif"), ("햐ㄹ", "gif"), ("메ㅔ", "app")]
)
def test_04_hangul_on_the_latin_layout(hangul: str, latin: str) -> None:
    assert typed_as_latin(hangul) == latin


@pytest.mark.parametrize(
    ("char", "first"), [("오", "ㅇ"), ("뽑", "ㅃ"), ("ㅊ", "ㅊ"), ("ㅏ", ""), ("ㄳ", ""), ("a", ""), ("漢", "")]
)
def test_05_initials(char: str, first: str) -> None:
    assert initial(char) == first


@given(ANY)
def test_06_other_characters_are_left_alone(text: str) -> None:
    others = [char for char in text if not is_jamo(char) and not is_syllable(char)]
    assert [char for char in jamo(text) if not is_jamo(char)] == others
    assert [char for char in compose(text) if not is_jamo(char) and not is_syllable(char)] == others
    assert len(typed_as_latin(text)) >= len(text)
    assert isinstance(typed_as_hangul(text), str)


@given(SYLLABLES | JAMO)
def test_06_hangul_stays_composed(text: str) -> None:
    assert unicodedata.is_normalized("NFC", compose(jamo(text)))
