"""What the analyzer promises, by example and by property."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haedap.search import Analyzer
from haedap.search.analyzer import bigrams
from haedap.search.text import fold, normalize


def terms(analyzer: Analyzer, text: str) -> set[str]:
    return {token.text for token in analyzer.tokens(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("비밀번호를 잊어버렸어요", {"비밀번호", "비밀", "번호", "잊어버리다"}),
        ("검색결과에 나타나지 않아요", {"검색결과", "검색", "결과", "나타나다"}),
        ("오픈채팅방이안떠요", {"오픈채팅방", "오픈", "채팅방", "안", "뜨다"}),
        ("Galaxy Books", {"galaxi", "book"}),
        ("ＧＡＬＡＸＹ", {"galaxi"}),
        ("오류코드 E-4032", {"오류코드", "오류", "코드", "e4032", "4032"}),
    ],
)
def test_words_become_terms(analyzer: Analyzer, text: str, expected: set[str]) -> None:
    assert terms(analyzer, text) == expected


def test_an_unknown_word_stays_whole(analyzer: Analyzer) -> None:
    assert "꿀렁딜" in terms(analyzer, "꿀렁딜 대행사")
    assert "뿌잉페이" in terms(analyzer, "뿌잉페이 충전")


def test_a_lone_syllable_is_no_term_inside_a_longer_word(analyzer: Analyzer) -> None:
    assert "앱" in terms(analyzer, "앱 결제")
    assert "앱" not in terms(analyzer, "앱결제")


def test_hanja_is_not_read_as_hangul(analyzer: Analyzer) -> None:
    assert terms(analyzer, "百家樂") == {"百家樂"}


def test_particles_and_endings_carry_nothing(analyzer: Analyzer) -> None:
    assert terms(analyzer, "환불을 환불이 환불에서 환불하지만") == {"환불"}


def test_parts_of_a_compound_stand_at_its_position(analyzer: Analyzer) -> None:
    positions = {token.text: token.position for token in analyzer.tokens("비밀번호 변경")}
    assert positions["비밀번호"] == positions["비밀"] == positions["번호"]
    assert positions["변경"] == positions["비밀번호"] + 1


def test_user_words_leave_the_index_readable(analyzer: Analyzer) -> None:
    assert Analyzer(user_words=["여울페이머니"]).fingerprint == analyzer.fingerprint


KOREAN = st.text(
    st.sampled_from("가나다라마바사아자비밀번호결제환불안떠요ㅋㅠㅇ abcE4032-漢字😀\u1100\u1161.,!\n"), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(KOREAN, st.text(max_size=40)))
def test_every_span_lies_in_the_text_in_order(analyzer: Analyzer, text: str) -> None:
    text = normalize(text)
    last = 0
    for token in analyzer.tokens(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.position >= last
        last = token.position
        assert token.text == fold(token.text)


@given(text=st.text(max_size=60))
def test_bigrams_are_what_stands_there(text: str) -> None:
    text = normalize(text)
    for token in bigrams(text):
        assert token.text == fold(text)[token.start : token.end]
        assert token.end - token.start == 2


@settings(max_examples=60, deadline=None)
@given(text=KOREAN)
def test_index_and_query_see_the_same(analyzer: Analyzer, text: str) -> None:
    assert analyzer.tokens(normalize(text)) == analyzer.tokens(normalize(text))
