"""Synonyms and user words: entered in the admin, in use everywhere a second later, and never in the way of a search."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import environment, wait_for

from haedap.kb import words
from haedap.kb.indexer import Indexer, waiting
from haedap.kb.models import Outbox, Synonym, UserWord
from haedap.kb.publishing import ArticleDraft, VariantDraft, create_article, unpublish
from haedap.kb.searching import SearchParams, center

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent
QUERY = "창고 환불 신청"
REFUNDS = (
    ("환불 신청 안내", "환불 신청은 사흘 안에 처리됩니다."),
    ("환불 신청을 구매자에게 알리는 방법", "판매자는 환불 신청을 구매자에게 알려야 합니다."),
)


def write(title: str, body: str, **more) -> int:
    return create_article(ArticleDraft(title=title, variants=(VariantDraft((), body),), **more), publish=True).pk


def index() -> None:
    with Indexer() as indexer:
        indexer.drain()


def found(text: str) -> list[int]:
    return [int(result["id"]) for result in center().search(SearchParams(text, exact=True))["results"]]


def terms(text: str) -> set[str]:
    """What the index would keep of a text now."""
    _ = center().engine
    return {word.term for word in center().preload()[0].words(text)}


@pytest.fixture
def refunds() -> list[int]:
    """Two articles found by :data:`QUERY`, the second speaks of 구매자; and others that speak of 창고."""
    made = [write(title, body) for title, body in REFUNDS]
    for number in range(6):
        write(f"포장 상자 {number}번", "포장 상자는 창고에서 고릅니다.")
    index()
    return made


# Layers


def test_a_synonym_is_used_at_once_in_the_process_that_stored_it(refunds):
    assert found(QUERY) == refunds
    words.save_synonym(Synonym(expression="창고", targets="구매자"))
    assert found(QUERY) == refunds[::-1]
    words.delete_synonyms(Synonym.objects.all())
    assert found(QUERY) == refunds


def test_one_way_two_way_and_unused(refunds):
    row = Synonym(expression="구매자", targets="창고")
    words.save_synonym(row)
    assert found(QUERY) == refunds
    row.two_way = True
    words.save_synonym(row)
    assert found(QUERY) == refunds[::-1]
    row.active = False
    words.save_synonym(row)
    assert found(QUERY) == refunds


def test_the_expression_may_be_written_as_it_is_typed():
    words.save_synonym(Synonym(expression="비번 까먹음", targets="비밀번호 찾기", two_way=True))
    in_use = center().words
    in_use.refresh()
    analyze = center().preload()[0].analyze
    for text, target in (("비번을 또 까먹었어요", "비밀번호 찾기"), ("비밀번호를 찾고 싶어요", "비번 까먹음")):
        assert [each.targets for each in in_use.lexicon.expand(analyze(text))] == [(target,)]


def test_the_shipped_lexicon_can_be_left_out(settings, refunds):
    settings.HAEDAP_LEXICON = "none"
    words.save_synonym(Synonym(expression="창고", targets="구매자"))
    assert found(QUERY) == refunds[::-1]


def test_a_broken_row_is_left_out_and_told_once(refunds, caplog):
    Synonym.objects.create(expression="하나 둘 셋 넷", targets="다섯")
    for _ in range(2):
        words.save_synonym(
            Synonym.objects.filter(expression="창고").first() or Synonym(expression="창고", targets="구매자")
        )
        assert found(QUERY) == refunds[::-1]
    assert caplog.text.count("A synonym is left out") == 1


def test_looking_for_changes_costs_no_query_a_search(refunds, django_assert_num_queries):
    found("환불")
    center()._next_look = float("inf")
    with django_assert_num_queries(1):
        found("환불")


def test_the_stamp_of_the_engine_names_the_words(refunds):
    before = center().engine.stamp
    words.save_synonym(Synonym(expression="창고", targets="구매자"))
    assert center().engine.stamp != before


# User words


def test_a_user_word_is_found_whole_and_with_its_particles():
    words.save_user_word(UserWord(word="꿀렁이체톡"))
    here = write("꿀렁이체톡을 켜는 방법", "설정에서 꿀렁이체톡을 누릅니다.")
    write("이체 한도를 바꾸는 방법", "이체 한도는 설정에서 바꿉니다.")
    index()
    for text in ("꿀렁이체톡", "꿀렁이체톡이 안 돼요", "꿀렁이체톡에서 켜는", "내꿀렁이체톡"):
        assert found(text)[:1] == [here], text
    assert "꿀렁이체톡" in terms("꿀렁이체톡에서는")


def test_only_articles_that_hold_the_word_are_indexed_again():
    holding = [
        write("여울페이머니", "본문"),
        write("본문에 있는 것", "여기서 여울페이머니를 채웁니다."),
        write("표시가 낀 것", "**여울페이**머니"),
        write("꼬리표에 있는 것", "본문", tags=("여울페이머니",)),
    ]
    write("다른 것", "여울과 페이와 머니")
    unpublish(write("내린 것", "여울페이머니"))
    index()
    assert waiting() == 0
    row = UserWord(word="여울페이머니")
    assert words.save_user_word(row) == 4
    assert sorted(Outbox.objects.values_list("article_id", flat=True)) == holding
    index()
    row.word = "다른단어"
    assert words.save_user_word(row) == 4
    index()
    assert words.delete_user_words(UserWord.objects.all()) == 0 and waiting() == 0


def test_a_short_word_inside_another_queues_nothing():
    write("이메일 바꾸기", "이메일을 바꿉니다.")
    here = write("메일이 안 와요", "본문")
    assert words.articles_with(["메일"]) == {here}


def test_a_note_alone_queues_nothing():
    write("여울페이머니", "본문")
    row = UserWord(word="여울페이머니")
    words.save_user_word(row)
    index()
    row.note = "상품 이름"
    assert words.save_user_word(row) == 0 and waiting() == 0


def test_names_of_a_place_count(pay, draft):
    article = create_article(draft, publish=True)
    assert words.articles_with(["여울페이"]) == {article.pk}


def test_the_indexer_uses_a_new_word_before_it_analyzes():
    write("꿀렁이체톡 안내", "꿀렁이체톡은 무료입니다.")
    with Indexer() as indexer:
        indexer.drain()
        words.save_user_word(UserWord(word="꿀렁이체"))
        assert indexer.drain() == 1
    assert center().engine.interpret("꿀렁이체").taken == ()
    frequency = center().engine._current().lexis.frequency
    assert frequency("꿀렁이체") > 0


# In another process


@pytest.mark.slow
def test_words_reach_a_second_process(tmp_path):
    home = tmp_path / "home"
    env = environment(home, DJANGO_SETTINGS_MODULE="haedap.settings")

    def change(*arguments: str) -> None:
        subprocess.run([sys.executable, HERE / "words_change.py", *arguments], env=env, check=True, timeout=120)

    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=env, check=True, timeout=120)
    others = [(f"포장 상자 {number}번", "포장 상자는 창고에서 고릅니다.") for number in range(6)]
    change("fill", json.dumps([*REFUNDS, *others]))
    command = [sys.executable, HERE / "words_worker.py"]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:

        def asked(text: str) -> list[list]:
            assert other.stdin and other.stdout
            print(text, file=other.stdin, flush=True)
            return json.loads(other.stdout.readline())

        assert asked(QUERY)[0] == [1, 2]
        change("synonym", "창고", "구매자")
        wait_for(lambda: asked(QUERY)[0] == [2, 1], "the synonym in the other process")
        assert asked("안돼요머니를")[1] != ["안돼요머니"]
        change("word", "안돼요머니")
        wait_for(lambda: asked("안돼요머니를")[1] == ["안돼요머니"], "the user word in the other process")
        other.stdin.close()
