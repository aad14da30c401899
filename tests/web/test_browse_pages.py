"""Home and the lists of questions."""

from __future__ import annotations

import re

import pytest

from haedap.kb import publishing

pytestmark = pytest.mark.django_db


def get(client, path, status=200, **parameters) -> str:
    response = client.get(path, parameters)
    assert response.status_code == status
    return response.content.decode()


def questions(page: str) -> list[str]:
    return re.findall(r"<li><a href=[^>]+>([^<]*)</a><p class", page)


def test_home_shows_search_services_and_popular_questions(client, center, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        page = get(client, "/")
    with django_assert_max_num_queries(2):
        assert get(client, "/") == page, "names, what they were before, and notices are known by now"
    assert "무엇을 도와드릴까요?" in page and 'role="search"' in page
    assert page.index("여울톡") < page.index("여울페이"), "in the order the center gives"
    popular = page[page.index('class="popular"') :]
    assert popular.index("환불은 언제") < popular.index("대화 내용을 백업")


def test_an_empty_center_says_so(client, db):
    assert "아직 발행된 도움말이 없습니다" in get(client, "/")


def test_a_service_lists_its_questions_and_categories(client, center):
    page = get(client, "/services/talk/")
    assert set(questions(page)) == {"대화 내용을 백업하는 방법", "대화 백업을 복원하고 싶어요", "채팅방을 나가는 방법"}
    assert re.search(r'백업·기기 변경 <span class="count">2', page)
    assert "(총 3건)" in page


def test_a_category_lists_also_those_placed_there_in_addition(client, center, write):
    write("기기를 바꿨어요", service="talk", category="chat", extra_categories=("talk/backup",))
    page = get(client, "/services/talk/backup/")
    assert len(questions(page)) == 3 and "기기를 바꿨어요" in page
    get(client, "/services/talk/nothing/", status=404)
    get(client, "/services/pay/backup/", status=404)
    get(client, "/services/nothing/", status=404)


def test_lists_by_platform_count_the_common_body(client, write, db):
    write("아이폰만", {"ios": "가"})
    write("모두", "가")
    write("맥만", {"mac": "가"})
    assert set(questions(get(client, "/articles/", platform="ios"))) == {"아이폰만", "모두"}
    assert questions(get(client, "/articles/", platform="common")) == ["모두"]
    assert len(questions(get(client, "/articles/", platform="amiga"))) == 3


def test_everything_is_listed_also_what_has_no_service(client, center):
    page = get(client, "/articles/")
    assert len(questions(page)) == 5 and "환불 규정 &lt;안내&gt;" in page


def test_lists_have_pages(client, write, db):
    for number in range(45):
        write(f"안내 {number}")
    seen = [question for number in (1, 2, 3) for question in questions(get(client, "/articles/", page=number))]
    assert len(set(seen)) == 45
    get(client, "/articles/", page=4, status=404)
    assert len(questions(get(client, "/articles/", page="둘"))) == 20


@pytest.mark.parametrize(
    ("asked", "named"),
    [({}, "/articles/"), ({"page": 1}, "/articles/"), ({"page": 2}, "/articles/?page=2"),
     ({"page": 2, "platform": "ios"}, "/articles/"), ({"page": 2, "x": 1}, "/articles/?page=2")],
)  # fmt: skip
def test_each_page_of_a_list_is_an_address_of_its_own(client, write, asked, named):
    for number in range(21):
        write(f"안내 {number}")
    assert f'<link rel="canonical" href="{named}">' in get(client, "/articles/", **asked)


def test_what_is_not_public_is_in_no_list(client, center, write):
    write("직원용 안내", visibility="staff", service="talk")
    publishing.unpublish(center["chat"].pk)
    for path in ("/", "/articles/", "/services/talk/", "/sitemap-1.xml"):
        page = get(client, path)
        assert "직원용" not in page and "채팅방을 나가는" not in page
