"""Lexicons of a center over the shipped one: two-way lines, order, dictionary form."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest_center import article

from haedap.search import Analyzer, IndexWriter, SearchEngine, SearchQuery
from haedap.search.expansion import expand
from haedap.search.lexicon import Lexicon, LexiconError, dictionary_form, expansions, parse
from haedap.search.lexicon_check import problems
from haedap.search.weights import DEFAULT


def lexicon(*lines: str) -> Lexicon:
    return Lexicon(parse(lines))


def targets(analyzer: Analyzer, text: str, *lexicons: Lexicon) -> list[tuple[str, ...]]:
    return [each.targets for each in expansions(analyzer.analyze(text), lexicons)]


def test_one_way_leads_from_the_expression_only(analyzer: Analyzer) -> None:
    one = lexicon("손님\t고객|구매자")
    assert targets(analyzer, "손님이 안 와요", one) == [("고객", "구매자")]
    assert targets(analyzer, "고객이 안 와요", one) == []


def test_two_way_makes_each_an_expression_for_all_others(analyzer: Analyzer) -> None:
    both = lexicon("손님\t=고객|구매자")
    assert [set(*targets(analyzer, word, both)) for word in ("손님", "고객", "구매자")] == [
        {"고객", "구매자"},
        {"손님", "구매자"},
        {"손님", "고객"},
    ]


def test_of_one_expression_the_first_lexicons_targets_come_first(analyzer: Analyzer) -> None:
    site, shipped = lexicon("비번\t비밀 코드"), lexicon("비번\t비밀번호|암호", "까먹다\t분실")
    assert targets(analyzer, "비번 까먹음", site, shipped) == [("비밀 코드", "비밀번호", "암호"), ("분실",)]


def test_a_word_claimed_twice_is_rewritten_once(analyzer: Analyzer) -> None:
    analysis = analyzer.analyze("비번 바꾸기")
    found = expansions(analysis, [lexicon("비번\t비밀 코드"), lexicon("비번 바꾸다\t변경")])
    twice = [found[0], *expansions(analysis, [lexicon("비번\t암호")]), *found[1:]]
    said = expand(
        analysis.folded, analysis.words, twice, lambda term: True, lambda phrase: True, DEFAULT.expansion
    ).text
    assert said.startswith("비밀 코드 바꾸기 ") and "암호" in said.split()


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("비번 까먹음", "비번 까먹다"),
        ("비밀번호 찾기", "비밀번호 찾다"),
        ("안 떠요", "안 뜨다"),
        ("비번", "비번"),
        ("안 뜨다", "안 뜨다"),
    ],
)
def test_words_as_typed_become_the_form_that_is_found(analyzer: Analyzer, typed: str, form: str) -> None:
    ((pattern, found),) = parse([f"{typed}\t도움말"])
    made = dictionary_form(pattern, analyzer.analyze)
    assert str(made) == form
    assert Lexicon([(made, found)]).expand(analyzer.analyze(typed))


@pytest.mark.parametrize(
    ("line", "reason"), [("비번", "form"), ("비번\t|", "form"), ("안\t불가", "negation"), ("가 나 다 라\t마", "length")]
)
def test_a_line_that_is_no_entry_says_why(line: str, reason: str) -> None:
    with pytest.raises(LexiconError) as caught:
        list(parse([line]))
    assert caught.value.reason == reason and "line 1" in str(caught.value)


def test_lexicons_change_the_answers_and_the_stamp(tmp_path: Path, analyzer: Analyzer) -> None:
    with IndexWriter(tmp_path / "index", analyzer) as writer:
        writer.replace(article(1, "환불 신청 안내", "환불 신청은 사흘 안에 처리됩니다."))
        writer.replace(
            article(2, "환불 신청을 구매자에게 알리는 방법", "판매자는 환불 신청을 구매자에게 알려야 합니다.")
        )
        for number in range(3, 9):
            writer.replace(article(number, f"포장 상자 {number}번", "포장 상자는 창고에서 고릅니다."))
        writer.commit()
    engine = SearchEngine(tmp_path / "index", analyzer)
    engine.use()

    def order() -> list[int]:
        return [hit.article_id for hit in engine.search(SearchQuery("창고 환불 신청")).hits]

    before = engine.stamp
    assert order() == [1, 2]
    engine.use(lexicon("창고\t구매자"), stamp="two")
    assert order() == [2, 1] and engine.stamp != before
    engine.use()
    assert order() == [1, 2] and engine.stamp == before


def test_the_check_names_what_is_wrong_with_a_file(analyzer: Analyzer) -> None:
    lines = ["# 주석", "", "비번\t비밀번호", "비번 까먹음\t분실", "가 나 다 라\t마", "비번\t암호"]
    said = list(problems(lines, "x.tsv", analyzer))
    assert [message.partition(":")[0] for message in said] == ["x.tsv, line 4", "x.tsv, line 5", "x.tsv, line 6"]
    assert "비번 까먹다" in said[0]
