"""Properties of boilerplate rules.

1. A shared footer goes, with varying links inside it; so does a shared header; the article's text stays.
2. A line that many articles share in their middle stays, and so does what follows it.
3. Fewer than 20 records give no rules; no body is emptied; what stays is one stretch of the body.
4. Rules do not depend on the order of the records, and survive being stored.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haedap.importing.boilerplate import Learner, Rules, drop

WIDGET = ["이 글이 도움이 됐나요?", "", "★", "★★", "", "보내기"]


def learn(bodies, titles=None) -> Rules:
    learner = Learner()
    for number, body in enumerate(bodies):
        learner.add(f"r{number}", titles[number] if titles else f"제목 {number}", body)
    return learner.rules()


def text(number: int) -> str:
    return f"{number}번 글의 첫 줄입니다.\n{number}번 글의 둘째 줄입니다."


def footed(number: int, *, related: int = 0) -> str:
    links = ["함께 볼 글", *(f"제목 {number + step}" for step in range(1, related + 1))] if related else []
    return "\n".join([text(number), "", *WIDGET, *links, "", "닫기"])


def test_a_footer_goes_with_the_links_inside_it():
    bodies = [footed(n, related=n % 4 if n % 8 == 1 else 0) for n in range(80)]
    rules = learn(bodies)
    assert rules.tail == ("이 글이 도움이 됐나요?", "★", "★★", "보내기", "닫기")
    assert [drop(rules, body).body for body in bodies] == [text(n) for n in range(80)]
    (opened,) = [part for part in drop(rules, bodies[1]).dropped if part.varying]
    assert (opened.rule, opened.varying) == ("보내기", "함께 볼 글")


def test_links_that_end_the_body_go():
    bodies = ["\n".join([text(n), "관련 글", f"제목 {(n + 1) % 40}", f"[안내] 제목 {(n + 7) % 40}"]) for n in range(40)]
    rules = learn(bodies)
    assert rules.ends == ("관련 글",)
    assert [drop(rules, body).body for body in bodies] == [text(n) for n in range(40)]


def test_every_article_with_links_before_the_last_line():
    rules = learn([footed(n, related=1 + n % 3) for n in range(60)])
    assert drop(rules, footed(7, related=3)).body == text(7)
    # Links of a later, partial import need not be titles of that file.
    assert drop(rules, footed(7, related=3).replace("제목 8", "처음 보는 글")).body == text(7)


def test_a_header_goes():
    bodies = [f"홈\n고객센터\n{text(n)}" for n in range(30)]
    rules = learn(bodies)
    assert rules.head == ("홈", "고객센터")
    assert drop(rules, bodies[3]).body == text(3)


@pytest.mark.parametrize("footer", [True, False])
def test_a_shared_line_in_the_middle_stays(footer):
    plain = [f"{text(n)}\n※ 참고\n{n}번 글만의 참고입니다." for n in range(50)]
    bodies = ["\n".join([body, *WIDGET, "닫기"]) if footer else body for body in plain]
    rules = learn(bodies)
    assert "※ 참고" not in rules.tail
    assert [drop(rules, body).body for body in bodies] == plain


def test_a_word_of_the_footer_inside_the_text_cuts_nothing():
    bodies = [footed(n, related=2) for n in range(40)]
    odd = "버튼은 두 가지입니다.\n보내기\n누르면 문의가 갑니다.\n닫기\n누르면 창이 사라집니다."
    assert drop(learn(bodies), "\n".join([odd, *WIDGET, "닫기"])).body == odd
    assert drop(learn(bodies), odd).body == odd


def test_a_closing_phrase_that_also_stands_in_the_middle_opens_nothing():
    def body(n: int) -> str:
        extra = [f"{n}번 글의 덧붙임입니다.", f"{n}번 글의 끝입니다."] if n % 5 < 2 else []
        return "\n".join([text(n), "감사합니다.", *extra, *WIDGET, "닫기"])

    bodies = [body(n) for n in range(100)]
    rules = learn(bodies)
    for n, each in enumerate(bodies):
        assert text(n) in drop(rules, each).body
        if n % 5 < 2:
            assert f"{n}번 글의 덧붙임입니다." in drop(rules, each).body


def test_articles_that_are_one_shared_line_stay():
    bodies = ["준비 중입니다."] * 15 + [footed(n) for n in range(25)]
    rules = learn(bodies)
    assert drop(rules, "준비 중입니다.").body == "준비 중입니다."
    widget = "\n".join([*WIDGET, "닫기"])
    assert drop(rules, widget).body == widget


lines = st.lists(st.sampled_from(["가", "나", "다", "라마", "", "보내기"]), max_size=8)


@given(st.lists(lines, max_size=19))
def test_few_records_lose_nothing(records):
    bodies = ["\n".join(each) for each in records]
    rules = learn(bodies)
    assert all(drop(rules, body).body == body and not drop(rules, body).dropped for body in bodies)


@given(st.lists(lines, min_size=20, max_size=40), st.randoms(use_true_random=False))
def test_whatever_the_records_what_stays_is_a_stretch_of_the_body(records, rng: random.Random):
    bodies = ["\n".join(each) for each in records]
    rules = learn(bodies)
    for body in bodies:
        kept = drop(rules, body).body
        assert kept in body and bool(kept.strip()) == bool(body.strip())
    order = list(range(len(bodies)))
    rng.shuffle(order)
    learner = Learner()
    for number in order:
        learner.add(f"r{number}", f"제목 {number}", bodies[number])
    assert learner.rules() == rules == Rules.from_json(rules.to_json())
