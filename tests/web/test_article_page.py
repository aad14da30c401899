"""An article: its address, the body for the visitor's device, and counted views."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from web.conftest import IPHONE, PERSON, index

from haedap.kb import publishing
from haedap.kb.models import Article
from haedap.web import counting

pytestmark = pytest.mark.django_db


def path(article: Article) -> str:
    return f"/articles/{quote(article.key)}"


def read(client, article, agent=PERSON, **parameters) -> str:
    response = client.get(path(article), parameters, headers={"user-agent": agent})
    assert response.status_code == 200
    return response.content.decode()


def shown(page: str) -> str:
    current = re.search(r'<a rel="nofollow" href="[^"]*" aria-current="true">([^<]*)</a>', page)
    return current[1] if current else ""


def test_the_id_decides_and_other_slugs_redirect(client, center):
    article = center["backup"]
    for wrong in ("", "-", "-다른-이름"):
        response = client.get(f"/articles/{article.pk}{wrong}", {"platform": "ios"})
        assert response.status_code == 301
        assert response["Location"] == f"{path(article)}?platform=ios"
        assert response["Cache-Control"] == "no-cache", "a title may change back"
    draft = publishing.current_draft(article)
    from dataclasses import replace

    publishing.revise_article(article.pk, replace(draft, title="새 제목"), publish=True)
    assert client.get(path(article))["Location"] == f"/articles/{article.pk}-{quote('새-제목')}"


def test_what_is_not_public_is_not_there(client, center, write):
    publishing.archive(center["chat"].pk)
    staff = write("직원용 안내", visibility="staff")
    for article in (center["chat"], staff):
        assert client.get(path(article)).status_code == 404
    for wrong in ("/articles/999999", "/articles/99999999999999999999", "/articles/abc"):
        assert client.get(wrong).status_code == 404


def test_the_page_says_where_when_and_what_else(client, center):
    page = read(client, center["backup"])
    assert "여울톡" in page and "백업·기기 변경" in page
    assert "2026. 10. 28." in page, "27 October 20:00 UTC is the 28th in Seoul"
    assert "#백업" in page
    assert "관련 도움말" in page and "대화 백업을 복원하고 싶어요" in page


def test_the_body_follows_the_device(client, center):
    article = center["backup"]
    assert "더보기에서" in read(client, article, PERSON)
    assert "톱니바퀴" in read(client, article, IPHONE)
    assert "내보내기" in read(client, article, "Mozilla/5.0 (Windows NT 10.0; Win64; x64)")
    assert "내보내기" in read(client, article, "")


def test_a_choice_is_remembered_and_wins_over_the_guess(client, center):
    article = center["backup"]
    page = read(client, article, PERSON, platform="ios")
    assert "톱니바퀴" in page and shown(page) == "iOS"
    assert "톱니바퀴" in read(client, article, PERSON)
    assert "더보기에서" in read(client, article, PERSON, platform="android")
    # Windows has no body of its own here, the common one serves it.
    page = read(client, article, IPHONE, platform="windows")
    assert "내보내기" in page and shown(page) == "공통"


def test_values_that_mean_nothing_are_ignored(client, center):
    client.cookies["haedap_platform"] = "<script>"
    response = client.get(path(center["backup"]), {"platform": "amiga"}, headers={"user-agent": IPHONE})
    assert "톱니바퀴" in response.content.decode()
    assert "haedap_platform" not in response.cookies


def test_where_no_body_serves_the_wanted_device_the_page_says_so(client, write):
    article = write("창 크기", {"windows": "윈도우에서", "android": "안드로이드에서"})
    page = read(client, article, IPHONE, platform="mac")
    assert "Mac 안내가 따로 없어 안드로이드 안내를" in page
    # The two Android stores are close relatives, so no word about it is needed to find the right body.
    assert "안드로이드에서" in read(client, article, PERSON, platform="android-onestore")


def test_an_article_with_one_body_needs_no_switch(client, write, center):
    assert 'class="switch"' not in read(client, center["chat"])
    only = write("아이폰 전용", {"ios": "아이폰에서만 됩니다."})
    page = read(client, only)
    assert 'class="switch"' not in page and ">iOS</span>" in page


def test_a_body_is_safe(client, write):
    article = write(
        "위험한 글", '<script>alert(1)</script>\n\n[누르기](javascript:alert(1))\n\n<img src=x onerror="x()">'
    )
    page = read(client, article)
    assert "<script>alert" not in page and 'href="javascript' not in page and "<img src=x" not in page


def test_views_count_people_once_a_session(client, center):
    article = center["backup"]
    for _ in range(3):
        read(client, article)
    client.head(path(article), headers={"user-agent": PERSON})
    read(client, center["chat"])
    client.cookies.clear()
    read(client, article, "Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)")
    read(client, article, "")
    counting.counter.flush()
    assert Article.objects.get(pk=article.pk).hits == 51
    read(client, article)
    counting.counter.flush()
    assert Article.objects.get(pk=article.pk).hits == 52
    assert Article.objects.get(pk=center["chat"].pk).hits == 1


def test_a_forged_or_full_session_cookie_does_no_harm(client, center):
    client.cookies[counting.COOKIE] = "1.2.3:forged"
    read(client, center["chat"])
    counting.counter.flush()
    assert Article.objects.get(pk=center["chat"].pk).hits == 1


def test_an_article_leaves_no_session_and_no_csrf_cookie(client, center):
    response = client.get(path(center["chat"]), headers={"user-agent": PERSON})
    assert set(response.cookies) == {counting.COOKIE}
    assert response.cookies[counting.COOKIE]["httponly"]
    assert not response.cookies[counting.COOKIE]["max-age"]


def test_the_english_page_points_to_the_korean_one(client, center):
    article = center["backup"]
    page = client.get(f"/en{path(article)}", {"platform": "ios"}).content.decode()
    assert 'lang="en"' in page and "Related articles" in page and "Oct 28, 2026" in page
    assert f'<link rel="canonical" href="{path(article)}">' in page
    assert '<article class="article" lang="ko">' in page


def test_related_without_an_index_come_from_the_category(client, write, center, settings, tmp_path):
    settings.HAEDAP_INDEX = tmp_path / "none"
    from haedap.kb.searching import center as search_center

    search_center().reopen()
    assert "대화 백업을 복원하고 싶어요" in read(client, center["backup"])
    index()
