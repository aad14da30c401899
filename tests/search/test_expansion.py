"""What the lexicon adds to a query.

Properties:

1. A lone noun's place in the query takes the first target; its further targets, and those of expressions with a verb or
   of several words, are appended.
2. Weights lie in (0, 1): the first target of an expression weighs most, each further one less by ``decay``; more where
   the corpus lacks the words, less for a lone verb.
3. Targets that the corpus lacks are dropped; an expression without any target left adds nothing; at most ``targets``
   are scored and ``said`` are said.
4. A phrase that two expressions give comes once, with the higher weight, and says the words of both.
5. Of two expressions over the same word, the first has its place.
6. Without expansions the text is the text; whatever is found, what it does not cover stays.
7. In the search: an everyday expression finds the article that puts it otherwise, ranked above others, and a query in
   the words of the corpus loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest_center import article
from hypothesis import given, settings
from hypothesis import strategies as st

from haedap.search import Analyzer, IndexWriter, SearchEngine, SearchQuery
from haedap.search.expansion import Expanded, expand
from haedap.search.lexicon import Lexicon, expansions, parse
from haedap.search.weights import ExpansionWeights

WEIGHTS = ExpansionWeights(lexical=0.6, lone_verb=0.4, foreign=0.9, decay=0.5, targets=3, said=2)
LEXICON = Lexicon(
    parse(
        [
            "비번\t비밀번호|암호|패스워드|핀",
            "까먹다\t분실|망각",
            "폰 바꾸다\t기기 변경|기기 교체",
            "알바\t직원",
            "사원\t직원|회원",
            "환불\t반환",
            "우주선\t로켓",
        ]
    )
)
Expand = Callable[..., Expanded]


@pytest.fixture(scope="module")
def tell(analyzer: Analyzer) -> Expand:
    def made(text: str, known: str = "", lacks: str = "", lexicons: tuple[Lexicon, ...] = (LEXICON,)) -> Expanded:
        """The expansion of ``text`` where the corpus knows the words ``known`` and lacks the targets ``lacks``."""
        analysis = analyzer.analyze(text)
        return expand(
            text,
            analysis.words,
            expansions(analysis, lexicons),
            known.split().__contains__,
            lambda target: target not in lacks.split("|"),
            WEIGHTS,
        )

    return made


def weights(made: Expanded) -> dict[str, float]:
    return {phrase.text: round(phrase.weight, 4) for phrase in made.phrases}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("비번 찾기", "비밀번호 찾기 암호"),
        ("새 비번을 정할래요", "새 비밀번호을 정할래요 암호"),
        ("까먹었어요", "까먹었어요 분실 망각"),
        ("폰을 새로 바꿨어요", "폰을 새로 바꿨어요 기기 변경 기기 교체"),
        ("비번 까먹었어요", "비밀번호 까먹었어요 암호 분실 망각"),
        ("알바와 사원", "직원와 직원 회원"),
    ],
)
def test_1_replaced_and_appended(tell: Expand, text: str, told: str) -> None:
    assert tell(text).text == told


def test_2_weights(tell: Expand) -> None:
    assert weights(tell("비번")) == {"비밀번호": 0.9, "암호": 0.45, "패스워드": 0.225}
    assert weights(tell("비번", known="비번")) == {"비밀번호": 0.6, "암호": 0.3, "패스워드": 0.15}
    assert weights(tell("까먹었어요", known="까먹다")) == {"분실": 0.4, "망각": 0.2}
    assert weights(tell("폰을 바꿨어요", known="바꾸다")) == {"기기 변경": 0.6, "기기 교체": 0.3}


def test_3_targets_that_the_corpus_lacks_are_dropped(tell: Expand) -> None:
    assert tell("비번 찾기", lacks="비밀번호") == tell("비번 찾기", lacks="비밀번호|아무말")
    assert weights(tell("비번", lacks="비밀번호")) == {"암호": 0.9, "패스워드": 0.45, "핀": 0.225}
    assert tell("비번 찾기", lacks="비밀번호").text == "암호 찾기 패스워드"
    assert tell("우주선", lacks="로켓") == Expanded("우주선")


def test_4_a_phrase_comes_once(tell: Expand) -> None:
    made = tell("알바와 사원", known="알바")
    assert weights(made) == {"직원": 0.9, "회원": 0.45}
    assert made.phrases[0].says == {"알바", "사원"}


def test_5_the_first_lexicon_has_the_place(tell: Expand) -> None:
    first = Lexicon(parse(["비번\t암호"]))
    assert tell("비번 찾기", lexicons=(first, LEXICON)).text == "암호 찾기 비밀번호"


@pytest.mark.parametrize("text", ["배송 조회", "", "   ", "!?", "비밀번호"])
def test_6_nothing_found_nothing_changed(tell: Expand, text: str) -> None:
    assert tell(text) == Expanded(text)


@settings(deadline=None)
@given(text=st.text(st.sampled_from("비번알바사원을 환불폰바꿔까먹어요안!a1"), max_size=24))
def test_6_what_is_not_covered_stays(tell: Expand, text: str) -> None:
    made = tell(text)
    assert all(0 < phrase.weight <= 1 and phrase.says for phrase in made.phrases)
    assert bool(made.phrases) == (made.text != text)
    assert [char for char in made.text if char in "!a1"] == [char for char in text if char in "!a1"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> SearchEngine:
    root = tmp_path_factory.mktemp("shop") / "index"
    titles = ("구매자에게 메시지 보내기", "기기 변경 안내", "비밀번호 찾기", "환불 신청 방법", "배송 조회")
    with IndexWriter(root, analyzer) as writer:
        for number, title in enumerate(titles, 1):
            writer.replace(article(number, title, f"{title}에 대한 글입니다." + " 택배를 봅니다." * (number == 5)))
        writer.commit()
    return SearchEngine(root, analyzer)


def ids(engine: SearchEngine, text: str) -> list[int]:
    return [hit.article_id for hit in engine.search(SearchQuery(text)).hits]


def scores(engine: SearchEngine, text: str) -> dict[int, float]:
    response, _ = engine.rank(text)
    return {match.article_id: match.score for match in response.matches}


def test_7_words_of_the_corpus_lose_nothing(shop: SearchEngine) -> None:
    for text in ("비밀번호 찾기", "환불 신청", "배송 조회"):
        shop.use()
        before = ids(shop, text)
        shop.use(LEXICON)
        assert ids(shop, text)[0] == before[0]


def test_7_an_expansion_raises_what_it_says(shop: SearchEngine) -> None:
    shop.use()
    before = scores(shop, "택배")
    shop.use(Lexicon(parse(["택배\t배송"])))
    after = scores(shop, "택배")
    shop.use()
    assert set(before) == {5} and after[5] > before[5]


def test_7_a_query_that_a_title_says_needs_no_other_words(shop: SearchEngine) -> None:
    shop.use()
    before = scores(shop, "배송 조회")
    shop.use(Lexicon(parse(["배송\t택배", "조회\t확인"])))
    after = scores(shop, "배송 조회")
    shop.use()
    assert after == before


def test_7_an_everyday_word_reaches_the_article(shop: SearchEngine) -> None:
    shop.use(Lexicon(parse(["손님\t구매자"])))
    with_lexicon = ids(shop, "손님에게 메시지")
    shop.use()
    assert with_lexicon == [1]
