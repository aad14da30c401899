"""The direct answer above the list, and the near misses where nothing is found.

Properties of a quote: 1. each of its lines stands in the body, word for word and in order; 2. it has at most twice ROOM
characters; 3. its marks lie within, apart and in order, on matched morphemes; 4. it begins at the step that holds the
query's own word; 5. it never joins a table and sentences; 6. its heading and anchor are those of its place; 7. the body
of the asked platform is quoted; 8. an article without text answers nothing.

An answer stands on the first page of the order by relevance only, and only with vectors; none for spam, none between
equals, none from what a reader may not see. Near misses are at most three, of a query that finds nothing and of which
something is known; they do not count, and text like spam gets none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from conftest_center import CENTER
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haedap.kb.bodies import split_bodies
from haedap.kb.markdown import blocks
from haedap.search import Analyzer, ArticleDocument, Body, SearchEngine, SearchQuery
from haedap.search.answers import ROOM, Quote, best_quote
from haedap.search.entries import build_entries
from haedap.search.payload import Payload, decode
from haedap.search.plan import Marks
from haedap.search.types import Answer, Facets
from haedap.search.weights import DEFAULT
from tests.search.indexed import EVERYWHERE, body, indexed, written

BACKUP = """여울톡의 대화를 안전하게 보관하는 방법을 알려 드립니다.

## 안드로이드에서 하기

1. 더보기 화면을 엽니다.
2. 톱니바퀴를 누릅니다.
3. 대화 백업에서 암호를 정합니다.
4. 기기를 재시작합니다.

## 요금과 기간

백업은 무료입니다. 아래 표는 남는 날을 보여 줍니다.

| 구분 | 보관 기간 |
| --- | --- |
| 사진 | 30일 |
| 동영상 | 7일 |
"""
STAFF = "정산 지급일은 팀장이 정합니다."
DOCUMENTS = (
    *CENTER,
    written(11, "대화 내용을 백업하는 방법", BACKUP),
    ArticleDocument(
        12,
        "알림이 오지 않아요",
        (
            body("## 컴퓨터\n\n컴퓨터 설정에서 알림을 켜세요.", ("common", "windows")),
            body("## 아이폰\n\n아이폰 설정의 방해금지 모드를 끄고 알림을 켜세요.", ("ios",)),
            body("## 안드로이드\n\n배터리 최적화를 해제하고 알림을 켜세요.", ("android",)),
        ),
    ),
    written(13, "쿠폰 등록 안내", "쿠폰 등록 화면에서 쿠폰 번호를 적습니다."),
    written(14, "쿠폰 등록 안내", "쿠폰 등록 화면에서 쿠폰 번호를 적습니다."),
    ArticleDocument(15, "지도 즐겨찾기 공유", (Body("", EVERYWHERE),)),
    written(16, "정산 지급일 내부 지침", STAFF, staff_only=True),
)
ANSWERED = "환불은 언제 되나요"
NEAR = "재학생 인증 서울대 우주선 로켓"
"""By words alone too little of this is covered, and not much too little."""


# The distances of the test's embedder are its own, so the margins are, too.
WEIGHTS = replace(
    DEFAULT,
    gate=replace(DEFAULT.gate, margin=0.04, tenfold=0.0, within=0.08),
    answer=replace(DEFAULT.answer, margin=0.06),
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> SearchEngine:
    """The center with vectors."""
    return indexed(tmp_path_factory.mktemp("answers") / "index", analyzer, DOCUMENTS, weights=WEIGHTS)


@pytest.fixture(scope="module")
def by_words(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> SearchEngine:
    """The same by words only."""
    return indexed(tmp_path_factory.mktemp("answers") / "index", analyzer, DOCUMENTS, vectors=False)


def answer(engine: SearchEngine, text: str, *, staff: bool = False, **more: object) -> Answer | None:
    return engine.search(SearchQuery(text, **more), staff=staff).answer  # type: ignore[arg-type]


# The quote itself.


def payload(analyzer: Analyzer, title: str, *bodies: Body) -> Payload:
    return decode(build_entries(ArticleDocument(1, title, bodies), analyzer)[0][0].payload)


def quote_of(analyzer: Analyzer, made: Payload, query: str, platform: str | None = None) -> Quote | None:
    """The best quote for the words of a query, each weighing the same."""
    said = {token.text: 1.0 for token in analyzer.tokens(query)}
    return best_quote(made, said, Marks(said), platform)


def faults(made: Payload, quote: Quote, query: str, analyzer: Analyzer) -> list[str]:
    """Every rule that the quote breaks."""
    (source,) = [stored for stored in made.bodies if stored.scopes == quote.scopes]
    text = source.content.text.replace("\n", " ")
    wanted = {token.text for token in analyzer.tokens(query)}
    broken = []
    if not quote.text.strip() or len(quote.text) > 2 * ROOM:
        broken.append(f"has {len(quote.text)} characters")
    if list(quote.highlights) != sorted(set(quote.highlights)):
        broken.append("marks out of order")
    if any(b >= c for (_, b), (c, _) in zip(quote.highlights, quote.highlights[1:], strict=False)):
        broken.append("marks touch or overlap")
    at, base, seen = 0, 0, 0
    for line in quote.text.split("\n"):
        at = text.find(line, at)
        if at < 0:
            return [*broken, f"does not say {line!r} in this order"]
        morphemes = [
            (start - at + base, end - at + base)
            for term, start, end in zip(source.content.terms, source.content.starts, source.content.ends, strict=True)
            if term in wanted and at <= start and end <= at + len(line)
        ]
        for start, end in quote.highlights:
            if not base <= start < end <= base + len(line):
                continue
            seen += 1
            within = [(a, b) for a, b in morphemes if start <= a and b <= end]
            covered = {place for a, b in within for place in range(a, b)}
            if covered != set(range(start, end)):
                broken.append(f"marks {quote.text[start:end]!r}, which was not asked")
        at, base = at + len(line), base + len(line) + 1
    if seen != len(quote.highlights):
        broken.append("marks beyond a line")
    kinds = {segment.kind for segment in source.segments if text[segment.start : segment.end] in quote.text}
    if "row" in kinds and not _only_rows(made, quote):
        broken.append("joins a table and sentences")
    return broken


def _only_rows(made: Payload, quote: Quote) -> bool:
    """Every line of the quote is a row of a table, or none is."""
    (source,) = [stored for stored in made.bodies if stored.scopes == quote.scopes]
    kinds: dict[str, set[bool]] = {}
    for segment in source.segments:
        kinds.setdefault(source.content.text[segment.start : segment.end], set()).add(segment.kind == "row")
    found = [kinds[line] for line in quote.text.split("\n") if line in kinds]
    return all(True in kind for kind in found) or all(False in kind for kind in found)


WORDS = (
    "환불",
    "비밀번호",
    "알림",
    "백업",
    "설정에서",
    "누릅니다",
    "카드",
    "3영업일",
    "E4021",
    "변경하세요",
    "보세요.",
    "됩니다!",
)
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join)
long_ones = st.integers(30, 160).map(lambda count: "환불 계좌와 " * count + "알림")
addresses = st.integers(1, 500).map(lambda count: f"환불은 됩니다. https://example.com/{'a' * count} 알림을 보세요.")
texts = st.one_of(sentences, long_ones, addresses)


def table(rows: list[str]) -> str:
    return "\n".join(
        f"| {row} | {number} |" + ("\n| --- | --- |" if not number else "") for number, row in enumerate(rows)
    )


bodies = st.lists(
    st.one_of(
        texts,
        texts.map(lambda text: text.replace(" ", "  \n", 1)),
        st.sampled_from(("## 환불", "## 알림 설정", "### 카드")),
        st.lists(texts, min_size=1, max_size=5).map(
            lambda steps: "\n".join(f"{n}. {s}" for n, s in enumerate(steps, 1))
        ),
        st.lists(texts, min_size=1, max_size=4).map(lambda items: "\n".join(f"- {item}" for item in items)),
        st.lists(sentences, min_size=2, max_size=5).map(table),
        texts.map(lambda text: f"> [!NOTE]\n> {text}"),
        texts.map(lambda text: f"```\n{text}\n```"),
    ),
    max_size=8,
).map("\n\n".join)


@settings(max_examples=150, deadline=None)
@given(text=bodies, query=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join))
@example(text="환불 계좌와 " * 100 + "알림", query="알림")
@example(text=f"환불은 됩니다. https://example.com/{'a' * 500} 알림을 보세요.", query="환불 알림")
def test_a_quote_obeys_its_rules(analyzer: Analyzer, text: str, query: str) -> None:
    made = payload(analyzer, "환불 안내", body(text, EVERYWHERE))
    quote = quote_of(analyzer, made, query)
    if quote is not None:
        assert faults(made, quote, query, analyzer) == []


@cache
def demo() -> tuple[tuple[str, tuple[Body, ...]], ...]:
    """Title and bodies of every article of the demo."""

    def read() -> Iterator[tuple[str, tuple[Body, ...]]]:
        for service in (files("haedap.demo") / "content").iterdir():
            for path in service.iterdir():
                front, text = path.read_text(encoding="utf-8").split("---\n", 2)[1:]
                title = re.search(r"^title: *[\"']?(.*?)[\"']? *$", front, re.MULTILINE)
                assert title
                made = [
                    Body(*read, part.platforms or ("common",), found)
                    for part in split_bodies(text)
                    for *read, found in [blocks(part.body)]
                ]
                yield title[1], tuple(made)

    return tuple(read())


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_quote_of_the_demo_obeys_its_rules(analyzer: Analyzer, data: st.DataObject) -> None:
    title, parts = data.draw(st.sampled_from(demo()))
    other, _ = data.draw(st.sampled_from(demo()))
    made = payload(analyzer, title, *parts)
    for query in (title, other, f"{other} {title}"):
        quote = quote_of(analyzer, made, query)
        assert quote is not None and faults(made, quote, query, analyzer) == []


def test_a_quote_begins_at_the_step_that_holds_the_own_word_of_the_query(analyzer: Analyzer) -> None:
    made = payload(analyzer, "대화 내용을 백업하는 방법", body(BACKUP, EVERYWHERE))
    for query, first in (
        ("암호", "대화 백업에서 암호를 정합니다."),
        ("톱니바퀴", "톱니바퀴를 누릅니다."),
        ("재시작", "기기를 재시작합니다."),
        ("동영상", "동영상 | 7일"),
    ):
        quote = quote_of(analyzer, made, query)
        assert quote and quote.text.split("\n")[0] == first, query


def test_a_quote_stands_under_its_own_heading(analyzer: Analyzer) -> None:
    made = payload(analyzer, "대화 내용을 백업하는 방법", body(BACKUP, EVERYWHERE))
    places = {query: quote_of(analyzer, made, query) for query in ("안전", "암호", "동영상", "무료")}
    assert {query: (quote.heading_path, quote.anchor) for query, quote in places.items() if quote} == {
        "안전": ((), ""),
        "암호": (("안드로이드에서 하기",), "h-안드로이드에서-하기"),
        "동영상": (("요금과 기간",), "h-요금과-기간"),
        "무료": (("요금과 기간",), "h-요금과-기간"),
    }


def test_a_heading_that_stands_twice_leads_to_its_own_place(analyzer: Analyzer) -> None:
    text = "## 요금\n\n안드로이드 요금은 무료입니다.\n\n## 요금\n\n아이폰 구독은 유료입니다."
    made = payload(analyzer, "이용 안내", body(text, EVERYWHERE))
    for query, anchor in (("무료", "h-요금"), ("구독", "h-요금-2")):
        quote = quote_of(analyzer, made, query)
        assert quote and quote.anchor == anchor and len(quote.text.split("\n")) == 1


def test_a_table_below_sentences_is_not_joined_to_them(analyzer: Analyzer) -> None:
    made = payload(analyzer, "대화 내용을 백업하는 방법", body(BACKUP, EVERYWHERE))
    said = quote_of(analyzer, made, "무료")
    assert said and said.text == "백업은 무료입니다. 아래 표는 남는 날을 보여 줍니다."
    rows = quote_of(analyzer, made, "사진")
    assert rows and rows.text == "사진 | 30일\n동영상 | 7일"


def test_a_step_longer_than_room_is_quoted_whole_and_alone(analyzer: Analyzer) -> None:
    step = "설정에서 알림을 켭니다. " * 25 + "암호를 정합니다."
    assert ROOM < len(step) <= 2 * ROOM
    quote = quote_of(analyzer, payload(analyzer, "안내", body(f"1. {step}\n2. 끝냅니다.", EVERYWHERE)), "알림 암호")
    assert quote and quote.text == step


@pytest.mark.parametrize("nothing", ["", "   ", "https://example.com/a", "```\n환불 안내\n```"])
def test_what_cannot_be_read_is_not_quoted(analyzer: Analyzer, nothing: str) -> None:
    assert quote_of(analyzer, payload(analyzer, "환불 안내", body(nothing, EVERYWHERE)), "환불 안내") is None
    assert quote_of(analyzer, payload(analyzer, "환불 안내"), "환불 안내") is None


# When it is shown.


def test_an_answer_is_the_passage_of_the_first_result(asked: SearchEngine) -> None:
    result = asked.search(SearchQuery("백업 동영상 보관 기간"))
    assert result.answer and result.answer.article_id == result.hits[0].article_id == 11
    assert result.answer.title == "대화 내용을 백업하는 방법" and result.answer.scopes == EVERYWHERE
    assert result.answer.text == "구분 | 보관 기간\n사진 | 30일\n동영상 | 7일"
    assert (result.answer.heading_path, result.answer.anchor) == (("요금과 기간",), "h-요금과-기간")
    assert [result.answer.text[a:b] for a, b in result.answer.highlights] == ["보관", "기간", "동영상"]


@pytest.mark.parametrize(
    ("platform", "device"),
    [("ios", "아이폰"), ("android", "배터리"), ("windows", "컴퓨터"), ("common", "컴퓨터")],
)
def test_the_body_of_the_asked_platform_is_quoted(asked: SearchEngine, platform: str, device: str) -> None:
    found = answer(asked, "알림이 오지 않아요", platform=platform)
    assert found and found.text.startswith(device) and platform in found.scopes


def test_of_several_bodies_only_one_that_serves_the_platform_is_quoted(analyzer: Analyzer) -> None:
    (several,) = [document for document in DOCUMENTS if document.id == 12]
    made = payload(analyzer, several.title, *several.bodies)
    for platform, device in (("ios", "아이폰"), ("android", "배터리"), ("windows", "컴퓨터")):
        quote = quote_of(analyzer, made, "방해금지 배터리 컴퓨터 알림", platform)
        assert quote and quote.text.startswith(device)
    anywhere = quote_of(analyzer, made, "방해금지 모드 알림", "amiga")
    assert anywhere and anywhere.scopes == ("ios",), "nobody serves it: the body that says most"


def test_without_a_platform_the_body_that_says_most_is_quoted(asked: SearchEngine) -> None:
    found = answer(asked, "방해금지 모드 알림이 오지 않아요")
    assert found and found.scopes == ("ios",) and found.heading_path == ("아이폰",)


def test_an_article_without_text_answers_nothing(asked: SearchEngine) -> None:
    result = asked.search(SearchQuery("지도 즐겨찾기 공유"))
    assert result.hits[0].article_id == 15 and result.answer is None


def test_an_answer_stands_on_the_first_page_by_relevance_only(asked: SearchEngine) -> None:
    broad = "결제 취소 방법"
    first = asked.search(SearchQuery(broad, page_size=1))
    assert first.answer and first.total > 1
    assert answer(asked, broad, page=2, page_size=1) is None
    assert answer(asked, broad, page=3, page_size=1) is None
    for sort in ("date", "hits"):
        assert answer(asked, ANSWERED, sort=sort) is None
    assert answer(asked, ANSWERED) == answer(asked, ANSWERED, page_size=1)


def test_without_vectors_nothing_is_an_answer(by_words: SearchEngine) -> None:
    for query in (ANSWERED, "백업 동영상 보관 기간", "비밀번호를 잊어버렸어요"):
        result = by_words.search(SearchQuery(query))
        assert result.hits and result.answer is None


def test_neither_of_two_equal_articles_is_the_answer(asked: SearchEngine) -> None:
    result = asked.search(SearchQuery("쿠폰 등록 안내"))
    assert {hit.article_id for hit in result.hits[:2]} == {13, 14} and result.answer is None


def test_spam_gets_no_answer(asked: SearchEngine) -> None:
    result = asked.search(SearchQuery(f"{ANSWERED} 출장안마【톡:AB12】24시간 예약"))
    assert (result.notice, result.answer, result.near) == ("spam", None, ())


def test_what_is_for_the_staff_answers_the_staff_alone(asked: SearchEngine) -> None:
    found = answer(asked, "정산 지급일", staff=True)
    assert found and found.text == STAFF
    assert answer(asked, "정산 지급일") is None
    assert answer(asked, "정산 지급일 팀장") is None


def test_filters_keep_an_answer_from_elsewhere_away(asked: SearchEngine) -> None:
    assert answer(asked, ANSWERED, service="pay") is not None
    assert answer(asked, ANSWERED, service="talk") is None


def test_the_answer_follows_the_index(tmp_path: Path, analyzer: Analyzer) -> None:
    root = tmp_path / "index"
    before = answer(indexed(root, analyzer, DOCUMENTS), ANSWERED)
    changed = [replace(written(3, "환불은 언제 되나요?", "환불은 닷새 뒤에 됩니다.", service="pay"), version=2)]
    after = answer(indexed(root, analyzer, changed), ANSWERED)
    assert before and "3영업일" in before.text and after and after.text == "환불은 닷새 뒤에 됩니다."


# Near misses.


def test_a_near_miss_is_offered_and_not_counted(by_words: SearchEngine) -> None:
    result = by_words.search(SearchQuery(NEAR))
    assert [hit.article_id for hit in result.near] == [7]
    assert (result.total, result.hits, result.facets, result.answer) == (0, (), Facets(), None)
    (hit,) = result.near
    assert hit.title == "서울대 재학생 인증 안내" and hit.snippet.highlights and hit.title_highlights


def test_a_query_that_finds_something_has_no_near_misses(by_words: SearchEngine, asked: SearchEngine) -> None:
    for engine in (by_words, asked):
        for query in (ANSWERED, "서울대 재학생 인증", "비밀번호", "결제 취소"):
            result = engine.search(SearchQuery(query))
            assert result.total and result.near == ()
            assert engine.search(SearchQuery(query, page=2)).near == ()


def test_near_misses_are_at_most_three(tmp_path: Path, analyzer: Analyzer) -> None:
    several = [
        written(n, f"서울대 재학생 인증 안내 {n}", f"서울대 메일로 재학생 인증을 합니다. {n}") for n in range(30, 36)
    ]
    wide = replace(WEIGHTS, gate=replace(WEIGHTS.gate, near=0.05))
    for vectors in (False, True):
        engine = indexed(tmp_path / str(vectors), analyzer, [*CENTER, *several], vectors=vectors, weights=wide)
        query = "메일 기차표를 예매 하는 곳" if vectors else "서울대 재학생 인증 메일 우주선"
        result = engine.search(SearchQuery(query, page_size=50))
        assert result.total == 0 and len(result.near) == 3 and len({hit.article_id for hit in result.near}) == 3


def test_text_like_spam_has_no_near_misses(tmp_path: Path, analyzer: Analyzer) -> None:
    phone = "010-1234-5678"
    engine = indexed(tmp_path / "index", analyzer, CENTER, vectors=False)
    number, other = (f"서울대 메일 주소 재학생 인증 {last}" for last in (phone, "123456781234"))
    assert engine.search(SearchQuery(other)).near or engine.search(SearchQuery(other)).total
    result = engine.search(SearchQuery(f"{NEAR.removesuffix(' 로켓')} {phone}"))
    assert (result.total, result.near, result.notice) == (0, (), None)
    assert engine.search(SearchQuery(number)).near == ()


@pytest.mark.parametrize(
    "query", ["우주선 로켓", "김치찌개 끓이는 방법", "지금 바로 방법", "?!...", "증생울서학대인재", "제취법방결소"]
)
def test_a_query_of_which_nothing_is_known_has_no_near_misses(
    by_words: SearchEngine, asked: SearchEngine, query: str
) -> None:
    # The last two have the letters, and so the vectors, of two titles; no word of them is known.
    for engine in (by_words, asked):
        result = engine.search(SearchQuery(query))
        assert (result.total, result.near) == (0, ())


def test_near_misses_obey_filters_and_keep_what_is_for_the_staff(tmp_path: Path, analyzer: Analyzer) -> None:
    secret = written(40, "서울대 재학생 인증 안내", "서울대 메일 주소로 재학생 인증을 합니다.", staff_only=True)
    rest = [document for document in CENTER if document.id != 7]
    engine = indexed(tmp_path / "index", analyzer, [*rest, secret], vectors=False)
    assert engine.search(SearchQuery(NEAR)).near == ()
    assert [hit.article_id for hit in engine.search(SearchQuery(NEAR), staff=True).near] == [40]
    center = indexed(tmp_path / "center", analyzer, CENTER, vectors=False)
    assert center.search(SearchQuery(NEAR, service="account")).near
    assert center.search(SearchQuery(NEAR, service="pay")).near == ()


@settings(max_examples=60, deadline=None)
@given(
    query=st.lists(
        st.sampled_from(
            ("재학생", "인증", "서울대", "환불", "캘린더", "결제", "우주선", "로켓", "방법", "010-1234-5678")
        ),
        min_size=1,
        max_size=6,
    ).map(" ".join)
)
def test_an_answer_and_near_misses_never_stand_together(
    asked: SearchEngine, by_words: SearchEngine, query: str
) -> None:
    for engine in (asked, by_words):
        result = engine.search(SearchQuery(query))
        assert len(result.near) <= 3
        assert not (result.near and (result.total or result.hits or result.answer or result.facets != Facets()))
        assert result.answer is None or result.answer.article_id == result.hits[0].article_id
