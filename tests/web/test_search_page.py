"""The results page: what it shows, what it never shows, and that it is never an old one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from django.http import QueryDict
from django.utils import timezone, translation
from web.conftest import PERSON, index

from haedap.kb import publishing
from haedap.kb.curation import save_pin, save_term
from haedap.kb.models import PinnedResult, RestrictedTerm, Service
from haedap.kb.names import current_names
from haedap.kb.publishing import save_service
from haedap.kb.signals import search_settled
from haedap.search.engine import SearchEngine
from haedap.web import asking

pytestmark = pytest.mark.django_db


def get(client, query="", status=200, path="/search", **parameters):
    response = client.get(path, {"query": query, **parameters}, headers={"user-agent": PERSON})
    assert response.status_code == status
    return response.content.decode()


def titles(page: str) -> list[str]:
    return [re.sub("<[^>]+>", "", title) for title in re.findall(r"<h2><a href=[^>]+>(.*?)</a></h2>", page)]


def test_results_have_total_tags_marks_and_choices(client, center):
    page = get(client, "대화 백업")
    assert re.search(r'도움말 검색 결과 <span class="total">\(총 \d+건\)', page)
    assert set(titles(page)) == {"대화 내용을 백업하는 방법", "대화 백업을 복원하고 싶어요"}
    assert ">여울톡</span>" in page and ">백업·기기 변경</span>" in page
    assert "안드로이드 · 안드로이드(원스토어) · iOS" in page
    assert "<mark>" in page
    for words in ("본문 바로가기", "정렬 기준", "정확도순", "최신순", "조회순", "카테고리 선택"):
        assert words in page


def test_each_filter_narrows_and_can_be_taken_away(client, center):
    page = get(client, "환불", service="pay", platform="ios")
    assert titles(page) == ["환불은 언제 되나요?"]
    assert len(re.findall("조건 빼기:", page)) == 2 and "모두 빼기" in page
    assert "platform=ios" in re.search(r'href="([^"]*articles/[^"]*)"', page)[1]
    assert titles(get(client, "대화 백업", service="talk", category="backup"))
    assert titles(get(client, "대화 백업", category="talk/backup"))


def test_only_choices_that_lead_somewhere_are_offered(client, center):
    page = get(client, "환불")
    filters = page[page.index('class="filters"') : page.index("</details>")]
    assert "여울페이" in filters and "여울톡" not in filters
    assert "취소·환불" not in filters
    assert "취소·환불" in get(client, "환불", service="pay")


def test_unknown_values_are_as_if_not_given(client, center):
    plain = set(titles(get(client, "환불")))
    assert len(plain) == 2
    for parameters in (
        {"service": "nothing"}, {"category": "nothing"}, {"category": "talk/nothing"}, {"platform": "amiga"},
        {"sort": "price"}, {"page": "0"}, {"page": "-1"}, {"page": "둘"}, {"page": "1e3"}, {"page": "９"},
    ):  # fmt: skip
        assert set(titles(get(client, "환불", **parameters))) == plain, parameters
    # A category of another service contradicts the service, which stays.
    assert titles(get(client, "환불", service="pay", category="talk/backup")) == ["환불은 언제 되나요?"]


def test_sorts(client, center):
    assert titles(get(client, "환불", sort="hits"))[0] == "환불은 언제 되나요?"
    page = get(client, "환불", sort="date")
    assert re.search(r'sort=date" aria-current="true">최신순', page)


def test_pages(client, write):
    for number in range(23):
        write(f"환불 안내 {number:02}", "환불을 안내합니다.")
    index()
    seen = [title for number in (1, 2, 3) for title in titles(get(client, "환불", page=number))]
    assert len(seen) == len(set(seen)) == 23
    second = get(client, "환불", page=2)
    assert 'rel="prev"' in second and 'rel="next"' in second and 'start="11"' in second
    get(client, "환불", page=4, status=404)
    get(client, "환불", page=101, status=404)


def test_equal_titles_are_told_apart(client, write, center):
    for _ in range(3):
        write("대출 상환 방법", "대출을 갚는 방법입니다.", service="pay", category="refund")
    write("대출 상환 방법", "대출을 갚는 방법입니다.", service="talk")
    index()
    page = get(client, "대출 상환")
    told = re.findall(r'<p class="when apart">(.*?)</p>', page)
    assert len(told) == len(set(told)) == 4
    assert sum("도움말 번호" in line for line in told) == 3


def test_no_result_says_so_and_offers_ways_on_under_their_own_headings(client, center):
    page = get(client, "우주선 탑승권")
    assert "(총 0건)" in page and "찾지 못했습니다" in page
    assert titles(page) == []
    assert "자주 찾는 질문" in page and "서비스" in page
    assert "조건을 모두 빼고" in get(client, "우주선 탑승권", platform="ios")


def test_spam_is_neither_searched_nor_repeated(client, center):
    spam = "【출장안마】 카톡:abc1234 〔환불〕 www.spam-site.com 지금 조치를 취하십시오"
    page = get(client, spam)
    assert "검색하지 않았습니다" in page and titles(page) == []
    assert page.count("abc1234") == 1, "only in the search box"


def test_a_long_query_is_asked_to_be_shortened(client, center):
    page = get(client, "환불 " * 200)
    assert "200자" in page and titles(page) == []


def test_an_empty_query_shows_the_form_with_hints(client, center):
    for query in ("", "   "):
        page = get(client, query)
        assert "이렇게 검색해 보세요" in page and titles(page) == []
    assert client.get("/search").status_code == 200


def test_pages_are_kept_from_crawlers_and_titles_from_spammers(client, center):
    response = client.get("/search", {"query": "환불"})
    assert response["X-Robots-Tag"] == "noindex"
    assert "private" in response["Cache-Control"]
    page = response.content.decode()
    assert "환불" not in re.search("<title>(.*?)</title>", page)[1]
    assert '<link rel="canonical" href="/search">' in page
    assert not response.cookies


def test_nothing_typed_or_written_becomes_markup(client, center):
    page = get(client, '환불"><script>alert(1)</script>')
    assert "<script>alert" not in page
    assert "규정</mark> &lt;안내&gt;" in get(client, "환불 규정")


def test_a_kept_page_is_never_an_old_one(client, center, write):
    assert len(titles(get(client, "환불"))) == 2
    write("환불 계좌를 바꾸고 싶어요", "환불 계좌를 바꿉니다.")
    index()
    assert len(titles(get(client, "환불"))) == 3
    publishing.archive(center["refund"].pk)
    # Gone at once, before the index knows.
    assert len(titles(get(client, "환불"))) == 2
    index()
    assert len(titles(get(client, "환불"))) == 2
    service = Service.objects.get(slug="talk")
    get(client, "대화 백업")
    service.name = "새톡"
    save_service(service)
    assert "새톡" in get(client, "대화 백업")


def test_a_results_page_costs_few_queries(client, center, django_assert_max_num_queries):
    get(client, "대화")
    with django_assert_max_num_queries(3):
        client.get("/search", {"query": "대화 백업"}, headers={"user-agent": "bot/1"})
    with django_assert_max_num_queries(1):
        client.get("/search", {"query": "대화 백업"}, headers={"user-agent": "bot/1"})


def test_first_pages_for_people_are_settled_searches(client, center):
    seen = []

    def receive(search, **_):
        seen.append(search)

    search_settled.connect(receive)
    try:
        get(client, "환불", service="pay")
        get(client, "환불", service="pay")
        get(client, "", service="pay")
        get(client, "환불", page=9, status=404)
        client.get("/search", {"query": "환불"}, headers={"user-agent": "Googlebot/2.1"})
        client.get("/search", {"query": "환불"}, headers={"user-agent": ""})
    finally:
        search_settled.disconnect(receive)
    assert [(s.query, s.total, s.source, s.service) for s in seen] == [("환불", 1, "web", "pay")] * 2


def test_the_english_page(client, center):
    page = get(client, "대화 백업", path="/en/search")
    assert '<html lang="en">' in page and "Search results" in page and "Yeoul Talk" in page
    assert 'href="/en/articles/' in page
    assert 'href="/search?query=' in page, "the way back to Korean"


def test_the_search_box_gives_back_at_most_so_much(client, center):
    assert "가" * (asking.ECHOED + 1) not in get(client, "가" * 3000)


@pytest.fixture
def reads_as(monkeypatch):
    """Let the engine say that it read a query otherwise."""
    search = SearchEngine.search

    def make(**reading):
        monkeypatch.setattr(SearchEngine, "search", lambda *args, **more: replace(search(*args, **more), **reading))

    return make


def readings(page: str) -> list[str]:
    return [unescape(re.sub("<[^>]+>", "", line)) for line in re.findall(r'<p class="reading">(.*?)</p>', page)]


def reading_url(page: str) -> str:
    return unescape(re.search(r'<p class="reading">.*?<a rel="nofollow" href="([^"]+)"', page)[1])


def test_a_corrected_query_says_so_and_offers_the_text_as_typed(client, center, reads_as):
    reads_as(interpreted_as="환불")
    page = get(client, "ghksqnf <b>", service="pay", sort="date")
    assert readings(page) == ["“환불” 검색 결과입니다. 입력한 그대로 “ghksqnf <b>” 검색"]
    assert "ghksqnf <b>" not in page
    url = reading_url(page)
    assert QueryDict(url.partition("?")[2]).dict() == {
        "query": "ghksqnf <b>", "service": "pay", "sort": "date", "exact": "1"
    }  # fmt: skip
    english = get(client, "ghksqnf", path="/en/search")
    assert readings(english) == ["Showing results for “환불”. Search for “ghksqnf” as typed"]
    assert reading_url(english).startswith("/en/search?")


def test_an_offered_correction_is_a_search_of_its_own(client, center, reads_as):
    reads_as(did_you_mean="환불")
    page = get(client, "ghksqnf", platform="ios", exact="1")
    assert readings(page) == ["혹시 이 검색어를 찾으셨나요? 환불"]
    assert QueryDict(reading_url(page).partition("?")[2]).dict() == {"query": "환불", "platform": "ios"}
    assert readings(get(client, "ghksqnf", path="/en/search", exact="1")) == ["Did you mean: 환불"]


def test_a_query_understood_as_typed_says_nothing(client, center):
    assert readings(get(client, "환불")) == []


def test_exact_stays_with_the_search_but_not_with_the_next(client, write, center):
    for number in range(12):
        write(f"환불 안내 {number:02}", "환불을 안내합니다.", service="pay")
    index()
    page = get(client, "환불", exact="1", service="pay")
    links = {unescape(link) for link in re.findall(r'href="(/(?:en/)?search\?[^"]+)"', page)}
    assert len(links) >= 6 and all("exact=1" in link for link in links)
    form = page[page.index("<form") : page.index("</form>")]
    assert 'name="service" value="pay"' in form and "exact" not in form
    assert "exact" not in get(client, "환불", service="pay")


@pytest.mark.parametrize(("value", "exact"), [("1", True), ("0", False), ("", False), ("yes", False)])
def test_exact_reaches_the_center(db, value, exact):
    assert asking.read(QueryDict(f"query=a&exact={value}"), current_names()).params().exact is exact


# Recommended results and restricted terms


def section(page: str) -> str:
    """The recommended results of a page; "" if there are none."""
    return page.partition('<section class="pinned"')[2].partition("</section>")[0]


def pin(query: str, article, **more) -> None:
    save_pin(PinnedResult(query=query, article=article, **more))


def test_recommended_results_stand_above_the_list_and_nothing_is_shown_twice(client, center):
    assert not section(get(client, "환불"))
    pin("환불", center["loose"])
    pin("환불", center["chat"], order=1)
    page = get(client, "환불")
    assert re.findall(r"<h3><a href=[^>]+>(.*?)</a></h3>", section(page)) == [
        "<mark>환불</mark> 규정 &lt;안내&gt;",
        "채팅방을 나가는 방법",
    ]
    assert page.index("추천 결과") < page.index("정렬 기준") and "(총 2건)" in page
    assert titles(page) == ["환불은 언제 되나요?"]
    assert "채팅방에서 나가기를 누릅니다." in section(page)
    for parameters in ({"sort": "date"}, {"sort": "hits"}):
        assert not section(get(client, "환불", **parameters))
    assert "채팅방을" not in section(get(client, "환불", service="pay"))


def test_a_query_that_finds_only_what_is_recommended(client, center):
    pin("우주 정거장", center["chat"])
    page = get(client, "우주 정거장")
    assert "채팅방을 나가는 방법" in section(page) and "추천 결과 말고는 찾은 도움말이 없습니다." in page
    assert "찾지 못했습니다" not in page and "정렬 기준" not in page
    pin("환불 규정", center["loose"])
    page = get(client, "환불 규정", exact="1")
    assert not [title for title in titles(page) if "규정" in title] and "찾은 도움말이 없습니다" not in page


def test_equal_titles_are_told_apart_from_recommended_ones_too(client, center, write):
    write("환불은 언제 되나요?", "다른 환불입니다.", service="talk", category="chat")
    index()
    pin("환불", center["refund"])
    page = get(client, "환불")
    assert "여울페이 › 취소·환불" in section(page) and "여울톡 › 채팅 · <time" in page


def test_a_kept_page_follows_recommendations_at_once(client, center):
    now = timezone.now()
    get(client, "환불")
    pin("환불", center["chat"], ends_at=now + timedelta(days=1))
    assert section(get(client, "환불"))
    row = PinnedResult.objects.get()
    row.starts_at, row.ends_at = now - timedelta(days=2), now - timedelta(days=1)
    save_pin(row)
    assert not section(get(client, "환불"))


def test_a_restricted_query_is_told_so_politely(client, center):
    assert titles(get(client, "환불"))
    save_term(RestrictedTerm(term="환불"))
    page = get(client, "환불 규정")
    assert "이 검색어는 이곳에서 찾아 드리지 않습니다." in page and "자주 찾는 질문" in page
    assert 'value="환불 규정"' in page and "환불은 언제 되나요?" in page and not titles(page)
    with translation.override("en"):
        assert 'lang="en"' in get(client, "환불", path="/en/search")


def test_a_restricted_search_is_told_to_nobody_but_as_restricted(client, center):
    save_term(RestrictedTerm(term="환불"))
    seen = []

    def receive(search, **_):
        seen.append(search.notice)

    search_settled.connect(receive)
    try:
        get(client, "환불")
    finally:
        search_settled.disconnect(receive)
    assert seen == ["restricted"]
