"""The generator of the corruption benchmark errs as people do, and the same way every time.

Properties: 1. keys and composition are each other's inverse on syllables; 2. composition is an input method's: a
consonant before a vowel begins a syllable; 3. every corruption of a seed is the same, differs from the clean text and
keeps what its kind does not touch; 4. one slip is one key more, less, other or moved; 5. what is too short or has no
Hangul is left out; 6. the generator knows nothing of the search core.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[2]))

from benchmarks import corrupt as corruption
from benchmarks.corrupt import KINDS, SLIPS, corrupt, keyboard, slip, variant
from benchmarks.fuzz import MOST, fuzzed
from benchmarks.keys import compose, typed

syllable = st.integers(ord("가"), ord("힣")).map(chr)
word = st.text(syllable, min_size=1, max_size=6)
query = st.lists(st.one_of(word, st.sampled_from(["ID", "PC", "galaxy", "API", "2"])), min_size=1, max_size=5).map(
    " ".join
)
seed = st.integers(0, 2**32)


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("오픈채팅", "dhvmscoxld"),
        ("값이 없는 삶", "rkqtdl djqtsms tkfa"),
        ("쪼꼬 빵떡 썼던 얘 예의", "WhRh QkdEjr TjTejs dO dPdml"),
        ("PC로 로그인 2회", "PCfh fhrmdls 2ghl"),
    ],
)
def test_the_wrong_keyboard_types_hangul_on_the_latin_layout(text: str, latin: str) -> None:
    assert keyboard(text) == latin


@given(st.text(syllable, max_size=20))
def test_composition_inverts_the_keys_of_syllables(text: str) -> None:
    assert compose(typed(text)) == text


@given(st.text(st.sampled_from("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅛㅜㅠㅡㅣ"), max_size=20))
def test_composition_loses_no_key(keys: str) -> None:
    assert "".join(typed(compose(list(keys)))) == keys


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("ㅎㅏㄴㄱㅡㄹ", "한글"),
        ("ㄱㅏㅂㅅ", "값"),
        ("ㄱㅏㅂㅅㅣ", "갑시"),  # the second of two closing consonants moves to the vowel
        ("ㄱㅏㄲㅏ", "가까"),
        ("ㅇㅏㄸㅏ", "아따"),
        ("ㅇㅏㄸ", "아ㄸ"),  # ㄸ closes no syllable
        ("ㄱㅗㅏㅈㅏ", "과자"),
        ("ㄱㄱㅏ", "ㄱ가"),
        ("ㅅㅓㅓㄹㅠ", "서ㅓ류"),
        ("ㅁㅓㄱㅓ", "머거"),
        ("ㅗㅏ", "ㅘ"),
    ],
)
def test_composition_is_that_of_an_input_method(keys: str, shown: str) -> None:
    assert compose(list(keys)) == shown


@pytest.mark.parametrize("kind", KINDS)
@given(text=query, seed=seed)
def test_a_variant_differs_and_is_the_same_each_time(kind: str, text: str, seed: int) -> None:
    made = variant(text, kind, seed)
    assert made == variant(text, kind, seed)
    assert made != text


@given(query)
def test_the_wrong_keyboard_leaves_no_hangul_and_keeps_the_rest(text: str) -> None:
    made = corrupt(text, "keyboard", Random(0))
    assume(made is not None)
    assert made and made.isascii()
    assert [part for part in text.split(" ") if part.isascii()] == [
        part for part, clean in zip(made.split(" "), text.split(" "), strict=True) if clean.isascii()
    ]


@given(query, seed)
def test_one_word_on_the_wrong_keyboard_is_one_word(text: str, seed: int) -> None:
    made = variant(text, "keyboard_word", seed)
    assume(made is not None)
    assert made
    assert sum(a != b for a, b in zip(text.split(" "), made.split(" "), strict=True)) == 1


@given(query, seed)
def test_spacing_kinds_change_spaces_only(text: str, seed: int) -> None:
    bare = variant(text, "no_space", seed)
    assert bare is None or bare == text.replace(" ", "")
    moved = variant(text, "moved_space", seed)
    assume(moved is not None)
    assert moved
    assert moved.replace(" ", "") == text.replace(" ", "")
    assert moved == " ".join(moved.split())
    assert moved.count(" ") in {text.count(" "), text.count(" ") + 1}


def test_a_space_moves_by_one_or_two_syllables_or_comes_in() -> None:
    made = {variant("오픈채팅 나가기", "moved_space", seed) for seed in range(50)}
    assert made == {"오픈 채팅나가기", "오픈채 팅나가기", "오픈채팅나 가기", "오픈채팅나가 기"}
    assert {variant("고객센터", "moved_space", seed) for seed in range(50)} == {"고 객센터", "고객 센터", "고객센 터"}


@given(text=query, seed=seed)
def test_one_slip_is_one_key_in_one_word(text: str, seed: int) -> None:
    made = variant(text, "one_slip", seed)
    assume(made is not None)
    assert made
    changed = [(a, b) for a, b in zip(text.split(" "), made.split(" "), strict=True) if a != b]
    assert len(changed) == 1
    clean, erred = map(typed, changed[0])
    start = next((n for n, (a, b) in enumerate(zip(clean, erred, strict=False)) if a != b), min(len(clean), len(erred)))
    # Spelling may exchange a vowel or tail of two keys for one of two.
    assert any(clean[start + i :] == erred[start + j :] for i in range(3) for j in range(3))


@pytest.mark.parametrize(
    ("word", "how", "made"),
    [
        ("나", "neighbour", set("마아다자카타너니냐내느")),
        ("결제", "left_out", {"ㅕㄹ제", "ㄱㄹ제", "겨제", "겨레", "결ㅈ"}),
        ("하나", "doubled", {"ㅎ하나", "하ㅏ나", "한나", "하나ㅏ"}),
        ("가방", "swapped", {"ㅏㄱ방", "ㄱ바ㅏㅇ", "가ㅏㅂㅇ", "갑아"}),
        ("됐어", "shift", {"됏어", "뙜어", "도ㅒㅆ어"}),
        ("음악", "border", {"으막"}),
        ("하나", "border", {"한아"}),
        ("결제", "spelling", {"결재", "결졔"}),
        ("됐어", "spelling", {"됬어", "뒜어", "됏어", "됃어"}),
    ],
)
def test_each_slip_is_its_own(word: str, how: str, made: set[str]) -> None:
    found = {slip(word, how, Random(seed)) for seed in range(200)} - {None}
    assert found == made


def test_a_slip_that_cannot_happen_does_not() -> None:
    assert slip("나무", "shift", Random(0)) is None
    assert slip("나무", "spelling", Random(0)) is None
    assert slip("와요", "border", Random(0)) is None


def test_slips_hit_hangul_mostly_and_latin_words_sometimes() -> None:
    made = Counter(variant("galaxy 휴대폰 등록", "one_slip", seed).split(" ")[0] == "galaxy" for seed in range(500))  # type: ignore[union-attr]
    assert made[True] > 2 * made[False] > 0


def test_spelling_stays_under_its_share_of_errors_that_are_no_wrong_keyboard() -> None:
    assert sum(SLIPS.values()) == 100
    assert SLIPS["spelling"] / 100 <= 9 / (70 + 9)
    assert SLIPS["neighbour"] == max(SLIPS.values())


def test_initials_are_of_one_word_of_three_syllables_or_more() -> None:
    made = {variant("오픈채팅 방 나가기 PC", "initials", seed) for seed in range(50)}
    assert made == {"ㅇㅍㅊㅌ", "ㄴㄱㄱ"}
    assert variant("채팅 방 탈퇴", "initials", 0) is None


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_too_short_or_has_no_hangul_is_left_out(kind: str) -> None:
    assert variant("API", kind, 0) is None
    assert variant("환불", kind, 0) is None
    assert variant("", kind, 0) is None


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(ValueError, match="three_slip"):
        corrupt("오픈채팅", "three_slip", Random(0))


def test_fuzzed_text_is_the_same_each_time_and_bounded() -> None:
    titles = ["오픈채팅 나가기", "결제 취소는 어떻게 하나요?"]
    made = fuzzed(titles, Random(3), 500)
    assert made == fuzzed(titles, Random(3), 500)
    assert max(map(len, made)) == MOST
    assert len(set(made)) > 400


def test_lines_are_read_from_text_from_json_and_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("송금 취소\n\n송금 취소\n환불\n", encoding="utf-8")
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "1", "title": "송금 취소"}\n{"_id": "2", "text": "환불"}\n', encoding="utf-8"
    )
    assert corruption.read(tmp_path / "lines.txt") == ["송금 취소", "환불"]
    assert corruption.read(tmp_path) == corruption.read(tmp_path / "corpus.jsonl") == ["송금 취소", "환불"]


def test_the_generator_shares_nothing_with_the_search_core() -> None:
    asked = "import sys, benchmarks.corrupt, benchmarks.fuzz; print([m for m in sys.modules if m.startswith('haedap')])"
    root = Path(corruption.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
