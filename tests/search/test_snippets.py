"""Snippets obey their rules on every article of the demo, for every kind of query."""

import re
from functools import cache
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snippet_rules import violations

from haedap.search import Analyzer, ArticleDocument, Body
from haedap.search.entries import build_entries
from haedap.search.payload import Payload, decode
from haedap.search.plan import Marks
from haedap.search.snippets import GAP, LIMIT, best_snippet
from haedap.search.text import normalize
from haedap.search.types import Block, BlockKind, Snippet


def payload(analyzer: Analyzer, title: str, *texts: str) -> Payload:
    bodies = tuple(Body(normalize(text), (f"p{number}",)) for number, text in enumerate(texts))
    return decode(build_entries(ArticleDocument(1, title, bodies), analyzer)[0][0].payload)


def marks(analyzer: Analyzer, query: str) -> Marks:
    return Marks({token.text: 1.0 for token in analyzer.tokens(normalize(query))})


@cache
def demo_articles() -> tuple[tuple[str, str], ...]:
    """(title, plain text) of every demo article: Markdown with its signs taken off, which is text like any other."""
    found = []
    for service in sorted((files("haedap.demo") / "content").iterdir(), key=lambda path: path.name):
        if service.is_dir():
            for path in sorted(service.iterdir(), key=lambda path: path.name):
                _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
                title = re.search(r"^title: (.*)$", front, re.MULTILINE)
                plain = re.sub(r"<!--.*?-->|[*#>|`]|^\s*:?-{3,}.*$|\[!\w+\]", " ", body, flags=re.MULTILINE)
                found.append((title.group(1).strip("\"'") if title else "", plain))
    return tuple(found)


def test_the_sentence_that_answers_is_shown_and_marked(analyzer: Analyzer) -> None:
    made = payload(
        analyzer,
        "알림 설정",
        "알림은 설정에서 바꿉니다. 방 이름이 검색에 나타나지 않으면 24시간을 기다려 주세요. 그래도 같으면 문의하세요.",
    )
    snippet = best_snippet(made, marks(analyzer, "검색에 나타나지 않아요"))
    assert "나타나지 않으면" in snippet.text
    assert [snippet.text[a:b] for a, b in snippet.highlights] == ["검색", "나타나"]


def test_what_is_left_out_is_said(analyzer: Analyzer) -> None:
    filler = "이 문장은 아무 상관이 없는 내용을 길게 적어 둔 것으로 자리를 많이 차지합니다. " * 4
    made = payload(analyzer, "제목", f"환불은 3일 안에 됩니다. {filler}수수료는 없습니다.")
    assert GAP in best_snippet(made, marks(analyzer, "환불 수수료")).text


LONG = ("앱을 열고 " * 30 + "환불을 신청한 뒤에 " + "안내를 읽고 " * 30 + "기다려 주세요.").split(" 뒤에 ")
CLAUSES = ", ".join(f"{number}번 창구에서 접수하고" for number in range(30))


@pytest.mark.parametrize(
    ("text", "query", "head", "tail"),
    [
        (" 뒤에 ".join(LONG), "환불", True, True),
        (f"환불은 {CLAUSES} 끝납니다.", "환불", False, True),
        (f"{CLAUSES}, 환불이 끝납니다.", "환불", True, False),
        (f"그렇습니다. {CLAUSES}, 환불이 끝납니다. 고맙습니다.", "환불", True, False),
        ("환불은 3일 안에 됩니다. 고맙습니다.", "환불", False, False),
        ("가" * 400, "환불", False, True),
    ],
)
def test_an_end_within_a_sentence_is_marked(analyzer: Analyzer, text: str, query: str, head: bool, tail: bool) -> None:
    for title, body in (("제목", text), (text, "")):
        snippet = best_snippet(payload(analyzer, title, body), marks(analyzer, query))
        if body or len(text) > LIMIT:
            assert (snippet.text.startswith("… "), snippet.text.endswith(" …")) == (head, tail), snippet.text
        assert len(snippet.text) <= LIMIT and violations(snippet, title, [body], query, analyzer) == []
        assert all(snippet.text[a:b] == query for a, b in snippet.highlights)
        assert ("환불" in text) == bool(snippet.highlights)


def test_the_rules_notice_a_missing_and_a_superfluous_mark(analyzer: Analyzer) -> None:
    body = "환불은 접수한 날부터 3일 안에 됩니다. 고맙습니다."
    for text in ("접수한 날부터 3일 안에 됩니다.", "환불은 접수한 날부터", "… 환불은 접수한 날부터 …", "고맙습니다. …"):
        assert violations(Snippet(text), "제목", [body], "환불", analyzer), text
    for text in ("… 3일 안에 됩니다.", "환불은 접수한 날부터 …", "고맙습니다."):
        assert not violations(Snippet(text), "제목", [body], "환불", analyzer), text


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("자세한 내용은 https://help.yeoul.example/a?b=c&d=1 에서 보세요. 환불은 3일 걸립니다.", "http"),
        ("(ref=W20308&referer=talk_global_search.scheme)- 인기 상품은 쇼핑 탭에 있습니다.", "ref="),
        (".- 정보성 메시지: 수신자와의 계약에 따른 메시지입니다.", ".-"),
        ("소스에 <img src='x.png'> 를 넣으면 그림이 보입니다.", "<img"),
    ],
)
def test_addresses_parameters_markup_and_leading_marks_are_gone(analyzer: Analyzer, text: str, absent: str) -> None:
    assert absent not in best_snippet(payload(analyzer, "제목", text), marks(analyzer, "환불 상품 메시지 그림")).text


def in_blocks(analyzer: Analyzer, title: str, lines: list[tuple[BlockKind, str]]) -> tuple[Payload, str]:
    """The payload of a body whose lines are blocks of these kinds; and its text."""
    text, blocks = "", []
    for kind, line in lines:
        blocks.append(Block(kind, len(text), len(text) + len(line)))
        text += f"{line}\n"
    article = ArticleDocument(1, title, (Body(text, ("common",), tuple(blocks)),))
    return decode(build_entries(article, analyzer)[0][0].payload), text


def test_rows_of_a_table_are_set_apart(analyzer: Analyzer) -> None:
    made, _ = in_blocks(
        analyzer,
        "환불 기간",
        [
            ("paragraph", "기간은 결제 수단에 따라 다릅니다."),
            ("row", "결제 수단 | 기간"),
            ("row", "신용카드 | 3일"),
            ("row", "계좌이체 | 1일"),
            ("paragraph", "휴일은 세지 않습니다."),
        ],
    )
    snippet = best_snippet(made, marks(analyzer, "신용카드 기간"))
    assert snippet.text.endswith("결제 수단 | 기간 / 신용카드 | 3일 / 계좌이체 | 1일 / 휴일은 세지 않습니다.")
    assert {snippet.text[a:b] for a, b in snippet.highlights} == {"신용카드", "기간"}


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(
        st.tuples(
            st.sampled_from(["paragraph", "row"]),
            st.lists(
                st.sampled_from(["환불 기간", "카드 / 계좌", "3일 안에 됩니다.", "가" * 170]), min_size=1, max_size=4
            ),
        ),
        min_size=1,
        max_size=12,
    ),
    query=st.sampled_from(["환불 카드", "계좌", "없는말"]),
)
def test_any_table_gives_a_lawful_snippet(analyzer: Analyzer, lines: list, query: str) -> None:
    made, text = in_blocks(
        analyzer, "제목", [(kind, (" | " if kind == "row" else " ").join(parts)) for kind, parts in lines]
    )
    snippet = best_snippet(made, marks(analyzer, query))
    assert violations(snippet, "제목", [text], query, analyzer) == [], snippet.text


def test_the_body_of_the_platform_is_preferred(analyzer: Analyzer) -> None:
    made = payload(
        analyzer, "알림 끄기", "안드로이드에서는 알림을 길게 눌러 끕니다.", "아이폰에서는 알림을 왼쪽으로 밀어 끕니다."
    )
    assert best_snippet(made, marks(analyzer, "알림"), "p1").text.startswith("아이폰")


def test_an_article_without_a_body_shows_its_title(analyzer: Analyzer) -> None:
    assert best_snippet(payload(analyzer, "고객센터 운영 시간", ""), Marks({})).text == "고객센터 운영 시간"


def test_every_demo_article_has_a_lawful_snippet_for_every_title(analyzer: Analyzer) -> None:
    articles = demo_articles()
    assert len(articles) >= 180
    for number, (title, text) in enumerate(articles):
        made = payload(analyzer, title, text)
        for query in (title, articles[number - 1][0], "전혀 상관없는 말"):
            snippet = best_snippet(made, marks(analyzer, query))
            assert violations(snippet, title, [text], query, analyzer) == [], (title, query, snippet.text)


WORDS = st.sampled_from(
    ["환불", "결제를", "취소하면", "3일", "안에", "됩니다.", "단,", "카드사에", "따라", "다릅니다!", "https://a.example/b?c=d",
     "\n", "- ", "1) ", "※", "(참고)", "ref=W1&x=2", "😀", "a" * 200, "가" * 170, "나타나지", "않아요?", "·", "<b>굵게</b>"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    pieces=st.lists(WORDS, min_size=1, max_size=80),
    query=st.sampled_from(["환불 취소", "나타나다", "카드사", "없는말"]),
)
def test_any_text_gives_a_lawful_snippet(analyzer: Analyzer, pieces: list[str], query: str) -> None:
    text = " ".join(pieces)
    snippet = best_snippet(payload(analyzer, "결제 안내", text), marks(analyzer, query))
    assert len(snippet.text) <= LIMIT
    readable = re.sub(r"https?:\S+|ref=\S+|</?b>|[^가-힣a-z0-9]", "", text)
    if readable:
        assert violations(snippet, "결제 안내", [text], query, analyzer) == [], snippet.text
