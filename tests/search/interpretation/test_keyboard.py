"""The forms that the wrong keyboard layout may have hidden, and Latin words apart or together.

Properties:

1. Latin keys become the syllables they give, also beside Hangul, digits and lone jamo; what gives no whole syllable is
   no form.
2. Latin that is known stays: alone, before its particle in the wrong layout, and in capitals inside a word.
3. Jamo become the Latin word they give only where that word is known and has three letters; a particle stays.
4. Words of the corpus written apart are read apart, those written together together, a model number with its name; a
   known word stays.
5. Any text is accepted; a form keeps what is neither Latin nor Hangul.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haedap.search.hangul import typed_as_latin
from haedap.search.interpretation.keyboard import as_hangul, as_latin
from haedap.search.interpretation.latin import respaced

KNOWN = {"gif", "pass", "id", "os", "pc", "galaxy", "book", "facebook", "store", "갤럭시s7", "m1"}
TYPED = st.text(st.sampled_from("abcdfgiklprstuABCRㄱㅁㅔㅎㅑ가나 을7-😀"), max_size=12)


def known(word: str) -> bool:
    return word in KNOWN


def count(word: str) -> int:
    return word in KNOWN


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dhvmscoxld", "오픈채팅"),
        ("Dkdlel", "아이디"),
        ("DHVMSCOXLD", "오픈채팅"),
        ("roffjrtlㄴ7", "갤럭시s7"),
        ("qo송", "배송"),
        ("dkdlel를", "아이디를"),
        ("rufwp-cnlth", "결제-취소"),
    ],
)
def test_01_latin_keys_become_syllables(typed: str, meant: str) -> None:
    assert as_hangul(typed, known) == meant


@pytest.mark.parametrize("typed", ["jkl", "k", "http", "결제", "", "7", "ㅋㅋ"])
def test_01_what_gives_no_syllable_is_no_form(typed: str) -> None:
    assert as_hangul(typed, known) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("gif", None), ("GIF", None), ("gif파일", None), ("MRI", None), ("IDfmf", "ID를"), ("passdoq", "pass앱")],
)
def test_02_known_latin_stays(typed: str, meant: str | None) -> None:
    assert as_hangul(typed, known) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ㅔㅁㄴㄴ", "pass"),
        ("ㅎㅑㄹ", "gif"),
        ("햐ㄹ", "gif"),
        ("ㅔㅁㄴㄴ를", "pass를"),
        ("ㅎㅑㄹ2", "gif2"),
        ("ㅔㅊ", None),  # pc is known, but two letters are a coincidence
        ("ㅁㄴㅇㄹ", None),
        ("결제", None),
    ],
)
def test_03_jamo_become_known_latin(typed: str, meant: str | None) -> None:
    assert as_latin(typed, known) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("galaxybook", "galaxy book"),
        ("GalaxyBook 설치", "Galaxy Book 설치"),
        ("galaxybook을", "galaxy book을"),
        ("face book 로그인", "facebook 로그인"),
        ("facebook", "facebook"),
        ("galaxy book", "galaxy book"),
        ("galaxynote", "galaxynote"),
        ("iosbook", "iosbook"),  # os is known, what is left of it is not
        ("갤럭시북", "갤럭시북"),
        ("갤럭시 s7에서", "갤럭시s7에서"),
        ("갤럭시 S7", "갤럭시S7"),
        ("갤럭시 s77", "갤럭시 s77"),
        ("갤럭시 s8", "갤럭시 s8"),
        ("맥북 m1", "맥북 m1"),
    ],
)
def test_04_latin_words_apart_or_together(typed: str, meant: str) -> None:
    made, changed = respaced(typed, count)
    assert made == meant
    assert bool(changed) == (typed != meant)


@given(TYPED)
def test_05_any_text_is_accepted(text: str) -> None:
    for word in text.split():
        for form in (as_hangul(word, known), as_latin(word, known)):
            assert form != word
            if form is not None:
                assert [c for c in form if c in "7-😀"] == [c for c in word if c in "7-😀"]
    made, _ = respaced(text, count)
    assert made.replace(" ", "") == text.replace(" ", "")


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=8))
def test_05_every_hangul_word_comes_back_from_the_wrong_layout(word: str) -> None:
    assert as_hangul(typed_as_latin(word), lambda latin: False) == word
