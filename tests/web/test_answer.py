"""The answer above the results, and the near misses on a page without any."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import pytest
from vectors import index_with_vectors, search_by_meaning
from web.conftest import PERSON, index

from haedap.kb import publishing

pytestmark = pytest.mark.django_db
TITLE = "여울머니 <script>alert(1)</script> 충전 계좌를 바꾸는 방법"
STEPS = (
    "충전하는 방법을 알려 드립니다.\n\n## 계좌로 <b>충전</b>\n\n"
    '1. 여울페이 <script>alert("2")</script> 화면을 엽니다.\n2. 충전 계좌 & 이름을 고릅니다.'
)
QUERY = TITLE
MISSED = "서울대 재학생 인증 메일 우주선 로켓 기차"


@pytest.fixture
def answering(center, write, monkeypatch):
    search_by_meaning(monkeypatch)
    center["charge"] = write(TITLE, STEPS, service="pay")
    center["mac"] = write("맥에서 알림이 오지 않아요", {"mac": "맥 설정에서 알림을 켭니다."})
    index_with_vectors()
    return center


@pytest.fixture
def missing(center, write):
    """A center by words only, with an article that a query misses by little."""
    made = write("서울대 <재학생> 인증 안내", "서울대 메일로 재학생 인증을 합니다.", service="pay", category="refund")
    index()
    return made


def get(client, query, path="/search", **parameters):
    response = client.get(path, {"query": query, **parameters}, headers={"user-agent": PERSON})
    assert response.status_code == 200
    return response.content.decode()


def answer_of(page: str) -> str:
    found = re.findall(r'<section class="answer".*?</section>', page, re.DOTALL)
    assert len(found) <= 1
    return found[0] if found else ""


def test_the_answer_stands_above_the_list_and_leads_to_its_place(client, answering):
    page = get(client, QUERY)
    answer = answer_of(page)
    assert page.index(answer) < page.index('<ol class="results"') and "도움말에서 찾은 답" in answer
    quoted = re.search(r'<blockquote cite="([^"]+)">(.*?)</blockquote>', answer, re.DOTALL)
    (link,) = re.findall(r'<a href="([^"]+)">', answer)
    assert quoted and quoted[1] == link
    assert unescape(re.sub("</?mark>", "", quoted[2])).split("\n") == [
        '여울페이 <script>alert("2")</script> 화면을 엽니다.',
        "충전 계좌 & 이름을 고릅니다.",
    ]
    assert "<mark>충전</mark>" in quoted[2]
    path, _hash, anchor = unescape(link).partition("#")
    assert anchor and f'id="{unquote(anchor)}"' in client.get(path).content.decode()


def test_nothing_in_an_answer_becomes_markup(client, answering):
    page = get(client, QUERY)
    answer = re.sub("</?mark>", "", answer_of(page))
    assert "&lt;script&gt;alert(1)" in answer and "&lt;script&gt;alert(&quot;2&quot;)" in answer
    assert "계좌로 &lt;b&gt;충전&lt;/b&gt;" in answer and "계좌 &amp; 이름" in answer
    assert "<script>alert" not in page and "<b>충전" not in page and set(re.findall(r"<(\w+)", answer_of(page))) == {
        "section", "h2", "p", "blockquote", "mark", "a"
    }  # fmt: skip


def test_the_answer_names_the_devices_it_is_for(client, answering):
    answer = answer_of(get(client, "맥에서 알림이 오지 않아요"))
    assert '<p class="under">Mac</p>' in answer and "platform=mac" in answer
    assert "공통" not in answer_of(get(client, QUERY))


def test_only_the_first_page_by_relevance_shows_an_answer(client, answering):
    assert answer_of(get(client, QUERY, sort="relevance"))
    assert not answer_of(get(client, QUERY, sort="date")) and not answer_of(get(client, QUERY, sort="hits"))
    assert not answer_of(get(client, "환불"))
    assert not answer_of(get(client, f"{QUERY} 출장안마【톡:AB12】24시간 예약"))


def test_the_english_page_labels_the_answer_in_english(client, answering):
    answer = answer_of(get(client, QUERY, path="/en/search"))
    assert "Answer from an article" in answer and 'href="/en/articles/' in answer
    assert "도움말에서 찾은 답" not in answer


def test_an_answer_is_gone_with_its_article(client, answering):
    assert answer_of(get(client, QUERY))
    publishing.archive(answering["charge"].pk)
    page = get(client, QUERY)
    assert not answer_of(page) and "충전 계좌 &amp; 이름" not in page


def test_without_vectors_no_answer_is_shown(client, center):
    page = get(client, "환불은 언제 되나요?")
    assert '<ol class="results"' in page and not answer_of(page)


def test_near_misses_stand_under_their_own_heading(client, missing):
    page = get(client, MISSED)
    assert "(총 0건)" in page and '<ol class="results"' not in page and 'class="filters"' not in page
    section = re.search(r'<section aria-labelledby="near">.*?</section>', page, re.DOTALL)
    assert section and "혹시 이런 도움말을 찾으셨나요?" in section[0]
    (link,) = re.findall(r'<a href="([^"]+)">', section[0])
    assert link.startswith(f"/articles/{missing.pk}-") and "&lt;" in section[0] and "<재학생>" not in page
    assert '<span class="place">여울페이 › 취소·환불</span>' in section[0]
    assert client.get(unescape(link)).status_code == 200


def test_near_misses_in_english(client, missing):
    page = get(client, MISSED, path="/en/search")
    assert "Were you looking for one of these articles?" in page and f'href="/en/articles/{missing.pk}-' in page
    assert "Yeoul Pay › Refunds" in page and "혹시 이런" not in page


@pytest.mark.parametrize(
    "query", ["우주선 로켓", f"{MISSED} 010-1234-5678", "서울대 재학생 인증", "【출장안마】 카톡:abc1234 www.spam.com"]
)
def test_there_are_no_near_misses_of_spam_of_the_unknown_and_beside_results(client, missing, query):
    assert "혹시 이런 도움말을" not in get(client, query)
