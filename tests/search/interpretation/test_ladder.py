"""The rungs between what is typed and what is searched, each named, each taken only when it helps.

Properties, by number in each test's name:

 1. Keyboard: Latin typed for Hangul, Hangul for Latin, both in one word, also for one word of several.
 2. A real English word of the corpus stays, and so does Latin that would become no word of the corpus.
 3. Spacing: none, wrong, inside a compound; Latin words apart as the corpus has them.
 4. Spelling: what sounds alike, slips of keys, tails dropped, doubled or slipped on, 않 for 안; Latin names, too.
 5. Initials of a word, alone or beside others; what people say in chats is no initials.
 6. A half-typed last syllable becomes the word it begins, or goes.
 7. ㅋㅋ and ㅠㅠ weigh nothing, apart or at the end of a word, and are no reading of anything.
 8. A word that the corpus knows is never changed, whatever stands beside it; nor is a clean title.
 9. Nothing becomes a word that the corpus does not have: a spelling step leads to words of the corpus (and forms of
    speech), initials and half words to one of the corpus, keyboard and spacing keep the keys.
10. Words of staff-only articles are never proposed, nor those that no article holds any more.
11. A step names what was typed and what it was read as; the text read is the text typed with every step done.
12. Any text of up to 200 characters is read without an exception, as NFC text; reading twice gives the same.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_center import article
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haedap.search import Analyzer, IndexWriter, SearchEngine
from haedap.search.generations import Generations
from haedap.search.hangul import compose, is_syllable, jamo, typed_as_hangul, typed_as_latin
from haedap.search.indexing import vocabulary_path
from haedap.search.interpretation.ladder import Interpretation, Step
from haedap.search.interpretation.lexis import spoken_forms
from haedap.search.interpretation.vocabulary import VocabularyReader

Read = Callable[[str], Interpretation]


def steps(read: Read, text: str) -> list[tuple[str, str, str]]:
    return [(step.name, step.typed, step.read) for step in read(text).taken]


@pytest.fixture(scope="session")
def words(help_center: Path) -> list[str]:
    """The words that the center has."""
    generation = Generations(help_center).current()
    assert generation
    reader = VocabularyReader(vocabulary_path(generation))
    reader.refresh()
    return reader.words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dhvmscoxld", "오픈채팅"),
        ("dkdlel 찾기", "아이디 찾기"),
        ("Dkdlel 찾기", "아이디 찾기"),
        ("ㅔㅁㄴㄴ", "pass"),
        ("ㅎㅑㄹ", "gif"),
        ("ㅎㅑㄹ 이모티콘", "gif 이모티콘"),
        ("roffjrtlㄴ7", "갤럭시s7"),
        ("안드로이드 os djqrmfpdlem", "안드로이드 os 업그레이드"),
        ("안드로이드 os djqepdlxm", "안드로이드 os 업데이트"),
        ("ghksqnfdms djswp ehlskdy", "환불은 언제 되나요"),
        ("qo송 조회", "배송 조회"),
        ("dho 로그인이 안 돼요", "왜 로그인이 안 돼요"),
    ],
)
def test_01_the_wrong_keyboard(read: Read, typed: str, meant: str) -> None:
    assert read(typed).text == meant
    assert {name for name, _, _ in steps(read, typed)} == {"keyboard"}


@pytest.mark.parametrize(("typed", "meant"), [("Qlalfqjsgh", "비밀번호"), ("Qlalfqjsghfmf ckwrl", "비밀번호를 찾기")])
def test_01_the_capital_a_phone_puts_in_front_doubles_no_consonant(read: Read, typed: str, meant: str) -> None:
    assert read(typed).text == meant
    assert steps(read, typed)[0][0] == "keyboard"


def test_01_a_slip_on_the_wrong_keyboard_is_two_steps(read: Read) -> None:
    assert steps(read, typed_as_latin("비밀번허 찾기"))[-1] == ("spelling", "비밀번허 찾기", "비밀번호 찾기")


@pytest.mark.parametrize(
    "text", ["gif", "GIF 보내기", "pass 앱", "Galaxy book", "안드로이드 os", "AI 대화", "pc 설치", "PASS", "20MB"]
)
def test_02_english_of_the_corpus_stays(read: Read, text: str) -> None:
    assert read(text).text == text
    assert steps(read, text) == []


@pytest.mark.parametrize("text", ["dns 설정", "vpn", "passco", "rlf 이모티콘", "http", "usb 배송"])
def test_02_latin_that_gives_no_word_of_the_corpus_stays(read: Read, text: str) -> None:
    assert read(text).text == text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("오픈채팅방이안떠요", "오픈채팅방이 안 떠요"),
        ("오픈채 팅방", "오픈 채팅방"),
        ("결 제 취소", "결제 취소"),
        ("비밀번 호 찾기", "비밀 번호 찾기"),
        ("galaxybook", "galaxy book"),
        ("GalaxyBook 설치", "Galaxy Book 설치"),
        ("갤럭시s7방해금지캘린더", "갤럭시s7 방해 금지 캘린더"),
        ("갤럭시s7방해금지캘린더를 보려면", "갤럭시s7 방해 금지 캘린더를 보려면"),
        ("더리더구독안내", "더 리더 구독 안내"),
    ],
)
def test_03_wrong_spaces(read: Read, typed: str, meant: str) -> None:
    assert read(typed).text == meant
    assert {name for name, _, _ in steps(read, typed)} == {"spacing"}


@pytest.mark.parametrize(
    "text",
    [
        "이모티콘택배쿠키",
        "여울페이머니카드",
        "44사이즈비키니",
        "결제취소방법",
        "AI가 정리된",
        "오픈 채팅방",
        "결제 비밀번호",
    ],
)
def test_03_spaces_that_change_nothing_are_left_alone(read: Read, text: str) -> None:
    assert (read(text).text, steps(read, text)) == (text, [])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("결재", "결제"),
        ("결재 취소", "결제 취소"),
        ("캘랜더", "캘린더"),
        ("이모티컨", "이모티콘"),
        ("앙드로이드", "안드로이드"),
        ("비밀번허를 변경하고 싶어요", "비밀번호를 변경하고 싶어요"),
        ("오픈채팉방", "오픈채팅방"),
        ("현금영수즈", "현금영수증"),
        ("오픈챝잉", "오픈채팅"),
        ("galxy book", "galaxy book"),
        # Grammar alone would find 비밀 + 번 + 오 and 오 + 푼 + 채팅.
        ("비밀번오", "비밀번호"),
        ("오푼채팅", "오픈채팅"),
    ],
)
def test_04_slips(read: Read, typed: str, meant: str) -> None:
    assert read(typed).text == meant
    assert {name for name, _, _ in steps(read, typed)} == {"spelling"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("로그인이 않되", "로그인이 안되"),
        ("로그인이 않돼요", "로그인이 안돼요"),
        ("메시지가 않 떠요", "메시지가 안 떠요"),
        ("알림이 않와요", "알림이 안와요"),
    ],
)
def test_04_not_where_no_is_meant(read: Read, typed: str, meant: str) -> None:
    assert read(typed).text == meant


@pytest.mark.parametrize(
    "text", ["알림이 오지 않아요", "로그인되지 않는 계정", "오지않되", "됬어요", "안되요", "결제가 됬어요"]
)
def test_04_what_grammar_reads_anyway_is_left_alone(read: Read, text: str) -> None:
    assert (read(text).text, steps(read, text)) == (text, [])


@pytest.mark.parametrize(
    ("slipped", "right"), [("결제가 됬어요", "결제가 됐어요"), ("로그인이 안되요", "로그인이 안 돼요")]
)
def test_04_and_says_the_same(read: Read, slipped: str, right: str) -> None:
    assert [word.term for word in read(slipped).analysis.words] == [word.term for word in read(right).analysis.words]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ㅇㅍㅊㅌ", "오픈채팅"),
        ("ㅂㅁㅂㅎ 찾기", "비밀번호 찾기"),
        ("ㅎㄱㅇㅅㅈ", "현금영수증"),
        ("ㅎㅂ 언제", "환불 언제"),
    ],
)
def test_05_initials(read: Read, typed: str, meant: str) -> None:
    assert read(typed).text == meant
    assert {name for name, _, _ in steps(read, typed)} == {"initials"}


@pytest.mark.parametrize("text", ["ㅋㅋ", "ㅠㅠ", "ㄱㅅ", "ㅋㅋㅋㅋ", "ㅂ", "ㄲㄸㅃㅉ"])
def test_05_what_people_say_in_chats_is_no_initials(read: Read, text: str) -> None:
    assert (read(text).text, steps(read, text)) == (text, [])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("오픈채ㅌ", "오픈채팅"),
        ("청바ㅈ", "청바지"),
        ("오픈채팅ㅂ", "오픈채팅방"),
        ("고구마ㅌ", "고구마"),
        ("비밀버ㄴ", "비밀번호"),
    ],
)
def test_06_half_a_syllable(read: Read, typed: str, meant: str) -> None:
    assert steps(read, typed) == [("unfinished", typed, meant)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("알려주ㅜ", "알려주"),
        ("환불ㅠㅠ", "환불"),
        ("환불 언제 되나요ㅋㅋㅋ", "환불 언제 되나요"),
        ("비밀번호를 변경하고 싶은데 어떻게 해야 되나요 ㅠㅠ", "비밀번호를 변경하고 싶은데 어떻게 해야 되나요 ㅠㅠ"),
    ],
)
def test_07_laughing_and_crying_weigh_nothing(read: Read, typed: str, meant: str) -> None:
    made = read(typed)
    assert (made.text, made.taken, made.offered) == (meant, (), None)


def test_07_the_colloquial_end_of_a_question_is_no_word_to_look_for(read: Read) -> None:
    long = read("비밀번호를 변경하고 싶은데 어떻게 해야 되나요 ㅠㅠ")
    nouns = [word.term for word in long.analysis.words if word.word_class == "noun"]
    assert nouns == ["비밀번호", "변경"]


def test_08_every_word_of_the_corpus_stays(read: Read, words: list[str]) -> None:
    assert [(word, read(word).text) for word in words if read(word).text != word] == []


def test_08_every_title_stays(read: Read, titles: dict[int, str]) -> None:
    assert [(title, read(title).text) for title in titles.values() if read(title).text != title] == []


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_08_a_known_word_stays_beside_anything(read: Read, words: list[str], data: st.DataObject) -> None:
    word = data.draw(st.sampled_from([word for word in words if len(word) > 1 and not word.isascii()]))
    other = data.draw(st.sampled_from(["결재", "캘랜더", "dkdlel", "ㅂㅁㅂㅎ", "청바ㅈ", "우주선", "않돼요", "뷁뷁"]))
    text = " ".join(data.draw(st.permutations([word, other])))
    assert word in read(text).text.replace(" ", "")


def slipped(word: str, number: int) -> str:
    """``word`` with one key left out, doubled, swapped or replaced; ``number`` says which and where."""
    dice = random.Random(number)
    keys = list(jamo(word))
    at = dice.randrange(len(keys))
    kind = dice.randrange(4)
    if kind == 0:
        del keys[at]
    elif kind == 1:
        keys.insert(at, keys[at])
    elif kind == 2 and at + 1 < len(keys):
        keys[at], keys[at + 1] = keys[at + 1], keys[at]
    else:
        keys[at] = dice.choice("ㅂㅈㄷㄱㅅㅁㄴㅇㄹㅎㅏㅗㅜㅣ")
    return compose("".join(keys))


def check_steps(made: Interpretation, allowed: set[str]) -> None:
    for step in made.taken:
        if step.name == "keyboard":
            assert (
                jamo(step.read) in {jamo(step.typed), jamo(typed_as_hangul(step.typed))}
                or typed_as_latin(step.read).lower() == typed_as_latin(step.typed).lower()
            )
        elif step.name == "spacing":
            assert step.read.replace(" ", "") == step.typed.replace(" ", "")
        elif step.name == "initials":
            assert step.read in allowed
        elif step.name == "unfinished":
            assert step.read in allowed or step.typed.startswith(step.read)
        else:
            for word in step.read.split():
                assert word in step.typed.split() or built_of(word, step.typed, allowed), (word, step)


def built_of(word: str, typed: str, allowed: set[str]) -> bool:
    """True if a word is made of words of the corpus and of what was typed."""
    if not word:
        return True
    return any(
        (
            word[:end] in allowed
            or jamo(word[:end]).removeprefix("ㅇ") in jamo(typed)
            or (word[:end] == "안" and "않" in typed)
        )
        and built_of(word[end:], typed, allowed)
        for end in range(len(word), 0, -1)
    )


@settings(deadline=None, max_examples=300)
@given(data=st.data(), number=st.integers(0, 10**6))
def test_09_a_slip_becomes_a_word_of_the_corpus_or_stays(
    read: Read, words: list[str], data: st.DataObject, number: int
) -> None:
    text = slipped(data.draw(st.sampled_from([word for word in words if is_syllable(word[0])])), number)
    check_steps(read(text), {*words, *spoken_forms()})


@settings(deadline=None, max_examples=200)
@given(text=st.text(st.sampled_from("가나다결재제오픈채팅방로그인않안되돼요환불어ㅂㅁㅎ dkdlelgif7"), max_size=14))
def test_09_nothing_becomes_a_word_the_corpus_does_not_have(read: Read, words: list[str], text: str) -> None:
    check_steps(read(text), {*words, *spoken_forms()})


@pytest.mark.parametrize(
    "text", ["글라디올러수", "켈리포니아", "홍길둥", "아스파탐산나트륨", "삼성라이온즈", "도널드트럼프"]
)
def test_09_words_of_the_world_at_large_are_not_bent_toward_the_corpus(read: Read, text: str) -> None:
    assert (read(text).text, read(text).offered) == (text, None)


def test_10_staff_only_words_are_never_proposed(read: Read) -> None:
    for text in ("크로노미타", "크로노메터", "크로노미", "ㅋㄹㄴㅁㅌ", "크로노미ㅌ"):
        made = read(text)
        assert "크로노미터" not in f"{made.text} {made.offered}"


@pytest.fixture
def flower(tmp_path: Path, analyzer: Analyzer) -> Callable[..., str]:
    """Writes one article about a flower, as published as said, and reads the flower's misspelt name."""
    root = tmp_path / "index"

    def published(*, staff_only: bool = False, gone: bool = False) -> str:
        with IndexWriter(root, analyzer) as writer:
            writer.replace(article(1, "배송 조회", "배송을 조회합니다."))
            if gone:
                writer.delete(2)
            else:
                writer.replace(article(2, "글라디올러스 안내", "글라디올러스를 보내 드립니다.", staff_only=staff_only))
            writer.commit()
        return SearchEngine(root, analyzer).interpret("글라디올러쓰").text

    return published


def test_10_a_word_whose_article_is_gone_is_not_proposed(flower: Callable[..., str]) -> None:
    assert flower() == "글라디올러스"
    assert flower(gone=True) == "글라디올러쓰"


def test_10_a_word_whose_article_became_staff_only_is_not_proposed(flower: Callable[..., str]) -> None:
    assert flower() == "글라디올러스"
    assert flower(staff_only=True) == "글라디올러쓰"


def test_10_a_new_word_is_proposed_as_soon_as_it_is_committed(tmp_path: Path, analyzer: Analyzer) -> None:
    root = tmp_path / "index"
    with IndexWriter(root, analyzer) as writer:
        writer.replace(article(1, "배송 조회", "배송을 조회합니다."))
        writer.commit()
        engine = SearchEngine(root, analyzer)
        assert engine.interpret("글라디올러쓰").text == "글라디올러쓰"
        writer.replace(article(2, "글라디올러스 안내", "글라디올러스를 보내 드립니다."))
        writer.commit()
        assert engine.interpret("글라디올러쓰").text == "글라디올러스"


def test_11_steps_say_what_was_done(read: Read) -> None:
    made = read("dkdlel 찾기 결재")
    assert made.text == "아이디 찾기 결제"
    assert made.taken[0] == Step("keyboard", "dkdlel", "아이디")
    assert str(made.taken[0]) == "keyboard: dkdlel → 아이디"
    text = "dkdlel 찾기 결재"
    for step in made.taken:
        assert step.typed in text
        text = text.replace(step.typed, step.read)
    assert text == made.text


@pytest.mark.parametrize("text", ["이모님 한 번 봤는데 미안하지만 패스", "한 번 보고 나감"])
def test_11_no_step_becomes_what_was_typed(read: Read, text: str) -> None:
    assert all(step.typed != step.read for step in read(text).taken)


def test_11_a_word_typed_twice_is_told_once(read: Read) -> None:
    made = read("ㅂㅁㅂㅎ 찾기 ㅂㅁㅂㅎ 변경")
    assert made.text == "비밀번호 찾기 비밀번호 변경"
    assert list(map(str, made.taken)) == ["initials: ㅂㅁㅂㅎ → 비밀번호"]


LETTERS = st.one_of(
    st.characters(),
    st.characters(categories=["Cs", "Cc", "Cf"]),
    st.sampled_from("ㄱㅋㅎㅂㅅㅏㅣㅜㅘㄳㅀ"),
    st.sampled_from("가각힣결제오픈채팅않되"),
    st.characters(min_codepoint=0x1100, max_codepoint=0x11FF),
    st.characters(min_codepoint=0xFFA0, max_codepoint=0xFFDC),
    st.sampled_from("abcxyzQWERT dkdlel"),
    st.sampled_from("אבגدعم\u202e\u200f\u200b\ufeff"),
    st.sampled_from("😀👨‍👩‍👧🇰🇷❤️"),
    st.sampled_from(" \t\n\r.,*?![](){}\"'\\/|+-_0123456789Ⅳ①"),
)
ANY = st.text(LETTERS, max_size=200)


@settings(deadline=None, max_examples=300)
@given(text=ANY)
@example(text="\ud800\udfff")
@example(text="l\x06\u0301")
@example(text="ㅋ" * 200)
@example(text="결재 " * 50)
@example(text="dkdlel" * 33)
@example(text="가나다라마바사아자차카타파하" * 14)
@example(text="않" * 200)
@example(text="\u1100\u1161\u11a8" * 66)
@example(text="a" * 200)
@example(text="ㅎ ㅎ " * 50)
def test_12_any_text_is_read(read: Read, text: str) -> None:
    made = read(text)
    assert unicodedata.is_normalized("NFC", made.text)
    assert made.offered is None or unicodedata.is_normalized("NFC", made.offered)
    again = read(text)
    assert (again.text, again.taken, again.offered) == (made.text, made.taken, made.offered)
    made.text.encode()


@settings(deadline=None, max_examples=100)
@given(text=st.text(st.sampled_from("ㄱㄲㄳㅏㅑㅘㅢㅎㅎㅋ각나 \u1161\u11a8\u0301"), max_size=40))
def test_12_jamo_of_every_kind(read: Read, text: str) -> None:
    assert unicodedata.is_normalized("NFC", read(text).text)


def test_12_decomposed_text_is_the_same_text(read: Read) -> None:
    for text in ("오픈채팅방", "결재 취소", "비밀번호 찾기"):
        made, same = read(unicodedata.normalize("NFD", text)), read(text)
        assert (made.text, made.taken) == (same.text, same.taken)
