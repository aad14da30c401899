"""What a person sees of interpretation: results, what they are for, what else is offered.

Properties, by number in each test's name:

 1. However it was typed, the query finds what the clean query finds: the examples seen in the field.
 2. ``interpreted_as`` is the text searched when that is not the text typed, with the ``steps`` that led there; None and
    no steps otherwise. ``query`` is the text typed.
 3. With ``exact`` the text is searched as typed, and the reading is offered in ``did_you_mean``.
 4. A reading that is not clearly better is only offered.
 5. A word matches whole words: 리더 finds 더 리더, not 캘린더; 서울 not 서울대; * finds nothing.
 6. Words of staff-only articles show in no field of an answer, and the staff finds them as typed.
 7. What interpretation makes of a query is guarded like a query.
 8. Any text of up to 200 characters is answered.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haedap.search import SearchEngine, SearchQuery, SearchResult
from haedap.search.hangul import typed_as_latin


def ids(engine: SearchEngine, text: str) -> list[int]:
    return [hit.article_id for hit in engine.search(SearchQuery(text)).hits]


def said(result: SearchResult) -> str:
    """Everything a result says in words."""
    titles = [hit.title + hit.snippet.text for hit in result.hits]
    return " ".join([*titles, *result.steps, result.interpreted_as or "", result.did_you_mean or ""])


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("dhvmscoxld", "오픈채팅"),
        ("dkdlel 찾기", "아이디 찾기"),
        ("ㅔㅁㄴㄴ", "pass"),
        ("ㅎㅑㄹ", "gif"),
        ("roffjrtlㄴ7", "갤럭시s7"),
        ("안드로이드 os djqepdlxm", "안드로이드 os 업데이트"),
        ("오픈채팅방이안떠요", "오픈채팅방이 안 떠요"),
        ("오픈채 팅방", "오픈 채팅방"),
        ("결재 취소", "결제 취소"),
        ("결제취소", "결제 취소"),
        ("결제가 됬어요", "결제가 됐어요"),
        ("로그인이 안되요", "로그인이 안 돼요"),
        ("로그인이 않되", "로그인이 안 돼"),
        ("ㅇㅍㅊㅌ", "오픈채팅"),
        ("ㅂㅁㅂㅎ 찾기", "비밀번호 찾기"),
        ("오픈채ㅌ", "오픈채팅"),
        ("청바ㅈ", "청바지"),
        ("배송 알려주ㅜ", "배송 알려줘"),
        ("44사이즈비키니", "44 사이즈 비키니"),
        ("AI가 정리된", "AI 정리된"),
        ("galaxybook", "Galaxy book"),
        ("갤럭시 s7", "갤럭시s7"),
        ("DKDLEL 찾기", "아이디 찾기"),
        ("ＧＡＬＡＸＹ　ＢＯＯＫ", "Galaxy book"),
        ("오버로드 Ⅳ", "오버로드 4"),
        ("환불ㅠㅠ", "환불"),
        (unicodedata.normalize("NFD", "오픈채팅방 만들기"), "오픈채팅방 만들기"),
        ("비밀번호를 변경하고 싶은데 어떻게 해야 되나요 ㅠㅠ", "비밀번호 변경"),
    ],
)
def test_01_it_finds_what_the_clean_query_finds(helper: SearchEngine, typed: str, clean: str) -> None:
    wanted = ids(helper, clean)
    assert wanted
    assert ids(helper, typed)[0] == wanted[0]


def test_01_titles_without_spaces_find_their_article(helper: SearchEngine, titles: dict[int, str]) -> None:
    lost = []
    for number, title in titles.items():
        result = helper.search(SearchQuery(title.replace(" ", "")))
        assert (result.interpreted_as or result.query).replace(" ", "") == result.query
        if [hit.article_id for hit in result.hits][:1] != [number]:
            lost.append(title)
    assert lost == []


def test_02_the_reading_is_said(helper: SearchEngine) -> None:
    result = helper.search(SearchQuery("dkdlel 찾기"))
    assert (result.query, result.interpreted_as, result.did_you_mean) == ("dkdlel 찾기", "아이디 찾기", None)
    assert result.steps == ("keyboard: dkdlel → 아이디",)


@pytest.mark.parametrize("text", ["아이디 찾기", "gif", "44사이즈비키니", "환불ㅠㅠ", "김치찌개", "*"])
def test_02_nothing_is_said_where_nothing_was_done(helper: SearchEngine, text: str) -> None:
    result = helper.search(SearchQuery(text))
    assert (result.interpreted_as, result.did_you_mean, result.steps) == (None, None, ())


@pytest.mark.parametrize(("text", "reading"), [("결재", "결제"), ("dhvmscoxld", "오픈채팅"), ("ㅂㅁㅂㅎ", "비밀번호")])
def test_03_exact_is_as_typed(helper: SearchEngine, text: str, reading: str) -> None:
    result = helper.search(SearchQuery(text, exact=True))
    assert (result.interpreted_as, result.steps) == (None, ())
    assert result.did_you_mean == reading
    assert result.total < helper.search(SearchQuery(text)).total


def test_03_exact_changes_nothing_for_a_clean_query(helper: SearchEngine) -> None:
    exact, free = (helper.search(SearchQuery("결제 취소", exact=exact)) for exact in (True, False))
    assert exact.did_you_mean is None
    assert [hit.article_id for hit in exact.hits] == [hit.article_id for hit in free.hits]


def test_04_a_doubtful_reading_is_offered_only(helper: SearchEngine) -> None:
    """Of all one-letter slips of a few titles' words, whatever is offered is not what is searched."""
    offered = []
    for word in ("결제", "환불", "배송", "송금", "탈퇴", "구독", "요약"):
        for other in "가나다라마바사아자차카타파하과러도우기":
            result = helper.search(SearchQuery(word[0] + other))
            if result.did_you_mean:
                offered.append(result)
                assert result.interpreted_as != result.did_you_mean != result.query
    assert all(helper.search(SearchQuery(str(each.did_you_mean))).total for each in offered)


def test_05_whole_words(helper: SearchEngine) -> None:
    titles = [hit.title for hit in helper.search(SearchQuery("리더")).hits]
    assert titles == ["더 리더 구독 안내"]
    for text in ("서울", "*", "**", "?", '"', "AND OR NOT", "title:*"):
        assert helper.search(SearchQuery(text)).total == 0


@pytest.mark.parametrize("text", ["크로노미타", "크로노메터 초기화", "ㅋㄹㄴㅁㅌ", "크로노미ㅌ", "점검펴"])
def test_06_staff_only_words_are_not_said(helper: SearchEngine, text: str) -> None:
    for exact in (False, True):
        assert "크로노미터" not in said(helper.search(SearchQuery(text, exact=exact)))
        assert "점검표" not in said(helper.search(SearchQuery(text, exact=exact)))


def test_06_the_staff_finds_them_as_typed(helper: SearchEngine) -> None:
    assert helper.search(SearchQuery("크로노미터")).total == 0
    assert [hit.article_id for hit in helper.search(SearchQuery("크로노미터"), staff=True).hits] == [100]


def test_07_spam_on_the_wrong_keyboard_is_spam(helper: SearchEngine) -> None:
    clean = "카지노 바카라 추천인 코드"
    assert helper.search(SearchQuery(clean)).notice == "spam"
    result = helper.search(SearchQuery(typed_as_latin(clean)))
    assert (result.notice, result.total, result.interpreted_as) == ("spam", 0, None)
    exact = helper.search(SearchQuery(result.query, exact=True))
    assert (exact.notice, exact.total, exact.did_you_mean) == ("spam", 0, None)


@settings(deadline=None, max_examples=150)
@given(text=st.text(st.characters() | st.sampled_from("결제오픈채팅ㅂㅎㅋdkel 않되😀\u202e\ud800\x00"), max_size=200))
def test_08_any_text_is_answered(helper: SearchEngine, text: str) -> None:
    result = helper.search(SearchQuery(text))
    for shown in (result.query, result.interpreted_as or "", result.did_you_mean or ""):
        assert unicodedata.is_normalized("NFC", shown)
        shown.encode()
    # Synonyms are a step, too, but leave the text as it was typed.
    assert bool(result.interpreted_as) == any(not step.startswith("synonyms: ") for step in result.steps)
