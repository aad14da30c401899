"""GET /api/v1/suggest: what is being typed, and what it may become.

Properties: 1. articles, services and categories come in one list with kind, title, highlights, address and place;
2. a name that matches at its start leads, at most two names in all; 3. filters narrow articles and names; 4. what may
not be shown is not suggested, what is published is at once; 5. spam, long texts and unknown values are answered as the
search answers them; 6. typing is not logged as a search; 7. browsers keep an answer for seconds, caches not at all.
"""

from __future__ import annotations

import pytest

from haedap.kb.indexer import Indexer
from haedap.kb.models import Article
from haedap.kb.publishing import (
    ArticleDraft,
    VariantDraft,
    create_article,
    ensure_category,
    ensure_service,
    unpublish,
)
from haedap.kb.signals import search_settled

pytestmark = pytest.mark.django_db


def publish(title, *, platforms=(), **more):
    return create_article(ArticleDraft(title, (VariantDraft(platforms, "본문입니다."),), **more), publish=True)


def index():
    with Indexer() as indexer:
        indexer.drain()


@pytest.fixture(autouse=True)
def articles(db):
    for slug, name, categories in (
        ("talk", "여울톡", (("open-chat", "오픈채팅"), ("alert", "알림"))),
        ("pay", "여울페이", (("refund", "환불"), ("card", "카드"))),
    ):
        service = ensure_service(slug, name)
        for category, category_name in categories:
            ensure_category(service, category, category_name)
    publish("오픈채팅방을 만들고 싶어요", service="talk", category="open-chat")
    publish("환불 계좌를 바꾸고 싶어요", service="pay", category="refund")
    publish("알림이 오지 않아요", platforms=("ios",), service="talk", category="alert")
    publish("여울 계정이란 무엇인가요?", service="talk")
    publish("오픈채팅 신고 처리 지침", service="talk", category="open-chat", visibility="staff")
    index()


def get(client, status=200, **parameters):
    response = client.get("/api/v1/suggest", parameters)
    assert response.status_code == status, response.content
    return response


def titles(client, **parameters):
    return [each["title"] for each in get(client, **parameters).json()["suggestions"]]


def test_1_one_shape_for_articles_services_and_categories(client):
    found = get(client, query="오픈채ㅌ").json()
    assert set(found) == {"query", "suggestions", "took_ms"} and found["query"] == "오픈채ㅌ"
    category, article = found["suggestions"]
    place = {"service": {"slug": "talk", "name": "여울톡"}, "category": {"slug": "talk/open-chat", "name": "오픈채팅"}}
    assert category == {
        "kind": "category",
        "title": "오픈채팅",
        "highlights": [[0, 4]],
        "url": "/services/talk/open-chat/",
        **place,
    }
    pk = Article.objects.get(published_revision__title="오픈채팅방을 만들고 싶어요").pk
    assert article["kind"] == "article" and article["url"].startswith(f"/articles/{pk}-")
    assert (article["title"], article["highlights"]) == ("오픈채팅방을 만들고 싶어요", [[0, 4]])
    assert {key: article[key] for key in place} == place
    service = get(client, query="여울톡").json()["suggestions"][0]
    assert (service["kind"], service["url"], service["category"]) == ("service", "/services/talk/", None)
    assert client.get(service["url"]).status_code == client.get(category["url"]).status_code == 200


def test_2_names_lead_where_they_match_at_their_start(client):
    assert titles(client, query="여울") == ["여울톡", "여울페이", "여울 계정이란 무엇인가요?"]
    assert titles(client, query="계정") == ["여울 계정이란 무엇인가요?"]
    assert titles(client, query="페이") == ["여울페이"], "a name may be known by its end"
    assert titles(client, query="ghksqnf") == ["환불", "환불 계좌를 바꾸고 싶어요"]


def test_3_filters_narrow_articles_and_names(client):
    assert titles(client, query="여울", service="pay") == []
    assert titles(client, query="환불", service="pay") == ["환불", "환불 계좌를 바꾸고 싶어요"]
    assert titles(client, query="환불", category="pay/refund") == ["환불 계좌를 바꾸고 싶어요"]
    assert titles(client, query="환불", service="pay", category="refund") == ["환불 계좌를 바꾸고 싶어요"]
    assert titles(client, query="환불", category="talk/alert") == []
    (name, article) = get(client, query="알림", platform="ios").json()["suggestions"]
    assert name["kind"] == "category" and article["url"].endswith("?platform=ios")
    assert titles(client, query="알림이", platform="android") == []
    assert titles(client, query="여울", limit="1") == ["여울톡"]


def test_4_what_may_be_shown_is_suggested_at_once_and_nothing_else(client):
    assert titles(client, query="오픈채팅 신고") == []
    assert titles(client, query="카드") == [], "a category without articles"
    made = publish("카드가 등록되지 않아요", service="pay", category="card")
    index()
    assert titles(client, query="카드") == ["카드", "카드가 등록되지 않아요"]
    unpublish(made.pk)
    assert titles(client, query="카드") == [], "also before the index follows"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "missing_query"),
        ({"query": " "}, "missing_query"),
        ({"query": "\u200b"}, "missing_query"),
        ({"query": "환불", "service": "nothing"}, "invalid_service"),
        ({"query": "환불", "category": "nothing"}, "invalid_category"),
        ({"query": "환불", "platform": "amiga"}, "invalid_platform"),
        ({"query": "환불", "limit": "9"}, "invalid_limit"),
        ({"query": "환불", "limit": "0"}, "invalid_limit"),
        ({"query": "환불", "page": "1"}, "unknown_parameter"),
    ],
)
def test_5_what_cannot_be_answered_is_a_400(client, parameters, code):
    assert get(client, 400, **parameters).json()["error"]["code"] == code


def test_5_spam_and_long_texts_get_nothing(client):
    assert titles(client, query="환" * 300) == []
    assert titles(client, query="【환불】 카톡:abc1234 www.spam-site.com") == []
    assert client.post("/api/v1/suggest").status_code == 405


def test_6_typing_is_no_search(client):
    seen = []

    def receive(search, **_):
        seen.append(search)

    search_settled.connect(receive)
    try:
        get(client, query="환불")
    finally:
        search_settled.disconnect(receive)
    assert seen == []


def test_7_an_answer_is_kept_for_seconds_by_a_browser_only(client):
    response = get(client, query="환불")
    assert response["Cache-Control"] == "private, max-age=10" and response["X-Robots-Tag"] == "noindex"
    assert not response.cookies and "환불" in response.content.decode()
