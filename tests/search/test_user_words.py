"""User words stay whole wherever they stand, and nothing else changes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest_center import article
from hypothesis import given, settings
from hypothesis import strategies as st

from haedap.search import Analyzer, IndexWriter, SearchEngine, SearchQuery
from haedap.search.text import fold, normalize
from haedap.search.user_words import UserWords, keep_whole

WORDS = ("여울페이머니", "페이머니", "메일", "물결톡", "galaxybook", "ＷＯＮ뱅킹", "U+톡")


@pytest.fixture
def whole(analyzer: Analyzer) -> Iterator[Analyzer]:
    """The analyzer of all tests, with user words for one of them."""
    analyzer.use_words(WORDS)
    yield analyzer
    analyzer.use_words(())


def found(text: str) -> list[str]:
    folded = fold(text)
    return [folded[start:end] for start, end in UserWords(WORDS).spans(folded)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("여울페이머니가 사라졌어요", ["여울페이머니"]),
        ("내여울페이머니를충전", ["여울페이머니"]),
        ("새 페이머니와 여울페이머니", ["페이머니", "여울페이머니"]),
        ("메일이 안 와요", ["메일"]),
        ("이메일이 안 와요", []),
        ("3메일", []),
        ("(메일)", ["메일"]),
        ("GalaxyBook을 샀어요", ["galaxybook"]),
        ("galaxybooks mygalaxybook", []),
        ("a.galaxybook #galaxybook a@galaxybook (galaxybook)", ["galaxybook"]),
        ("won뱅킹 앱", ["won뱅킹"]),
        ("u+톡은", ["u+톡"]),
        ("여울페이 머니", []),
        ("", []),
    ],
)
def test_where_a_word_counts(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_one_character_is_no_user_word() -> None:
    assert UserWords(["앱", " ", "", "물결톡 "]).words == ("물결톡",)


@pytest.mark.parametrize(
    "text", ["여울페이머니가", "여울페이머니를 여울페이머니로", "내여울페이머니는요", "여울페이머니충전"]
)
def test_the_whole_is_a_term_whatever_follows(whole: Analyzer, text: str) -> None:
    tokens = [token for token in whole.tokens(text) if token.text == "여울페이머니"]
    assert [(token.start, token.end) for token in tokens] == UserWords(WORDS).spans(text)


def test_an_address_that_holds_a_user_word_loses_nothing(analyzer: Analyzer) -> None:
    for text in ("https://a.com?u+톡 주소", "비번 a.u+톡 안됨", "https://a.com/여울페이머니 접속"):
        before = {word.term for word in analyzer.words(text)}
        analyzer.use_words(WORDS)
        after = {word.term for word in analyzer.words(text)}
        analyzer.use_words(())
        assert {"주소", "비번", "접속"} & before <= after


def test_words_may_change_at_any_time_also_in_a_forked_child(analyzer: Analyzer) -> None:
    analyzer.use_words(["무지개딱지"])
    pid = os.fork()
    if not pid:
        analyzer.use_words(["하늘정산톡"])
        right = [word.term for word in analyzer.words("하늘정산톡은 무료")] == ["하늘정산톡", "무료"]
        os._exit(0 if right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert analyzer.user_words == ("무지개딱지",)
    analyzer.use_words(())


def test_spacing_leaves_a_user_word_whole(whole: Analyzer) -> None:
    assert whole.spaced("여울페이머니충전안돼요").startswith("여울페이머니 충전 안 ")
    assert keep_whole("가 나 다", "가나다", [(0, 2)]) == "가나 다"


# Other punctuation may make an address or an emoticon of its surroundings, which Kiwi keeps whole.
LETTERS = st.characters(categories=("Lo", "Nd", "Zs"))
PIECES = st.sampled_from(
    [*WORDS, "가", "이", "를", "에서", "비밀번호", "안돼요", "결제", " ", "\n", "ㅋ", "😀", "漢", "(", ".", "A", "4"]
)


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(st.one_of(PIECES, st.text(LETTERS, max_size=3)), max_size=12))
def test_spans_stay_right_and_every_occurrence_is_a_term(analyzer: Analyzer, pieces: list[str]) -> None:
    text = normalize("".join(pieces))
    analyzer.use_words(WORDS)
    tokens, analysis = analyzer.tokens(text), analyzer.analyze(text)
    analyzer.use_words(())
    places = [morph.start for morph in analysis.morphs]
    assert places == sorted(places)
    last = 0
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text) and token.position >= last
        last = token.position
    for start, end in UserWords(WORDS).spans(fold(text)):
        word = fold(text)[start:end]
        assert any(token.text == word and token.start <= start and end <= token.end for token in tokens)


def test_text_without_a_user_word_is_analyzed_as_before(analyzer: Analyzer) -> None:
    text = "오픈채팅방이안떠요 비밀번호를 잊어버렸어요"
    before = analyzer.tokens(text)
    analyzer.use_words(WORDS)
    assert analyzer.tokens(text) == before
    analyzer.use_words(())


def test_interpretation_corrects_toward_a_user_word_once_an_article_holds_it(tmp_path: Path, whole: Analyzer) -> None:
    with IndexWriter(tmp_path / "index", whole) as writer:
        writer.replace(article(1, "여울페이머니를 채우는 방법", "여울페이머니는 계좌에서 채웁니다."))
        writer.replace(article(2, "포장 상자를 고르는 방법", "포장 상자는 세 가지입니다."))
        writer.commit()
    engine = SearchEngine(tmp_path / "index", whole)
    assert engine.interpret("여울페이모니").text == "여울페이머니"
    assert engine.interpret("여울페이머니").taken == ()
    assert engine.interpret("물결톡").taken == (), "a user word is known even where no article holds it"
    assert [hit.article_id for hit in engine.search(SearchQuery("여울페이모니 채우기")).hits][:1] == [1]
