"""Words near to a string, without comparing it to every word.

Properties:

1. Every word within one edit of the keys (one left out, put in, replaced or swapped) is found: compared with looking at
   each word, whatever the words and the string.
2. So it is for words that were added later, beside the sorted arrays, and after they were sorted in.
3. Words of fewer than four keys, and those with a digit, are never proposed; exact words are known all the same.
4. What is found per string is independent of the other strings asked for with it.
"""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from haedap.search.hangul import jamo
from haedap.search.interpretation.nearby import OVERLAY, SHORTEST, Nearby

SYLLABLE = st.sampled_from("결제재오픈채팅방아이디환불배송와의값ㅋ")
WORD = st.text(SYLLABLE, min_size=1, max_size=4) | st.text(st.sampled_from("abgx"), min_size=2, max_size=6)
WORDS = st.lists(WORD, max_size=12, unique=True)


def one_edit(keys: str, alphabet: str) -> set[str]:
    """Every string one edit away from ``keys``."""
    made = {keys}
    for i in range(len(keys) + 1):
        made |= {keys[:i] + key + keys[i:] for key in alphabet}
        if i < len(keys):
            made |= {keys[:i] + keys[i + 1 :]} | {keys[:i] + key + keys[i + 1 :] for key in alphabet}
        if i + 1 < len(keys):
            made.add(keys[:i] + keys[i + 1] + keys[i] + keys[i + 2 :])
    return made


def index(*lots: list[str]) -> Nearby:
    made = Nearby()
    for lot in lots:
        made.add(lot)
    return made


def found(nearby: Nearby, text: str) -> set[str]:
    (numbers,) = nearby.find([jamo(text)])
    return {nearby.words[number] for number in numbers}


def near(words: list[str], text: str) -> set[str]:
    """The same by looking at every word."""
    keys = jamo(text)
    alphabet = "".join({*"".join(map(jamo, words)), *keys})
    edits = one_edit(keys, alphabet)
    return {word for word in words if len(jamo(word)) >= SHORTEST and jamo(word) in edits}


@given(WORDS, WORD)
@example(["결제"], "결재")
@example(["오픈채팅"], "오픈채팉")
@example(["환불"], "환ㅂ루")
def test_01_every_word_within_one_edit_is_found(words: list[str], text: str) -> None:
    assert near(words, text) <= found(index(words), text)


def test_01_an_example() -> None:
    nearby = index(["결제", "결재", "환불", "오픈채팅", "galaxy"])
    assert found(nearby, "결저") >= {"결제"}
    assert found(nearby, "galxay") == {"galaxy"}
    assert found(nearby, "배송") == set()


@given(WORDS, WORDS, WORD)
def test_02_also_words_added_later(early: list[str], late: list[str], text: str) -> None:
    late = [word for word in late if word not in early]
    assert near([*early, *late], text) <= found(index(early, late), text)


@settings(max_examples=5, deadline=None)
@given(WORD)
def test_02_also_once_they_are_sorted_in(text: str) -> None:
    many = [
        f"{first}{second}방"
        for first in map(chr, range(0xAC00, 0xAC00 + 60))
        for second in "가나다라마바사아자차카타파하" * 3
    ]
    many = list(dict.fromkeys(many))[: OVERLAY + 50]
    words = ["결제", "오픈채팅", *many, "환불", "아이디"]
    sorted_in = index(["결제", "오픈채팅"], many, ["환불", "아이디"])
    for typed in (text, "결재", "아이다", "환볼"):
        assert near(words, typed) <= found(sorted_in, typed)


def test_03_short_words_and_numbers_are_not_near_to_anything() -> None:
    nearby = index(["앱", "기기", "os", "s7", "갤럭시s7", "galaxy"])
    assert found(nearby, "갤럭시s8") == set()
    assert found(nearby, "앱이") == set()
    assert found(nearby, "기깅") == {"기기"}
    assert nearby.exact[jamo("갤럭시s7")] == 4


@given(WORDS, st.lists(WORD, max_size=4))
def test_04_strings_are_independent(words: list[str], texts: list[str]) -> None:
    nearby = index(words)
    together = nearby.find([jamo(text) for text in texts])
    assert together == [nearby.find([jamo(text)])[0] for text in texts]
