"""Suggestions while typing: titles that what is typed so far may become.

Properties, by number in each test's name:

 1. Half syllables match: the last one may lack its tail, or hold the consonant that the next one begins with.
 2. A title matches at its start, at the start of any word and of a part of a compound, never in the middle of one.
 3. Words match in any order, each as the beginning of some word; spaces and punctuation do not matter.
 4. Initials (초성) match from any word; typed alone they come first.
 5. The wrong keyboard layout matches, either way, also in one word of several.
 6. One slip matches (a neighbouring key, one missing, twice, swapped, ㅐ for ㅔ), from four keys on; two do not.
 7. Better matches come first, then popular titles, then shorter ones; at most ``limit``, each article once.
 8. Highlights are the characters that were typed, in order, within the title.
 9. Filters, scopes and staff hold as in the search.
10. Guarded, long, empty and any other text is answered without an exception.
11. A half-typed title never flickers: from its third key on its article is suggested, unless enough others, at least as
    good, are (every key of every title of the demo).
12. What is published is suggested with its commit, and no longer when it is deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from conftest_center import article
from hypothesis import given, settings
from hypothesis import strategies as st

from haedap.search import Analyzer, ArticleDocument, Body, IndexWriter, SearchEngine
from haedap.search.backends.base import Filters
from haedap.search.backends.memory import MemoryBackend
from haedap.search.entries import build_entries
from haedap.search.hangul import compose, jamo, typed_as_latin
from haedap.search.suggest import TIERS, Suggestion, match_names, suggest

TITLES = (
    ("오픈채팅방을 만들고 싶어요", 10),
    ("오픈채팅방 나가기", 90),
    ("비밀번호를 잊어버렸어요", 50),
    ("채팅방에서 '나가기'가 안 돼요", 40),
    ("결제 취소 방법", 30),
    ("PC에서 QR코드로 로그인하기", 20),
    ("더 리더 구독 안내", 5),
    ("캘린더에 일정을 추가하는 방법", 4),
    ("왔다 갔다 하는 화면", 3),
)


def write(root: Path, analyzer: Analyzer, *documents: ArticleDocument) -> SearchEngine:
    with IndexWriter(root, analyzer) as writer:
        for document in documents:
            writer.replace(document)
        writer.commit()
    return SearchEngine(root, analyzer)


@pytest.fixture(scope="module")
def typing(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> SearchEngine:
    made = (article(n, title, "본문", hits=hits) for n, (title, hits) in enumerate(TITLES, 1))
    return write(tmp_path_factory.mktemp("typing") / "index", analyzer, *made)


def found(engine: SearchEngine, text: str) -> list[str]:
    return [each.title for each in engine.suggest(text)]


def marked(engine: SearchEngine, text: str) -> list[str]:
    """Titles with brackets around what was typed."""
    shown = []
    for each in engine.suggest(text):
        title = each.title
        for start, end in reversed(each.highlights):
            title = f"{title[:start]}[{title[start:end]}]{title[end:]}"
        shown.append(title)
    return shown


@pytest.mark.parametrize("text", ["오픈챝", "오픈채ㅌ", "오픈채티", "오픈채팅바", "오픈채팅방ㅇ", "옾"])
def test_01_half_syllables(typing: SearchEngine, text: str) -> None:
    assert "오픈채팅방을 만들고 싶어요" in found(typing, text)


def test_01_compound_vowels_are_typed_in_two_keys(typing: SearchEngine) -> None:
    assert found(typing, "오") == ["오픈채팅방 나가기", "오픈채팅방을 만들고 싶어요", "왔다 갔다 하는 화면"]
    assert found(typing, "와")[0] == found(typing, "왔")[0] == "왔다 갔다 하는 화면"


def test_02_starts_of_words_and_parts(typing: SearchEngine) -> None:
    assert marked(typing, "나가") == ["오픈채팅방 [나가]기", "채팅방에서 '[나가]기'가 안 돼요"]
    assert marked(typing, "코드") == ["PC에서 QR[코드]로 로그인하기"]
    assert marked(typing, "번호") == ["비밀[번호]를 잊어버렸어요"]
    assert found(typing, "리더") == ["더 리더 구독 안내"], "not 캘린더"
    assert found(typing, "밀번호") == []


def test_03_words_in_any_order(typing: SearchEngine) -> None:
    assert marked(typing, "취소 결ㅈ") == ["[결제] [취소] 방법"]
    assert marked(typing, "로그인 qr pc") == ["[PC]에서 [QR]코드로 [로그인]하기"]
    assert found(typing, "취소 환불") == []


@pytest.mark.parametrize(
    "text", ["오픈채팅방나가", "오픈 채팅 방 나가", "오픈채팅방 나가", "오픈채팅방, 나가!", "오픈채  팅방나가"]
)
def test_03_spaces_do_not_matter(typing: SearchEngine, text: str) -> None:
    assert found(typing, text) == ["오픈채팅방 나가기"]


def test_04_initials(typing: SearchEngine) -> None:
    assert marked(typing, "ㅇㅍㅊㅌㅂ ㄴ") == ["[오픈채팅방 나]가기"]
    assert marked(typing, "ㅇㅍㅊㅌㅂㅇㅁ") == ["[오픈채팅방을 만]들고 싶어요"]
    assert marked(typing, "ㅊㅅ") == ["결제 [취소] 방법"]
    assert marked(typing, "ㅂㅂ ㄱㅈ") == ["[결제] 취소 [방법]"]
    assert marked(typing, "ㅂㅁㅂㅎ 잊") == ["[비밀번호]를 [잊]어버렸어요"]
    assert [each.tier for each in typing.suggest("ㅊㅅ")] == ["initials"]


@pytest.mark.parametrize("text", ["dhvmscoxldqkd sk", "DHVMSCOXLDQKD SK", "dhvmscoxldqkd 나", "ㅇㅍㅊㅌㅂㄴ", "dvcxqs"])
def test_05_wrong_keyboard(typing: SearchEngine, text: str) -> None:
    assert found(typing, text) == ["오픈채팅방 나가기"]


def test_05_hangul_typed_for_latin(typing: SearchEngine) -> None:
    assert typed_as_latin("ㅔㅊ") == "pc"
    assert marked(typing, "ㅔㅊ") == ["[PC]에서 QR코드로 로그인하기"]
    assert marked(typing, "ㅂㄱ zhe") == ["PC에서 [QR코드]로 로그인하기"]


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("오푼채", "ㅜ beside ㅡ"),
        ("오픈치", "the last key, beside ㅐ or not, of 채"),
        ("오픈패팅", "ㅍ beside ㅊ"),
        ("오픈챁ㅣ", "nothing but an odd rendering of 채티"),
        ("오픈채ㅣㅇ", "ㅌ is missing"),
        ("오픈채채팅", "two keys twice are two slips"),
        ("오픈ㅊ채팅", "ㅊ twice"),
        ("오픈채ㅣㅌㅇ", "swapped"),
        ("오픈체팅", "ㅔ for ㅐ"),
    ],
)
def test_06_one_slip(typing: SearchEngine, text: str, slip: str) -> None:
    expected = [] if "two slips" in slip else ["오픈채팅방 나가기", "오픈채팅방을 만들고 싶어요"]
    assert found(typing, text) == expected


def test_06_slips_in_one_of_several_words(typing: SearchEngine) -> None:
    assert marked(typing, "취소 결재") == ["[결제] [취소] 방법"]
    assert found(typing, "치소 결재") == []


def test_06_the_first_key_is_doubted_last(typing: SearchEngine) -> None:
    assert found(typing, "겨ㄹ지")[0] == "결제 취소 방법"
    assert marked(typing, "혈제") == []
    assert marked(typing, "셜제") == ["[결제] 취소 방법"]


def test_07_order(typing: SearchEngine, tmp_path: Path, analyzer: Analyzer) -> None:
    assert [(each.title, each.tier) for each in typing.suggest("채팅")] == [
        ("채팅방에서 '나가기'가 안 돼요", "start"),
        ("오픈채팅방 나가기", "words"),
        ("오픈채팅방을 만들고 싶어요", "words"),
    ]
    same = ("환불 안내", "환불 계좌 안내", "환불은 언제 되나요", "환불이 안 돼요")
    hits = (1, 7, 7, 0)
    made = [article(n, title, "", hits=hit) for n, (title, hit) in enumerate(zip(same, hits, strict=True))]
    engine = write(tmp_path / "index", analyzer, *made)
    assert found(engine, "환불") == ["환불 계좌 안내", "환불은 언제 되나요", "환불 안내", "환불이 안 돼요"]
    assert [each.title for each in engine.suggest("환불", limit=2)] == ["환불 계좌 안내", "환불은 언제 되나요"]


def test_08_highlights_are_the_characters_typed(typing: SearchEngine) -> None:
    assert marked(typing, "왔다갔") == ["[왔다 갔]다 하는 화면"]
    assert marked(typing, "채팅방에서나") == ["[채팅방에서 '나]가기'가 안 돼요"]
    assert marked(typing, "화 왔") == ["[왔]다 갔다 하는 [화]면"]


def test_09_filters(tmp_path: Path, analyzer: Analyzer) -> None:
    ios = ArticleDocument(2, "알림 소리", (Body("가", ("ios",)), Body("나", ("android",))), service="talk")
    engine = write(
        tmp_path / "index",
        analyzer,
        article(1, "알림 설정", "본문", service="talk", categories=("talk/alert",)),
        ios,
        article(3, "알림 내부 지침", "본문", staff_only=True),
    )

    def ids(**filters: object) -> list[int]:
        return [each.article_id for each in engine.suggest("알림", filters=Filters(**filters))]  # type: ignore[arg-type]

    assert (ids(), ids(staff=True)) == ([1, 2], [1, 2, 3])
    assert (ids(scope="ios"), ids(scope="windows"), ids(service="pay")) == ([1, 2], [], [])
    assert ids(category="talk/alert") == [1]
    one = engine.suggest("알림 소")[0]
    assert (one.service, one.category, one.scopes) == ("talk", "", ("ios", "android"))


def test_10_what_is_not_answered(typing: SearchEngine) -> None:
    for text in ("", "  ", "?!", "오" * 201, "【오픈채팅】 카톡:abc1234 www.spam-site.com", "\ud800", "👍"):
        assert typing.suggest(text) == []


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=30)
    | st.text("ㄱㄴㄷㅇㅏㅗㅣㄳㅘ 오픈채팅방abQ1?\u1100\u1161\u05d0👍", max_size=20)
    | st.sampled_from(TITLES).flatmap(lambda one: st.integers(1, 40).map(lambda n: compose(jamo(one[0])[:n])))
)
def test_10_any_text(typing: SearchEngine, text: str) -> None:
    for each in typing.suggest(text):
        assert each.highlights and each.highlights == tuple(sorted(each.highlights))
        assert all(0 <= start < end <= len(each.title) for start, end in each.highlights)
        assert all(end < start for (_, end), (start, _) in zip(each.highlights, each.highlights[1:], strict=False))
        assert each.tier in TIERS


@settings(max_examples=60, deadline=None)
@given(st.text("ㄱㅂㅇㅏㅗㅣ 오픈채팅방결제취소나가eh", max_size=8))
def test_10_the_naive_backend_agrees(typing: SearchEngine, naive: MemoryBackend, text: str) -> None:
    assert suggest(naive.reader(), text, Filters()) == typing.suggest(text)


@pytest.fixture(scope="module")
def naive(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> MemoryBackend:
    backend = MemoryBackend(tmp_path_factory.mktemp("naive"))
    with backend.writer() as writer:
        for n, (title, hits) in enumerate(TITLES, 1):
            writer.replace(n, [entry for entry, _ in build_entries(article(n, title, "본문", hits=hits), analyzer)])
        writer.commit()
    return backend


def demo() -> Iterator[tuple[str, int]]:
    """(title, hits) of every demo article."""
    for service in (files("haedap.demo") / "content").iterdir():
        for path in service.iterdir():
            front = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n", 2)[1])
            yield front["title"], front.get("hits", 0)


def test_11_a_half_typed_title_never_flickers(tmp_path: Path, analyzer: Analyzer) -> None:
    hits = dict(demo())
    made = (article(n, title, "", hits=each) for n, (title, each) in enumerate(hits.items(), 1))
    engine = write(tmp_path / "index", analyzer, *made)
    assert len(hits) > 150

    def as_good(each: Suggestion, title: str) -> bool:
        return each.tier == "start" and hits[each.title] >= hits[title]

    missing = []
    for title in hits:
        keys = jamo(title)
        for end in range(3, len(keys) + 1):
            shown = engine.suggest(compose(keys[:end]))
            there = any(each.title == title for each in shown)
            if not there and not (len(shown) == 8 and all(as_good(each, title) for each in shown)):
                missing.append((title, compose(keys[:end])))
    assert missing == []


def test_12_suggested_with_the_commit(tmp_path: Path, analyzer: Analyzer) -> None:
    engine = SearchEngine(tmp_path / "index", analyzer)
    assert engine.suggest("환불") == []
    with IndexWriter(tmp_path / "index", analyzer) as writer:
        writer.replace(article(1, "환불 안내", "본문"))
        assert engine.suggest("환불") == []
        writer.commit()
        assert found(engine, "환불") == ["환불 안내"]
        writer.delete(1)
        writer.commit()
    assert engine.suggest("환불") == []


def test_names_match_as_titles_do() -> None:
    names = ["여울페이", "오픈채팅", "취소·환불"]
    assert [(names[each.number], each.highlights) for each in match_names("ㅇㅍㅊ", names)] == [("오픈채팅", ((0, 3),))]
    assert [names[each.number] for each in match_names("환불 취", names)] == ["취소·환불"]
    assert [names[each.number] for each in match_names("dudnfv", names)] == ["여울페이"]
    assert match_names("오" * 300, names) == []
