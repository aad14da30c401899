"""What a slip costs.

Properties:

1. Nothing costs less than 0; nothing typed differently costs exactly 0; the text itself costs 0.
2. Slips of the finger cost less than other letters: a neighbouring key, a key twice, two keys swapped, a shift.
3. Vowels and consonants that sound alike cost less than those that do not; ㅐ for ㅔ costs the least.
4. Replacing one key by another costs the same both ways, and so do a text with one key replaced or two swapped.
5. No cost is above the limit, and the limit cuts nothing off that lies below it.
6. One key left out gives every shorter string, and the string itself.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haedap.search.hangul import jamo
from haedap.search.interpretation.slips import (
    ALIKE,
    DOUBLED,
    LEFT_OUT,
    NEIGHBOUR,
    SHIFT,
    SUBSTITUTED,
    SWAPPED,
    edit_cost,
    substituted,
    with_one_left_out,
)

ALPHABET = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ"
KEY = st.sampled_from(ALPHABET + "abcxyz019")
KEYS = st.text(KEY, max_size=8)
FAR = 100.0


def cost(typed: str, meant: str) -> float:
    return edit_cost(jamo(typed), jamo(meant), FAR)


@given(KEYS, KEYS)
def test_01_costs_are_positive_and_nothing_is_free(typed: str, meant: str) -> None:
    price = edit_cost(typed, meant, FAR)
    assert (price == 0) == (typed == meant)
    assert price >= 0


@pytest.mark.parametrize(
    ("typed", "meant", "at_most"),
    [
        ("환볼", "환불", ALIKE),  # ㅗ for ㅜ sounds alike
        ("배손", "배송", NEIGHBOUR),  # ㄴ lies beside ㅇ
        ("환불ㄹ", "환불", DOUBLED),
        ("결제제", "결제", 2 * LEFT_OUT),
        ("겨렞", "결제", SWAPPED),
        ("아이ㅣ디", "아이디", DOUBLED),
        ("구글", "꾸글", SHIFT),
        ("환부", "환불", LEFT_OUT),
        ("galxay", "galaxy", SWAPPED),
    ],
)
def test_02_slips_of_the_finger(typed: str, meant: str, at_most: float) -> None:
    assert 0 < cost(typed, meant) <= at_most


def test_02_a_slip_is_cheaper_than_another_letter() -> None:
    assert max(NEIGHBOUR, SHIFT, ALIKE, DOUBLED, SWAPPED) < LEFT_OUT < SUBSTITUTED
    assert substituted("ㄴ", "ㅇ") == NEIGHBOUR  # s and d
    assert substituted("ㅂ", "ㅁ") == NEIGHBOUR  # q and a, one above the other
    assert substituted("ㅉ", "ㅈ") <= SHIFT
    assert substituted("ㅂ", "ㅎ") == SUBSTITUTED
    assert substituted("1", "7") == SUBSTITUTED


def test_03_what_sounds_alike() -> None:
    assert substituted("ㅐ", "ㅔ") < substituted("ㅗ", "ㅜ") <= ALIKE < substituted("ㅏ", "ㅡ")
    assert cost("결재", "결제") < cost("결조", "결제")
    assert cost("캘랜더", "캘린더") < cost("캘문더", "캘린더")


@given(KEY, KEY)
def test_04_one_key_for_another_costs_the_same_both_ways(one: str, other: str) -> None:
    assert substituted(one, other) == substituted(other, one)
    assert 0 < substituted(one, other) <= SUBSTITUTED


@given(st.lists(st.sampled_from(ALPHABET), min_size=2, max_size=7, unique=True), st.data())
def test_04_one_slip_costs_the_same_both_ways(keys: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(keys) - 2))
    swapped = [*keys[:at], keys[at + 1], keys[at], *keys[at + 2 :]]
    other = data.draw(st.sampled_from([key for key in ALPHABET if key not in keys]))
    for slip in (swapped, [*keys[:at], other, *keys[at + 1 :]]):
        forth, back = (edit_cost("".join(one), "".join(two), FAR) for one, two in ((slip, keys), (keys, slip)))
        assert forth == pytest.approx(back)
        assert forth <= SUBSTITUTED


@given(KEYS, KEYS, st.floats(0.1, 6))
def test_05_the_limit(typed: str, meant: str, limit: float) -> None:
    exact = edit_cost(typed, meant, FAR)
    assert edit_cost(typed, meant, limit) == pytest.approx(min(exact, limit))


@given(KEYS)
def test_06_one_left_out(keys: str) -> None:
    made = list(with_one_left_out(keys))
    assert made[0] == keys
    assert sorted(made[1:]) == sorted(keys[:i] + keys[i + 1 :] for i in range(len(keys)))
