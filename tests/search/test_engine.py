"""The two doors of the core: write articles, ask questions.

Properties: 1. an article answers as soon as it is committed; 2. totals, facets, sorts and pages agree; 3. a query whose
only link is an everyday word finds nothing; 4. no word matches inside another; 5. spam is not searched; 6. any text is
survived; 7. variants are one result; 8. a rebuild answers throughout; 9. restricted articles stay with the staff;
10. other ways to ask for an article find it, and are never shown.
"""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest_center import CENTER, article
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from haedap.search import Analyzer, ArticleDocument, Body, IndexWriter, SearchEngine, SearchQuery
from haedap.search.backends.base import BackendError
from haedap.search.generations import Generations
from haedap.search.types import Token
from haedap.search.weights import DEFAULT
from tests.search.embedders import Characters
from tests.search.indexed import indexed
from tests.search.second_writer import try_to_write


def found(engine: SearchEngine, text: str, **more: object) -> list[int]:
    return [hit.article_id for hit in engine.search(SearchQuery(text, **more)).hits]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("비밀번호 잊어버림", 1),
        ("오픈채팅방이검색에안나타나요", 2),
        ("환불 언제", 3),
        ("결제 취소", 4),
        ("ＣＡＬＥＮＤＡＲ 캘린더 일정 추가", 5),
    ],
)
def test_words_find_their_article(engine: SearchEngine, query: str, first: int) -> None:
    assert found(engine, query)[:1] == [first]


def test_a_word_matches_no_other_word(engine: SearchEngine) -> None:
    assert found(engine, "리더") == [6]
    assert found(engine, "서울") == []


@pytest.mark.parametrize(
    "query",
    ["지금 바로 조치", "김치찌개 끓이는 방법", "조선시대 왕의 순서", "방법", "", "   ", "!!!???", "*", "ㅋㅋㅋ"],
)
def test_everyday_words_alone_find_nothing(engine: SearchEngine, query: str) -> None:
    assert engine.search(SearchQuery(query)).total == 0


def test_a_compound_is_marked_whole_and_its_parts_not_in_other_compounds(engine: SearchEngine) -> None:
    hit = engine.search(SearchQuery("비밀번호")).hits[0]
    assert [hit.title[a:b] for a, b in hit.title_highlights] == ["비밀번호"]
    assert {hit.snippet.text[a:b] for a, b in hit.snippet.highlights} == {"비밀번호"}


def test_a_compound_that_is_taken_apart_in_the_query_alone_is_found(tmp_path: Path, analyzer: Analyzer) -> None:
    documents = [
        article(1, "여울플러스 멤버십 가입 방법", "여울플러스는 회비를 내는 멤버십입니다."),
        article(2, "여울에서 쓰는 화면", "여울 화면에는 플러스 표시가 있습니다."),
        *(article(number, f"화면 {number}", "화면을 켜고 끕니다.") for number in range(3, 9)),
    ]
    (typed, _), (written, *_) = analyzer.analyze("여울플러스 신청").words, analyzer.analyze(documents[0].title).words
    assert typed.term == written.term and typed.parts and not written.parts
    engine = indexed(tmp_path, analyzer, documents, vectors=False)
    assert 1 in found(engine, "여울플러스 신청")


def test_what_has_no_vector_yet_does_not_come_last(tmp_path: Path, analyzer: Analyzer) -> None:
    embedder = Characters("characters-1")
    with IndexWriter(tmp_path, analyzer, embedder) as writer:
        for document in (*CENTER, article(99, "결제 비밀번호 분실", "결제 비밀번호를 분실하면 다시 정합니다.")):
            writer.replace(document)
        writer.commit()
        writer.embed(len(CENTER))
        by_meaning = replace(DEFAULT, fusion=replace(DEFAULT.fusion, lowest=5.0))
        engine = SearchEngine(tmp_path, analyzer, embedder, by_meaning)
        partly = engine.search(SearchQuery("결제 비밀번호 분실"))
        while writer.embed():
            pass
        wholly = engine.search(SearchQuery("결제 비밀번호 분실"))
    assert (partly.mode, wholly.mode) == ("hybrid", "hybrid")
    assert [result.hits[0].article_id for result in (partly, wholly)] == [99, 99]
    assert [result.hits[0].signals["semantic_weight"] > 0 for result in (partly, wholly)] == [False, True]


def test_what_a_lone_syllable_says_counts(tmp_path: Path, analyzer: Analyzer) -> None:
    documents = [
        article(1, "회원 주문 조회", "회원은 주문 내역에서 회원 주문을 봅니다."),
        article(2, "주문 조회", "비회원은 주문 번호로 봅니다."),
        *(article(number, f"화면 {number}", "화면을 켜고 끕니다.") for number in range(3, 9)),
    ]
    engine = indexed(tmp_path, analyzer, documents, vectors=False)
    for query, first in (("비회원 주문", 2), ("회원 주문", 1)):
        assert found(engine, query)[0] == first
    (word, _) = analyzer.analyze("비회원 주문").words
    assert (word.term, [part[0] for part in word.parts]) == ("비회원", ["회원"])
    covered = {ranked.match.article_id: ranked.coverage for ranked in engine.rank("비회원 주문")[1]}
    assert covered[2] == 1.0 and covered.get(1, 0.0) < 1.0


class FailsOnce(Characters):
    """The first query cannot be embedded."""

    failures = 1

    def query(self, text: str) -> NDArray[np.float32]:
        if self.failures:
            self.failures -= 1
            raise MemoryError(text)
        return super().query(text)

    def soon(self, text: str) -> Callable[[], NDArray[np.float32]]:
        with ThreadPoolExecutor(1) as beside:
            return beside.submit(self.query, text).result


def test_a_query_that_could_not_be_embedded_once_can_be_the_next_time(tmp_path: Path, analyzer: Analyzer) -> None:
    indexed(tmp_path, analyzer, CENTER)
    engine = SearchEngine(tmp_path, analyzer, embedder := FailsOnce("characters-1"))
    embedder.failures = 0
    engine.load()
    embedder.failures = 1
    with pytest.raises(MemoryError):
        engine.search(SearchQuery("환불 언제"))
    assert found(engine, "환불 언제")[:1] == [3]


@pytest.mark.parametrize("vectors", [False, True])
def test_other_ways_to_ask_find_an_article_and_are_not_shown(tmp_path: Path, analyzer: Analyzer, vectors: bool) -> None:
    bodies = (Body("앱에서 [탈퇴]를 누르세요.", ("common", "ios")), Body("설정에서 누르세요.", ("android",)))
    asked = ArticleDocument(1, "회원 탈퇴 방법", bodies, questions=("계정 삭제하고 싶어요", "아이디 없애기"))
    engine = indexed(tmp_path, analyzer, [asked, *CENTER[1:]], vectors=vectors)
    for text in ("계정 삭제", "아이디 없애기"):
        for platform in (None, "android"):
            hit = engine.search(SearchQuery(text, platform=platform)).hits[0]
            assert hit.article_id == 1
            assert "삭제" not in hit.title + hit.snippet.text and "없애" not in hit.title + hit.snippet.text


def test_words_of_two_questions_are_no_phrase(tmp_path: Path, analyzer: Analyzer) -> None:
    text = "결제 승인 대기 오류"
    mixed = article(1, "가", "나", questions=("결제 승인", "대기 오류"))
    whole = article(2, "다", "라", questions=("결제 승인 대기 오류",))
    assert found(indexed(tmp_path, analyzer, [mixed, whole], vectors=False), text)[0] == 2


def test_spam_is_named_and_not_searched(engine: SearchEngine) -> None:
    result = engine.search(SearchQuery("환불 출장안마【톡:AB12】24시간 예약"))
    assert (result.notice, result.total, result.hits) == ("spam", 0, ())


def test_too_long_is_said(engine: SearchEngine) -> None:
    assert engine.search(SearchQuery("환불 " * 100)).notice == "too_long"
    assert engine.search(SearchQuery("환" * 10_000_000)).notice == "too_long"


def test_sorts_pages_and_facets_agree(engine: SearchEngine) -> None:
    by_date = engine.search(SearchQuery("결제 취소 환불", sort="date"))
    by_hits = engine.search(SearchQuery("결제 취소 환불", sort="hits"))
    by_score = engine.search(SearchQuery("결제 취소 환불"))
    assert by_date.total == by_hits.total == by_score.total == len(by_score.hits)
    assert [hit.article_id for hit in by_date.hits] == sorted(
        (hit.article_id for hit in by_score.hits), key=lambda i: -CENTER[i - 1].updated
    )
    assert [hit.article_id for hit in by_hits.hits] == sorted(
        (hit.article_id for hit in by_score.hits), key=lambda i: -CENTER[i - 1].hits
    )
    assert sum(by_score.facets.service.values()) == by_score.total
    pages = [found(engine, "결제 취소 환불", page=page, page_size=1) for page in range(1, by_score.total + 1)]
    assert [page[0] for page in pages] == [hit.article_id for hit in by_score.hits]


def test_a_facet_count_is_what_the_filter_shows(engine: SearchEngine) -> None:
    facets = engine.search(SearchQuery("안내 방법 결제 인증")).facets
    for service, count in facets.service.items():
        assert engine.search(SearchQuery("안내 방법 결제 인증", service=service)).total == count


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=80))
def test_any_text_is_answered(engine: SearchEngine, text: str) -> None:
    result = engine.search(SearchQuery(text))
    assert result.total >= len(result.hits) >= 0


def test_an_index_that_is_not_there_finds_nothing(tmp_path: Path, analyzer: Analyzer) -> None:
    assert SearchEngine(tmp_path / "none", analyzer).search(SearchQuery("환불")).total == 0


VARIANTS = ArticleDocument(
    9,
    "알림이 오지 않아요",
    (
        Body("설정에서 알림을 켜세요.", ("common", "windows", "mac")),
        Body("아이폰 설정의 방해금지 모드를 끄세요.", ("ios",)),
        Body("안드로이드 배터리 최적화를 해제하세요.", ("android",)),
    ),
)


def test_an_article_with_variants_is_one_result(tmp_path: Path, analyzer: Analyzer) -> None:
    with IndexWriter(tmp_path / "index", analyzer) as writer:
        writer.replace(VARIANTS)
        writer.commit()
    engine = SearchEngine(tmp_path / "index", analyzer)
    result = engine.search(SearchQuery("알림이 오지 않아요"))
    assert result.total == 1
    assert set(result.hits[0].scopes) == {"common", "windows", "mac", "ios", "android"}
    assert result.facets.platform == {"common": 1, "windows": 1, "mac": 1, "ios": 1, "android": 1}
    assert found(engine, "방해금지 모드", platform="ios") == [9]
    assert found(engine, "방해금지 모드", platform="android") == []
    assert engine.search(SearchQuery("알림", platform="android")).hits[0].snippet.text.startswith("안드로이드")


def test_replacing_and_deleting_reach_an_open_engine(tmp_path: Path, analyzer: Analyzer) -> None:
    root = tmp_path / "index"
    with IndexWriter(root, analyzer) as writer:
        writer.replace(article(1, "환불 안내", "환불은 3일 걸립니다."))
        writer.commit()
        engine = SearchEngine(root, analyzer)
        assert found(engine, "환불") == [1]
        before = engine.stamp
        writer.replace(article(1, "배송 안내", "배송은 이틀 걸립니다."))
        assert found(engine, "환불") == [1]
        writer.commit()
        assert (found(engine, "환불"), found(engine, "배송")) == ([], [1])
        assert engine.stamp != before
        writer.delete(1)
        writer.commit()
        assert found(engine, "배송") == []


def test_a_rebuild_answers_throughout_and_keeps_what_came_meanwhile(tmp_path: Path, analyzer: Analyzer) -> None:
    root = tmp_path / "index"
    with IndexWriter(root, analyzer) as writer:
        for document in CENTER:
            writer.replace(document)
        writer.commit()
        engine = SearchEngine(root, analyzer)
        seen = []

        def progress(done: int) -> None:
            seen.append(found(engine, "환불 언제")[:1])
            if done == 2:
                writer.replace(article(20, "포인트 적립 안내", "포인트는 구매확정 뒤에 쌓입니다."))
                writer.commit()

        writer.rebuild(iter(CENTER), on_progress=progress)
        assert seen == [[3]] * len(CENTER)
        assert found(engine, "포인트 적립") == [20]
        assert engine.article_count == len(CENTER) + 1


class Refusing(Analyzer):
    """An analyzer that some texts make fail."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self._texts = texts

    def tokens(self, text: str) -> list[Token]:
        if any(refused in text for refused in self._texts):
            raise ValueError("cannot be analyzed")
        return super().tokens(text)


def test_a_rebuild_goes_on_after_a_bad_document_but_not_when_every_one_is_bad(tmp_path: Path) -> None:
    root = tmp_path / "index"
    documents = [
        article(number, f"{name} 안내", "내용입니다.") for number, name in enumerate(("환불", "배송", "결제"), 1)
    ]
    with IndexWriter(root, Refusing("배송")) as writer:
        assert writer.rebuild(documents) == (2,)
        engine = SearchEngine(root, Analyzer())
        assert engine.article_count == 2 and found(engine, "결제") == [3]
    with IndexWriter(root, Refusing("안내")) as writer:
        with pytest.raises(BackendError, match="None of 3"):
            writer.rebuild(documents)
        assert engine.article_count == 2 and found(engine, "환불") == [1]


def test_an_index_of_another_layout_is_replaced_and_never_fails(tmp_path: Path, analyzer: Analyzer) -> None:
    root = tmp_path / "index"
    generations = Generations(root)
    old = generations.create("tantivy-0-v0-0.0-000000000000")
    generations.promote(old)
    engine = SearchEngine(root, analyzer)
    assert found(engine, "환불") == []
    with IndexWriter(root, analyzer) as writer:
        assert writer.created
        writer.replace(article(1, "환불 안내", "환불은 3일 걸립니다."))
        writer.commit()
    assert found(engine, "환불") == [1]


def test_staff_articles_are_for_staff(tmp_path: Path, analyzer: Analyzer) -> None:
    with IndexWriter(tmp_path / "index", analyzer) as writer:
        writer.replace(article(1, "환불 내부 지침", "환불 한도는 팀장이 정합니다.", staff_only=True))
        writer.commit()
    engine = SearchEngine(tmp_path / "index", analyzer)
    assert engine.search(SearchQuery("환불")).total == 0
    assert engine.search(SearchQuery("환불"), staff=True).total == 1


def test_a_word_of_staff_alone_is_as_unknown_to_others_as_one_that_nobody_wrote(
    tmp_path: Path, analyzer: Analyzer
) -> None:
    public = [
        article(1, "환불은 언제 되나요?", "3일 안에 환불됩니다."),
        article(2, "결제 취소 방법", "취소를 누르세요."),
    ]
    secret = article(3, "환불 한도 지침", "한도는 팀장이 정합니다.", staff_only=True)

    def said(engine: SearchEngine, text: str, *, staff: bool = False) -> tuple[object, ...]:
        result = engine.search(SearchQuery(text), staff=staff)
        near = [hit.article_id for hit in result.near]
        marks = [(hit.article_id, hit.title_highlights, hit.snippet) for hit in result.hits]
        return result.total, marks, near, result.interpreted_as, result.did_you_mean, result.steps

    engines = []
    for name, articles in (("without", public), ("with", [*public, secret])):
        with IndexWriter(tmp_path / name, analyzer) as writer:
            for each in articles:
                writer.replace(each)
            writer.commit()
        engines.append(SearchEngine(tmp_path / name, analyzer))
    without, there = engines
    for text in ("환불 한도", "환불 지침", "한도", "지침 결제", "환불 팀장 한도 지침", "환불한도", "한돠"):
        assert said(there, text) == said(without, text), text
        units = [(unit.term, unit.known) for unit in there.units(SearchQuery(text))]
        assert units == [(unit.term, unit.known) for unit in without.units(SearchQuery(text))], text
    assert said(there, "환불 한도", staff=True)[0] == 1
    # What anybody may read from now on is known to anybody.
    with IndexWriter(tmp_path / "with", analyzer) as writer:
        writer.replace(article(4, "한도를 올리고 싶어요", "설정에서 한도를 올립니다."))
        writer.commit()
    assert said(there, "한도")[0] == 1


def test_related_articles_for_staff_include_those_of_staff(tmp_path: Path, analyzer: Analyzer) -> None:
    with IndexWriter(tmp_path / "index", analyzer) as writer:
        writer.replace(article(1, "환불은 언제 되나요?", "3일 안에 환불됩니다."))
        writer.replace(article(2, "환불 승인 지침", "환불을 승인합니다.", staff_only=True))
        writer.commit()
    engine = SearchEngine(tmp_path / "index", analyzer)
    assert engine.related(1, "환불은 언제 되나요?") == ()
    assert engine.related(1, "환불은 언제 되나요?", staff=True) == (2,)


def test_there_is_one_writer(tmp_path: Path, analyzer: Analyzer) -> None:
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[str] = context.Queue()
    with IndexWriter(tmp_path / "index", analyzer):
        other = context.Process(target=try_to_write, args=(tmp_path / "index", answer))
        other.start()
        assert "Another process" in answer.get(timeout=60)
        other.join(60)


def test_a_repeated_query_is_the_same_answer(engine: SearchEngine) -> None:
    first, second = engine.search(SearchQuery("환불 언제")), engine.search(SearchQuery("환불 언제"))
    assert first.hits is second.hits


def test_what_cannot_be_found_does_not_say_how_near_is_near_enough(tmp_path: Path, analyzer: Analyzer) -> None:
    root, query = tmp_path / "index", "바뀐 전화기로 옮겨 쓰기"
    engine = SearchEngine(root, analyzer, Characters("characters-1"))
    with IndexWriter(root, analyzer, Characters("characters-1")) as writer:

        def take(*documents: ArticleDocument) -> None:
            for document in documents:
                writer.replace(document)
            writer.commit()
            while writer.embed():
                pass

        take(article(1, "전화기로 옮겨 사용", "전화기로 옮겨 사용"), article(2, "쿠폰", "쿠폰을 받으세요."))
        assert found(engine, query) == [1]
        take(article(3, query, query, staff_only=True))
        assert found(engine, query) == [1]
        assert engine.search(SearchQuery(query), staff=True).hits[0].article_id == 3
        writer.delete(3)
        writer.commit()
        assert found(engine, query) == [1]


def test_an_answer_does_not_depend_on_what_was_asked_before(tmp_path: Path, analyzer: Analyzer) -> None:
    root = tmp_path / "index"
    with IndexWriter(root, analyzer, Characters("characters-1")) as writer:
        writer.replace(article(1, "비밀번호 변경", "비밀번호는 설정에서 바꿉니다."))
        writer.commit()
        writer.embed()
    fresh, used = (SearchEngine(root, analyzer, Characters("characters-1")) for _ in range(2))
    used.search(SearchQuery("비번 변경"))
    signals = [dict(engine.search(SearchQuery("비밀번호 변경")).hits[0].signals) for engine in (fresh, used)]
    assert signals[0] == signals[1]
