"""What is typed to the letter comes first: error codes, and messages copied from the screen.

Properties, by words only and with vectors: 1. the articles that hold a typed code come before all others, however it is
written and whatever stands around it; 2. of two codes both must stand; 3. a number is a code by itself or beside a word
for an error, but not in a question; 4. a message of four words or more is found as it stands, three words are not one;
5. an article is a result by its code though nothing else of the query is known here.
"""

from __future__ import annotations

import pytest
from conftest_center import CENTER, article
from hypothesis import given, settings
from hypothesis import strategies as st

from haedap.search import Analyzer, SearchEngine, SearchQuery
from tests.search.indexed import indexed

LONG = "점검 시간은 새벽 두 시부터 네 시까지입니다. 점검하는 동안에는 앱을 열 수 없습니다. " * 4
CODES = {"E4021": {11, 13}, "T-33A7": {12, 13}, "AUTH0099": {14}}
"""The articles that hold each code, deep in their bodies."""
MESSAGE = "저장 공간이 부족하여 사진 파일을 내려받지 못했습니다"
DOCUMENTS = (
    *CENTER,
    article(11, "정기 점검 안내", f"{LONG}이때 E4021이 보일 수 있습니다."),
    article(12, "통신 상태 안내", f"{LONG}신호가 약하면 T-33A7이 나타납니다."),
    article(13, "고객 문의 접수", f"{LONG}E4021과 T-33A7이 번갈아 나오면 문의해 주세요."),
    article(14, "본인 확인 안내", f"{LONG}AUTH0099가 보이면 통신사에 문의하세요. 화면에는 1105라는 숫자도 나옵니다."),
    article(
        15, "오류 코드가 떠요", "오류 코드가 뜨면 오류 코드를 적어 두세요. 에러 코드마다 오류 해결 방법이 다릅니다."
    ),
    article(
        16, "에러 코드 번호 안내", "에러 코드 번호는 오류 화면 아래에 있습니다. 코드 번호로 오류를 알 수 있습니다."
    ),
    article(17, "회사 연혁", f"{LONG}2024년에 문을 열었습니다."),
    article(18, "요금제 개편 안내", "요금제 개편으로 요금이 바뀝니다. 바뀌는 요금은 문자로 알려 드립니다."),
    article(19, "가입 선물 안내", f"{LONG}회원 등급 혜택은 따로 알려 드립니다."),
    article(
        22,
        "등급마다 다른 회원의 혜택",
        "혜택은 회원마다 다릅니다. 등급이 오르면 혜택도 늘고, 회원이 쉬면 등급이 내려갑니다.",
    ),
    article(20, "문제 해결 모음", f"{LONG}화면에 ‘{MESSAGE}.’라고 나오면 앱을 다시 설치하세요."),
    article(21, "사진 파일 저장 공간 부족", "사진 파일을 내려받을 저장 공간이 부족하면 파일을 지워 공간을 늘립니다."),
)


@pytest.fixture(scope="module", params=[False, True], ids=["words", "vectors"])
def typed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> SearchEngine:
    return indexed(tmp_path_factory.mktemp("exact") / "index", analyzer, DOCUMENTS, vectors=request.param)


def found(engine: SearchEngine, text: str) -> list[int]:
    return [hit.article_id for hit in engine.search(SearchQuery(text)).hits]


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


WRITINGS = (str, str.lower, wide, lambda code: wide(code.lower()))
AROUND = (
    "{}",
    "{} 오류",
    "오류 코드 {}",
    "에러코드 {} 떠요",
    "error code {}",
    "오류 {} 해결 방법",
    "[{}]",
    "{}이 나와요",
)


@settings(max_examples=60, deadline=None)
@given(code=st.sampled_from(sorted(CODES)), write=st.sampled_from(WRITINGS), around=st.sampled_from(AROUND))
def test_the_articles_with_the_code_come_first_however_it_is_typed(
    typed: SearchEngine, code: str, write: object, around: str
) -> None:
    assert callable(write)
    first = found(typed, around.format(write(code)))[: len(CODES[code])]
    assert set(first) == CODES[code]


@pytest.mark.parametrize("query", ["E4021 T-33A7", "t-33a7 e4021", "오류 코드 E4021, T-33A7 떠요"])
def test_of_two_codes_both_must_stand(typed: SearchEngine, query: str) -> None:
    assert found(typed, query)[0] == 13


def test_articles_with_one_of_two_codes_are_not_exact(typed: SearchEngine) -> None:
    assert found(typed, "AUTH0099 T-33A7 김치찌개 끓이는 방법") == []


@pytest.mark.parametrize("code", ["1106", "T-33A8"])
def test_a_code_that_stands_nowhere_finds_nothing(typed: SearchEngine, code: str) -> None:
    assert found(typed, code) == []


@pytest.mark.parametrize("code", ["E4022", "AUTH0098"])
def test_a_code_that_stands_nowhere_does_not_find_its_neighbour(typed: SearchEngine, code: str) -> None:
    assert found(typed, code) == []


@pytest.mark.parametrize("query", ["1105", "1105 오류", "오류코드 1105", "에러 코드 1105", "error 1105"])
def test_a_number_alone_or_beside_a_word_for_an_error_is_a_code(typed: SearchEngine, query: str) -> None:
    assert found(typed, query)[0] == 14


def test_a_year_in_a_question_is_no_code(typed: SearchEngine) -> None:
    assert found(typed, "2024") == [17]
    for query in ("2024년 요금제 개편으로 요금이 바뀌나요?", "2024 요금제 개편"):
        assert found(typed, query)[0] == 18


@pytest.mark.parametrize(
    "query",
    [
        MESSAGE,
        f'"{MESSAGE}"',
        f"‘{MESSAGE}’",
        f"{MESSAGE}.",
        f"{MESSAGE} 라고 떠요",
        f'"{MESSAGE}"라고 나와요',
        MESSAGE.replace(" ", "  "),
    ],
)
def test_a_message_typed_as_it_stands_comes_first(typed: SearchEngine, query: str) -> None:
    assert found(typed, query)[0] == 20


def test_three_words_are_no_message(typed: SearchEngine) -> None:
    assert found(typed, "회원 등급 혜택")[0] == 22


def test_the_words_of_a_message_in_another_order_are_no_message(typed: SearchEngine) -> None:
    assert found(typed, "파일 사진 공간 저장 부족")[0] == 21


@pytest.mark.parametrize("around", ["김치찌개 끓이다가 {}", "dragon breath {} spaceship", "{} 조선시대 왕의 순서"])
@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_makes_a_result_though_the_rest_is_foreign(typed: SearchEngine, around: str, code: str) -> None:
    assert found(typed, around.format("")) == []
    results = found(typed, around.format(code))
    assert set(results[: len(CODES[code])]) == CODES[code]
