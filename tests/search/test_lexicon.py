"""The customer-service lexicon: its format, how its expressions are found, and the files that ship.

Properties, by number in each test's name:

 1. A line is an expression, a tab and targets between bars; blank lines and lines with # say nothing; whatever else is
    an error that names the file and the line and says what to write.
 2. ``=`` makes a line two-way: each target is an expression for all the others, too.
 3. Words are matched in dictionary form, whatever their endings, particles and politeness.
 4. Negation matters: 안 뜨다 is 안 떠요 and 뜨지 않아요, 못 받다 is 못 받았어요 and 받지 못했어요; neither is the plain verb,
    nor the other.
 5. Words stand in order, with at most two others between.
 6. The longest expression hides the shorter ones inside it, not those beside it.
 7. A noun + 하다 is that noun, too; nouns written together are matched together (무통장입금, 비밀번호).
 8. Spans are the characters of the query that the expression covers.
 9. Entries of one expression are merged; of several lexicons, the first one's targets come first.
10. Any text is matched without an exception, and with spans inside it.
11. The dictionary form of an expression is found by a query in its own words.
12. The shipped files: every line parses, at least 5,000 expressions, each once, of at most three words; no target is the
    expression itself, none comes twice in a line; loading needs no analyzer.
"""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haedap.search import Analyzer
from haedap.search.lexicon import (
    GAP,
    MOST_WORDS,
    Lexicon,
    LexiconError,
    Pattern,
    dictionary_form,
    expansions,
    parse,
    shipped,
)

LINES = """\
# everyday speech\ta comment

비번\t비밀번호
돈 들어오다\t정산|입금
안 뜨다\t노출되지 않다|나타나지 않다
뜨다\t표시되다
못 받다\t미수령
받다\t수령
폰 바꾸다\t기기 변경
바꾸다\t변경
무통장입금\t계좌이체
삭제하다\t제거
환불 안 하다\t환불 거절
손님\t=구매자|고객
"""


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(parse(LINES.splitlines()))


def found(lexicon: Lexicon, analyzer: Analyzer, text: str) -> list[str]:
    return [str(each.pattern) for each in lexicon.expand(analyzer.analyze(text))]


def test_01_lines(lexicon: Lexicon) -> None:
    assert lexicon.size == 14
    assert list(parse(["까먹다\t 잊다 | 분실 |", "", "# x\ty", "비번\t비밀번호\n"])) == [
        (Pattern(("까먹다",), ("",)), ("잊다", "분실")),
        (Pattern(("비번",), ("",)), ("비밀번호",)),
    ]
    assert list(parse(["로그인 안 되다\t로그인 오류"])) == [(Pattern(("로그인", "되다"), ("", "안")), ("로그인 오류",))]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("비번", "a tab"),
        ("비번 비밀번호", "a tab"),
        ("비번\t", "what articles call it"),
        ("비번\t | ", "what articles call it"),
        ("비번\t=", "what articles call it"),
        ("\t비밀번호", "has 0"),
        ("한 번 더 말하다\t반복", "has 4"),
        ("로그인 안\t오류", "must follow 안 or 못"),
        ("비번\t=비밀번호|너무 긴 말 넷", "has 4"),
    ],
)
def test_01_errors_name_the_line(line: str, said: str) -> None:
    with pytest.raises(LexiconError, match=said) as error:
        list(parse(["까먹다\t잊다", "", line], "ours.tsv"))
    assert str(error.value).startswith("ours.tsv, line 3: ")


@given(st.text(st.sampled_from("가나 안못\t|=#\n하다"), max_size=20))
def test_01_any_line_is_an_entry_nothing_or_an_error(line: str) -> None:
    try:
        entries = list(parse([line]))
    except LexiconError as error:
        assert "line 1" in str(error)
        return
    for pattern, targets in entries:
        assert 1 <= len(pattern.words) == len(pattern.negated) <= MOST_WORDS
        assert all(target == target.strip() for target in targets)


def test_02_two_way(lexicon: Lexicon, analyzer: Analyzer) -> None:
    for word, others in {"손님": ("구매자", "고객"), "구매자": ("손님", "고객"), "고객": ("손님", "구매자")}.items():
        (each,) = lexicon.expand(analyzer.analyze(f"{word}에게"))
        assert each.targets == others
    assert found(lexicon, analyzer, "비밀번호") == []


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("비번", "비번"),
        ("비번을요", "비번"),
        ("돈이 들어왔나요", "돈 들어오다"),
        ("돈 들어오는 날", "돈 들어오다"),
        ("돈은 언제쯤 들어올까요ㅠㅠ", "돈 들어오다"),
        ("폰 바꿨는데요", "폰 바꾸다"),
        ("폰을 새로 바꿔서", "폰 바꾸다"),
    ],
)
def test_03_endings_and_particles_do_not_matter(lexicon: Lexicon, analyzer: Analyzer, text: str, pattern: str) -> None:
    assert found(lexicon, analyzer, text) == [pattern]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("화면이 안 떠요", "안 뜨다"),
        ("화면이 안떠요", "안 뜨다"),
        ("화면이 뜨지 않아요", "안 뜨다"),
        ("화면이 뜨지도 않네요", "안 뜨다"),
        ("화면이 떠요", "뜨다"),
        ("택배를 못 받았어요", "못 받다"),
        ("택배를 못받았는데", "못 받다"),
        ("택배를 받지 못했어요", "못 받다"),
        ("택배를 받지는 못했습니다", "못 받다"),
        ("택배를 받지 못하고 있어요", "못 받다"),
        ("택배를 받았어요", "받다"),
        ("환불을 안 해줘요", "환불 안 하다"),
        ("삭제했어요", "삭제하다"),
    ],
)
def test_04_negation(lexicon: Lexicon, analyzer: Analyzer, text: str, pattern: str) -> None:
    assert found(lexicon, analyzer, text) == [pattern]


@pytest.mark.parametrize("text", ["안 받아요", "받지 않아요", "화면이 못 떠요", "안 삭제했어요", "삭제하지 못했어요"])
def test_04_another_negation_is_another_expression(lexicon: Lexicon, analyzer: Analyzer, text: str) -> None:
    assert found(lexicon, analyzer, text) == []


def test_05_gaps(lexicon: Lexicon, analyzer: Analyzer) -> None:
    between = ("", "통장에", "통장에 아직", "통장에 아직 빨리")
    matched = ["돈 들어오다" in found(lexicon, analyzer, f"돈이 {some} 들어와요") for some in between]
    assert matched == [True, True, True, False]
    assert GAP == 2


def test_05_order(lexicon: Lexicon, analyzer: Analyzer) -> None:
    assert found(lexicon, analyzer, "들어온 돈") == []


def test_06_the_longest_hides_what_is_inside_it(lexicon: Lexicon, analyzer: Analyzer) -> None:
    assert found(lexicon, analyzer, "폰을 바꿨어요") == ["폰 바꾸다"]
    assert found(lexicon, analyzer, "비번을 바꿨어요") == ["비번", "바꾸다"]
    assert found(lexicon, analyzer, "폰을 바꾸고 비번도 바꿨어요") == ["폰 바꾸다", "비번", "바꾸다"]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("무통장입금", "무통장입금"),
        ("무통장입금했어요", "무통장입금"),
        ("무통장 입금", None),
        ("삭제", "삭제하다"),
        ("삭제가 돼요", "삭제하다"),
        ("비번찾기", "비번"),
    ],
)
def test_07_nouns(lexicon: Lexicon, analyzer: Analyzer, text: str, pattern: str | None) -> None:
    assert found(lexicon, analyzer, text) == ([pattern] if pattern else [])


def test_07_compounds_match_as_one_word(analyzer: Analyzer) -> None:
    compounds = Lexicon(parse(["비밀번호 까먹다\t비밀번호 찾기", "번호\t숫자", "인증번호\t확인 코드"]))
    assert found(compounds, analyzer, "비밀번호를 까먹었어요") == ["비밀번호 까먹다"]
    assert found(compounds, analyzer, "인증번호가 틀려요") == ["인증번호"]


def test_08_spans(lexicon: Lexicon, analyzer: Analyzer) -> None:
    text = "저는 폰을 새로 바꿨어요"
    (each,) = lexicon.expand(analyzer.analyze(text))
    assert [text[start:end] for start, end in each.spans] == ["폰", "바꿨"]


def test_09_entries_are_merged(analyzer: Analyzer) -> None:
    ours = Lexicon(parse(["비번\t암호", "비번\t비밀번호|암호"]))
    theirs = Lexicon(parse(["비번\t패스워드|암호", "폰\t휴대폰"]))
    analysis = analyzer.analyze("폰 비번")
    (each,) = ours.expand(analysis)
    assert (ours.size, each.targets) == (1, ("암호", "비밀번호"))
    both = {str(each.pattern): each.targets for each in expansions(analysis, (ours, theirs))}
    assert both == {"비번": ("암호", "비밀번호", "패스워드"), "폰": ("휴대폰",)}


@settings(deadline=None)
@given(text=st.text(max_size=40) | st.text(st.sampled_from("돈이 안못떠들어와요지않하고폰바꿔 받"), max_size=30))
def test_10_any_text(lexicon: Lexicon, analyzer: Analyzer, text: str) -> None:
    for each in expansions(analyzer.analyze(text), (lexicon, shipped())):
        assert each.targets
        assert each.spans and all(0 <= start < end <= len(text) for start, end in each.spans)
        assert list(each.spans) == sorted(each.spans)


@pytest.mark.parametrize(
    ("written", "form"),
    [("비번 까먹음", "비번 까먹다"), ("안 떠요", "안 뜨다"), ("비번", "비번"), ("폰 바꾸다", "폰 바꾸다")],
)
def test_11_dictionary_form(analyzer: Analyzer, written: str, form: str) -> None:
    ((pattern, _),) = parse([f"{written}\t무엇"])
    assert str(dictionary_form(pattern, analyzer.analyze)) == form


def shipped_lines() -> list[tuple[str, int, str]]:
    """(file, line number, line) of everything that ships and is no comment."""
    folder = files("haedap.search") / "data" / "lexicon"
    return [
        (file.name, number, line)
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".tsv")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]


def test_12_the_shipped_files_parse_and_are_large() -> None:
    assert shipped().size >= 5000
    assert all(list(parse([line], name)) for name, _, line in shipped_lines())


def test_12_no_shipped_expression_comes_twice() -> None:
    written = Counter(" ".join(line.partition("\t")[0].split()) for _, _, line in shipped_lines())
    assert [pattern for pattern, count in written.items() if count > 1] == []


def test_12_shipped_targets_say_something_else_and_each_once() -> None:
    odd = []
    for name, number, line in shipped_lines():
        left, _, right = line.partition("\t")
        targets = [target.strip() for target in right.removeprefix("=").split("|")]
        if left in targets or "" in targets or len(set(targets)) < len(targets):
            odd.append((name, number, line))
    assert odd == []


def test_12_shipped_expressions_are_short() -> None:
    patterns = [pattern for name, _, line in shipped_lines() for pattern, _ in parse([line], name)]
    assert max(len(pattern.words) for pattern in patterns) <= MOST_WORDS
    assert all(word == word.strip() and "\u3000" not in word for pattern in patterns for word in pattern.words)
