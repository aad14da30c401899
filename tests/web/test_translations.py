"""An article in another language: the translation as a whole, or the Korean text with a word about it."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from django.utils import translation
from web.conftest import IPHONE, PERSON, index

from haedap.kb import publishing
from haedap.kb.models import Article
from haedap.kb.publishing import ArticleDraft, VariantDraft
from haedap.web.articles import lines, titles_of

pytestmark = pytest.mark.django_db
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
NOTE = "번역되지 않아"


@pytest.fixture
def article(center):
    draft = ArticleDraft(
        title="알림이 오지 않아요",
        variants=(
            VariantDraft((), "한국어 공통 본문"),
            VariantDraft(("ios",), "한국어 아이폰 본문"),
            VariantDraft(("windows",), "한국어 윈도우 본문"),
            VariantDraft((), "English common\n\n> [!NOTE]\n> x\n\n[next](article:1)", language="en"),
            VariantDraft(("ios",), "English iPhone", language="en"),
            VariantDraft((), "日本語", language="ja"),
        ),
        titles=(("en", "No notifications"), ("ja", "通知")),
        service="talk",
    )
    return publishing.create_article(draft, publish=True)


def path(article, language="") -> str:
    return f"{language}/articles/{quote(article.key)}"


def read(client, address, agent=PERSON, **parameters) -> str:
    response = client.get(address, parameters, headers={"user-agent": agent})
    assert response.status_code == 200
    return response.content.decode()


def text(page: str) -> str:
    found = re.search(r'<div class="body">(.*?)</div>', page, re.DOTALL)
    assert found
    return found[1]


def alternates(page: str) -> dict[str, str]:
    return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page))


def test_the_english_page_shows_the_english_text(client, article):
    page = read(client, path(article, "/en"))
    assert "<h1>No notifications</h1>" in page and "English common" in text(page)
    assert '<article class="article" lang="en">' in page and NOTE not in page
    assert ">Note<" in page and 'href="/en/articles/1"' in page
    korean = read(client, path(article))
    assert "<h1>알림이 오지 않아요</h1>" in korean and "한국어 공통" in text(korean) and "English" not in text(korean)
    assert '<article class="article" lang="ko">' in korean and 'href="/articles/1"' not in text(korean)


def test_the_device_chooses_within_the_language(client, article):
    assert "English iPhone" in text(read(client, path(article, "/en"), IPHONE))
    assert "한국어 아이폰" in text(read(client, path(article), IPHONE))
    # Korean has a body for Windows, English has not: its common one serves.
    page = read(client, path(article, "/en"), WINDOWS)
    assert (
        "English common" in text(page) and "Windows" not in re.findall(r'class="switch".*?</nav>', page, re.DOTALL)[0]
    )
    assert "English common" in text(read(client, path(article, "/en"), platform="windows"))
    assert "한국어 윈도우" in text(read(client, path(article), platform="windows"))


def test_each_language_is_canonical_to_itself_and_names_the_other(client, article):
    korean, english = read(client, path(article)), read(client, path(article, "/en"), platform="ios")
    assert f'<link rel="canonical" href="{path(article)}">' in korean
    assert f'<link rel="canonical" href="{path(article, "/en")}">' in english
    host = "http://testserver"
    expected = {
        "ko": host + path(article),
        "en": host + path(article, "/en"),
        "x-default": host + path(article),
    }
    assert alternates(korean) == alternates(english) == expected, "ja has no pages"
    assert f'href="{path(article)}?platform=ios" lang="ko" hreflang="ko"' in english


def test_what_is_not_translated_is_korean_and_says_so(client, center):
    article = center["chat"]
    page = read(client, path(article, "/en"))
    assert '<article class="article" lang="ko">' in page and "채팅방에서 나가기를" in text(page)
    note = re.search(r'<p class="note" lang="en">(.*?)</p>', page)
    assert note and note[1]
    assert f'<link rel="canonical" href="{path(article)}">' in page and not alternates(page)
    korean = read(client, path(article))
    assert '<p class="note"' not in korean and not alternates(korean)


def test_only_the_published_translation_is_shown(client, center):
    article = center["chat"]
    draft = publishing.current_draft(article)
    english = VariantDraft((), "English draft", language="en")
    draft = replace(draft, variants=(*draft.variants, english), titles=(("en", "Leave a chat"),))
    publishing.revise_article(article.pk, draft)
    assert "English draft" not in read(client, path(article, "/en"))
    publishing.publish(article.pk)
    assert "English draft" in read(client, path(article, "/en"))
    assert set(alternates(read(client, path(article)))) == {"ko", "en", "x-default"}


def test_a_translation_without_a_common_body_names_what_it_shows(client, center):
    draft = ArticleDraft(
        title="글",
        variants=(VariantDraft((), "한국어"), VariantDraft(("ios",), "English iPhone", language="en")),
        titles=(("en", "Text"),),
    )
    page = read(client, path(publishing.create_article(draft, publish=True), "/en"), platform="windows")
    assert "English iPhone" in text(page) and re.search(r'class="note" lang="en">[^<]*Windows[^<]*iOS', page)


def test_the_search_is_korean_in_every_language(client, article):
    index()
    english = read(client, "/en/search", query="알림")
    assert '<p class="lead">' in english and "알림이 오지 않아요" in english.replace("<mark>", "").replace(
        "</mark>", ""
    )
    assert '<p class="lead">' not in read(client, "/search", query="알림")


def test_a_result_is_named_as_its_page_and_the_title_that_was_found_stands_below(
    client, article, center, django_assert_num_queries
):
    index()
    english = read(client, "/en/search", query="알림")
    link = r'<h2><a href="/en/articles/[^"]*">No notifications</a></h2>'
    assert re.search(link + r'\s*<p class="original" lang="ko"><mark>알림</mark>이 오지 않아요</p>', english)
    untranslated = read(client, "/en/search", query="채팅방")
    assert 'lang="ko"><mark>채팅방</mark>을 나가는 방법</a></h2>' in untranslated and "original" not in untranslated
    assert "No notifications" not in read(client, "/search", query="알림")
    with translation.override("en"), django_assert_num_queries(1):
        assert titles_of([article.pk, center["chat"].pk]) == {article.pk: "No notifications"}
    with django_assert_num_queries(0):
        assert titles_of([article.pk]) == {}


def test_lists_name_an_article_as_its_page_does(client, article, center, django_assert_num_queries):
    plain, named = r'<a href="([^"]*)">No notifications</a>', r'lang="ko">채팅방을 나가는 방법</a>'
    for place in ("/en/articles/", "/en/services/talk/", "/en/"):
        page = read(client, place)
        assert re.search(plain, page) and re.search(named, page) and "알림이 오지" not in page, place
        korean = read(client, place.removeprefix("/en"))
        assert ">알림이 오지 않아요</a>" in korean and 'lang="ko">채팅방' not in korean
    with django_assert_num_queries(1):
        lines(Article.readable(), of="service")
    with translation.override("en"), django_assert_num_queries(2):
        lines(Article.readable(), of="service")


def test_related_articles_are_named_in_the_language_of_their_pages(client, article, center):
    draft = publishing.current_draft(center["chat"])
    near = publishing.create_article(replace(draft, title="알림 소리가 오지 않아요", service="talk"), publish=True)
    index()
    aside = read(client, path(near, "/en"))
    aside = aside[aside.index('class="related"') :]
    assert re.search(r'<a href="/en/articles/[^"]*">No notifications</a>', aside)
    aside = read(client, path(article, "/en"))
    aside = aside[aside.index('class="related"') :]
    assert re.search(r'lang="ko">알림 소리가 오지 않아요</a>', aside)


def test_a_common_body_in_another_language_serves_no_platform_in_korean(client, center):
    draft = ArticleDraft(
        title="아이폰의 글",
        variants=(
            VariantDraft(("ios",), "한국어 아이폰"),
            VariantDraft((), "English common", language="en"),
            VariantDraft(("mac",), "English Mac", language="en"),
        ),
        titles=(("en", "Of the iPhone"),),
    )
    publishing.create_article(draft, publish=True)
    index()
    for platform, there in (("ios", True), ("android", False), ("mac", False), ("common", False)):
        assert ("아이폰의 글" in read(client, "/articles/", platform=platform)) is there, platform
        found = client.get("/api/v1/search", {"query": "아이폰의 글", "platform": platform}).json()["results"]
        assert ("아이폰의 글" in [hit["title"] for hit in found]) is there, platform
